package otptest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

const phone = "+905321234567"

func ExampleNewProvider() {
	provider := otptest.NewProvider()
	ctx := context.Background()

	v, err := provider.Send(ctx, otp.SendRequest{To: "+905321234567"})
	code, _ := provider.Code("+905321234567") // what the phone received
	fmt.Println(len(code), err)
	fmt.Println(provider.Verify(ctx, v, "0000"))
	fmt.Println(provider.Verify(ctx, v, code))

	provider.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown})
	_, err = provider.Send(ctx, otp.SendRequest{To: "+905321234567"})
	fmt.Println(err)
	fmt.Println(len(provider.Calls()), "calls")
	// Output:
	// 6 <nil>
	// otptest: verify: wrong code, 2 attempts left
	// <nil>
	// otptest: send: unavailable, outcome unknown
	// 4 calls
}

func TestTheLifeOfACode(t *testing.T) {
	p := otptest.NewProvider(otptest.WithName("main"))
	send := func(req otp.SendRequest) (otp.Verification, string) {
		req.To = phone
		v, err := p.Send(t.Context(), req)
		require.NoError(t, err)
		assert.Equal(t, "main", v.Provider)
		code, received := p.Code(phone)
		require.True(t, received)
		return v, code
	}
	_, received := p.Code("+14155550123")
	assert.False(t, received)

	v, code := send(otp.SendRequest{Code: "0067"})
	assert.Equal(t, "0067", code)
	require.NoError(t, p.Verify(t.Context(), v, " 0067 "))
	require.ErrorIs(t, p.Verify(t.Context(), v, "0067"), otp.ErrAlreadyVerified)

	v, code = send(otp.SendRequest{TTL: time.Minute, CodeLength: 10})
	assert.Len(t, code, 10)
	p.Advance(time.Minute)
	require.ErrorIs(t, p.Verify(t.Context(), v, code), otp.ErrExpired)

	v, code = send(otp.SendRequest{MaxAttempts: 1})
	require.ErrorIs(t, p.Verify(t.Context(), v, "x"), otp.ErrWrongCode)
	require.ErrorIs(t, p.Verify(t.Context(), v, code), otp.ErrTooManyAttempts)

	v.ID = "unknown"
	require.ErrorIs(t, p.Verify(t.Context(), v, code), otp.ErrNotFound)
	v.Provider = "other"
	require.ErrorIs(t, p.Verify(t.Context(), v, code), otp.ErrMisconfigured)
}

func TestScriptedFailuresOfEveryKindAndOutcome(t *testing.T) {
	for _, kind := range []otp.Kind{
		otp.ErrInvalidRecipient, otp.ErrUnauthorized, otp.ErrInsufficientFunds, otp.ErrRateLimited, otp.ErrUnavailable,
		otp.ErrProtocol, otp.ErrCanceled, otp.ErrWrongCode, otp.ErrExpired,
	} {
		for _, outcome := range []otp.Outcome{otp.OutcomeUnknown, otp.OutcomeNotSent, otp.OutcomeAccepted} {
			p := otptest.NewProvider()
			p.FailSend(otp.Error{Kind: kind, Outcome: outcome, RetryAfter: time.Minute})
			v, err := p.Send(t.Context(), otp.SendRequest{To: phone})
			require.ErrorIs(t, err, kind)
			assert.Equal(t, outcome, otp.OutcomeOf(err))
			_, received := p.Code(phone)
			assert.Equal(t, outcome != otp.OutcomeNotSent, received)
			assert.Equal(t, outcome != otp.OutcomeNotSent, v.ID != "")

			v, err = p.Send(t.Context(), otp.SendRequest{To: phone})
			require.NoError(t, err, "only the next one fails")
			code, _ := p.Code(phone)
			p.FailVerify(otp.Error{Kind: kind, Outcome: outcome})
			require.ErrorIs(t, p.Verify(t.Context(), v, code), kind)
			if outcome == otp.OutcomeNotSent {
				require.NoError(t, p.Verify(t.Context(), v, code))
			} else {
				require.ErrorIs(t, p.Verify(t.Context(), v, code), otp.ErrAlreadyVerified)
			}
		}
	}
}

