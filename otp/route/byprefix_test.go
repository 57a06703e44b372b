package route_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

func TestTheLongestPrefixWins(t *testing.T) {
	one := func(name string) otp.Provider { return &double{name: name} }
	routes := map[string]otp.Provider{
		"+1": one("america"), "+1876": one("jamaica"), "+33": one("france"), "+331": one("paris"),
		"+33123456789": one("one phone"), "+123456789012345": one("longest"),
	}
	without := must(route.ByPrefix("main", routes))
	routes[""] = one("world")
	with := must(route.ByPrefix("main", routes))
	for to, want := range map[string]string{
		"+14155550123": "america", "+18765550123": "jamaica", "+18755550123": "america", "+33612345678": "france",
		"+33112345678": "paris", "+33123456789": "one phone", "+123456789012345": "longest", "+12345678901234": "america",
		"+905321234567": "world", "+34612345678": "world",
	} {
		v, err := with.Send(t.Context(), otp.SendRequest{To: to})
		require.NoError(t, err, to)
		assert.Equal(t, want, v.Provider, to)

		v, err = without.Send(t.Context(), otp.SendRequest{To: to})
		if want != "world" {
			require.NoError(t, err, to)
			assert.Equal(t, want, v.Provider, to)
			continue
		}
		failure := failureOf(t, err)
		assert.Equal(t, otp.ErrUnsupported, failure.Kind, to)
		assert.Equal(t, otp.OutcomeNotSent, failure.Outcome, to)
		assert.Equal(t, "to", failure.Field, to)
		require.ErrorIs(t, otp.CanSend(without, otp.SendRequest{To: to}), otp.ErrUnsupported, to)
	}
}

func TestANumberWithoutARouteIsForTheNextProvider(t *testing.T) {
	french, others := leaf("french"), leaf("others")
	r := must(route.Failover("main", must(route.ByPrefix("routes", map[string]otp.Provider{"+33": french})), others))
	v, err := r.Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	assert.Equal(t, "others", v.Provider)
	assert.Empty(t, french.Calls())
}

func TestAnotherRouteIsNotAskedInstead(t *testing.T) {
	french, others := down("french"), leaf("others")
	r := must(route.ByPrefix("main", map[string]otp.Provider{"+33": french, "": others}))
	_, err := r.Send(t.Context(), otp.SendRequest{To: "+33612345678"})
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.Empty(t, others.Calls())
}

func TestAVerificationGoesByItsNumbersRouteIfItCan(t *testing.T) {
	shared := leaf("shared")
	french := &wrapper{Provider: must(route.Failover("french", leaf("a"), shared))}
	others := &wrapper{Provider: must(route.Failover("others", shared, leaf("b")))}
	r := must(route.ByPrefix("main", map[string]otp.Provider{"+33": french, "": others}))
	v, code := sent(t, r, shared)
	require.NoError(t, r.Verify(t.Context(), v, code))
	assert.Equal(t, 1, others.verifies, "the guard that saw the send sees the verification")
	assert.Zero(t, french.verifies)

	v.To = "+33612345678"
	_ = r.Verify(t.Context(), v, code)
	assert.Equal(t, 1, french.verifies)
	v.To, v.Provider = "", "a"
	_ = r.Verify(t.Context(), v, code)
	assert.Equal(t, 2, french.verifies, "a sender is found on the route of another number, too")
}

func TestErrorsShowNoWholeNumber(t *testing.T) {
	for prefix, field := range map[string]string{
		number: `routes["+905*****67"]`, "+1234567": `routes["+1234567"]`, "+12345678": `routes["+12*****78"]`,
	} {
		_, err := route.ByPrefix("main", map[string]otp.Provider{prefix: nil})
		assert.Equal(t, field, failureOf(t, err).Field)
	}
}

func TestLookupAllocatesNothing(t *testing.T) {
	r := must(route.ByPrefix("main", map[string]otp.Provider{"+33": &double{name: "a"}, "": &double{name: "b"}}))
	ctx, req := t.Context(), otp.SendRequest{To: number}
	assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = r.Send(ctx, req) }))
}
