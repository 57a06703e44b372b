package route_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

func TestAPanicIsAnUnknownOutcome(t *testing.T) {
	boom := func() { panic("the key is SECRET") }
	a := &double{
		name: "a",
		send: func(context.Context, otp.SendRequest) (otp.Verification, error) {
			boom()
			return otp.Verification{}, nil
		},
		verify: func(context.Context, otp.Verification, string) error { boom(); return nil },
	}
	for name, p := range map[string]otp.Provider{
		"failover":   must(route.Failover("main", a, leaf("b"))),
		"weighted":   must(route.Weighted("main", route.Share{Provider: a, Weight: 1})),
		"learning":   must(route.Learning("main", []otp.Provider{a})),
		"by prefix":  must(route.ByPrefix("main", map[string]otp.Provider{"": a})),
		"draining":   must(route.Draining("main", a, leaf("b"))),
		"breaker":    must(route.Breaker(a)),
		"switch":     must(route.NewSwitch("main", a, 0)),
		"the deeper": must(route.Failover("main", &wrapper{Provider: must(route.Failover("inner", a)), refuse: nil}, leaf("b"))),
	} {
		v, err := p.Send(t.Context(), otp.SendRequest{To: number})
		require.ErrorIs(t, err, otp.ErrUnavailable, name)
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), name)
		assert.Equal(t, "a", failureOf(t, err).Provider, name)
		assert.NotContains(t, err.Error(), "SECRET", name)
		assert.Equal(t, "a", v.Provider, "%s: the person may hold a code", name)
		assert.Equal(t, number, v.To, name)
		assert.NotEmpty(t, v.ID, name)

		err = p.Verify(t.Context(), v, "123456")
		require.ErrorIs(t, err, otp.ErrUnavailable, name)
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), name)
	}
}

// GODEBUG=panicnil=1, or a go.mod of before Go 1.21, brings back panics that recover does not see.
func TestAPanicOfNilIsNoSuccess(t *testing.T) {
	t.Setenv("GODEBUG", "panicnil=1")
	boom := func(value any) { panic(value) }
	a := &double{
		name: "a",
		send: func(context.Context, otp.SendRequest) (otp.Verification, error) {
			boom(nil)
			return otp.Verification{}, nil
		},
		verify: func(context.Context, otp.Verification, string) error { boom(nil); return nil },
	}
	for name, p := range map[string]otp.Provider{
		"failover": must(route.Failover("main", a, leaf("b"))),
		"breaker":  must(route.Breaker(a)),
		"switch":   must(route.NewSwitch("main", a, 0)),
	} {
		v, err := p.Send(t.Context(), otp.SendRequest{To: number})
		require.ErrorIs(t, err, otp.ErrUnavailable, name)
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), name)
		assert.Equal(t, "a", v.Provider, name)
		require.ErrorIs(t, p.Verify(t.Context(), v, "123456"), otp.ErrUnavailable, name)
	}
}

// moody is a provider that loses its name, too.
type moody struct {
	double
	lost bool
}

func (m *moody) Name() string {
	if m.lost {
		panic("name")
	}
	return m.double.Name()
}

func TestAPanicAfterAPanicIsOneToo(t *testing.T) {
	for name, lose := range map[string]func() error{
		"a panic":          func() error { panic("send") },
		"an untyped error": func() error { return errors.New("bare") },
	} {
		m := &moody{double: double{name: "m"}}
		m.send = func(context.Context, otp.SendRequest) (otp.Verification, error) {
			m.lost = true
			return otp.Verification{}, lose()
		}
		b := leaf("b")
		v, err := must(route.Failover("main", m, b)).Send(t.Context(), otp.SendRequest{To: number})
		require.Error(t, err, name)
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), name)
		assert.Empty(t, v.Provider, "%s: nobody knows", name)
		assert.Empty(t, b.Calls(), name)
	}
	m := &moody{double: double{name: "m"}}
	m.send = func(context.Context, otp.SendRequest) (otp.Verification, error) {
		m.lost = true
		return otp.Verification{}, &otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent}
	}
	var told events
	v, err := must(route.Failover("main", m, leaf("b"))).Send(told.observe(t.Context()), otp.SendRequest{To: number})
	require.NoError(t, err)
	assert.Equal(t, "b", v.Provider)
	assert.Equal(t, events{"{Router:main From: To:b Kind:unavailable}"}, told)
}

// rude is an error that cannot be looked into.
type rude struct{}

func (rude) Error() string { return "rude" }
func (rude) Unwrap() error { panic("no cause") }

// What cannot be looked into may be a guard's refusal, so nobody else is asked.
func TestAnErrorThatPanicsIsAPanic(t *testing.T) {
	notSent := &otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent}
	for name, err := range map[string]error{
		"bare":    rude{},
		"within":  &otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, Err: rude{}},
		"joined":  errors.Join(notSent, rude{}),
		"wrapped": fmt.Errorf("around: %w", &otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, Err: rude{}}),
	} {
		a := &double{
			name:   "a",
			send:   func(context.Context, otp.SendRequest) (otp.Verification, error) { return otp.Verification{}, err },
			verify: func(context.Context, otp.Verification, string) error { return err },
		}
		b := leaf("b")
		p := must(route.NewSwitch("main", must(route.Failover("inner", must(route.Breaker(a)), b)), 0))
		v, got := p.Send(t.Context(), otp.SendRequest{To: number})
		require.ErrorIs(t, got, otp.ErrUnavailable, name)
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(got), name)
		assert.Equal(t, "a", v.Provider, name)
		assert.Empty(t, b.Calls(), name)
		require.ErrorIs(t, p.Verify(t.Context(), v, "123456"), otp.ErrUnavailable, name)
	}
}
