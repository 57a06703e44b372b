package route_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

// again is req, sent again after prev.
func again(prev otp.Verification, req otp.SendRequest) otp.SendRequest {
	req.Previous = &prev
	return req
}

// ways sends again and again, each time after the last verification, and says by which way each
// went.
func ways(t *testing.T, p otp.Provider, prev otp.Verification, req otp.SendRequest, times int) []string {
	t.Helper()
	var went []string
	for range times {
		v, err := p.Send(t.Context(), again(prev, req))
		require.NoError(t, err)
		went = append(went, v.Provider+" "+string(v.Channel))
		prev = v
	}
	return went
}

func via(provider string, channel otp.Channel) otp.Verification {
	return otp.Verification{Provider: provider, ID: "1", To: number, Channel: channel}
}

func TestResendGoesRound(t *testing.T) {
	a := leafWith("a", otp.Features{}, otp.SMS, otp.Voice, otp.WhatsApp)
	b := leafWith("b", otp.Features{}, otp.WhatsApp, otp.SMS)
	c := leafWith("c", otp.Features{}, otp.SMS)
	for name, r := range map[string]*route.Router{
		"failover": must(route.Failover("main", a, b, c)),
		"weighted": must(route.Weighted("main", route.Share{a, 9}, route.Share{b, 1}, route.Share{c, 1})),
		"learning": must(route.Learning("main", []otp.Provider{a, b, c})),
	} {
		req := otp.SendRequest{To: number}
		round := []string{"b whatsapp", "c sms", "b sms", "a whatsapp", "a voice", "a sms"}
		assert.Equal(t, append(round, "b whatsapp"), ways(t, r, via("a", otp.SMS), req, 7), name)
		assert.Equal(t, round[0], ways(t, r, via("a", ""), req, 1)[0], "%s: no channel is the default one", name)
		assert.Equal(t, round[0], ways(t, r, via("a", "pigeon"), req, 1)[0], "%s: a channel that is gone", name)
		assert.Equal(t, "a sms", ways(t, r, via("gone", otp.SMS), req, 1)[0], "%s: a vendor that is gone", name)
		assert.Equal(t, "a sms", ways(t, r, via("", ""), req, 1)[0], name)

		req.Channel = otp.SMS
		assert.Equal(t, []string{"b sms", "c sms", "a sms", "b sms"}, ways(t, r, via("a", otp.SMS), req, 4), name)
		req.Channel = otp.WhatsApp
		assert.Equal(t, []string{"b whatsapp", "a whatsapp"}, ways(t, r, via("a", otp.SMS), req, 2), name)
		req.Channel = otp.Voice
		assert.Equal(t, []string{"a voice", "a voice"}, ways(t, r, via("a", otp.Voice), req, 2), "%s: the same one last", name)
	}
}

func TestResendHandsOnAsFailoverDoes(t *testing.T) {
	a, b, c := leafWith("a", otp.Features{}, otp.SMS), leafWith("b", otp.Features{}, otp.SMS), leafWith("c", otp.Features{}, otp.SMS)
	r := must(route.Failover("main", a, b, c))
	req := otp.SendRequest{To: number}

	b.FailSend(fault(otp.ErrRateLimited, otp.OutcomeNotSent))
	var told events
	v, err := r.Send(told.observe(t.Context()), again(via("a", otp.SMS), req))
	require.NoError(t, err)
	assert.Equal(t, "c", v.Provider)
	assert.Equal(t, events{"{Router:main From:b To:c Kind:rate limited}"}, told)

	b.FailSend(fault(otp.ErrUnavailable, otp.OutcomeUnknown))
	v, err = r.Send(t.Context(), again(via("a", otp.SMS), req))
	assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
	assert.Equal(t, "b", v.Provider)
	assert.Equal(t, 1, sends(c), "no third text")

	b.FailSend(fault(otp.ErrInvalidRecipient, otp.OutcomeNotSent))
	_, err = r.Send(t.Context(), again(via("a", otp.SMS), req))
	require.ErrorIs(t, err, otp.ErrInvalidRecipient)

	for _, p := range []*otptest.Provider{b, c, a} {
		p.FailSend(fault(otp.ErrUnavailable, otp.OutcomeNotSent))
	}
	_, err = r.Send(t.Context(), again(via("a", otp.SMS), req))
	assert.Equal(t, "main: send: unavailable: b: send: unavailable; c: send: unavailable; a: send: unavailable", err.Error())
}

