package otpotel

import (
	"cmp"
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

const (
	opSend   = "send"
	opVerify = "verify"
)

// call is one send or verification on its way.
type call struct {
	ctx   context.Context // of the span; tells the call of what happens inside
	p     *Provider
	op    string
	span  trace.Span
	start time.Time
}

func (p *Provider) begin(ctx context.Context, op string) *call {
	c := &call{p: p, op: op, start: time.Now()}
	c.ctx, c.span = p.startSpan(ctx, op)
	c.ctx = otp.WithObserver(c.ctx, c.observe)
	return c
}

func (p *Provider) startSpan(ctx context.Context, op string) (inner context.Context, span trace.Span) {
	defer func() {
		if recover() != nil {
			inner, span = ctx, tracenoop.Span{}
		}
	}()
	if op == opSend {
		return p.tracer.Start(ctx, "send otp", p.spanOptions...)
	}
	return p.tracer.Start(ctx, "verify otp", p.spanOptions...)
}

func (c *call) endSend(req *otp.SendRequest, v otp.Verification, err error) {
	defer c.endSpan()
	defer dropPanic()
	took := time.Since(c.start)
	e, status := c.ending(v.Provider, err)
	if errors.As(err, new(*guard.Refusal)) {
		e.vendor = none // the guard has its vendor's name, and asked nobody
	}
	e.channel = c.p.channelLabel(cmp.Or(v.Channel, req.Channel))
	if otp.OutcomeOf(err) != otp.OutcomeNotSent { // the person may hold a code
		e.callingCode = callingCode(cmp.Or(v.To, req.To))
		c.p.sends.note(v, e.channel, e.callingCode)
	}
	s := c.p.seriesOf(e)
	c.countSend(s, took)
	c.describe(e.kind, status, s)
}

func (c *call) endVerify(v otp.Verification, err error) {
	defer c.endSpan()
	defer dropPanic()
	took := time.Since(c.start)
	e, status := c.ending(v.Provider, err)
	e.channel = c.p.channelLabel(v.Channel)
	e.callingCode = callingCode(v.To)
	s := c.p.seriesOf(e)
	c.countVerify(s, took, err == nil)
	c.describe(e.kind, status, s)
}

// ending is what a call has come to, but for its channel and country, and the status of the
// vendor's last answer to a failure.
func (c *call) ending(sender string, err error) (e ending, status int) {
	e = ending{op: c.op, outcome: outcomeLabel(otp.OutcomeOf(err))}
	if err == nil {
		e.provider, e.vendor = c.p.names.asked(sender, nil)
		return e, 0
	}
	var failure *otp.Error
	if errors.As(err, &failure) && failure != nil {
		status = failure.HTTPStatus
	}
	e.kind = kindOf(failure, err)
	e.provider, e.vendor = c.p.names.asked(sender, failure)
	return e, status
}

func (c *call) countSend(s *series, took time.Duration) {
	defer dropPanic()
	c.p.instruments.sends.Add(c.ctx, 1, s.count...)
	c.p.instruments.duration.Record(c.ctx, took.Seconds(), s.took...)
	if s.codes != nil {
		c.p.instruments.codesSent.Add(c.ctx, 1, s.codes...)
	}
}

func (c *call) countVerify(s *series, took time.Duration, right bool) {
	defer dropPanic()
	c.p.instruments.verifications.Add(c.ctx, 1, s.count...)
	c.p.instruments.duration.Record(c.ctx, took.Seconds(), s.took...)
	if right {
		c.p.instruments.codesVerified.Add(c.ctx, 1, s.codes...)
	}
}

// describe puts onto the span what the call has come to.
func (c *call) describe(kind otp.Kind, status int, s *series) {
	if !c.span.IsRecording() {
		return
	}
	c.span.SetAttributes(s.attrs...)
	if status != 0 {
		c.span.SetAttributes(attribute.Int(httpStatus, status))
	}
	if isFault(kind) {
		c.span.SetStatus(codes.Error, string(kind))
	}
}

// endSpan ends the span. End is not deferred by itself: an SDK would then put the text of a panic
// on the span.
func (c *call) endSpan() {
	defer dropPanic()
	c.span.End()
}
