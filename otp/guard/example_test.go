package guard_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

// A guard is a provider, so the rest of the program does not know of it.
func ExampleNew() {
	vendor := otptest.NewProvider(otptest.WithName("main"))
	provider, err := guard.New(
		vendor,
		guard.Allow("+90", "+33"),
		guard.Deny("+90900"),
		guard.WithCooldown(time.Minute, 5*time.Minute),
		guard.WithBudget(otp.Rate{Events: 1000, Per: 24 * time.Hour}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := guard.WithCaller(context.Background(), guard.Caller{
		Purpose: "login", IP: netip.MustParseAddr("192.0.2.1"), Session: "4711",
	})

	v, err := provider.Send(ctx, otp.SendRequest{To: "+905321234567"})
	fmt.Println(v.To == "+905321234567", err)

	// The person asks again at once: nothing is sent, and the code that is on its way can still be verified.
	running, err := provider.Send(ctx, otp.SendRequest{To: "+905321234567"})
	var refusal *guard.Refusal
	if errors.As(err, &refusal) && refusal.Rule == guard.RuleCooldown {
		fmt.Println("Ask again in", refusal.RetryAfter.Round(time.Minute))
	}
	code, _ := vendor.Code("+905321234567")
	fmt.Println(provider.Verify(ctx, running, code))

	_, err = provider.Send(ctx, otp.SendRequest{To: "+18765551234"})
	fmt.Println(err)
	// Output:
	// true <nil>
	// Ask again in 1m0s
	// <nil>
	// main: send: refused: to: refused by the rule deny
}

// What a sign-in page says for each error of Verify.
func ExampleGuard_Verify() {
	vendor := otptest.NewProvider()
	provider, err := guard.New(vendor, guard.WithAttempts(2))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	v, _ := provider.Send(ctx, otp.SendRequest{To: "+905321234567"})
	for _, typed := range []string{"x", "y", "z"} {
		switch err := provider.Verify(ctx, v, typed); {
		case err == nil:
			fmt.Println("Welcome.")
		case errors.Is(err, otp.ErrTooManyAttempts):
			fmt.Println("Too many codes. We can send you a new one.")
		case errors.Is(err, otp.ErrWrongCode):
			fmt.Println("That is not the code. Please try again.")
		default:
			fmt.Println("We cannot check codes right now.")
		}
	}
	// Output:
	// That is not the code. Please try again.
	// That is not the code. Please try again.
	// Too many codes. We can send you a new one.
}

// A person who has not received a code asks for another one, which a router sends by another vendor.
func ExampleGuard_Send_again() {
	router, err := route.Failover(
		"main", otptest.NewProvider(otptest.WithName("first")), otptest.NewProvider(otptest.WithName("second")),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	provider, err := guard.New(router, guard.Without(guard.RuleCooldown), guard.WithNumberLimit(otp.Rate{Events: 2, Per: time.Hour}))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, req := context.Background(), otp.SendRequest{To: "+905321234567"}
	v, err := provider.Send(ctx, req)
	fmt.Println(v.Provider, err)
	req.Previous = &v
	v, err = provider.Send(ctx, req)
	fmt.Println(v.Provider, err)
	_, err = provider.Send(ctx, req)
	fmt.Println(errors.Is(err, otp.ErrRateLimited))
	// Output:
	// first <nil>
	// second <nil>
	// true
}

// A person who has shown who they are gets new attempts.
func ExampleGuard_Unlock() {
	provider, err := guard.New(otptest.NewProvider())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(provider.Unlock(context.Background(), "+905321234567"))
	// Output: <nil>
}

// A captcha in front of sends, and a log of what was refused.
func ExampleBeforeSend() {
	captcha := func(ctx context.Context, req otp.SendRequest) error {
		return errors.New("the captcha was not solved")
	}
	log := func(_ context.Context, d guard.Decision) {
		fmt.Printf("%s to %s refused=%t rule=%s\n", d.Op, d.Country, d.Refused, d.Rule)
	}
	provider, err := guard.New(otptest.NewProvider(), guard.BeforeSend(captcha), guard.OnDecision(log))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = provider.Send(context.Background(), otp.SendRequest{To: "+905321234567"})
	fmt.Println(err)
	// Output:
	// send to TR refused=true rule=hook
	// otptest: send: refused: refused by the rule hook: the captcha was not solved
}

// Rules that only record show in production what they would refuse.
func ExampleRecordOnly() {
	log := func(_ context.Context, d guard.Decision) { fmt.Printf("%q refused=%t\n", d.Recorded, d.Refused) }
	provider, err := guard.New(
		otptest.NewProvider(),
		guard.Without(guard.RuleCooldown),
		guard.WithNumberLimit(otp.Rate{Events: 1, Per: time.Hour}),
		guard.RecordOnly(guard.RuleNumber),
		guard.OnDecision(log),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		_, err = provider.Send(context.Background(), otp.SendRequest{To: "+905321234567"})
		fmt.Println(err)
	}
	// Output:
	// [] refused=false
	// <nil>
	// ["number"] refused=false
	// <nil>
}

// Every default has an option.
func ExampleOption() {
	memory, err := guard.NewMemory(10_000)
	if err != nil {
		fmt.Println(err)
		return
	}
	perHour := func(n int) otp.Rate { return otp.Rate{Events: n, Per: time.Hour} }
	_, err = guard.New(
		otptest.NewProvider(),
		guard.WithStore(memory),
		guard.WithKey([]byte("16 random bytes, or more, from your secrets")),
		guard.WithStoreTimeout(500*time.Millisecond),
		guard.FailOpen(),
		guard.WithFloor(guard.RuleSession, perHour(5)),
		guard.WithFloor(guard.RuleBlock, perHour(30)),
		guard.WithWrongCodeLimit(perHour(10)),
		guard.WithReserve(0.5),
		guard.TrustVerified(30*24*time.Hour),
		guard.AllowCountries("TR", "US"),
		guard.DenyCountries("JM"),
		guard.Exempt("192.0.2.0/24"),
	)
	fmt.Println(err)
	// Output: <nil>
}

// A store in memory answers changes; guards make them.
func ExampleNewMemory() {
	memory, err := guard.NewMemory(0)
	if err != nil {
		fmt.Println(err)
		return
	}
	limit := guard.Limit{Key: "logins", Max: 2, Window: time.Hour}
	for range 3 {
		result, err := memory.Apply(context.Background(), guard.Change{Take: []guard.Limit{limit}})
		fmt.Println(result.Refused == guard.RefusedByNone, result.RetryAfter.Round(time.Minute), err)
	}
	fmt.Println(memory.Len(), "entry")
	// Output:
	// true 0s <nil>
	// true 0s <nil>
	// false 1h0m0s <nil>
	// 1 entry
}

// A token may live in a hidden field of a form.
func ExampleNewSealer() {
	current, previous := []byte(strings.Repeat("n", 32)), []byte(strings.Repeat("o", 32)) // use random bytes
	sealer, err := guard.NewSealer(current, previous)
	if err != nil {
		fmt.Println(err)
		return
	}
	v := otp.Verification{Provider: "main", ID: "2b4f8c", To: "+905321234567"}
	binding := guard.Binding{Purpose: "login", Session: "4711"}
	token, err := sealer.Seal(v, binding, 10*time.Minute)
	fmt.Println(strings.Contains(token, "+90"), err)

	opened, err := sealer.Open(token, binding)
	fmt.Println(opened == v, err)

	_, err = sealer.Open(token, guard.Binding{Purpose: "login", Session: "of somebody else"})
	fmt.Println(err)
	// Output:
	// false <nil>
	// true <nil>
	// open: code not found
}

// A page asks for a captcha where the guard asks for the first challenge.
func ExampleRefusal() {
	provider, err := guard.New(
		otptest.NewProvider(), guard.Without(guard.RuleCooldown),
		guard.WithFloor(guard.RuleNumber, otp.Rate{Events: 1, Per: time.Hour}), // so that it asks at once
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	caller := guard.Caller{Purpose: "login", Session: "4711"}
	for range 2 {
		_, err = provider.Send(guard.WithCaller(context.Background(), caller), otp.SendRequest{To: "+905321234567"})
		fmt.Println(err == nil)
	}
	var refusal *guard.Refusal
	if errors.As(err, &refusal) && refusal.Challenge > 0 {
		fmt.Println("challenge", refusal.Challenge)
		caller.Passed = refusal.Challenge // once the person has passed it
	}
	_, err = provider.Send(guard.WithCaller(context.Background(), caller), otp.SendRequest{To: "+905321234567"})
	fmt.Println(err == nil)
	// Output:
	// true
	// false
	// challenge 1
	// true
}
