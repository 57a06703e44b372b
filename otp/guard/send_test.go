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
			ctx := inSession(t.Context())
			sent, _ := v.sent(ctx, number)
			require.Equal(t, sent.String(), v.refusedSend(ctx, number, guard.RuleCooldown, gap*time.Second).String())
			time.Sleep(gap*time.Second - time.Second)
			running := v.refusedSend(ctx, number, guard.RuleCooldown, time.Second)
			require.Equal(t, sent.String(), running.String())
			require.True(t, sent.ExpiresAt.Equal(running.ExpiresAt))
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
		ctx := inSession(t.Context())
		_, code := v.sent(ctx, number)
		running := v.refusedSend(ctx, number, guard.RuleCooldown, 30*time.Second)
		require.NoError(t, v.guard.Verify(ctx, running, code))
		v.sent(ctx, number) // a known caller does not wait for what a stranger did
		require.NotZero(t, v.refusedSend(ctx, number, guard.RuleCooldown, 30*time.Second))
	})
}

func TestWhatHasExpiredIsNotRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, guard.WithCooldown(time.Hour), only(guard.RuleCooldown))
		ctx := inSession(t.Context())
		v.sent(ctx, number)
		time.Sleep(otp.DefaultTTL - time.Second)
		assert.NotZero(t, v.refusedSend(ctx, number, guard.RuleCooldown, 55*time.Minute+time.Second))
		time.Sleep(time.Second)
		assert.Zero(t, v.refusedSend(ctx, number, guard.RuleCooldown, 55*time.Minute))
	})
}

func TestPurposesHaveCooldownsAndShareTheNumber(t *testing.T) {
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

// A running verification belongs to its session. The cooldown answers everybody in the same way.
func TestNobodyElseGetsWhatIsRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		owner := guard.WithCaller(t.Context(), guard.Caller{Purpose: "login", Session: "owner"})
		sent, code := v.sent(owner, number)
		for _, c := range []guard.Caller{
			{Purpose: "login"}, {Purpose: "login", Session: "stranger"}, {Purpose: "login", Device: "owner"}, {Session: "owner"},
		} {
			if c.Purpose != "" {
				assert.Zero(t, v.refusedSend(guard.WithCaller(t.Context(), c), number, guard.RuleCooldown, 30*time.Second))
			}
			if c.Session != "" {
				v.refusedVerify(guard.WithCaller(t.Context(), c), sent, code, guard.RuleBinding, 0)
			}
		}
		assert.Equal(t, sent.String(), v.refusedSend(owner, number, guard.RuleCooldown, 30*time.Second).String())
		require.NoError(t, v.guard.Verify(owner, sent, code))
	})
}

// What strangers do with a number does not count against a device that has verified it.
func TestAKnownCallerHasCountsOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, guard.WithNumberLimit(otp.Rate{Events: 3, Per: time.Hour}), guard.WithWrongCodeLimit(otp.Rate{Events: 3, Per: time.Hour}))
		owner := guard.WithCaller(t.Context(), guard.Caller{Device: "owner's", Session: "of the owner"})
		stranger := inSession(t.Context())
		sent, code := v.sent(owner, number)
		require.NoError(t, v.guard.Verify(owner, sent, code))
		time.Sleep(time.Minute)

		bombed, _ := v.sent(stranger, number)
		for range 3 {
			require.ErrorIs(t, v.guard.Verify(stranger, bombed, "000000x"), otp.ErrWrongCode)
		}
		v.refusedVerify(stranger, bombed, "000000x", guard.RuleWrongCodes, time.Hour)
		sent, code = v.sent(owner, number)
		require.NoError(t, v.guard.Verify(owner, sent, code), "neither the stranger's cooldown nor his guesses matter")
		for range 2 {
			time.Sleep(5 * time.Minute)
			v.sent(stranger, number)
		}
		time.Sleep(2 * time.Minute)
		v.refusedSend(stranger, number, guard.RuleNumber, 48*time.Minute)
		for range 3 {
			time.Sleep(3 * time.Minute)
			v.sent(owner, number)
		}
		v.refusedSend(guard.WithCaller(t.Context(), guard.Caller{Device: "another"}), number, guard.RuleNumber, 39*time.Minute)
	})
}

func TestSendsPerNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, only(guard.RuleNumber), guard.WithFloor(guard.RuleNumber, otp.Rate{Events: 10, Per: 24 * time.Hour}))
		ctx := inSession(t.Context())
		for range 5 {
			v.sent(ctx, number)
			time.Sleep(time.Minute)
		}
		assert.NotZero(t, v.refusedSend(ctx, number, guard.RuleNumber, 5*time.Minute), "one is running")
		time.Sleep(5 * time.Minute)
		for range 5 {
			v.sent(ctx, number)
			time.Sleep(time.Minute)
		}
		time.Sleep(5 * time.Minute)
		v.refusedSend(ctx, number, guard.RuleNumber, 24*time.Hour-20*time.Minute)
		v.sent(ctx, "+905321234568")
		time.Sleep(24*time.Hour - 20*time.Minute)
		v.sent(ctx, number)
		v.refusedSend(ctx, number, guard.RuleNumber, time.Minute)
	})
}

