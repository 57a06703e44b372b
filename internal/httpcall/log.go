package httpcall

import (
	"context"
	"log/slog"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// The events of a log, as docs/logging.md describes them.
const (
	logAttempt = "otp attempt" // one request has ended
	logWait    = "otp wait"    // an attempt was held back
	logCall    = "otp call"    // a call has ended
)

// log writes one event of a call. Numbers are masked; codes, keys and the vendor's texts are in none. A logger comes
// from outside: what it does must not change what becomes of a send. Its callers have seen that there is one.
func (x *exchange) log(level slog.Level, event string, attrs ...slog.Attr) {
	defer func() { _ = recover() }()
	logger := x.client.logger
	if !logger.Enabled(x.Context, level) {
		return
	}
	all := make([]slog.Attr, 0, 12)
	all = append(all, slog.String("provider", x.client.name), slog.String("op", x.call.Op))
	if x.call.Number != "" {
		all = append(all, slog.String("to", otp.Mask(x.call.Number)))
	}
	all = append(all, slog.Int("attempts", x.attempts))
	logger.LogAttrs(context.WithoutCancel(x.Context), level, event, append(all, attrs...)...)
}

func (x *exchange) logAttempt(took time.Duration) {
	if x.client.logger == nil {
		return
	}
	outcome, kind := otp.OutcomeAccepted, otp.Kind("")
	if f := x.failure; f != nil {
		outcome, kind = f.Outcome, f.Kind
	}
	x.log(slog.LevelDebug, logAttempt, slog.Duration("took", took), slog.Int("status", x.status),
		slog.String("outcome", outcome.String()), slog.String("kind", string(kind)))
}

func (x *exchange) logWait(reason string, took time.Duration) {
	if x.client.logger == nil {
		return
	}
	x.log(slog.LevelDebug, logWait, slog.String("reason", reason), slog.Duration("took", took))
}

func (x *exchange) logCall(err *otp.Error, took time.Duration) {
	if err == nil {
		x.log(slog.LevelDebug, logCall, slog.Duration("took", took), slog.String("outcome", otp.OutcomeAccepted.String()),
			slog.String("kind", ""))
		return
	}
	level := slog.LevelWarn
	if err.Kind.Is(otp.ErrCodeRejected) || err.Kind == otp.ErrCanceled { // people mistype, and leave
		level = slog.LevelInfo
	}
	x.log(level, logCall, slog.Duration("took", took), slog.String("outcome", err.Outcome.String()),
		slog.String("kind", string(err.Kind)), slog.Duration("retry_after", err.RetryAfter))
}
