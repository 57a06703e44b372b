package guard_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
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
)

func TestACooldownGrowsAndReturnsWhatIsRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, only(guard.RuleCooldown))
		for _, gap := range []time.Duration{30, 60, 90, 120, 120} {
			sent, _ := v.sent(t.Context(), number)
			require.Equal(t, sent.String(), v.refusedSend(t.Context(), number, guard.RuleCooldown, gap*time.Second).String())
			time.Sleep(gap*time.Second - time.Second)
			running := v.refusedSend(t.Context(), number, guard.RuleCooldown, time.Second)
			assert.Equal(t, sent.To, running.To)
			assert.True(t, sent.ExpiresAt.Equal(running.ExpiresAt))
			time.Sleep(time.Second)
		}
		time.Sleep(10 * time.Minute)
		v.sent(t.Context(), number)
		v.refusedSend(t.Context(), number, guard.RuleCooldown, 30*time.Second)
	})
}

func TestWhatIsRunningCanBeVerified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		_, code := v.sent(t.Context(), number)
		running := v.refusedSend(t.Context(), number, guard.RuleCooldown, 30*time.Second)
		require.NoError(t, v.guard.Verify(t.Context(), running, code))
		assert.Zero(t, v.refusedSend(t.Context(), number, guard.RuleCooldown, 30*time.Second), "nothing is running any more")
	})
}

func TestWhatHasExpiredIsNotRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, guard.WithCooldown(time.Hour), only(guard.RuleCooldown))
		v.sent(t.Context(), number)
		time.Sleep(otp.DefaultTTL - time.Second)
		assert.NotZero(t, v.refusedSend(t.Context(), number, guard.RuleCooldown, 55*time.Minute+time.Second))
		time.Sleep(time.Second)
		assert.Zero(t, v.refusedSend(t.Context(), number, guard.RuleCooldown, 55*time.Minute))
	})
}

func TestPurposesHaveCooldownsOfTheirOwnAndShareTheNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		for i := range 5 {
			ctx := guard.WithCaller(t.Context(), guard.Caller{Purpose: fmt.Sprintf("purpose %d", i)})
			v.sent(ctx, number)
			if i == 0 {
				v.refusedSend(ctx, number, guard.RuleCooldown, 30*time.Second)
			}
		}
		ctx := guard.WithCaller(t.Context(), guard.Caller{Purpose: "made up"})
		assert.Zero(t, v.refusedSend(ctx, number, guard.RuleNumber, 10*time.Minute), "nothing runs for this purpose")
	})
}

func TestSendsPerNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, only(guard.RuleNumber))
		for range 5 {
			v.sent(t.Context(), number)
			time.Sleep(time.Minute)
		}
		assert.NotZero(t, v.refusedSend(t.Context(), number, guard.RuleNumber, 5*time.Minute), "one is running")
		time.Sleep(5 * time.Minute)
		for range 5 {
			v.sent(t.Context(), number)
		}
		time.Sleep(10 * time.Minute)
		v.refusedSend(t.Context(), number, guard.RuleNumber, 24*time.Hour-20*time.Minute)
		v.sent(t.Context(), "+905321234568")
	})
}

func TestSendsPerCaller(t *testing.T) {
	ip := func(s string) guard.Caller { return guard.Caller{IP: netip.MustParseAddr(s)} }
	cases := []struct {
		name     string
		rule     guard.Rule
		by, same guard.Caller
		other    guard.Caller
	}{
		{"IPv4", guard.RuleIP, ip("192.0.2.1"), ip("::ffff:192.0.2.1"), ip("192.0.2.2")},
		{"IPv6", guard.RuleIP, ip("2001:db8:0:1::1"), ip("2001:db8:0:1:ffff::2%eth0"), ip("2001:db8:0:2::1")},
		{"session", guard.RuleSession, guard.Caller{Session: "s"}, guard.Caller{Session: "s", Device: "d"}, guard.Caller{Device: "s"}},
		{"device", guard.RuleDevice, guard.Caller{Device: "d"}, guard.Caller{Device: "d", Session: "s"}, guard.Caller{Session: "d"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := guarded(t, only(guard.RuleIP, guard.RuleSession, guard.RuleDevice))
				for i := range 10 {
					v.sent(guard.WithCaller(t.Context(), c.by), fmt.Sprintf("+9053212345%02d", i))
				}
				v.refusedSend(guard.WithCaller(t.Context(), c.same), number, c.rule, time.Hour)
				v.sent(guard.WithCaller(t.Context(), c.other), number)
				for range 50 {
					v.sent(t.Context(), number)
				}
				time.Sleep(time.Hour)
				v.sent(guard.WithCaller(t.Context(), c.by), number)
			})
		})
	}
}

