package otpotel_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func seconds(s float64) attribute.KeyValue { return attribute.Float64("otp.duration", s) }

// telling is a provider that tells events and succeeds.
func telling(events ...otp.Event) fake {
	return fake{name: "main", vendor: "kaleyra", send: func(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
		for _, e := range events {
			otp.ObserverFrom(ctx)(e)
		}
		return otp.Verification{Provider: "main", To: req.To, Channel: otp.SMS}, nil
	}}
}

func TestRetriesAndWaitsAreTold(t *testing.T) {
	watched, told := watch(t, telling(
		otp.WaitEvent{Provider: "main", Op: "send", Reason: otp.WaitForLimit, Duration: 2 * time.Second},
		otp.AttemptEvent{Provider: "main", Op: "send", Number: 1, Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent},
		otp.WaitEvent{Provider: "main", Op: "send", Reason: otp.WaitForRetry, Duration: time.Second},
		otp.AttemptEvent{
			Provider: "main", Op: "send", Number: 2, Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, HTTPStatus: 429,
		},
		otp.WaitEvent{Provider: "main", Op: "send", Reason: otp.WaitForRetry, Duration: time.Second},
		otp.AttemptEvent{Provider: "main", Op: "send", Number: 3, Outcome: otp.OutcomeAccepted, HTTPStatus: 202},
	))
	_, err := watched.Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	assert.Equal(t, []string{"otp.operation=send otp.vendor=kaleyra: 2"}, told.series("otp.retries"))
	assert.Equal(t, []string{
		"otp.operation=send otp.reason=limit otp.vendor=kaleyra: 1",
		"otp.operation=send otp.reason=retry otp.vendor=kaleyra: 2",
	}, told.series("otp.wait.duration"))
	span := told.span()
	assert.Equal(t, []string{
		"otp.wait: otp.provider=main otp.reason=limit",
		"otp.attempt_failed: error.type=unavailable otp.outcome=not_sent otp.provider=main",
		"otp.wait: otp.provider=main otp.reason=retry",
		"otp.attempt_failed: error.type=rate_limited http.request.resend_count=1 http.response.status_code=429 " +
			"otp.outcome=not_sent otp.provider=main",
		"otp.wait: otp.provider=main otp.reason=retry",
	}, events(span))
	assert.Contains(t, span.Events[0].Attributes, seconds(2))
}

func TestAnAttemptThatRejectedACodeHasNotFailed(t *testing.T) {
	watched, told := watch(t, telling(otp.AttemptEvent{
		Provider: "main", Op: "send", Number: 1, Kind: otp.ErrWrongCode, Outcome: otp.OutcomeAccepted,
	}))
	_, err := watched.Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	assert.Empty(t, events(told.span()))
}

func TestTheStateOfABreakerIsTold(t *testing.T) {
	state := otp.BreakerOpen
	watched, told := watch(t, fake{name: "main", vendor: "kaleyra", send: func(ctx context.Context, _ otp.SendRequest) (v otp.Verification, err error) {
		otp.ObserverFrom(ctx)(otp.BreakerEvent{Provider: "main", Op: "send", To: state})
		return v, nil
	}})
	for _, test := range []struct{ to, want string }{
		{otp.BreakerOpen, "2"}, {otp.BreakerHalfOpen, "1"}, {otp.BreakerClosed, "0"}, {"ajar", "0"},
	} {
		state = test.to
		_, err := watched.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		assert.Equal(t, []string{"otp.operation=send otp.provider=main: " + test.want}, told.series("otp.breaker.state"))
	}
	spans := told.spans.GetSpans()
	assert.Equal(t, []string{"otp.breaker: otp.operation=send otp.provider=main otp.state=open"}, events(spans[0]))
	assert.Empty(t, events(spans[3]), "a state of which nobody knows")
}

func TestWhatAGuardDecidesIsTold(t *testing.T) {
	guarded := telling(
		otp.GuardEvent{Provider: "main", Op: "send", Rule: "block"},
		otp.GuardEvent{Provider: "main", Op: "send", Rule: "block"},
		otp.GuardEvent{Provider: "main", Op: "send", Rule: "cooldown", Refused: true},
	)
	guarded.verify = func(ctx context.Context, _ otp.Verification) error {
		otp.ObserverFrom(ctx)(otp.GuardEvent{Provider: "main", Op: "verify", Rule: "wrong_codes", Refused: true})
		return nil
	}
	watched, told := watch(t, guarded)
	v, err := watched.Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"otp.guard: otp.operation=send otp.provider=main otp.refused=false otp.rule=block",
		"otp.guard: otp.operation=send otp.provider=main otp.refused=false otp.rule=block",
		"otp.guard: otp.operation=send otp.provider=main otp.refused=true otp.rule=cooldown",
	}, events(told.span()))
	require.NoError(t, watched.Verify(t.Context(), v, "123456"))
	assert.Equal(t, []string{
		"otp.operation=send otp.refused=false otp.rule=block: 2",
		"otp.operation=send otp.refused=true otp.rule=cooldown: 1",
		"otp.operation=verify otp.refused=true otp.rule=wrong_codes: 1",
	}, told.series("otp.guard.decisions"))
}

