package guard_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

// routed is a guard around a router of two vendors, "a" and "b".
func routed(t *testing.T, opts ...guard.Option) (g *guard.Guard, a, b *otptest.Provider) {
	t.Helper()
	a, b = otptest.NewProvider(otptest.WithName("a")), otptest.NewProvider(otptest.WithName("b"))
	router, err := route.Failover("main", a, b)
	require.NoError(t, err)
	g, err = guard.New(router, opts...)
	require.NoError(t, err)
	return g, a, b
}

// again is req, sent again after prev.
func again(prev otp.Verification, req otp.SendRequest) otp.SendRequest {
	req.Previous = &prev
	return req
}

func asked(p *otptest.Provider) int { return len(p.Calls()) }

func TestAResendGoesByAnotherWayAndIsASendToTheRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, a, b := routed(t, guard.WithNumberLimit(otp.Rate{Events: 2, Per: time.Hour}))
		ctx, req := inSession(t.Context()), otp.SendRequest{To: number}
		first, err := g.Send(ctx, req)
		require.NoError(t, err)
		require.Equal(t, "a", first.Provider)

		running, err := g.Send(ctx, again(first, req))
		var failure *otp.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, otp.ErrRateLimited, failure.Kind)
		assert.Equal(t, "main", failure.Provider)
		assert.Equal(t, 30*time.Second, failure.RetryAfter)
		assert.Equal(t, first.ID, running.ID, "what is running comes with the refusal")
		assert.Equal(t, []int{1, 0}, []int{asked(a), asked(b)})

		time.Sleep(30 * time.Second)
		second, err := g.Send(ctx, again(first, req))
		require.NoError(t, err)
		assert.Equal(t, "b", second.Provider)
		running, err = g.Send(ctx, req)
		require.ErrorIs(t, err, otp.ErrRateLimited)
		assert.Equal(t, second.ID, running.ID, "the new one is running")

		time.Sleep(10 * time.Minute)
		_, err = g.Send(ctx, again(second, req))
		var refusal *guard.Refusal
		require.ErrorAs(t, err, &refusal)
		assert.Equal(t, guard.RuleNumber, refusal.Rule)
		assert.Equal(t, []int{1, 1}, []int{asked(a), asked(b)})
	})
}

func TestAResendIsScreenedLikeASend(t *testing.T) {
	hooked := 0
	g, a, b := routed(t, guard.Deny("+33"), guard.BeforeSend(func(context.Context, otp.SendRequest) error { hooked++; return nil }))
	for _, c := range []struct {
		prev, to string
		kind     otp.Kind
		field    string
	}{
		{"", number, otp.ErrInvalidRequest, "previous"},
		{"+905321234568", number, otp.ErrInvalidRequest, "previous"},
		{number, "", otp.ErrInvalidRecipient, "to"},
		{"", "", otp.ErrInvalidRecipient, "to"},
		{"1", "1", otp.ErrInvalidRecipient, "to"},
		{"+33612345678", "+33612345678", otp.ErrRefused, "to"},
	} {
		_, err := g.Send(t.Context(), again(otp.Verification{Provider: "a", To: c.prev}, otp.SendRequest{To: c.to}))
		failure := failureOf(t, err)
		assert.Equal(t, c.kind, failure.Kind)
		assert.Equal(t, c.field, failure.Field)
		assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
		assert.Equal(t, []string{"main", "send"}, []string{failure.Provider, failure.Op})
		assert.NotContains(t, err.Error(), number[4:10])
	}
	assert.Zero(t, hooked)
	prev := otp.Verification{Provider: "a", To: number}
	_, err := g.Send(t.Context(), again(prev, otp.SendRequest{To: number}))
	require.NoError(t, err, "nothing was counted")
	assert.Equal(t, 1, hooked)
	assert.Equal(t, []int{0, 1}, []int{asked(a), asked(b)})
}

func TestAResendThatSentNothingIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, a, b := routed(t, guard.WithNumberLimit(otp.Rate{Events: 1, Per: time.Hour}))
		prev := otp.Verification{Provider: "a", To: number}
		req := otp.SendRequest{To: number, Channel: otp.SMS} // one way of each vendor
		for _, vendor := range []*otptest.Provider{a, b} {
			vendor.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent})
		}
		_, err := g.Send(t.Context(), again(prev, req))
		require.ErrorIs(t, err, otp.ErrUnavailable)
		v, err := g.Send(t.Context(), again(prev, req))
		require.NoError(t, err)
		assert.Equal(t, "b", v.Provider)
		v.To = "+33612345678"
		requireRule(t, g.Verify(t.Context(), v, "123456"), guard.RuleBinding)
		_, err = g.Send(t.Context(), again(prev, req))
		requireRule(t, err, guard.RuleCooldown)
	})
}

func requireRule(t *testing.T, err error, rule guard.Rule) {
	t.Helper()
	var refusal *guard.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, rule, refusal.Rule)
}

// With [guard.FailOpen], what passes without a store is still a resend.
func TestAResendWithoutAStore(t *testing.T) {
	store := &broken{fail: failures["an error"]}
	g, a, b := routed(t, guard.WithStore(store), guard.WithKey(make([]byte, 16)), guard.FailOpen())
	_, err := g.Send(t.Context(), again(otp.Verification{Provider: "a", To: number}, otp.SendRequest{To: number}))
	require.NoError(t, err)
	assert.Equal(t, []int{0, 1}, []int{asked(a), asked(b)})
}

func TestAResendOfAProviderWithoutOneIsASend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		first, _ := v.sent(t.Context(), number)
		_, err := v.guard.Send(t.Context(), again(first, otp.SendRequest{To: number}))
		requireRefusal(t, err, guard.RuleCooldown, 30*time.Second)
		require.Equal(t, 1, v.calls("send"))
		time.Sleep(30 * time.Second)
		_, err = v.guard.Send(t.Context(), again(first, otp.SendRequest{To: number}))
		require.NoError(t, err)
		require.Equal(t, 2, v.calls("send"))
	})
}

// Routers resend through guards, so that a guard inside of one counts, too.
func TestARouterResendsThroughAGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, a, b := routed(t, guard.WithNumberLimit(otp.Rate{Events: 1, Per: time.Hour}))
		outer, err := route.Failover("outer", inner)
		require.NoError(t, err)
		prev, req := otp.Verification{Provider: "a", To: number}, otp.SendRequest{To: number}
		_, err = outer.Send(t.Context(), again(prev, req))
		require.NoError(t, err)
		assert.Equal(t, []int{0, 1}, []int{asked(a), asked(b)})
		time.Sleep(time.Minute)
		_, err = outer.Send(t.Context(), again(prev, req))
		requireRule(t, err, guard.RuleNumber)
	})
}

// nameless is a vendor that gives no reference.
type nameless struct {
	otp.Provider

	on bool
}

func (n *nameless) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	v, err := n.Provider.Send(ctx, req)
	if n.on {
		v.ID = ""
	}
	return v, err
}

func (*nameless) Verify(context.Context, otp.Verification, string) error { return nil }

func TestSuccessEndsACodeWithoutReference(t *testing.T) {
	for name, firstIsNameless := range map[string]bool{"the first": true, "the second": false} {
		t.Run(name, func(t *testing.T) {
			vendor := &nameless{Provider: otptest.NewProvider()}
			g, err := guard.New(vendor, only())
			require.NoError(t, err)
			var sent []otp.Verification
			for _, vendor.on = range []bool{firstIsNameless, !firstIsNameless} {
				v, err := g.Send(t.Context(), otp.SendRequest{To: number})
				require.NoError(t, err)
				sent = append(sent, v)
			}
			require.NoError(t, g.Verify(t.Context(), sent[1], "123456"))
			require.ErrorIs(t, g.Verify(t.Context(), sent[0], "123456"), otp.ErrAlreadyVerified)
			require.ErrorIs(t, g.Verify(t.Context(), sent[1], "123456"), otp.ErrAlreadyVerified)
		})
	}
}

func TestNextCodeWithoutReferenceIsAnother(t *testing.T) {
	vendor := &nameless{Provider: otptest.NewProvider(), on: true}
	g, err := guard.New(vendor, only())
	require.NoError(t, err)
	for range 3 {
		v, err := g.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		require.NoError(t, g.Verify(t.Context(), v, "123456"))
		require.ErrorIs(t, g.Verify(t.Context(), v, "123456"), otp.ErrAlreadyVerified)
	}
}
