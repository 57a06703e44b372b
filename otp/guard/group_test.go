package guard_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

// codes is a vendor all of whose codes stay valid until they expire.
type codes struct {
	*instant

	ids    int
	judged map[string]int // by ID
	answer error          // in place of a verdict
}

func newCodes() *codes { return &codes{instant: newInstant(), judged: map[string]int{}} }

func (c *codes) Send(_ context.Context, req otp.SendRequest) (otp.Verification, error) {
	c.ids++
	now := time.Now().UTC()
	return otp.Verification{Provider: "main", ID: fmt.Sprint("id", c.ids), To: req.To, SentAt: now, ExpiresAt: now.Add(7 * 24 * time.Hour)}, nil
}

func (c *codes) Verify(_ context.Context, v otp.Verification, code string) error {
	if c.answer != nil {
		return c.answer
	}
	c.judged[v.ID]++
	if code != "code"+v.ID {
		return &otp.Error{Provider: "main", Op: "verify", Kind: otp.ErrWrongCode, Outcome: otp.OutcomeAccepted}
	}
	return nil
}

func (c *codes) total() int {
	n := 0
	for _, judged := range c.judged {
		n += judged
	}
	return n
}

// sendTwice has two live codes for one person.
func sendTwice(t *testing.T, opts ...guard.Option) (c *codes, g *guard.Guard, ctx context.Context, first, second otp.Verification) {
	t.Helper()
	c = newCodes()
	g, err := guard.New(c, opts...)
	require.NoError(t, err)
	ctx = inSession(t.Context())
	first, err = g.Send(ctx, otp.SendRequest{To: number})
	require.NoError(t, err)
	time.Sleep(time.Minute)
	second, err = g.Send(ctx, otp.SendRequest{To: number, Previous: &first})
	require.NoError(t, err)
	return c, g, ctx, first, second
}

func TestAnyLiveCodeIsAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, g, ctx, first, second := sendTwice(t)
		require.NoError(t, g.Verify(ctx, second, "codeid1"), "the person typed the first one")
		for _, v := range []otp.Verification{first, second} {
			for _, code := range []string{"codeid1", "codeid2"} {
				require.ErrorIs(t, g.Verify(ctx, v, code), otp.ErrAlreadyVerified)
			}
		}
	})
}

func TestAttemptsAreCountedOverAllLiveCodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, g, ctx, first, second := sendTwice(t)
		err := g.Verify(ctx, second, "000000")
		require.ErrorIs(t, err, otp.ErrWrongCode)
		require.Equal(t, 3, *failureOf(t, err).AttemptsLeft)
		for range 20 {
			require.Error(t, g.Verify(ctx, second, "000000"))
			require.Error(t, g.Verify(ctx, first, "000000"))
		}
		require.Equal(t, 5, c.total())
		requireRule(t, g.Verify(ctx, first, "codeid1"), guard.RuleAttempts)
		time.Sleep(time.Hour)
		third, err := g.Send(ctx, otp.SendRequest{To: number})
		require.NoError(t, err)
		require.NoError(t, g.Verify(ctx, third, "codeid3"), "a new code begins anew")
	})
}

// However long a code lives, and however slowly somebody guesses.
func TestAttemptsCountAsLongAsTheCodeLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCodes()
		g, err := guard.New(c)
		require.NoError(t, err)
		v, err := g.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		for range 7 * 24 {
			require.Error(t, g.Verify(t.Context(), v, "000000"))
			time.Sleep(time.Hour)
		}
		require.Equal(t, 5, c.total())
	})
}

func TestAttemptsAreGivenBackTenTimesAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCodes()
		g, err := guard.New(c)
		require.NoError(t, err)
		v, err := g.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		c.answer = &otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent}
		for range 15 {
			require.ErrorIs(t, g.Verify(t.Context(), v, "000000"), otp.ErrUnavailable)
		}
		requireRule(t, g.Verify(t.Context(), v, "000000"), guard.RuleAttempts)
	})
}

// A guard touches the counters of its own rules only.
func TestGuardsWithOtherRulesPayForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory(t, 0)
		shared := []guard.Option{guard.WithStore(store), guard.WithKey(make([]byte, 16)), guard.WithFloor(guard.RuleBlock, otp.Rate{Events: 30, Per: time.Hour})}
		full, err := guard.New(newCodes(), shared...)
		require.NoError(t, err)
		c := newCodes()
		c.ids = 1000
		less, err := guard.New(c, append(shared, guard.Without(guard.RuleBlock))...)
		require.NoError(t, err)
		for i := range 30 {
			_, err = full.Send(t.Context(), otp.SendRequest{To: distinctIn("+90532123", i)})
			require.NoError(t, err)
			var v otp.Verification
			v, err = less.Send(t.Context(), otp.SendRequest{To: distinctIn("+90532123", 100+i)})
			require.NoError(t, err)
			require.NoError(t, less.Verify(t.Context(), v, "code"+v.ID))
		}
		_, err = full.Send(t.Context(), otp.SendRequest{To: distinctIn("+90532123", 99)})
		requireRule(t, err, guard.RuleBlock)
	})
}

func TestSatisfiedGivesCountsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, g, ctx, first, second := sendTwice(t, guard.WithNumberLimit(otp.Rate{Events: 2, Per: time.Hour}))
		require.NoError(t, g.Satisfied(ctx, second))
		require.NoError(t, g.Satisfied(ctx, second))
		require.NoError(t, g.Satisfied(ctx, otp.Verification{Provider: "main", ID: "unknown", To: number}))
		requireRule(t, g.Verify(ctx, first, "codeid1"), guard.RuleUsed)
		for range 2 {
			time.Sleep(5 * time.Minute)
			_, err := g.Send(ctx, otp.SendRequest{To: number})
			require.NoError(t, err)
		}
		time.Sleep(5 * time.Minute)
		_, err := g.Send(ctx, otp.SendRequest{To: number})
		requireRule(t, err, guard.RuleNumber)
		require.ErrorIs(t, g.Satisfied(ctx, otp.Verification{To: "1"}), otp.ErrInvalidRecipient)
	})
}

func TestUnlockOfBlocksAddressesAndCountries(t *testing.T) {
	ip := netip.MustParseAddr("2001:db8:0:1::1")
	for what, rule := range map[string]guard.Rule{
		"+90532123*": guard.RuleBlock, "2001:db8:0:1::9": guard.RuleAddress, "2001:db8::/48": guard.RuleNetwork, "TR": guard.RuleCountry,
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := guarded(t, only(rule), guard.WithFloor(rule, otp.Rate{Events: 1, Per: time.Hour}))
				ctx := guard.WithCaller(t.Context(), guard.Caller{IP: ip})
				v.sent(ctx, number)
				_, err := v.guard.Send(ctx, otp.SendRequest{To: number})
				requireRule(t, err, rule)
				require.NoError(t, v.guard.Unlock(t.Context(), what))
				v.sent(ctx, number)
			})
		})
	}
	g, err := guard.New(newInstant())
	require.NoError(t, err)
	for _, bad := range []string{"", "nonsense", "UK", "192.0.2.0/24", "2001:db8::/32", "*", "+*", "+9053212345678901", "+900532123456"} {
		require.ErrorIs(t, g.Unlock(t.Context(), bad), otp.ErrInvalidRecipient, bad)
	}
}

// keySpy remembers the keys that are there.
type keySpy struct {
	guard.Store

	keys map[string]bool
}

func (s *keySpy) Apply(ctx context.Context, c guard.Change) (guard.Result, error) {
	for _, l := range c.Take {
		s.keys[l.Key] = true
	}
	for _, v := range c.Set {
		s.keys[v.Key] = true
	}
	for _, key := range c.Clear {
		for known := range s.keys {
			if known == key || strings.HasSuffix(key, "/") && strings.HasPrefix(known, key) {
				delete(s.keys, known)
			}
		}
	}
	return s.Store.Apply(ctx, c)
}

// After Forget, what is left is what another number of the same block leaves, too, and the vendor's
// references.
func TestForgetLeavesNothingOfTheNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &keySpy{Store: memory(t, 0), keys: map[string]bool{}}
		g, err := guard.New(newCodes(), guard.WithStore(store), guard.WithKey(make([]byte, 16)))
		require.NoError(t, err)
		use := func(to string) {
			for _, purpose := range []string{"login", "payment"} {
				ctx := guard.WithCaller(t.Context(), guard.Caller{Purpose: purpose, Session: "s", Device: "d"})
				v, err := g.Send(ctx, otp.SendRequest{To: to})
				require.NoError(t, err)
				require.Error(t, g.Verify(ctx, v, "000000"))
				require.NoError(t, g.Verify(ctx, v, "code"+v.ID))
				time.Sleep(time.Minute)
				_, err = g.Send(ctx, otp.SendRequest{To: to})
				require.NoError(t, err)
			}
		}
		use("+905321234568")
		require.NoError(t, g.Forget(t.Context(), "+905321234568"))
		before := len(store.keys)
		use(number)
		require.NoError(t, g.Forget(t.Context(), number))
		for key := range store.keys {
			assert.False(t, strings.HasPrefix(key, "n"), key)
		}
		assert.Len(t, store.keys, before+before-sharedKeys(store.keys))
		require.ErrorIs(t, g.Forget(t.Context(), "1"), otp.ErrInvalidRecipient)
	})
}

// sharedKeys are those that are not about one vendor's reference.
func sharedKeys(keys map[string]bool) int {
	n := 0
	for key := range keys {
		if key[0] != 'r' {
			n++
		}
	}
	return n
}

func TestHigherChallengesAndTheTop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, only(guard.RuleCountry))
		texts, asked := 0, map[int]bool{}
		for i := range 1000 {
			passed := 0
			for {
				ctx := guard.WithCaller(t.Context(), guard.Caller{Passed: passed})
				_, err := v.guard.Send(ctx, otp.SendRequest{To: fmt.Sprintf("+90532%03d%04d", i, i)})
				if err == nil {
					texts++
					break
				}
				var refusal *guard.Refusal
				require.ErrorAs(t, err, &refusal)
				asked[refusal.Challenge] = true
				if refusal.Challenge == 0 {
					break
				}
				require.Greater(t, refusal.Challenge, passed)
				passed = refusal.Challenge
			}
			time.Sleep(2 * time.Second)
		}
		assert.Equal(t, map[int]bool{0: true, 1: true, 2: true, 3: true}, asked)
		assert.Equal(t, 72, texts, "1.2 times the day's floor")
	})
}
