package route_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

func TestFailoverHandsOnOnlyWhatProvablyWasNotSent(t *testing.T) {
	handedOn := map[otp.Kind]bool{
		otp.ErrUnauthorized: true, otp.ErrMisconfigured: true, otp.ErrInsufficientFunds: true, otp.ErrRateLimited: true,
		otp.ErrUnavailable: true, otp.ErrProtocol: true, otp.ErrUnsupported: true, otp.ErrUnreachable: true,
		otp.ErrInvalidRecipient: false, otp.ErrInvalidRequest: false, otp.ErrCanceled: false, otp.ErrRefused: false,
	}
	for kind, wanted := range handedOn {
		for _, outcome := range []otp.Outcome{otp.OutcomeUnknown, otp.OutcomeNotSent, otp.OutcomeAccepted} {
			name := fmt.Sprint(kind, " ", outcome)
			a, b := leaf("a"), leaf("b")
			a.FailSend(fault(kind, outcome))
			r := must(route.Failover("main", a, b))
			v, err := r.Send(t.Context(), otp.SendRequest{To: number})
			assert.Equal(t, 1, sends(a), name)
			if wanted && outcome == otp.OutcomeNotSent {
				require.NoError(t, err, name)
				assert.Equal(t, "b", v.Provider, name)
				continue
			}
			assert.Zero(t, sends(b), name)
			failure := failureOf(t, err)
			assert.Equal(t, "a", failure.Provider, "%s: the error of the only one is returned as it is", name)
			assert.Equal(t, kind, failure.Kind, name)
			assert.Equal(t, outcome, otp.OutcomeOf(err), name)
			assert.Equal(t, outcome != otp.OutcomeNotSent, v.Provider == "a", "%s: the person may hold a code", name)
		}
	}
}

func TestAGuardThatRefusesIsNotCircumvented(t *testing.T) {
	running := otp.Verification{Provider: "kept", ID: "running", To: number}
	for _, refusal := range []error{
		&otp.Error{Kind: otp.ErrRefused, Outcome: otp.OutcomeNotSent},
		&otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: time.Minute, Err: otp.ErrRefused},
		fmt.Errorf("around: %w", &otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, Err: otp.ErrRefused}),
	} {
		first, a, b := down("first"), leaf("a"), leaf("b")
		r := must(route.Failover("main", first, &wrapper{Provider: a, refuse: refusal}, b))
		v, err := r.Send(t.Context(), otp.SendRequest{To: number})
		require.ErrorIs(t, err, otp.ErrRefused)
		require.ErrorIs(t, err, otp.ErrUnavailable, "of the first")
		failure := failureOf(t, err)
		assert.Equal(t, "main", failure.Provider)
		assert.Equal(t, failureOf(t, refusal).Kind, failure.Kind, "the guard's refusal is what counts")
		assert.Equal(t, failureOf(t, refusal).RetryAfter, failure.RetryAfter)
		assert.Equal(t, running, v, "the verification that is running goes with it")
		assert.Zero(t, sends(b))
	}
}

