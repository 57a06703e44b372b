package otptest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// TestProvider runs the conformance suite: what a program may rely on with every provider, on every channel that this one
// offers. What a provider cannot do is checked to be refused; nothing is skipped.
//
//	func TestConformance(t *testing.T) {
//		otptest.TestProvider(t, otptest.Harness{New: func() (otptest.Account, error) { ... }})
//	}
func TestProvider(t *testing.T, h Harness) {
	t.Helper()
	account, err := open(h)
	require.NoError(t, err)
	channels := slices.Sorted(maps.Keys(account.Provider.Capabilities().Channels))
	account.Close()
	require.NotEmpty(t, channels, "Capabilities.Channels")

	for _, check := range checks() {
		for _, channel := range channels {
			t.Run(check.name+"/"+string(channel), func(t *testing.T) {
				run(t, h, channel, check)
			})
		}
	}
}

// check is one promise.
type check struct {
	name string
	test func(s *session)
}

// tester is what a check needs of a test. The suite's own tests put a recorder in its place.
type tester interface {
	require.TestingT
	Context() context.Context
}

// session is one check on one channel of a fresh account.
type session struct {
	tester
	Account

	harness  Harness
	channel  otp.Channel
	features otp.Features
}

func open(h Harness) (Account, error) {
	if h.New == nil {
		return Account{}, errors.New("otptest: Harness.New is required")
	}
	account, err := h.New()
	if err != nil {
		return Account{}, err
	}
	return account, account.check()
}

// onNewAccount runs test on an account of its own: a vendor that has asked for a pause is left alone for a while.
func (s *session) onNewAccount(test func(s *session)) {
	run(s.tester, s.harness, s.channel, check{test: test})
}

func run(t tester, h Harness, channel otp.Channel, c check) {
	account, err := open(h)
	require.NoError(t, err)
	defer account.Close()
	c.test(&session{
		tester: t, Account: account, harness: h, channel: channel,
		features: account.Provider.Capabilities().Channels[channel],
	})
}

// number is a phone that no other check of the session uses.
func number() string { return fmt.Sprintf("+90532%07d", rand.IntN(10_000_000)) } //nolint:gosec // no secret

// send sends to a new number and returns what the phone received.
func (s *session) send(change ...func(*otp.SendRequest)) (otp.Verification, string) {
	req := otp.SendRequest{To: number(), Channel: s.channel}
	for _, c := range change {
		c(&req)
	}
	texts := s.Texts()
	v, err := s.Provider.Send(s.Context(), req)
	require.NoError(s, err)
	require.Equal(s, texts+1, s.Texts(), "one Send is one text")
	code, received := s.Code(req.To)
	require.True(s, received, "the phone has received nothing")
	return v, code
}

// trySend sends a request that is expected to fail.
func (s *session) trySend(ctx context.Context, change ...func(*otp.SendRequest)) (otp.Verification, *otp.Error) {
	req := otp.SendRequest{To: number(), Channel: s.channel}
	for _, c := range change {
		c(&req)
	}
	v, err := s.Provider.Send(ctx, req)
	return v, s.failure(err, "send", req.To)
}

func (s *session) verify(v otp.Verification, code string) error {
	return s.Provider.Verify(s.Context(), v, code)
}

// failure checks what holds for every error and returns it.
func (s *session) failure(err error, op, number string, secrets ...string) *otp.Error {
	require.Error(s, err)
	var failure *otp.Error
	require.ErrorAs(s, err, &failure, "every error is or wraps an *otp.Error")
	require.NotEmpty(s, failure.Kind, "every error has a kind")
	require.Equal(s, s.Provider.Name(), failure.Provider)
	require.Equal(s, op, failure.Op)
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", failure), failure.Message} {
		for _, secret := range append(secrets, number) {
			if len(secret) >= 4 {
				require.NotContains(s, text, secret, "an error shows what it must not")
			}
		}
	}
	return failure
}

// rejected requires a verdict on the code.
func (s *session) rejected(err error) {
	failure := s.failure(err, "verify", "")
	require.ErrorIs(s, err, otp.ErrCodeRejected)
	require.Equal(s, otp.OutcomeAccepted, failure.Outcome, "the vendor has judged")
}

// refused requires that nothing has reached the vendor since requests was taken.
func (s *session) refused(failure *otp.Error, requests int, kind otp.Kind, field string) {
	require.Equal(s, kind, failure.Kind)
	require.Equal(s, otp.OutcomeNotSent.String(), failure.Outcome.String())
	if field != "" {
		require.Equal(s, field, failure.Field)
	}
	require.Equal(s, requests, s.Requests(), "the request has reached the vendor")
}

// wrong is a code that is not code, of the same form.
func wrong(code string) string {
	other := "7"
	if strings.HasSuffix(code, other) {
		other = "3"
	}
	return code[:len(code)-1] + other
}