// distinctIn is the i-th number of a block.
func distinctIn(block string, i int) string { return fmt.Sprintf("%s%04d", block, i) }

func TestCodesThatAreNotTypedAreAskedFor(t *testing.T) {
	from := func(s string) guard.Caller { return guard.Caller{IP: netip.MustParseAddr(s)} }
	cases := []struct {
		rule        guard.Rule
		floor       int
		by          func(i int) guard.Caller
		same, other guard.Caller
	}{
		{guard.RuleAddress, 20, func(int) guard.Caller { return from("192.0.2.1") }, from("::ffff:192.0.2.1"), from("192.0.2.2")},
		{guard.RuleAddress, 20, func(int) guard.Caller { return from("2001:db8:0:1::1") }, from("2001:db8:0:1:ffff::2%eth0"), from("2001:db8:1::1")},
		{guard.RuleSubnet, 20, func(i int) guard.Caller { return from(fmt.Sprintf("2001:db8:0:%x::1", i%5)) }, from("2001:db8:0:9::1"), from("2001:db8:0:100::1")},
		{guard.RuleNetwork, 25, func(i int) guard.Caller { return from(fmt.Sprintf("2001:db8:0:%x00::1", i)) }, from("2001:db8:0:ffff::1"), from("2001:db8:1::1")},
		{guard.RuleSession, 10, func(int) guard.Caller { return guard.Caller{Session: "s"} }, guard.Caller{Session: "s", Device: "d"}, guard.Caller{Device: "s"}},
		{guard.RuleDevice, 10, func(int) guard.Caller { return guard.Caller{Device: "d"} }, guard.Caller{Device: "d", Session: "s"}, guard.Caller{Session: "d"}},
		{guard.RuleBlock, 30, func(int) guard.Caller { return guard.Caller{} }, guard.Caller{}, guard.Caller{}},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.rule, c.same.IP), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := guarded(t)
				to := func(i int) string {
					if c.rule == guard.RuleBlock {
						return distinctIn("+90532123", i)
					}
					return fmt.Sprintf("+90532%03d4567", i)
				}
				for i := range 3 * c.floor { // what is typed does not count
					ctx := guard.WithCaller(t.Context(), c.by(i))
					sent, code := v.sent(ctx, to(500+i))
					require.NoError(t, v.guard.Verify(ctx, sent, code))
				}
				time.Sleep(25 * time.Hour)
				for i := range c.floor {
					v.sent(guard.WithCaller(t.Context(), c.by(i)), to(i))
				}
				caller, fresh := c.same, to(400)
				_, err := v.guard.Send(guard.WithCaller(t.Context(), caller), otp.SendRequest{To: fresh})
				var refusal *guard.Refusal
				require.ErrorAs(t, err, &refusal)
				require.Equal(t, guard.Refusal{Rule: c.rule, RetryAfter: refusal.RetryAfter, Challenge: 1}, *refusal)
				require.ErrorIs(t, err, otp.ErrRateLimited)
				require.InDelta(t, 24*time.Hour, refusal.RetryAfter, float64(2*time.Hour))
				if c.other != c.same {
					v.sent(guard.WithCaller(t.Context(), c.other), to(401))
				}
				v.sent(guard.WithCaller(t.Context(), c.same), to(500)) // that number is known
				caller.Passed = 1
				v.sent(guard.WithCaller(t.Context(), caller), fresh)
			})
		})
	}
}

func TestTheBudgetKeepsAShareForKnownNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, only(guard.RuleBudget), guard.WithBudget(otp.Rate{Events: 10, Per: time.Hour}))
		sent, code := v.sent(t.Context(), number)
		require.NoError(t, v.guard.Verify(t.Context(), sent, code), "typed or not, it was paid for")
		for i := range 6 {
			v.sent(t.Context(), distinctIn("+90532555", i))
		}
		v.refusedSend(t.Context(), "+905325559999", guard.RuleBudget, time.Hour)
		for range 3 {
			v.sent(t.Context(), number)
		}
		v.refusedSend(t.Context(), number, guard.RuleBudget, time.Hour)
	})
}

func TestABudgetThatIsAllKeptHasNothingForStrangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, only(guard.RuleBudget), guard.WithBudget(otp.Rate{Events: 10, Per: time.Hour}), guard.WithReserve(1))
		v.refusedSend(t.Context(), number, guard.RuleBudget, time.Hour)
	})
}

func TestExemptCallersAreNoStrangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, guard.Exempt("198.51.100.0/24", "+90555"))
		for i := range 100 {
			hall := guard.WithCaller(t.Context(), guard.Caller{IP: netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})})
			v.sent(hall, distinctIn("+90532123", i))
			v.sent(t.Context(), distinctIn("+90555123", i))
			time.Sleep(time.Second)
		}
	})
}

