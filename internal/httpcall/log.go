package httpcall

import (
	"log/slog"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// tellAttempt tells log and observer how an attempt ended. Numbers, codes and keys are in none of its values.
func (c *Client) tellAttempt(x *exchange, start time.Time) {
	if tell := otp.ObserverFrom(x.Context); tell != nil {
		tell(x.attemptEvent(time.Since(start)))
	}
	if c.logger == nil {
		return
	}
	attrs := append(c.logAttrs(x), slog.Duration("took", time.Since(start)))
	level := slog.LevelDebug
	outcome := otp.OutcomeAccepted
	if f := x.failure; f != nil {
		level = slog.LevelWarn
		outcome = f.Outcome
		attrs = append(attrs, slog.String("kind", string(f.Kind)), slog.Int("status", f.HTTPStatus))
	}
	attrs = append(attrs, slog.String("outcome", outcome.String()))
	c.logger.LogAttrs(x, level, "otp attempt", attrs...)
}

func (x *exchange) attemptEvent(took time.Duration) otp.AttemptEvent {
	e := otp.AttemptEvent{
		Provider: x.client.name, Op: x.call.Op, Number: x.attempts,
		HTTPStatus: x.status, Outcome: otp.OutcomeAccepted, Duration: took,
	}
	if f := x.failure; f != nil {
		e.Kind, e.Outcome = f.Kind, f.Outcome
	}
	return e
}

// waited tells the observer of a wait since start that somebody could notice.
func (x *exchange) waited(reason string, start time.Time) {
	if tell := otp.ObserverFrom(x.Context); tell != nil {
		if took := time.Since(start); took >= time.Millisecond {
			tell(otp.WaitEvent{Provider: x.client.name, Op: x.call.Op, Reason: reason, Duration: took})
		}
	}
}

// logRetry tells that an attempt will be made again.
func (c *Client) logRetry(x *exchange) {
	if c.logger == nil {
		return
	}
	c.logger.LogAttrs(x, slog.LevelDebug, "otp retry", append(c.logAttrs(x), slog.Duration("wait", x.wait))...)
}

func (c *Client) logAttrs(x *exchange) []slog.Attr {
	return []slog.Attr{
		slog.String("provider", c.name),
		slog.String("op", x.call.Op),
		slog.Int("attempt", x.attempts),
	}
}
