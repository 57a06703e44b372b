package testnumber_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/testnumber"
)

const (
	reviewer = "+12025550123"
	person   = "+905321234567"
	fixed    = "246813"
)

func config() testnumber.Config {
	return testnumber.Config{Codes: map[string]string{reviewer: fixed}, Until: time.Now().Add(24 * time.Hour)}
}

func TestTestNumberIsNotTexted(t *testing.T) {
	inside := otptest.NewProvider()
	guarded, err := guard.New(inside)
	require.NoError(t, err)
	var log bytes.Buffer
	cfg := config()
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	p, err := testnumber.New(guarded, cfg)
	require.NoError(t, err)
	var events []otp.Event
	ctx := otp.WithObserver(t.Context(), func(e otp.Event) { events = append(events, e) })
	for range 8 { // more than a guard allows
		sent, failed := p.Send(ctx, otp.SendRequest{To: reviewer})
		require.NoError(t, failed)
		require.NoError(t, p.Verify(ctx, sent, "246-813"))
	}
	v, err := p.Send(ctx, otp.SendRequest{To: reviewer, TTL: time.Minute})
	require.NoError(t, err)
	assert.Equal(t, "otptest", v.Provider)
	assert.Equal(t, otp.SMS, v.Channel)
	assert.Equal(t, v.SentAt.Add(time.Minute), v.ExpiresAt)
	require.ErrorIs(t, p.Verify(ctx, v, "246814"), otp.ErrWrongCode)
	require.ErrorIs(t, p.Verify(ctx, v, ""), otp.ErrWrongCode)
	assert.Empty(t, inside.Calls())
	require.Len(t, events, 19)
	assert.Equal(t, otp.TestNumberEvent{Provider: "otptest", Op: "send"}, events[0])
	assert.Equal(t, otp.TestNumberEvent{Provider: "otptest", Op: "verify", Kind: otp.ErrWrongCode}, events[18])
	assert.Equal(t, 20, strings.Count(log.String(), "level=WARN"), "one of New, and one of each use")
	assert.NotContains(t, log.String(), reviewer)
	assert.NotContains(t, log.String(), fixed)
}

func TestOtherNumbersPass(t *testing.T) {
	inside := otptest.NewProvider()
	p, err := testnumber.New(inside, config())
	require.NoError(t, err)
	v, err := p.Send(t.Context(), otp.SendRequest{To: person})
	require.NoError(t, err)
	require.ErrorIs(t, p.Verify(t.Context(), v, fixed), otp.ErrCodeRejected)
	code, _ := inside.Code(person)
	require.NoError(t, p.Verify(t.Context(), v, code))
	require.Len(t, inside.Calls(), 3)

	forged := otp.Verification{Provider: "otptest", ID: "otp-test-x", To: person}
	require.ErrorIs(t, p.Verify(t.Context(), forged, fixed), otp.ErrNotFound, "no other number has a fixed code")
	_, err = p.Send(t.Context(), otp.SendRequest{To: reviewer, Channel: "pigeon"})
	require.ErrorIs(t, err, otp.ErrUnsupported, "what the provider cannot do is refused here as well")
	require.NoError(t, otp.CanSend(p, otp.SendRequest{To: reviewer}))
}

func TestVerificationOfAnotherProviderHasNoFixedCode(t *testing.T) {
	inside := otptest.NewProvider()
	p, err := testnumber.New(inside, config())
	require.NoError(t, err)
	v, err := p.Send(t.Context(), otp.SendRequest{To: reviewer})
	require.NoError(t, err)
	foreign := v
	foreign.Provider = "another"
	require.Error(t, p.Verify(t.Context(), foreign, fixed))
	require.Len(t, inside.Calls(), 1, "the provider inside says what is wrong with it")
	require.NoError(t, p.Verify(t.Context(), v, fixed))
}

func TestFixedCodeCannotBeGuessed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := testnumber.New(otptest.NewProvider(), config())
		require.NoError(t, err)
		v, err := p.Send(t.Context(), otp.SendRequest{To: reviewer})
		require.NoError(t, err)
		for range 10 {
			require.ErrorIs(t, p.Verify(t.Context(), v, "111111"), otp.ErrWrongCode)
		}
		require.ErrorIs(t, p.Verify(t.Context(), v, fixed), otp.ErrTooManyAttempts)
		time.Sleep(time.Hour + time.Minute)
		require.ErrorIs(t, p.Verify(t.Context(), v, fixed), otp.ErrExpired)
		for range 20 {
			v, err = p.Send(t.Context(), otp.SendRequest{To: reviewer})
			require.NoError(t, err)
			require.NoError(t, p.Verify(t.Context(), v, fixed), "a right code counts for nothing")
		}
	})
}