func TestAProviderThatCannotServeIsPassedOver(t *testing.T) {
	sms, whatsApp := leafWith("sms", otp.Features{}, otp.SMS), leafWith("whatsapp", otp.Features{}, otp.WhatsApp)
	r := must(route.Failover("main", sms, whatsApp))
	var told events
	v, err := r.Send(told.observe(t.Context()), otp.SendRequest{To: number, Channel: otp.WhatsApp})
	require.NoError(t, err)
	assert.Equal(t, "whatsapp", v.Provider)
	assert.Empty(t, sms.Calls(), "it is not even asked")
	assert.Equal(t, events{"{Router:main Provider:sms Kind:unsupported Field:channel}"}, told, "that is no failover")

	_, err = r.Send(t.Context(), otp.SendRequest{To: number, Channel: otp.Voice})
	failure := failureOf(t, err)
	assert.Equal(t, "main", failure.Provider)
	assert.Equal(t, otp.ErrUnsupported, failure.Kind)
	assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
	assert.Equal(t, "channel", failure.Field)
	assert.Contains(t, err.Error(), "sms: send: unsupported: channel")
	assert.Contains(t, err.Error(), "whatsapp: send: unsupported: channel")
	require.ErrorIs(t, otp.CanSend(r, otp.SendRequest{To: number, Channel: otp.Voice}), otp.ErrUnsupported)
	require.NoError(t, otp.CanSend(r, otp.SendRequest{To: number, Channel: otp.WhatsApp}))

	for _, outcome := range []otp.Outcome{otp.OutcomeNotSent, otp.OutcomeUnknown} {
		whatsApp.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: outcome, RetryAfter: time.Minute})
		_, err = r.Send(t.Context(), otp.SendRequest{To: number, Channel: otp.WhatsApp})
		failure = failureOf(t, err)
		assert.Equal(t, "whatsapp", failure.Provider, "only one was asked")
		assert.Equal(t, otp.ErrUnavailable, failure.Kind)
		assert.Equal(t, outcome, otp.OutcomeOf(err))
		assert.Equal(t, time.Minute, failure.RetryAfter)
		assert.Contains(t, err.Error(),
			"whatsapp: send: unavailable: passed over sms: send: unsupported: channel: must be one of: sms, retry after 1m0s")
		require.ErrorIs(t, err, otp.ErrUnsupported, "the other one is found, too")
	}
}

func TestTheErrorOfTheOnlyOneThatWasAsked(t *testing.T) {
	const passedOver = "passed over a: send: unsupported: channel: must be one of: voice"
	for want, failure := range map[string]otp.Error{
		"b: send: unavailable (E1, 503): to: ":               {HTTPStatus: 503, Code: "E1", Field: "to"},
		`b: send: unavailable (503): "busy"; `:               {HTTPStatus: 503, Message: "busy", Err: &vendorError{"E2"}},
		"b: send: unavailable: code E2 and a second line; ":  {Err: &vendorError{"E2"}},
		"b: send: unavailable: mine: b: send: unavailable; ": {},
	} {
		failure.Provider, failure.Op, failure.Kind, failure.Outcome = "b", "send", otp.ErrUnavailable, otp.OutcomeNotSent
		err := error(&failure)
		if strings.Contains(want, "mine") {
			err = fmt.Errorf("mine: %w", err)
		}
		r := must(route.Failover("main", failsWith("b", err), leafWith("a", otp.Features{}, otp.Voice)))
		_, got := r.Send(t.Context(), otp.SendRequest{To: number, Channel: otp.SMS})
		assert.Equal(t, want+passedOver, got.Error())
		require.ErrorIs(t, got, err)
		require.ErrorIs(t, got, otp.ErrUnsupported)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(got))
		assert.Equal(t, failure.HTTPStatus, failureOf(t, got).HTTPStatus)
		if failure.Err != nil {
			var vendors *vendorError
			require.ErrorAs(t, got, &vendors)
		}
	}
}

func TestPassedOverProvidersAreNamedInOrder(t *testing.T) {
	voice := func(name string) otp.Provider { return leafWith(name, otp.Features{}, otp.Voice) }
	r := must(route.Failover("main", voice("a"), down("b"), voice("c"), down("d"), voice("e"), voice("f")))
	var told events
	_, err := r.Send(told.observe(t.Context()), otp.SendRequest{To: number, Channel: otp.SMS})
	const cannot = ": send: unsupported: channel: must be one of: voice; "
	assert.Equal(t, "main: send: unavailable: passed over a"+cannot+"b: send: unavailable; passed over c"+cannot+
		"d: send: unavailable; passed over e"+cannot+"passed over f"+strings.TrimSuffix(cannot, "; "), err.Error())
	assert.Equal(t, events{
		"{Router:main Provider:a Kind:unsupported Field:channel}",
		"{Router:main Provider:c Kind:unsupported Field:channel}",
		"{Router:main From:b To:d Kind:unavailable}",
		"{Router:main Provider:e Kind:unsupported Field:channel}",
		"{Router:main Provider:f Kind:unsupported Field:channel}",
	}, told)
}

