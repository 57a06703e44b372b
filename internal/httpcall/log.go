package httpcall

import (
	"log/slog"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// logAttempt tells how an attempt ended. Numbers, codes and keys are in none of its values.
func (c *Client) logAttempt(x *exchange, took time.Duration) {
	if c.logger == nil {
		return
	}
	attrs := append(c.logAttrs(x), slog.Duration("took", took))
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