func TestItKeepsTheContract(t *testing.T) {
	p := otptest.NewProvider()
	for want, req := range map[otp.Kind]otp.SendRequest{
		otp.ErrInvalidRecipient: {To: phone + "," + phone},
		otp.ErrUnsupported:      {To: phone, CodeLength: 11},
		otp.ErrInvalidRequest:   {To: phone, TTL: time.Millisecond},
	} {
		_, err := p.Send(t.Context(), req)
		require.ErrorIs(t, err, want)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.Send(ctx, otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrCanceled)
	ctx, cancel = context.WithTimeout(t.Context(), -1)
	defer cancel()
	err = p.Verify(ctx, otp.Verification{Provider: "otptest"}, "1234")
	require.ErrorIs(t, err, otp.ErrUnavailable)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Len(t, p.Calls(), 5)

	limited := otptest.NewProvider(otptest.WithCapabilities(otp.Capabilities{
		Vendor: "small", Default: otp.Voice, Channels: map[otp.Channel]otp.Features{otp.Voice: {}},
	}))
	_, err = limited.Send(t.Context(), otp.SendRequest{To: phone, Channel: otp.SMS})
	require.ErrorIs(t, err, otp.ErrUnsupported)
	v, err := limited.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	assert.Equal(t, otp.Voice, v.Channel)
}

func TestVerificationsAreInUTCAndEqualAfterJSON(t *testing.T) {
	p := otptest.NewProvider()
	p.Advance(time.Hour)
	v, err := p.Send(t.Context(), otp.SendRequest{To: phone, TTL: time.Minute, Locale: "xx"})
	require.NoError(t, err, "a language that the provider lacks is no error")
	assert.Equal(t, time.UTC, v.SentAt.Location())
	assert.Equal(t, time.Minute, v.ExpiresAt.Sub(v.SentAt))
	stored, err := json.Marshal(v)
	require.NoError(t, err)
	var loaded otp.Verification
	require.NoError(t, json.Unmarshal(stored, &loaded))
	assert.True(t, v == loaded)
}

func TestSendsAgainNameTheSendBefore(t *testing.T) {
	p := otptest.NewProvider()
	first, err := p.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	_, err = p.Send(t.Context(), otp.SendRequest{To: phone, Previous: &first})
	require.NoError(t, err)
	assert.Equal(t, &first, p.Calls()[1].Request.Previous)
	for _, previous := range []otp.Verification{{}, {Provider: first.Provider, ID: first.ID, To: "+14155550123"}} {
		_, err = p.Send(t.Context(), otp.SendRequest{To: phone, Previous: &previous})
		var failure *otp.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, otp.ErrInvalidRequest, failure.Kind)
		assert.Equal(t, "previous", failure.Field)
	}
}

func TestLostIDsCannotBeVerified(t *testing.T) {
	p := otptest.NewProvider(otptest.WithLostIDs())
	p.FailSend(otp.Error{Kind: otp.ErrUnavailable}, otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeAccepted})
	v, err := p.Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.False(t, v.CanVerify())
	code, received := p.Code(phone)
	require.True(t, received)
	err = p.Verify(t.Context(), v, code)
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))

	v, err = p.Send(t.Context(), otp.SendRequest{To: phone})
	require.Error(t, err)
	assert.True(t, v.CanVerify(), "the answer came, and the reference with it")

	p.FailVerify(otp.Error{Kind: otp.ErrUnavailable})
	p.Heal()
	code, _ = p.Code(phone)
	require.NoError(t, p.Verify(t.Context(), v, code), "failures that nobody has met are dropped")
}

// A program's own unit tests use the provider in memory, and shall not have to link what the
// suite's tests use.
func TestNoTestifyComesWithThePackage(t *testing.T) {
	deps, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	assert.Contains(t, string(deps), "github.com/otp-sdk/otp-go/otp\n")
	assert.NotRegexp(t, "testify|goleak|yaml|otp-go/internal/(portable|redact|httpcall|simkit)", string(deps))
}

func TestItIsSafeForConcurrentUse(t *testing.T) {
	p := otptest.NewProvider()
	var wait sync.WaitGroup
	for i := range 100 {
		wait.Go(func() {
			to := fmt.Sprintf("+9053200%05d", i)
			v, err := p.Send(t.Context(), otp.SendRequest{To: to})
			assert.NoError(t, err)
			code, _ := p.Code(to)
			assert.NoError(t, p.Verify(t.Context(), v, code))
		})
	}
	wait.Wait()
	assert.Len(t, p.Calls(), 200)
}