func TestAPersonOutOfReachIsForTheNext(t *testing.T) {
	a, b, c := leaf("a"), leaf("b"), leaf("c")
	unreachable := fault(otp.ErrUnreachable, otp.OutcomeNotSent)
	a.FailSend(unreachable, unreachable, unreachable)
	r := must(route.Failover("main", a, b, c))
	var told events
	v, err := r.Send(told.observe(t.Context()), otp.SendRequest{To: number})
	require.NoError(t, err)
	assert.Equal(t, "b", v.Provider)
	assert.Equal(t, events{"{Router:main From:a To:b Kind:unreachable}"}, told)

	b.FailSend(unreachable, fault(otp.ErrUnauthorized, otp.OutcomeNotSent))
	c.FailSend(unreachable, unreachable)
	_, err = r.Send(t.Context(), otp.SendRequest{To: number})
	assert.Equal(t, otp.ErrUnreachable, kindOf(err))
	_, err = r.Send(t.Context(), otp.SendRequest{To: number})
	assert.Equal(t, otp.ErrUnauthorized, kindOf(err), "somebody can mend this")
}

// silent is a provider that panics when it is asked what it can do.
type silent struct{ double }

func (s *silent) CanSend(otp.SendRequest) error { panic("SECRET") }

func TestAProviderThatCannotBeAskedIsPassedOver(t *testing.T) {
	r := must(route.Failover("main", &silent{double{name: "a"}}, leaf("b")))
	var told events
	v, err := r.Send(told.observe(t.Context()), otp.SendRequest{To: number})
	require.NoError(t, err)
	assert.Equal(t, "b", v.Provider)
	assert.Equal(t, events{"{Router:main Provider:a Kind:unavailable Field:}"}, told)
}

func TestMalformedRequestsReachNobody(t *testing.T) {
	for field, req := range map[string]otp.SendRequest{
		"to":       {To: number + "," + number},
		"to ":      {To: "00" + number[1:]},
		"ttl":      {To: number, TTL: time.Millisecond},
		"code":     {To: number, Code: "12 34"},
		"options":  {To: number, Options: []otp.SendOption{nil}},
		"options ": {To: number, Options: []otp.SendOption{(*pointerClaim)(nil)}},
	} {
		field = strings.TrimSpace(field)
		a, b := leafWith("a", otp.Features{}, otp.Voice), leaf("b")
		for _, p := range []*route.Router{
			must(route.Failover("main", a, b)),
			must(route.Weighted("main", route.Share{Provider: a, Weight: 1}, route.Share{Provider: b, Weight: 1})),
			must(route.ByPrefix("main", map[string]otp.Provider{"": a, "+9": b})),
			must(route.ByPrefix("main", map[string]otp.Provider{"+90": b})),
			must(route.Draining("main", a, b)),
			must(route.Failover("main", must(route.Failover("x", a)), must(route.Failover("y", b)))),
		} {
			_, err := p.Send(t.Context(), req)
			failure := failureOf(t, err)
			assert.NotEqual(t, otp.ErrUnsupported, failure.Kind, field)
			assert.Equal(t, field, failure.Field)
			assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
			assert.NotEmpty(t, failure.Provider)
			asked := failureOf(t, otp.CanSend(p, req))
			assert.Equal(t, []any{failure.Kind, failure.Field, failure.Err}, []any{asked.Kind, asked.Field, asked.Err})
			_, err = p.Send(t.Context(), again(otp.Verification{To: req.To, ID: "1"}, req))
			assert.Equal(t, field, failureOf(t, err).Field)
		}
		assert.Empty(t, a.Calls())
		assert.Empty(t, b.Calls())
	}
}

func TestOneThatTurnsOutNotToServeIsPassedOver(t *testing.T) {
	a, b, c := down("a"), leaf("b"), down("c")
	b.FailSend(fault(otp.ErrUnsupported, otp.OutcomeNotSent))
	var told events
	_, err := must(route.Failover("main", a, b, c)).Send(told.observe(t.Context()), otp.SendRequest{To: number})
	assert.Equal(t, "main: send: unavailable: a: send: unavailable; passed over b: send: unsupported; "+
		"c: send: unavailable", err.Error())
	assert.Equal(t, events{
		"{Router:main From:a To:b Kind:unavailable}", "{Router:main Provider:b Kind:unsupported Field:}",
		"{Router:main From:a To:c Kind:unavailable}",
	}, told, "it was asked, but what is handed on is the failure of a")
}