func TestARealGuardIsSeenThrough(t *testing.T) {
	guarded, err := guard.New(vendor("main", "kaleyra"), guard.Allow("+90"), guard.RecordOnly(guard.RuleDeny))
	require.NoError(t, err)
	watched, told := watch(t, guarded)
	_, err = watched.Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	assert.Empty(t, told.series("otp.guard.decisions"), "no rule had anything against it")
	assert.Empty(t, events(told.span()))

	_, err = watched.Send(t.Context(), otp.SendRequest{To: number})
	require.ErrorIs(t, err, otp.ErrRefused)
	_, err = watched.Send(t.Context(), otp.SendRequest{To: "+33612345678"})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"otp.operation=send otp.refused=false otp.rule=deny: 1",
		"otp.operation=send otp.refused=true otp.rule=cooldown: 1",
	}, told.series("otp.guard.decisions"))
}

var declaredRule = regexp.MustCompile(`(?m)^(?:\t|const )Rule\w+ +Rule = "(\w+)"$`)

func TestEveryRuleOfAGuardIsTold(t *testing.T) {
	source, err := os.ReadFile("../guard/rules.go")
	require.NoError(t, err)
	rules := declaredRule.FindAllSubmatch(source, -1)
	require.Greater(t, len(rules), 15)
	for _, rule := range rules {
		watched, told := watch(t, telling(otp.GuardEvent{Rule: string(rule[1])}))
		_, err := watched.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		assert.Equal(t, []string{"otp.operation=send otp.refused=false otp.rule=" + string(rule[1]) + ": 1"},
			told.series("otp.guard.decisions"))
	}
}

func TestWhatAProviderOutsideOfTheTreeTellsIsOfNobody(t *testing.T) {
	watched, told := watch(t, telling(
		otp.AttemptEvent{Provider: number, Number: 2},
		otp.WaitEvent{Provider: number, Reason: number},
		otp.FailoverEvent{Router: number, From: number, To: number, Kind: number},
		otp.PassedOverEvent{Router: number, Provider: number, Kind: number, Field: number},
		otp.LearningEvent{Router: number, Provider: number, Change: number, CallingCode: number},
		otp.BreakerEvent{Provider: number, Op: number, To: otp.BreakerOpen},
		otp.GuardEvent{Provider: number, Op: number, Rule: number},
	))
	_, err := watched.Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	assert.Equal(t, []string{"otp.operation=send otp.vendor=unknown: 1"}, told.series("otp.retries"))
	assert.Equal(t, []string{"otp.operation=send otp.reason=unknown otp.vendor=unknown: 1"}, told.series("otp.wait.duration"))
	assert.Equal(t, []string{"error.type=_OTHER otp.from=unknown otp.router=unknown otp.to=unknown: 1"},
		told.series("otp.failovers"))
	assert.Equal(t, []string{"otp.operation=send otp.provider=unknown: 2"}, told.series("otp.breaker.state"))
	assert.Equal(t, []string{"otp.operation=send otp.refused=false otp.rule=unknown: 1"}, told.series("otp.guard.decisions"))
	span := events(told.span())
	assert.Contains(t, span, "otp.passed_over: error.type=_OTHER otp.field=unknown otp.provider=unknown otp.router=unknown")
	assert.Contains(t, span, "otp.learning: otp.provider=unknown otp.router=unknown otp.state=unknown")
	assert.Contains(t, span, "otp.guard: otp.operation=send otp.provider=unknown otp.refused=false otp.rule=unknown")
}

func TestAnObserverOfTheCallersIsToldToo(t *testing.T) {
	watched, _ := watch(t, telling(otp.WaitEvent{}))
	heard := 0
	ctx := otp.WithObserver(t.Context(), func(otp.Event) { heard++ })
	_, err := watched.Send(ctx, otp.SendRequest{To: number})
	require.NoError(t, err)
	assert.Equal(t, 1, heard)
}

func TestARealClientIsSeenThrough(t *testing.T) {
	srv := insidertest.NewServer()
	defer srv.Close()
	client, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL},
		otp.WithRetry(otp.RetryPolicy{MaxAttempts: 2, MinWait: 2 * time.Millisecond, MaxWait: 2 * time.Millisecond}))
	require.NoError(t, err)
	watched, told := watch(t, client)

	srv.Fail(otpsim.Status(429))
	_, err = watched.Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	assert.Equal(t, []string{"otp.operation=send otp.vendor=insider: 1"}, told.series("otp.retries"))
	assert.Contains(t, told.series("otp.wait.duration"), "otp.operation=send otp.reason=retry otp.vendor=insider: 1")
	assert.Contains(t, events(told.span()), "otp.attempt_failed: error.type=rate_limited http.response.status_code=429 "+
		"otp.outcome=not_sent otp.provider=insider")

	srv.Fail(otpsim.AfterAccepting(500))
	_, err = watched.Send(t.Context(), otp.SendRequest{To: number})
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.Contains(t, line(told.span().Attributes), "http.response.status_code=500")
}

func TestAVendorLearnsNothingOfTheTrace(t *testing.T) {
	srv := insidertest.NewServer()
	defer srv.Close()
	var headers []http.Header
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers = append(headers, r.Header)
		srv.ServeHTTP(w, r)
	}))
	defer front.Close()
	client, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: front.URL})
	require.NoError(t, err)
	watched, told := watch(t, client)
	_, err = watched.Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	require.Len(t, headers, 1)
	assert.NotContains(t, fmt.Sprint(headers[0]), told.span().SpanContext.TraceID().String())
	assert.NotContains(t, headers[0], "Traceparent")
}