func TestSendsPerRange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		for i := range 10 {
			v.sent(t.Context(), fmt.Sprintf("+90532123%04d", i*1000))
		}
		v.refusedSend(t.Context(), "+905321239999", guard.RuleRange, time.Hour)
		v.sent(t.Context(), "+905321249999")
	})
}

func TestSendsPerCountryAndBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, guard.WithPrefixLimit(otp.Rate{Events: 3, Per: time.Hour}), guard.WithBudget(
			otp.Rate{Events: 10, Per: 24 * time.Hour}, otp.Rate{Events: 5, Per: time.Minute},
		))
		for i := range 3 {
			v.sent(t.Context(), fmt.Sprintf("+1876%d234567", i+2))
		}
		v.refusedSend(t.Context(), "+18769234567", guard.RulePrefix, time.Hour)
		v.sent(t.Context(), "+12125552368")
		v.sent(t.Context(), "+33612345678")
		v.refusedSend(t.Context(), "+4915112345678", guard.RuleBudget, time.Minute)
		time.Sleep(time.Minute)
		for i := range 3 {
			v.sent(t.Context(), fmt.Sprintf("+49%d5112345678", i+1))
		}
		v.sent(t.Context(), "+447911123456")
		v.sent(t.Context(), "+393471234567")
		v.refusedSend(t.Context(), "+34612345678", guard.RuleBudget, 24*time.Hour-time.Minute)
	})
}

func TestCountriesAreToldApart(t *testing.T) {
	v := guarded(t)
	for to, prefix := range map[string]string{
		"+18761234567": "+1876", "+12125552368": "+1212", "+79161234567": "+79", "+77012345678": "+77", "+33612345678": "+33",
		"+905321234567": "+90", "+353861234567": "+353", "+88123456789": "+881", "+99812345678": "+998", "+2101234567": "+210",
	} {
		v.sent(t.Context(), to)
		assert.Equal(t, prefix, v.decisions[len(v.decisions)-1].Prefix, to)
	}
}

func TestCodesThatDoNotComeBackStopACountry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, only(guard.RuleUnverified), guard.WithUnverifiedLimit(guard.UnverifiedLimit{
			Window: time.Hour, Floor: 4, Share: 0.5,
		}))
		number := func(i int) string { return fmt.Sprintf("+9053212%05d", i) }
		for i := range 6 {
			sent, code := v.sent(t.Context(), number(i))
			if i < 3 {
				require.Error(t, v.guard.Verify(t.Context(), sent, wrong(code)))
				require.NoError(t, v.guard.Verify(t.Context(), sent, code))
			}
		}
		sent, code := v.sent(t.Context(), number(6))
		v.refusedSend(t.Context(), number(7), guard.RuleUnverified, time.Hour)
		v.sent(t.Context(), "+33612345678")
		require.NoError(t, v.guard.Verify(t.Context(), sent, code))
		v.sent(t.Context(), number(7))
		v.sent(t.Context(), number(8)) // four of eight is not more than half
		v.refusedSend(t.Context(), number(9), guard.RuleUnverified, time.Hour)
		time.Sleep(time.Hour)
		v.sent(t.Context(), number(9))
	})
}