func TestTheCallersFaultIsSeenThroughWrappers(t *testing.T) {
	for _, kind := range []otp.Kind{otp.ErrInvalidRecipient, otp.ErrInvalidRequest, otp.ErrCanceled, otp.ErrRefused} {
		cause := &otp.Error{Provider: "a", Kind: kind, Outcome: otp.OutcomeNotSent}
		b := leaf("b")
		_, err := must(route.Failover("main", failsWith("a", fmt.Errorf("wrapped: %w", cause)), b)).
			Send(t.Context(), otp.SendRequest{To: number})
		require.ErrorIs(t, err, kind)
		assert.Empty(t, b.Calls(), kind)
	}
}

// claim is a send option that claims to be some vendor's.
type claim string

func (c claim) OTPVendor() string { return string(c) }

// pointerClaim panics when it is asked and is nil.
type pointerClaim struct{ vendor string }

func (c *pointerClaim) OTPVendor() string { return c.vendor }

func TestOptionsForARouterAreRefused(t *testing.T) {
	a := leaf("a")
	r := must(route.Failover("main", a))
	_, err := r.Send(t.Context(), otp.SendRequest{To: number, Options: []otp.SendOption{claim("failover")}})
	require.ErrorIs(t, err, otp.ErrInvalidRequest)
	assert.Equal(t, "options", failureOf(t, err).Field)
	_, err = r.Send(t.Context(), otp.SendRequest{To: number, Options: []otp.SendOption{claim("somebody"), claim("another")}})
	require.NoError(t, err)
	assert.Len(t, a.Calls()[0].Request.Options, 2, "the others go through")
}

func TestTheErrorOfSeveral(t *testing.T) {
	type want struct {
		kind    otp.Kind
		outcome otp.Outcome
		wait    time.Duration
		field   string
	}
	limited := func(after time.Duration) otp.Error {
		return otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: after}
	}
	away := func(kind otp.Kind) otp.Error { return fault(kind, otp.OutcomeNotSent) }
	for name, c := range map[string]struct {
		failures []otp.Error
		want     want
	}{
		"the shortest wait": {
			[]otp.Error{limited(time.Hour), limited(time.Minute), limited(0)},
			want{kind: otp.ErrRateLimited, outcome: otp.OutcomeNotSent, wait: time.Minute},
		},
		"a limit passes before an outage": {
			[]otp.Error{away(otp.ErrUnauthorized), away(otp.ErrUnavailable), limited(time.Hour)},
			want{kind: otp.ErrRateLimited, outcome: otp.OutcomeNotSent, wait: time.Hour},
		},
		"an outage passes before what has to be mended": {
			[]otp.Error{away(otp.ErrUnauthorized), away(otp.ErrProtocol), away(otp.ErrUnavailable), away(otp.ErrMisconfigured)},
			want{kind: otp.ErrUnavailable, outcome: otp.OutcomeNotSent},
		},
		"an account is mended before a person is reached": {
			[]otp.Error{away(otp.ErrUnreachable), away(otp.ErrInsufficientFunds)},
			want{kind: otp.ErrInsufficientFunds, outcome: otp.OutcomeNotSent},
		},
		"a wait that an outage tells": {
			[]otp.Error{away(otp.ErrInsufficientFunds), {Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, RetryAfter: time.Second}},
			want{kind: otp.ErrUnavailable, outcome: otp.OutcomeNotSent, wait: time.Second},
		},
		"the first of equals": {
			[]otp.Error{away(otp.ErrInsufficientFunds), away(otp.ErrUnauthorized)},
			want{kind: otp.ErrInsufficientFunds, outcome: otp.OutcomeNotSent},
		},
		"an unknown outcome is what counts": {
			[]otp.Error{limited(time.Minute), fault(otp.ErrProtocol, otp.OutcomeUnknown)},
			want{kind: otp.ErrProtocol, outcome: otp.OutcomeUnknown},
		},
		"so is an accepted one": {
			[]otp.Error{limited(time.Minute), fault(otp.ErrProtocol, otp.OutcomeAccepted)},
			want{kind: otp.ErrProtocol, outcome: otp.OutcomeAccepted},
		},
		"so is the caller's fault": {
			[]otp.Error{limited(time.Minute), {Kind: otp.ErrInvalidRecipient, Outcome: otp.OutcomeNotSent, Field: "to"}},
			want{kind: otp.ErrInvalidRecipient, outcome: otp.OutcomeNotSent, field: "to"},
		},
		"more than a few": {
			[]otp.Error{
				limited(9 * time.Second), limited(8 * time.Second), limited(7 * time.Second), limited(6 * time.Second),
				limited(5 * time.Second), limited(4 * time.Second),
			},
			want{kind: otp.ErrRateLimited, outcome: otp.OutcomeNotSent, wait: 4 * time.Second},
		},
	} {
		var providers []otp.Provider
		for i, failure := range c.failures {
			p := leaf(fmt.Sprint("vendor", i))
			p.FailSend(failure)
			providers = append(providers, p)
		}
		_, err := must(route.Failover("main", providers...)).Send(t.Context(), otp.SendRequest{To: number})
		failure := failureOf(t, err)
		assert.Equal(t, c.want, want{failure.Kind, failure.Outcome, failure.RetryAfter, failure.Field}, name)
		assert.Equal(t, "main", failure.Provider, name)
		assert.Equal(t, "send", failure.Op, name)
		assert.Equal(t, c.want.outcome, otp.OutcomeOf(err), name)
		assert.NotContains(t, err.Error(), "\n", name)
		for i := range c.failures {
			require.ErrorIs(t, err, c.failures[i].Kind, name)
			assert.Contains(t, err.Error(), fmt.Sprintf("vendor%d: send: %v", i, c.failures[i].Kind), name)
		}
	}
}

