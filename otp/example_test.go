package otp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// scripted is a provider whose calls end as told.
type scripted struct{ sendErr, verifyErr error }

func (scripted) Name() string { return "main" }

func (scripted) Capabilities() otp.Capabilities { return everything() }

func (s scripted) Send(_ context.Context, req otp.SendRequest) (otp.Verification, error) {
	return otp.Verification{Provider: "main", ID: "2b4f8c", To: req.To, Channel: otp.SMS}, s.sendErr
}

func (s scripted) Verify(context.Context, otp.Verification, string) error { return s.verifyErr }

// A send whose outcome is unknown may have texted the person, so it is not repeated: the person
// types what arrives.
func ExampleProvider_send() {
	send := func(provider otp.Provider) {
		v, err := provider.Send(context.Background(), otp.SendRequest{To: "+905321234567"})
		switch outcome := otp.OutcomeOf(err); {
		case err == nil:
			fmt.Println("Ask for the code of", v)
		case outcome != otp.OutcomeNotSent:
			fmt.Println("Ask for the code, it may have arrived; offer a new one in a minute:", err)
		case errors.Is(err, otp.ErrInvalidRecipient):
			fmt.Println("Ask for another number:", err)
		case errors.Is(err, otp.ErrRateLimited):
			fmt.Println("Try again later:", err)
		default:
			fmt.Println("Nothing was sent; another provider may:", err)
		}
	}

	send(scripted{})
	for _, failure := range []otp.Error{
		{Kind: otp.ErrUnavailable, HTTPStatus: 502},
		{Kind: otp.ErrInvalidRecipient, Outcome: otp.OutcomeNotSent, Field: "to", HTTPStatus: 400},
		{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, HTTPStatus: 429, RetryAfter: 30 * time.Second},
		{Kind: otp.ErrUnauthorized, Outcome: otp.OutcomeNotSent, HTTPStatus: 401},
	} {
		failure.Provider, failure.Op = "main", "send"
		send(scripted{sendErr: &failure})
	}
	// Output:
	// Ask for the code of main 2b4f8c to +905*****67 by sms
	// Ask for the code, it may have arrived; offer a new one in a minute: main: send: unavailable (502), outcome unknown
	// Ask for another number: main: send: invalid recipient (400): to
	// Try again later: main: send: rate limited (429), retry after 30s
	// Nothing was sent; another provider may: main: send: unauthorized (401)
}

// Only nil means that the code was right, and only a rejected code means that it was not.
func ExampleProvider_verify() {
	verify := func(provider otp.Provider) {
		v := otp.Verification{Provider: "main", ID: "2b4f8c", To: "+905321234567"}
		err := provider.Verify(context.Background(), v, "012345")
		switch {
		case err == nil:
			fmt.Println("Welcome.")
		case errors.Is(err, otp.ErrWrongCode):
			fmt.Println("That is not the code. Please try again.")
		case errors.Is(err, otp.ErrCodeRejected):
			fmt.Println("That code is no longer valid. We can send you a new one.")
		default:
			fmt.Println("We cannot check codes right now. Please try again.")
		}
	}

	verify(scripted{})
	for _, kind := range []otp.Kind{otp.ErrWrongCode, otp.ErrExpired, otp.ErrTooManyAttempts, otp.ErrUnavailable} {
		verify(scripted{verifyErr: &otp.Error{Provider: "main", Op: "verify", Kind: kind}})
	}
	// Output:
	// Welcome.
	// That is not the code. Please try again.
	// That code is no longer valid. We can send you a new one.
	// That code is no longer valid. We can send you a new one.
	// We cannot check codes right now. Please try again.
}

func ExampleError() {
	err := fmt.Errorf("sign up: %w", &otp.Error{
		Provider: "main", Op: "send", Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent,
		HTTPStatus: 429, Code: "E912", Message: "slow down", RetryAfter: time.Minute,
	})
	fmt.Println(err)

	var failure *otp.Error
	if errors.As(err, &failure) {
		fmt.Println(string(failure.Kind), "at", failure.Provider, "with", failure.Code)
	}
	if errors.Is(err, otp.ErrRateLimited) {
		fmt.Println("come back after", failure.RetryAfter)
	}
	// Output:
	// sign up: main: send: rate limited (E912, 429): "slow down", retry after 1m0s
	// rate_limited at main with E912
	// come back after 1m0s
}