func TestResendIsForTheSameNumber(t *testing.T) {
	a := leaf("a")
	for _, r := range []otp.Provider{must(route.Failover("main", a)), must(route.NewSwitch("main", a, 0))} {
		prev := via("a", otp.SMS)
		prev.To = "+14155550123"
		_, err := r.Send(t.Context(), again(prev, otp.SendRequest{To: number}))
		failure := failureOf(t, err)
		assert.Equal(t, otp.ErrInvalidRequest, failure.Kind)
		assert.Equal(t, "previous", failure.Field)
		assert.Equal(t, "a", failure.Provider)
		assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
		assert.NotContains(t, err.Error(), number)
		_, err = r.Send(t.Context(), again(otp.Verification{}, otp.SendRequest{}))
		require.ErrorIs(t, err, otp.ErrInvalidRecipient)
		_, err = r.Send(t.Context(), again(otp.Verification{}, otp.SendRequest{To: number}))
		require.ErrorIs(t, err, otp.ErrInvalidRequest, "nothing was sent before")
	}
	assert.Empty(t, a.Calls())
}

func TestResendInNestedRouters(t *testing.T) {
	vendor := func(name string) *otptest.Provider { return leafWith(name, otp.Features{}, otp.SMS, otp.WhatsApp) }
	a, b, c, d := vendor("a"), vendor("b"), vendor("c"), vendor("d")
	first, second := must(route.Failover("first", a, b)), must(route.Failover("second", c, d))
	req := otp.SendRequest{To: number}

	both := must(route.Weighted("main", route.Share{first, 1}, route.Share{second, 1}))
	assert.Equal(t, []string{"c sms", "a whatsapp", "c whatsapp", "a sms"}, ways(t, both, via("a", otp.SMS), req, 4))

	for name, r := range map[string]otp.Provider{
		"by prefix":       must(route.ByPrefix("main", map[string]otp.Provider{"+90": first, "": second})),
		"draining":        must(route.Draining("main", first, c)),
		"a switch":        must(route.NewSwitch("main", first, 0)),
		"a single router": must(route.Failover("main", first)),
		"switch, routes":  must(route.NewSwitch("x", must(route.ByPrefix("main", map[string]otp.Provider{"": first})), 0)),
	} {
		assert.Equal(t, []string{"b sms", "a whatsapp", "b whatsapp", "a sms", "b sms"}, ways(t, r, via("a", otp.SMS), req, 5), name)
	}

	req.Channel = otp.SMS
	c.FailSend(fault(otp.ErrUnavailable, otp.OutcomeNotSent))
	alone := must(route.Failover("main", first, c))
	assert.Equal(t, []string{"b sms"}, ways(t, alone, via("a", otp.SMS), req, 1), "and within the same one, the same one last")
}

func TestResendThroughAGuardIsCounted(t *testing.T) {
	a := &wrapper{Provider: leafWith("a", otp.Features{}, otp.SMS)}
	b := &wrapper{Provider: leafWith("b", otp.Features{}, otp.SMS)}
	r := must(route.Failover("main", a, b))
	_, err := r.Send(t.Context(), again(via("a", otp.SMS), otp.SendRequest{To: number}))
	require.NoError(t, err)
	assert.Equal(t, []int{0, 1}, []int{a.sends, b.sends})
}

func TestASwitchOfASingleVendorGoesThroughItsChannels(t *testing.T) {
	s := must(route.NewSwitch("main", leafWith("a", otp.Features{}, otp.Voice, otp.SMS, "pigeon"), 0))
	assert.Equal(t, []string{"a sms", "a pigeon", "a voice"},
		ways(t, s, via("a", otp.Voice), otp.SendRequest{To: number}, 3))
}