// vendorError is what a vendor's own error looks like.
type vendorError struct{ code string }

func (e *vendorError) Error() string { return "code " + e.code + "\nand a second line" }

func TestEveryVendorsErrorIsFound(t *testing.T) {
	a := &double{name: "a", send: func(context.Context, otp.SendRequest) (otp.Verification, error) {
		return otp.Verification{}, &otp.Error{Provider: "a", Kind: otp.ErrUnauthorized, Outcome: otp.OutcomeNotSent}
	}}
	b := &double{name: "b", send: func(context.Context, otp.SendRequest) (otp.Verification, error) {
		return otp.Verification{}, &otp.Error{
			Provider: "b", Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, Err: &vendorError{"E1"},
		}
	}}
	inner := must(route.Failover("inner", a, b))
	_, err := must(route.Failover("main", inner, down("c"))).Send(t.Context(), otp.SendRequest{To: number})
	var found *vendorError
	require.ErrorAs(t, err, &found)
	assert.Equal(t, "E1", found.code)
	assert.Equal(t, "main: send: unavailable: inner: send: unavailable: a: unauthorized; b: unavailable: code E1 "+
		"and a second line; c: send: unavailable", err.Error())
}

func TestANilContextIsRefused(t *testing.T) {
	a := leaf("a")
	var none context.Context
	for name, p := range map[string]otp.Provider{
		"failover": must(route.Failover("main", a, leaf("b"))),
		"breaker":  must(route.Breaker(a)),
		"switch":   must(route.NewSwitch("main", a, 0)),
	} {
		_, err := p.Send(none, otp.SendRequest{To: number})
		require.ErrorIs(t, err, otp.ErrInvalidRequest, name)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err), name)
		assert.Equal(t, "ctx", failureOf(t, err).Field, name)
		require.ErrorIs(t, p.Verify(none, via("a", otp.SMS), "123456"), otp.ErrInvalidRequest, name)
	}
	assert.Empty(t, a.Calls())
}