func ExampleOutcomeOf() {
	refused := &otp.Error{Kind: otp.ErrUnauthorized, Outcome: otp.OutcomeNotSent}
	timedOut := &otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown}

	fmt.Println(otp.OutcomeOf(nil))
	fmt.Println(otp.OutcomeOf(fmt.Errorf("sign up: %w", refused)))
	fmt.Println(otp.OutcomeOf(errors.Join(refused, timedOut)), "is the least certain of the two")
	fmt.Println(otp.OutcomeOf(errors.New("anything else")))
	// Output:
	// accepted
	// not sent
	// unknown is the least certain of the two
	// unknown
}

// Before any request, whether in a provider or in front of several, a request is compared with what
// is offered.
func ExampleCapabilities_Check() {
	capabilities := otp.Capabilities{
		Vendor:  "vendor",
		Default: otp.SMS,
		Channels: map[otp.Channel]otp.Features{
			otp.SMS: {TTL: otp.Range[time.Duration]{Min: time.Minute, Max: 10 * time.Minute}},
		},
	}
	for _, req := range []otp.SendRequest{
		{To: "+905321234567", TTL: 5 * time.Minute},
		{To: "+905321234567", TTL: time.Hour},
		{To: "+905321234567", Channel: otp.Voice},
		{To: "+905321234567,+14155552671"},
	} {
		fmt.Println(capabilities.Check(req))
	}
	// Output:
	// <nil>
	// send: unsupported: ttl: must be 1m0s to 10m0s
	// send: unsupported: channel: must be one of: sms
	// send: invalid recipient: to: must be one number in E.164: "+" and 7 to 15 digits
}

func ExampleTypedCode() {
	fmt.Println(otp.TypedCode(" 012345\n"))
	fmt.Println(otp.TypedCode("٠١٢ - ٣٤٥"))
	_, err := otp.TypedCode("no code came…")
	fmt.Println(errors.Is(err, otp.ErrWrongCode), otp.OutcomeOf(err))
	// Output:
	// 012345 <nil>
	// 012345 <nil>
	// true not sent
}

func ExampleMask() {
	fmt.Println(otp.Mask("+905321234567"))
	fmt.Println(otp.Mask("+1234567"))
	fmt.Println(otp.Mask("112"))
	// Output:
	// +905*****67
	// +1*****67
	// *****
}

// A verification is stored as JSON and printed with its number masked.
func ExampleVerification() {
	v := otp.Verification{Provider: "main", ID: "2b4f8c", To: "+905321234567", Channel: otp.SMS}
	fmt.Println(v)
	fmt.Printf("%#v\n", v)

	stored, err := json.Marshal(v)
	fmt.Println(string(stored), err)
	// Output:
	// main 2b4f8c to +905*****67 by sms
	// otp.Verification{Provider:"main", ID:"2b4f8c", To:"+905*****67", Channel:"sms", ExpiresAt:"", SentAt:""}
	// {"provider":"main","id":"2b4f8c","to":"+905321234567","channel":"sms"} <nil>
}

func ExampleParseRate() {
	for _, text := range []string{"250/1m", "750/s", "unlimited", "250"} {
		rate, err := otp.ParseRate(text)
		fmt.Println(rate, err)
	}
	// Output:
	// 250/1m <nil>
	// 750/1s <nil>
	// unlimited <nil>
	// unlimited otp: a rate must read like "250/1m", or "unlimited"
}

// Clients that share an account share its limiter. What cannot be had before the deadline is
// refused at once.
func ExampleRate_Limiter() {
	limiter := otp.Rate{Events: 2, Per: time.Hour}.Limiter()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for range 3 {
		err := limiter.Wait(ctx)

		var failure *otp.Error
		if errors.As(err, &failure) {
			fmt.Println(string(failure.Kind), "for about", failure.RetryAfter.Round(time.Minute))
			continue
		}
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// <nil>
	// rate_limited for about 1h0m0s
}
