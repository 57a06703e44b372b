package otpotel

import (
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/otp-sdk/otp-go/otp"
)

// observe is told what happens inside of the call. Package otp drops its panics.
func (c *call) observe(e otp.Event) {
	switch e := e.(type) {
	case otp.AttemptEvent:
		c.attempted(e)
	case otp.WaitEvent:
		c.waited(e)
	case otp.FailoverEvent:
		c.failedOver(e)
	case otp.PassedOverEvent:
		c.event("otp.passed_over", labels{
			router: c.p.names.known(e.Router), provider: c.p.names.known(e.Provider), field: fieldLabel(e.Field),
			errorType: string(knownKind(e.Kind)),
		})
	case otp.LearningEvent:
		c.event("otp.learning", labels{
			router: c.p.names.known(e.Router), provider: c.p.names.known(e.Provider),
			state: oneOf(e.Change, otp.LearningLeader, otp.LearningSetAside, otp.LearningTakenBack),
		})
	case otp.BreakerEvent:
		c.breakerChanged(e)
	case otp.GuardEvent:
		c.guardDecided(e)
	}
}

// attempted counts a retry, and tells of an attempt that failed. What became of the last one stands
// on the span itself.
func (c *call) attempted(e otp.AttemptEvent) {
	if e.Number > 1 {
		l := labels{vendor: c.p.names.vendor(e.Provider), operation: c.op}
		c.p.instruments.retries.Add(c.ctx, 1, l.option())
	}
	if e.Kind == "" || e.Kind.Is(otp.ErrCodeRejected) || !c.span.IsRecording() {
		return
	}
	attrs := labels{
		provider: c.p.names.known(e.Provider), outcome: outcomeLabel(e.Outcome), errorType: string(knownKind(e.Kind)),
	}.attributes()
	attrs = append(attrs, seconds(e.Duration))
	if e.HTTPStatus != 0 {
		attrs = append(attrs, attribute.Int(httpStatus, e.HTTPStatus))
	}
	if e.Number > 1 {
		attrs = append(attrs, attribute.Int(httpResends, e.Number-1))
	}
	c.span.AddEvent("otp.attempt_failed", trace.WithAttributes(attrs...))
}

func (c *call) waited(e otp.WaitEvent) {
	l := labels{vendor: c.p.names.vendor(e.Provider), operation: c.op, reason: oneOf(e.Reason, otp.WaitForLimit, otp.WaitForRetry)}
	c.p.instruments.waits.Record(c.ctx, e.Duration.Seconds(), l.option())
	if !c.span.IsRecording() {
		return
	}
	attrs := labels{provider: c.p.names.known(e.Provider), reason: l.reason}.attributes()
	c.span.AddEvent("otp.wait", trace.WithAttributes(append(attrs, seconds(e.Duration))...))
}

func (c *call) failedOver(e otp.FailoverEvent) {
	l := labels{
		router: c.p.names.known(e.Router), from: c.p.names.known(e.From), to: c.p.names.known(e.To),
		errorType: string(knownKind(e.Kind)),
	}
	c.p.instruments.failovers.Add(c.ctx, 1, l.option())
	c.event("otp.failover", l)
}

func (c *call) breakerChanged(e otp.BreakerEvent) {
	// As a number, in the order of how little gets through.
	state := slices.Index([]string{otp.BreakerClosed, otp.BreakerHalfOpen, otp.BreakerOpen}, e.To)
	if state < 0 {
		return
	}
	l := labels{provider: c.p.names.known(e.Provider), operation: c.op}
	c.p.instruments.breaker.Record(c.ctx, int64(state), l.option())
	l.state = e.To
	c.event("otp.breaker", l)
}

func (c *call) guardDecided(e otp.GuardEvent) {
	l := labels{operation: c.op, rule: ruleLabel(e.Rule), refused: strconv.FormatBool(e.Refused)}
	c.p.instruments.guardDecisions.Add(c.ctx, 1, l.option())
	l.provider = c.p.names.known(e.Provider)
	c.event("otp.guard", l)
}

func (c *call) event(name string, l labels) {
	if c.span.IsRecording() {
		c.span.AddEvent(name, trace.WithAttributes(l.attributes()...))
	}
}

func seconds(d time.Duration) attribute.KeyValue {
	return attribute.Float64("otp.duration", d.Seconds())
}
