package guard_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestMain(m *testing.M) { simtest.Main(m) }

const number = "+905321234567"

// vendor is a provider in memory with a guard around it, and all that the guard decided.
type vendor struct {
	*otptest.Provider

	t         *testing.T
	guard     *guard.Guard
	decisions []guard.Decision
}

func guarded(t *testing.T, opts ...guard.Option) *vendor {
	t.Helper()
	v := &vendor{Provider: otptest.NewProvider(), t: t}
	listen := guard.OnDecision(func(_ context.Context, d guard.Decision) { v.decisions = append(v.decisions, d) })
	g, err := guard.New(v.Provider, append([]guard.Option{listen}, opts...)...)
	require.NoError(t, err)
	v.guard = g
	return v
}

// calls is how many calls of an operation have reached the vendor.
func (v *vendor) calls(op string) int {
	n := 0
	for _, call := range v.Calls() {
		if call.Op == op {
			n++
		}
	}
	return n
}

// sent sends and returns what came.
func (v *vendor) sent(ctx context.Context, to string) (otp.Verification, string) {
	v.t.Helper()
	verification, err := v.guard.Send(ctx, otp.SendRequest{To: to})
	require.NoError(v.t, err)
	code, received := v.Code(to)
	require.True(v.t, received)
	return verification, code
}

// refusedSend sends, requires that rule refuses, and returns what came with it.
func (v *vendor) refusedSend(ctx context.Context, to string, rule guard.Rule, wait time.Duration) otp.Verification {
	v.t.Helper()
	before := v.calls("send")
	verification, err := v.guard.Send(ctx, otp.SendRequest{To: to})
	requireRefusal(v.t, err, rule, wait)
	require.Equal(v.t, before, v.calls("send"), "a request was made")
	return verification
}

func (v *vendor) refusedVerify(ctx context.Context, verification otp.Verification, code string, rule guard.Rule, wait time.Duration) {
	v.t.Helper()
	before := v.calls("verify")
	requireRefusal(v.t, v.guard.Verify(ctx, verification, code), rule, wait)
	require.Equal(v.t, before, v.calls("verify"), "a request was made")
}

// requireRefusal requires what holds for every refusal, before the vendor was asked.
func requireRefusal(t *testing.T, err error, rule guard.Rule, wait time.Duration) {
	t.Helper()
	require.Error(t, err)
	require.NotContains(t, err.Error(), number[4:10])
	require.Equal(t, rule != guard.RuleStore, errors.Is(err, otp.ErrRefused), err)
	if rule != guard.RuleUsed { // its code was judged, some time
		require.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	}
	var refusal *guard.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, rule, refusal.Rule)
	require.Equal(t, wait.String(), refusal.RetryAfter.String())
	require.Equal(t, wait, failureOf(t, err).RetryAfter)
	require.Equal(t, otptest.Vendor, failureOf(t, err).Provider)
}

func failureOf(t *testing.T, err error) *otp.Error {
	t.Helper()
	var failure *otp.Error
	require.ErrorAs(t, err, &failure)
	return failure
}

// wrong is a code that is not code.
func wrong(code string) string {
	if code[0] == '7' {
		return "3" + code[1:]
	}
	return "7" + code[1:]
}

// only switches every rule of a send off but some.
func only(rules ...guard.Rule) guard.Option {
	var off []guard.Rule
	for _, rule := range []guard.Rule{
		guard.RuleCooldown, guard.RuleNumber, guard.RuleSession, guard.RuleDevice, guard.RuleAddress, guard.RuleSubnet,
		guard.RuleNetwork, guard.RuleBlock, guard.RuleCountry, guard.RuleNewCountries, guard.RuleBudget,
	} {
		kept := false
		for _, keep := range rules {
			kept = kept || keep == rule
		}
		if !kept {
			off = append(off, rule)
		}
	}
	return guard.Without(off...)
}

var background = context.Background()

// inSession is a call from a session.
func inSession(ctx context.Context) context.Context {
	return guard.WithCaller(ctx, guard.Caller{Session: "of the person"})
}