func TestAnErrorWithoutKindOrOutcomeGetsThem(t *testing.T) {
	for _, bare := range []error{errors.New("bare"), (*otp.Error)(nil)} {
		a := &double{
			name:   "a",
			send:   func(context.Context, otp.SendRequest) (otp.Verification, error) { return otp.Verification{}, bare },
			verify: func(context.Context, otp.Verification, string) error { return bare },
		}
		b := leaf("b")
		r := must(route.Failover("main", a, b))
		_, err := r.Send(t.Context(), otp.SendRequest{To: number})
		require.ErrorIs(t, err, otp.ErrProtocol)
		require.ErrorIs(t, err, bare)
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
		assert.Empty(t, b.Calls())
		err = r.Verify(t.Context(), otp.Verification{Provider: "a"}, "1")
		require.ErrorIs(t, err, otp.ErrProtocol)
	}
}

func TestAContextThatEndsEndsTheSend(t *testing.T) {
	for _, end := range []func(context.CancelFunc){func(cancel context.CancelFunc) { cancel() }, nil} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			a := &double{name: "a", send: func(context.Context, otp.SendRequest) (otp.Verification, error) {
				if end != nil {
					end(cancel)
				} else {
					time.Sleep(2 * time.Second)
				}
				return otp.Verification{}, &otp.Error{
					Provider: "a", Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: time.Minute,
				}
			}}
			b := leaf("b")
			_, err := must(route.Failover("main", a, b)).Send(ctx, otp.SendRequest{To: number})
			assert.Equal(t, "a", failureOf(t, err).Provider, "what happened so far")
			assert.Equal(t, time.Minute, failureOf(t, err).RetryAfter)
			assert.Empty(t, b.Calls())
		})
	}
}

func TestADeadlineThatPassesAtTheSecondTellsOfTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		b := &double{name: "b", send: func(ctx context.Context, _ otp.SendRequest) (otp.Verification, error) {
			<-ctx.Done()
			return otp.Verification{}, &otp.Error{
				Provider: "b", Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, Err: ctx.Err(),
			}
		}}
		_, err := must(route.Failover("main", down("a"), b, leaf("c"))).Send(ctx, otp.SendRequest{To: number})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
		assert.True(t, strings.HasPrefix(err.Error(), "main: send: unavailable: a: send: unavailable; b: "), err)
	})
}

func TestTheObserverIsToldOfEachHandingOn(t *testing.T) {
	a, b, c := down("a"), leafWith("b", otp.Features{}, otp.Voice), down("c")
	inner := must(route.Failover("inner", c, leaf("d")))
	var told events
	_, err := must(route.Failover("main", a, b, inner)).
		Send(told.observe(t.Context()), otp.SendRequest{To: number, Channel: otp.SMS})
	require.NoError(t, err)
	assert.Equal(t, events{
		"{Router:main Provider:b Kind:unsupported Field:channel}",
		"{Router:main From:a To:inner Kind:unavailable}",
		"{Router:inner From:c To:d Kind:unavailable}",
	}, told)
}

func TestVerifyGoesToTheSenderAndPastNobody(t *testing.T) {
	a, b, c, gone := leaf("a"), leaf("b"), leaf("c"), leaf("gone")
	guard := &wrapper{Provider: must(route.Failover("inner", a, b))}
	r := must(route.Failover("main", guard, c))
	for _, vendor := range []*otptest.Provider{a, b, c} {
		v, code := sent(t, vendor, vendor)
		require.ErrorIs(t, r.Verify(t.Context(), v, "000"), otp.ErrWrongCode)
		require.NoError(t, r.Verify(t.Context(), v, code))
		require.ErrorIs(t, r.Verify(t.Context(), v, code), otp.ErrAlreadyVerified)
	}
	assert.Equal(t, 6, guard.verifies, "a and b are asked through their guard")

	v, code := sent(t, gone, gone)
	for _, name := range []string{"gone", "main", "inner", ""} {
		v.Provider = name
		err := r.Verify(t.Context(), v, code)
		require.ErrorIs(t, err, otp.ErrMisconfigured)
		failure := failureOf(t, err)
		assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
		assert.Equal(t, "provider", failure.Field)
		assert.Equal(t, "verify", failure.Op)
	}
}