func TestCountriesAreToldApart(t *testing.T) {
	v := guarded(t)
	for to, country := range map[string]string{
		"+18761234567": "JM", "+12125552368": "US", "+14165550123": "CA", "+14415550123": "BM", "+79161234567": "RU", "+77012345678": "KZ",
		"+33612345678": "FR", "+905321234567": "TR", "+353861234567": "IE", "+88123456789": "+881", "+99812345678": "UZ",
		"+447911123456": "GB", "+447781123456": "GG", "+393471234567": "IT", "+390669812345": "VA", "+2250712345678": "CI",
	} {
		v.sent(t.Context(), to)
		assert.Equal(t, country, v.decisions[len(v.decisions)-1].Country, to)
	}
}

// A number with the zero that is dialled inside of its country would be another number to every
// rule.
func TestATrunkZeroIsNoNumber(t *testing.T) {
	v := guarded(t)
	for _, to := range []string{"+4407911123456", "+44007911123456", "+900532123456", "+49015112345678", "+10125552368"} {
		_, err := v.guard.Send(t.Context(), otp.SendRequest{To: to})
		require.ErrorIs(t, err, otp.ErrInvalidRecipient, to)
		require.Equal(t, "to", failureOf(t, err).Field)
		require.ErrorIs(t, v.guard.Verify(t.Context(), otp.Verification{Provider: "otptest", ID: "1", To: to}, "123456"), otp.ErrInvalidRecipient)
	}
	for _, to := range []string{"+390612345678", "+2250712345678", "+22901234567", "+24106031234", "+242061234567", "+22601234567"} {
		v.sent(t.Context(), to)
	}
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
		{
			"countries of one calling code",
			[]guard.Option{guard.AllowCountries("US", "GB")},
			[]string{"+12125552368", "+447911123456"},
			[]string{"+18765550123", "+14415550123", "+14165550123", "+447781123456", "+33612345678"},
		},
		{"a prefix admits all of them", []guard.Option{guard.Allow("+1")}, []string{"+12125552368", "+18765550123", "+14415550123"}, []string{"+33612345678"}},
		{"denied countries", []guard.Option{guard.DenyCountries("JM")}, []string{"+12125552368", "+33612345678"}, []string{"+18765550123", "+16585550123"}},
		{
			"a prefix goes before a country",
			[]guard.Option{guard.AllowCountries("TR"), guard.Deny("+90900"), guard.Allow("+33612")},
			[]string{"+905321234567", "+33612345678"},
			[]string{"+909001234567", "+33712345678"},
		},
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
	for _, req := range []otp.SendRequest{{}, {To: "+905321234567,+905321234568"}, {To: number, CodeLength: 99}} {
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
	one := otp.Rate{Events: 1, Per: time.Hour}
	limits := []guard.Option{guard.WithNumberLimit(one), guard.WithBudget(one)}
	for _, rule := range []guard.Rule{guard.RuleSession, guard.RuleAddress, guard.RuleSubnet, guard.RuleNetwork, guard.RuleBlock, guard.RuleCountry, guard.RuleNewCountries, guard.RuleDevice} {
		limits = append(limits, guard.WithFloor(rule, one))
	}
	for _, outcome := range []otp.Outcome{otp.OutcomeNotSent, otp.OutcomeUnknown, otp.OutcomeAccepted} {
		t.Run(outcome.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := guarded(t, limits...)
				v.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: outcome})
				ctx := guard.WithCaller(t.Context(), guard.Caller{IP: netip.MustParseAddr("2001:db8::1"), Session: "s"})
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

// Anyone who hangs up before the vendor has answered gets counts back only if nothing was sent.
func TestWhoHangsUpDoesNotGetCountsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		behind := &slow{Provider: v.Provider, takes: time.Second}
		g, err := guard.New(behind, guard.WithStore(&broken{Store: memory(t, 0)}), guard.WithKey(make([]byte, 16)))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		sent, err := g.Send(inSession(ctx), otp.SendRequest{To: number})
		require.NoError(t, err)
		running, err := g.Send(inSession(t.Context()), otp.SendRequest{To: number})
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
				ctx := inSession(t.Context())
				sent, err := g.Send(ctx, otp.SendRequest{To: number})
				require.NoError(t, err)
				time.Sleep(time.Hour)
				running, err := g.Send(ctx, otp.SendRequest{To: number})
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
		require.Len(t, v.decisions, 1)
		d := v.decisions[0]
		require.EqualError(t, d.Err, "risky")
		d.Err = nil
		assert.Equal(t, guard.Decision{
			Op: "send", Country: "TR", Recorded: []guard.Rule{guard.RuleDeny, guard.RuleHook, guard.RuleCooldown, guard.RuleBudget},
		}, d)

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
			{Op: "send", Country: "TR"},
			{Op: "send", Rule: guard.RuleCooldown, Refused: true, RetryAfter: 30 * time.Second, Country: "TR"},
			{Op: "send", Rule: guard.RuleDeny, Refused: true, Country: "FR"},
			{Op: "verify", Country: "TR"},
			{Op: "verify", Rule: guard.RuleUsed, Refused: true, Country: "TR"},
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