// TestRightCodesAtOnceAreAllAccepted holds that nobody is refused for being one of many, on a
// machine that is busy: with the race detector, which makes it slow, it showed that some were.
func TestRightCodesAtOnceAreAllAccepted(t *testing.T) {
	p, err := testnumber.New(otptest.NewProvider(), config())
	require.NoError(t, err)
	v, err := p.Send(t.Context(), otp.SendRequest{To: reviewer})
	require.NoError(t, err)
	for range 9 { // one try is left
		require.ErrorIs(t, p.Verify(t.Context(), v, "111111"), otp.ErrWrongCode)
	}
	var refused atomic.Int32
	var wait sync.WaitGroup
	for range 5000 {
		wait.Go(func() {
			if p.Verify(t.Context(), v, fixed) != nil {
				refused.Add(1)
			}
		})
	}
	wait.Wait()
	assert.Zero(t, refused.Load())
}

func TestGuessesAtOnceKeepTheLimit(t *testing.T) {
	p, err := testnumber.New(otptest.NewProvider(), config())
	require.NoError(t, err)
	v, err := p.Send(t.Context(), otp.SendRequest{To: reviewer})
	require.NoError(t, err)
	var judged atomic.Int32
	var wait sync.WaitGroup
	for range 500 {
		wait.Go(func() {
			if errors.Is(p.Verify(t.Context(), v, "111111"), otp.ErrWrongCode) {
				judged.Add(1)
			}
		})
	}
	wait.Wait()
	assert.EqualValues(t, 10, judged.Load())
	require.ErrorIs(t, p.Verify(t.Context(), v, fixed), otp.ErrTooManyAttempts)
}

func TestTestNumbersEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inside := otptest.NewProvider()
		p, err := testnumber.New(inside, config())
		require.NoError(t, err)
		time.Sleep(24*time.Hour - time.Minute)
		v, err := p.Send(t.Context(), otp.SendRequest{To: reviewer})
		require.NoError(t, err)
		time.Sleep(time.Minute) // until the very moment
		require.ErrorIs(t, p.Verify(t.Context(), v, fixed), otp.ErrExpired)
		_, err = p.Send(t.Context(), otp.SendRequest{To: reviewer})
		require.NoError(t, err)
		require.Len(t, inside.Calls(), 1)
	})
}

func TestBadTestNumbersAreNamed(t *testing.T) {
	inside := otptest.NewProvider()
	many := maps.Clone(config().Codes)
	for n := range 20 {
		many[fmt.Sprintf("+120255501%02d", n)] = fixed
	}
	with := func(number, code string) func(*testnumber.Config) {
		return func(c *testnumber.Config) { c.Codes = map[string]string{number: code} }
	}
	for name, test := range map[string]struct {
		p      otp.Provider
		change func(*testnumber.Config)
		field  string
	}{
		"no provider":     {nil, func(*testnumber.Config) {}, "provider"},
		"a nil provider":  {(*otptest.Provider)(nil), func(*testnumber.Config) {}, "provider"},
		"no numbers":      {inside, func(c *testnumber.Config) { c.Codes = nil }, "codes"},
		"21 numbers":      {inside, func(c *testnumber.Config) { c.Codes = many }, "codes"},
		"no end":          {inside, func(c *testnumber.Config) { c.Until = time.Time{} }, "until"},
		"an end past":     {inside, func(c *testnumber.Config) { c.Until = time.Now().Add(-time.Second) }, "until"},
		"91 days":         {inside, func(c *testnumber.Config) { c.Until = time.Now().Add(91 * 24 * time.Hour) }, "until"},
		"no number":       {inside, with("x", fixed), "codes"},
		"somebody's":      {inside, with(person, fixed), "codes"},
		"nearly fiction":  {inside, with("+12025550200", fixed), "codes"},
		"a short code":    {inside, with(reviewer, "12345"), "codes"},
		"a code of marks": {inside, with(reviewer, "123-456"), "codes"},
	} {
		cfg := config()
		test.change(&cfg)
		_, err := testnumber.New(test.p, cfg)
		var failure *otp.Error
		require.ErrorAs(t, err, &failure, name)
		assert.Equal(t, otp.ErrMisconfigured, failure.Kind, name)
		assert.Equal(t, test.field, failure.Field, name)
		assert.NotContains(t, err.Error(), person)
	}
	cfg := config()
	with(person, fixed)(&cfg)
	cfg.AllowReal = true
	_, err := testnumber.New(inside, cfg)
	require.NoError(t, err)
	for _, number := range []string{"+447700900123", "+33639980001", "+46701740605", "+61491570156", reviewer} {
		with(number, fixed)(&cfg)
		cfg.AllowReal = false
		_, err := testnumber.New(inside, cfg)
		require.NoError(t, err, number)
	}
}

func TestNothingShowsTheFixedCodes(t *testing.T) {
	p, err := testnumber.New(otptest.NewProvider(), config())
	require.NoError(t, err)
	for _, v := range []any{config(), p, *p} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
			form := fmt.Sprintf(verb, v)
			assert.NotContains(t, form, fixed)
			assert.NotContains(t, form, reviewer)
		}
	}
}

func ExampleNew() {
	inside := otptest.NewProvider() // a guard around your vendors
	provider, err := testnumber.New(inside, testnumber.Config{
		Codes: map[string]string{"+12025550123": "246813"},
		Until: time.Now().Add(30 * 24 * time.Hour),
	})
	fmt.Println(provider.Name(), err)
	// Output: otptest <nil>
}
