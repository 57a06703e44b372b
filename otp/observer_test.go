package otp_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp"
)

func TestObserversAreToldInTheOrderInWhichTheyWereAdded(t *testing.T) {
	var told []string
	note := func(who string) otp.Observer {
		return func(e otp.Event) { told = append(told, fmt.Sprintf("%s %T", who, e)) }
	}
	ctx := otp.WithObserver(t.Context(), note("outer"))
	ctx = otp.WithObserver(ctx, note("inner"))
	ctx = otp.WithObserver(ctx, nil)
	otp.ObserverFrom(ctx)(otp.WaitEvent{})
	assert.Equal(t, []string{"outer otp.WaitEvent", "inner otp.WaitEvent"}, told)
}

func TestAnObserverThatPanicsDisturbsNobody(t *testing.T) {
	told := 0
	ctx := otp.WithObserver(t.Context(), func(otp.Event) { panic("telemetry is down") })
	ctx = otp.WithObserver(ctx, func(otp.Event) { told++ })
	assert.NotPanics(t, func() { otp.ObserverFrom(ctx)(otp.AttemptEvent{}) })
	assert.Equal(t, 1, told)
}

func TestWithoutAnObserverThereIsNone(t *testing.T) {
	assert.Nil(t, otp.ObserverFrom(t.Context()))
	assert.Nil(t, otp.ObserverFrom(otp.WithObserver(t.Context(), nil)))
	var none context.Context
	assert.Nil(t, otp.ObserverFrom(none))
}

func ExampleWithObserver() {
	ctx := otp.WithObserver(context.Background(), func(e otp.Event) {
		if e, ok := e.(otp.FailoverEvent); ok {
			fmt.Printf("%s: %s failed (%v), trying %s\n", e.Router, e.From, e.Kind, e.To)
		}
	})
	otp.ObserverFrom(ctx)(otp.FailoverEvent{Router: "main", From: "kaleyra", To: "insider", Kind: otp.ErrUnavailable})
	// Output: main: kaleyra failed (unavailable), trying insider
}