func TestAGuardedVendorGoesThroughItsChannelsToo(t *testing.T) {
	guarded, err := guard.New(leafWith("a", otp.Features{}, otp.SMS, otp.Voice), guard.Without(guard.RuleCooldown))
	require.NoError(t, err)
	s := must(route.NewSwitch("main", guarded, 0))
	assert.Equal(t, []string{"a voice", "a sms"}, ways(t, s, via("a", otp.SMS), otp.SendRequest{To: number}, 2))
}

// outside are the wrappers that may stand between a program and its router.
func outside(t *testing.T, p otp.Provider) map[string]otp.Provider {
	t.Helper()
	guarded, err := guard.New(p, guard.Without(guard.RuleCooldown, guard.RuleNumber))
	require.NoError(t, err)
	return map[string]otp.Provider{
		"nothing":          p,
		"a user's wrapper": &wrapper{Provider: p},
		"two of them":      &wrapper{Provider: &namedWrapper{p, "mine"}},
		"a guard":          guarded,
		"a switch":         must(route.NewSwitch("switch", p, 0)),
		"a breaker":        must(route.Breaker(p)),
		"a one-way router": must(route.Failover("outer", &wrapper{Provider: p})),
	}
}

func TestSendAgainGoesThroughWrappers(t *testing.T) {
	vendor := func(name string) otp.Provider { return &wrapper{Provider: leafWith(name, otp.Features{}, otp.SMS)} }
	r := must(route.Failover("main", vendor("a"), vendor("b"), vendor("c")))
	for name, p := range outside(t, r) {
		require.NoError(t, otp.CanSend(p, again(via("a", otp.SMS), otp.SendRequest{To: number})), name)
		assert.Equal(t, []string{"b sms", "c sms", "a sms", "b sms"},
			ways(t, p, via("a", otp.SMS), otp.SendRequest{To: number}, 4), name)
		assert.Equal(t, []string{"a sms"}, ways(t, p, via("gone", otp.SMS), otp.SendRequest{To: number}, 1), name)
	}
}

func TestOneWayIsTakenAgain(t *testing.T) {
	r := must(route.Failover("main", leafWith("a", otp.Features{}, otp.SMS)))
	for name, p := range outside(t, r) {
		assert.Equal(t, []string{"a sms", "a sms"}, ways(t, p, via("a", otp.SMS), otp.SendRequest{To: number}, 2), name)
	}
}

func TestSendAgainIsRefusedForWhatWasNotSent(t *testing.T) {
	a := leaf("a")
	r := must(route.Failover("main", a, leaf("b")))
	other := via("a", otp.SMS)
	other.To = "+14155550123"
	for name, p := range outside(t, r) {
		for _, prev := range []otp.Verification{{}, other} {
			v, err := p.Send(t.Context(), again(prev, otp.SendRequest{To: number}))
			failure := failureOf(t, err)
			assert.Equal(t, otp.ErrInvalidRequest, failure.Kind, name)
			assert.Equal(t, "previous", failure.Field, name)
			assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err), name)
			assert.Zero(t, v, name)
		}
	}
	assert.Empty(t, a.Calls())
}

func TestWaysThatCannotServeArePassedOver(t *testing.T) {
	a, b := leafWith("a", otp.Features{}, otp.SMS), leafWith("b", otp.Features{CodeLength: between(4, 8)}, otp.SMS)
	r := must(route.Failover("main", a, b))
	var told events
	v, err := r.Send(told.observe(t.Context()), again(via("b", otp.SMS), otp.SendRequest{To: number, CodeLength: 8}))
	require.NoError(t, err)
	assert.Equal(t, "b", v.Provider, "the only one that can, though it was the last")
	assert.Equal(t, events{"{Router:main Provider:a Kind:unsupported Field:code_length}"}, told)
}