func TestLists(t *testing.T) {
	cases := []struct {
		name            string
		opts            []guard.Option
		allowed, denied []string
	}{
		{"nothing said", nil, []string{"+18761234567", "+33612345678"}, nil},
		{"allow", []guard.Option{guard.Allow("+33", "+1212")}, []string{"+33612345678", "+12125552368"}, []string{"+18761234567", "+3461234567"}},
		{"deny", []guard.Option{guard.Deny("+1876", "+33")}, []string{"+12125552368"}, []string{"+18761234567", "+33612345678"}},
		{
			"the longest prefix decides",
			[]guard.Option{guard.Allow("+1"), guard.Deny("+1876"), guard.Allow("+187612", "+187612345678")},
			[]string{"+12125552368", "+18761234567"},
			[]string{"+18762234567", "+33612345678"},
		},
		{"a whole number", []guard.Option{guard.Deny("+33612345678")}, []string{"+33612345679"}, []string{"+33612345678"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := guarded(t, c.opts...)
			for _, to := range c.allowed {
				v.sent(t.Context(), to)
			}
			for _, to := range c.denied {
				v.refusedSend(t.Context(), to, guard.RuleDeny, 0)
			}
		})
	}
}

func TestABadRequestIsNotCounted(t *testing.T) {
	hooked := 0
	v := guarded(t, guard.BeforeSend(func(context.Context, otp.SendRequest) error { hooked++; return nil }))
	for _, req := range []otp.SendRequest{{}, {To: "+905321234567,+905321234568"}, {To: number, CodeLength: 99}, {To: number, Locale: "xx"}} {
		_, err := v.guard.Send(t.Context(), req)
		failure := failureOf(t, err)
		assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
		assert.Equal(t, "otptest", failure.Provider)
		assert.NotErrorIs(t, err, otp.ErrRefused)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := v.guard.Send(ctx, otp.SendRequest{To: number})
	require.ErrorIs(t, err, otp.ErrCanceled)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	assert.Zero(t, hooked)
	assert.Empty(t, v.decisions)
	v.sent(t.Context(), number)
}

func TestASendIsGivenBackOnlyWhenNothingWasSent(t *testing.T) {
	limits := []guard.Option{
		guard.WithNumberLimit(otp.Rate{Events: 1, Per: time.Hour}), guard.WithRangeLimit(otp.Rate{Events: 1, Per: time.Hour}),
		guard.WithPrefixLimit(otp.Rate{Events: 1, Per: time.Hour}), guard.WithBudget(otp.Rate{Events: 1, Per: time.Hour}),
		guard.WithIPLimit(otp.Rate{Events: 1, Per: time.Hour}),
	}
	for _, outcome := range []otp.Outcome{otp.OutcomeNotSent, otp.OutcomeUnknown, otp.OutcomeAccepted} {
		t.Run(outcome.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := guarded(t, limits...)
				v.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: outcome})
				ctx := guard.WithCaller(t.Context(), guard.Caller{IP: netip.MustParseAddr("192.0.2.1")})
				sent, err := v.guard.Send(ctx, otp.SendRequest{To: number})
				require.ErrorIs(t, err, otp.ErrUnavailable)
				require.NotErrorIs(t, err, otp.ErrRefused)
				if outcome == otp.OutcomeNotSent {
					v.sent(ctx, number)
					return
				}
				require.NotZero(t, sent)
				running := v.refusedSend(ctx, number, guard.RuleCooldown, time.Hour)
				require.Equal(t, sent.ID, running.ID, "the person may well hold this code")
				code, _ := v.Code(number)
				require.NoError(t, v.guard.Verify(ctx, running, code))
			})
		})
	}
}

// slow is a provider that takes a while, so that calls overlap.
type slow struct {
	otp.Provider

	takes  time.Duration
	asked  atomic.Int64
	answer error
}

func (s *slow) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	s.asked.Add(1)
	time.Sleep(s.takes)
	if s.answer != nil {
		return otp.Verification{}, s.answer
	}
	return s.Provider.Send(context.WithoutCancel(ctx), req)
}

func (s *slow) Verify(ctx context.Context, v otp.Verification, code string) error {
	s.asked.Add(1)
	time.Sleep(s.takes)
	return s.Provider.Verify(context.WithoutCancel(ctx), v, code)
}

func TestAThousandSendsAtOnceAreOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		behind := &slow{Provider: v.Provider, takes: time.Second}
		g, err := guard.New(behind)
		require.NoError(t, err)
		var sent, refused atomic.Int64
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() {
				_, err := g.Send(t.Context(), otp.SendRequest{To: number})
				if err == nil {
					sent.Add(1)
				} else if errors.Is(err, otp.ErrRateLimited) && otp.OutcomeOf(err) == otp.OutcomeNotSent {
					refused.Add(1)
				}
			})
		}
		wg.Wait()
		assert.EqualValues(t, 1, behind.asked.Load())
		assert.EqualValues(t, 1, sent.Load())
		assert.EqualValues(t, 999, refused.Load())
	})
}

// Whoever hangs up before the vendor has answered gets counts back only if nothing was sent.
func TestWhoHangsUpDoesNotGetCountsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		behind := &slow{Provider: v.Provider, takes: time.Second}
		g, err := guard.New(behind, guard.WithStore(&broken{Store: memory(t, 0)}), guard.WithKey(make([]byte, 16)))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		sent, err := g.Send(ctx, otp.SendRequest{To: number})
		require.NoError(t, err)
		running, err := g.Send(t.Context(), otp.SendRequest{To: number})
		requireRefusal(t, err, guard.RuleCooldown, 29*time.Second)
		assert.Equal(t, sent.ID, running.ID, "it was remembered although the caller had gone")

		behind.answer = &otp.Error{Kind: otp.ErrCanceled, Outcome: otp.OutcomeNotSent}
		ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err = g.Send(ctx, otp.SendRequest{To: "+33612345678"})
		require.ErrorIs(t, err, otp.ErrCanceled)
		behind.answer = nil
		_, err = g.Send(t.Context(), otp.SendRequest{To: "+33612345678"})
		require.NoError(t, err, "it was given back although the caller had gone")
	})
}

// dated is a vendor whose codes live so long, or so it says.
type dated struct {
	otp.Provider

	life time.Duration
}

func (d dated) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	v, err := d.Provider.Send(ctx, req)
	v.ExpiresAt = time.Now().Add(d.life)
	return v, err
}

func (d dated) Verify(context.Context, otp.Verification, string) error { return nil }

func TestACodeIsRememberedAsLongAsItLives(t *testing.T) {
	for _, life := range []time.Duration{48 * time.Hour, 100 * 365 * 24 * time.Hour} {
		t.Run(life.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := guarded(t)
				g, err := guard.New(dated{v.Provider, life}, guard.WithCooldown(24*time.Hour))
				require.NoError(t, err)
				sent, err := g.Send(t.Context(), otp.SendRequest{To: number})
				require.NoError(t, err)
				time.Sleep(time.Hour)
				running, err := g.Send(t.Context(), otp.SendRequest{To: number})
				requireRefusal(t, err, guard.RuleCooldown, 23*time.Hour)
				require.Equal(t, sent.ID, running.ID)
				require.NoError(t, g.Verify(t.Context(), sent, "123456"))
				time.Sleep(47 * time.Hour)
				require.ErrorIs(t, g.Verify(t.Context(), sent, "123456"), otp.ErrAlreadyVerified)
			})
		})
	}
}

func TestAVendorsClockMayBeBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		g, err := guard.New(dated{v.Provider, -time.Hour})
		require.NoError(t, err)
		sent, err := g.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		code, _ := v.Code(number)
		forged := sent
		forged.To = "+33612345678"
		requireRefusal(t, g.Verify(t.Context(), forged, code), guard.RuleBinding, 0)
		running, err := g.Send(t.Context(), otp.SendRequest{To: number})
		requireRefusal(t, err, guard.RuleCooldown, 30*time.Second)
		require.Zero(t, running, "it says that it has expired")
		require.NoError(t, g.Verify(t.Context(), sent, code))
	})
}

func TestHooksAreAskedBeforeASendIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failure := errors.New("the captcha was not solved")
		var asked []string
		v := guarded(t, guard.BeforeSend(func(_ context.Context, req otp.SendRequest) error {
			asked = append(asked, "first")
			if req.To == number {
				return failure
			}
			return nil
		}), guard.BeforeSend(func(_ context.Context, req otp.SendRequest) error {
			asked = append(asked, "second")
			if strings.HasPrefix(req.To, "+33") {
				panic("secret")
			}
			return nil
		}))
		for range 20 {
			_, err := v.guard.Send(t.Context(), otp.SendRequest{To: number})
			requireRefusal(t, err, guard.RuleHook, 0)
			require.ErrorIs(t, err, failure)
			require.Equal(t, otp.ErrRefused, failureOf(t, err).Kind)
			require.NotErrorIs(t, err, otp.ErrRateLimited)
			require.EqualError(t, err, "otptest: send: refused: refused by the rule hook: the captcha was not solved")
		}
		assert.NotContains(t, asked, "second")
		_, err := v.guard.Send(t.Context(), otp.SendRequest{To: "+33612345678"})
		requireRefusal(t, err, guard.RuleHook, 0)
		require.NotContains(t, err.Error(), "secret")
		v.sent(t.Context(), "+905321234568")
		assert.Equal(t, []string{"first", "second"}, asked[len(asked)-2:])
	})
}

func TestWhoHangsUpWhileAHookThinksGetsNoCode(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	v := guarded(t, guard.BeforeSend(func(context.Context, otp.SendRequest) error { cancel(); return nil }))
	_, err := v.guard.Send(ctx, otp.SendRequest{To: number})
	require.ErrorIs(t, err, otp.ErrCanceled)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	assert.Zero(t, v.calls("send"))
	v.sent(t.Context(), number)
}

func TestRecordOnlyTellsAndBlocksNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, guard.RecordOnly(), guard.Deny("+90"), guard.WithBudget(otp.Rate{Events: 1, Per: time.Hour}),
			guard.BeforeSend(func(context.Context, otp.SendRequest) error { return errors.New("risky") }))
		v.sent(t.Context(), number)
		v.decisions = nil
		v.sent(t.Context(), number)
		var rules []guard.Rule
		for _, d := range v.decisions {
			assert.False(t, d.Refused)
			assert.Equal(t, "send", d.Op)
			assert.Equal(t, "+90", d.Prefix)
			rules = append(rules, d.Rule)
		}
		assert.Equal(t, []guard.Rule{guard.RuleDeny, guard.RuleHook, guard.RuleCooldown, guard.RuleBudget, ""}, rules)

		v = guarded(t, guard.RecordOnly(guard.RuleBudget), guard.WithBudget(otp.Rate{Events: 1, Per: time.Hour}))
		v.sent(t.Context(), number)
		v.sent(t.Context(), "+33612345678")
		v.refusedSend(t.Context(), number, guard.RuleCooldown, 30*time.Second)
	})
}

func TestEveryDecisionIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, guard.Deny("+33"), guard.OnDecision(func(context.Context, guard.Decision) { panic("dropped") }))
		sent, code := v.sent(t.Context(), number)
		v.refusedSend(t.Context(), number, guard.RuleCooldown, 30*time.Second)
		v.refusedSend(t.Context(), "+33612345678", guard.RuleDeny, 0)
		require.NoError(t, v.guard.Verify(t.Context(), sent, code))
		v.refusedVerify(t.Context(), sent, code, guard.RuleUsed, 0)
		assert.Equal(t, []guard.Decision{
			{Op: "send", Prefix: "+90"},
			{Op: "send", Rule: guard.RuleCooldown, Refused: true, RetryAfter: 30 * time.Second, Prefix: "+90"},
			{Op: "send", Rule: guard.RuleDeny, Refused: true, Prefix: "+33"},
			{Op: "verify", Prefix: "+90"},
			{Op: "verify", Rule: guard.RuleUsed, Refused: true, Prefix: "+90"},
		}, v.decisions)
	})
}

func TestARefusalIsPrintedWithoutTheNumber(t *testing.T) {
	v := guarded(t)
	v.sent(t.Context(), number)
	_, err := v.guard.Send(t.Context(), otp.SendRequest{To: number})
	failure := failureOf(t, err)
	written, jsonErr := json.Marshal(failure)
	require.NoError(t, jsonErr)
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", failure, failure), string(written), fmt.Sprintf("%+v", v.decisions)} {
		assert.NotContains(t, text, number[4:10])
	}
}
