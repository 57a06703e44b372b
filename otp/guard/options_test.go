package guard_test

import (
	"context"
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestBadOptionsAreRefusedByName(t *testing.T) {
	hour := func(n int) otp.Rate { return otp.Rate{Events: n, Per: time.Hour} }
	floor := func(rule guard.Rule, n int) guard.Option {
		return guard.WithFloor(rule, otp.Rate{Events: n, Per: 24 * time.Hour})
	}
	cases := map[string][]guard.Option{
		"options":             {nil},
		"cooldown":            {guard.WithCooldown(), guard.WithCooldown(0), guard.WithCooldown(time.Minute, -1), guard.WithCooldown(25 * time.Hour)},
		"number":              {guard.WithNumberLimit(), guard.WithNumberLimit(otp.Rate{}), guard.WithNumberLimit(hour(5), hour(-1))},
		"budget":              {guard.WithBudget(), guard.WithBudget(otp.Rate{}), guard.WithBudget(hour(5), otp.Rate{Events: 4, Per: 24 * time.Hour}), guard.WithBudget(hour(1), hour(2), hour(3), hour(4))},
		"wrong_codes":         {guard.WithWrongCodeLimit(), guard.WithWrongCodeLimit(hour(-5))},
		"attempts":            {guard.WithAttempts(0), guard.WithAttempts(-1), guard.WithAttempts(101)},
		"reserve":             {guard.WithReserve(-0.1), guard.WithReserve(1.1), guard.WithReserve(math.NaN())},
		"trust_verified":      {guard.TrustVerified(-1), guard.TrustVerified(time.Millisecond), guard.TrustVerified(367 * 24 * time.Hour)},
		"floor":               {floor(guard.RuleBudget, 5), floor("nonsense", 5)},
		"floor.block":         {guard.WithFloor(guard.RuleBlock), guard.WithFloor(guard.RuleBlock, hour(0)), floor(guard.RuleBlock, 24)},
		"floor.subnet":        {floor(guard.RuleAddress, 21)},
		"floor.country":       {floor(guard.RuleCountry, 29)},
		"floor.new_countries": {floor(guard.RuleBlock, 36)},
		"exempt":              {guard.Exempt(), guard.Exempt("nonsense"), guard.Exempt("")},
		"allow_countries":     {guard.AllowCountries(), guard.AllowCountries("UK"), guard.AllowCountries("+90"), guard.AllowCountries("tr")},
		"deny_countries":      {guard.DenyCountries(), guard.DenyCountries("USA")},
		"without":             {guard.Without("nonsense"), guard.Without(guard.RuleUsed), guard.Without(guard.RuleDeny), guard.Without(guard.RuleStore)},
		"record_only":         {guard.RecordOnly("nonsense"), guard.RecordOnly(guard.RuleUsed), guard.RecordOnly(guard.RuleBinding)},
		"allow":               {guard.Allow(), guard.Allow(""), guard.Allow("33"), guard.Allow("+"), guard.Allow("+0"), guard.Allow("+33 6"), guard.Allow("+33", "+1234567890123456")},
		"deny":                {guard.Deny(), guard.Deny("*"), guard.Deny("+٣٣")},
		"store":               {guard.WithStore(nil), guard.WithStore((*guard.Memory)(nil)), guard.WithStore(storeFunc(nil))},
		"key":                 {guard.WithKey(nil), guard.WithKey(make([]byte, 15)), guard.WithStore(memory(t, 0))},
		"store_timeout":       {guard.WithStoreTimeout(0), guard.WithStoreTimeout(-1)},
		"before_send":         {guard.BeforeSend(nil)},
		"on_decision":         {guard.OnDecision(nil)},
	}
	for field, options := range cases {
		for i, option := range options {
			g, err := guard.New(otptest.NewProvider(), option)
			require.Nil(t, g, "%s %d", field, i)
			failure := failureOf(t, err)
			assert.Equal(t, otp.ErrMisconfigured, failure.Kind)
			assert.Equal(t, field, failure.Field, i)
		}
	}
	for named, both := range map[string][]guard.Option{
		"+33":         {guard.Allow("+33"), guard.Deny("+33")},
		"+34":         {guard.Deny("+34"), guard.Allow("+34")},
		"FR":          {guard.AllowCountries("FR"), guard.DenyCountries("FR")},
		`"block"`:     {guard.RecordOnly(guard.RuleBlock), guard.Without(guard.RuleBlock)},
		"+90555":      {guard.Exempt("+90555"), guard.AllowCountries("FR")},
		"5 in 1h0m0s": {guard.WithNumberLimit(hour(5)), floor(guard.RuleNumber, 7)},
	} {
		_, err := guard.New(otptest.NewProvider(), both...)
		require.ErrorIs(t, err, otp.ErrMisconfigured)
		require.ErrorContains(t, err, named)
	}
	var nobody *otptest.Provider
	for _, child := range []otp.Provider{nil, nobody, (*guard.Guard)(nil)} {
		g, err := guard.New(child)
		require.Nil(t, g)
		assert.Equal(t, "provider", failureOf(t, err).Field)
	}
	_, err := guard.New(nil)
	assert.Equal(t, "provider", failureOf(t, err).Field)
	_, err = guard.NewMemory(-1)
	assert.Equal(t, "entries", failureOf(t, err).Field)
}

// storeFunc is a store that is no pointer.
type storeFunc func(context.Context, guard.Change) (guard.Result, error)

func (f storeFunc) Apply(ctx context.Context, c guard.Change) (guard.Result, error) { return f(ctx, c) }

func TestEveryRuleMayHaveAllItsRates(t *testing.T) {
	var rates []otp.Rate
	for i := range 3 {
		rates = append(rates, otp.Rate{Events: 1, Per: time.Duration(i+1) * time.Hour})
	}
	opts := []guard.Option{guard.WithNumberLimit(rates...), guard.WithBudget(rates...), guard.WithWrongCodeLimit(rates...), guard.RecordOnly()}
	for _, rule := range []guard.Rule{
		guard.RuleNumber, guard.RuleSession, guard.RuleDevice, guard.RuleAddress, guard.RuleSubnet, guard.RuleNetwork, guard.RuleBlock,
		guard.RuleCountry, guard.RuleNewCountries,
	} {
		opts = append(opts, guard.WithFloor(rule, rates...))
	}
	v := guarded(t, opts...)
	ctx := guard.WithCaller(t.Context(), guard.Caller{
		Purpose: "login", IP: netip.MustParseAddr("2001:db8::1"), Session: "s", Device: "d",
	})
	_, _ = v.sent(ctx, number)
	v.decisions = nil
	sent, code := v.sent(ctx, number)
	require.Len(t, v.decisions, 1)
	assert.Len(t, v.decisions[0].Recorded, 10+3, "each rule once, and the budget for each rate")
	require.NoError(t, v.guard.Verify(ctx, sent, code))
	require.NoError(t, v.guard.Unlock(ctx, number))
}

func TestAGuardShowsWhatIsBehindIt(t *testing.T) {
	behind := otptest.NewProvider(otptest.WithName("main"))
	g, err := guard.New(behind)
	require.NoError(t, err)
	assert.Equal(t, "main", g.Name())
	assert.Equal(t, behind.Capabilities(), g.Capabilities())
	assert.Equal(t, []otp.Provider{behind}, g.Unwrap())
}

func TestOptionsOfTwoGuardsAreApart(t *testing.T) {
	gaps := []time.Duration{time.Minute}
	key := []byte("0123456789abcdef")
	cooldown, allow := guard.WithCooldown(gaps...), guard.Allow("+33")
	one := guarded(t, cooldown, allow, guard.WithKey(key))
	two := guarded(t, allow, guard.Allow("+90"))
	gaps[0], key[0] = time.Hour, 'x'
	one.refusedSend(t.Context(), number, guard.RuleDeny, 0)
	two.sent(t.Context(), number)
	one.sent(t.Context(), "+33612345678")
	_, err := one.guard.Send(t.Context(), otp.SendRequest{To: "+33612345678"})
	assert.LessOrEqual(t, failureOf(t, err).RetryAfter, time.Minute)
}

func TestWithCallerReplacesTheCaller(t *testing.T) {
	v := guarded(t)
	ctx := guard.WithCaller(context.Background(), guard.Caller{Purpose: "a", Session: "s"})
	sent, code := v.sent(guard.WithCaller(ctx, guard.Caller{Purpose: "b"}), number)
	v.refusedVerify(ctx, sent, code, guard.RuleBinding, 0)
	require.NoError(t, v.guard.Verify(guard.WithCaller(ctx, guard.Caller{Purpose: "b"}), sent, code))
}
