package vendorkit

import (
	"context"
	"log/slog"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
)

// The events of a log, as docs/logging.md describes them.
const (
	logAttempt = "otp attempt" // one request has ended
	logWait    = "otp wait"    // an attempt was held back
	logCall    = "otp call"    // a call has ended
)

// log writes one event of a call. Numbers are masked; codes, keys and the vendor's texts are in
// none. A logger comes from outside: what it does must not change what becomes of a send.
func (x *exchange) log(level slog.Level, event string, attrs ...slog.Attr) {
	safely.Do(func() {
		if !x.core.logger.Enabled(x.Context, level) {
			return
		}
		all := []slog.Attr{slog.String("provider", x.core.name), slog.String("op", x.call.Op)}
		if x.call.Number != "" {
			all = append(all, slog.String("to", otp.Mask(x.call.Number)))
		}
		all = append(append(all, slog.Int("attempts", x.attempts)), attrs...)
		x.core.logger.LogAttrs(context.WithoutCancel(x.Context), level, event, all...)
	})
}

func (x *exchange) logCall(err *otp.Error) {
	if x.core.logger == nil || x.Context == nil {
		return
	}
	took := slog.Duration("took", time.Since(x.start))
	if err == nil {
		x.log(slog.LevelDebug, logCall, took, slog.String("outcome", otp.OutcomeAccepted.String()), slog.String("kind", ""))
		return
	}
	level := slog.LevelWarn
	if err.Kind.Is(otp.ErrCodeRejected) || err.Kind == otp.ErrCanceled { // people mistype, and leave
		level = slog.LevelInfo
	}
	x.log(level, logCall, took, slog.String("outcome", err.Outcome.String()),
		slog.String("kind", string(err.Kind)), slog.Duration("retry_after", err.RetryAfter))
}

func (x *exchange) isWatched() bool { return x.observer != nil || x.core.logger != nil }

func (x *exchange) notifyAttempt(a *attempt) {
	if !x.isWatched() {
		return
	}
	e := otp.AttemptEvent{
		Provider: x.core.name, Op: x.call.Op, Number: x.attempts,
		Outcome: otp.OutcomeAccepted, Duration: time.Since(a.start),
	}
	if a.resp != nil {
		e.HTTPStatus = a.resp.StatusCode
	}
	if f := x.failure; f != nil {
		e.Kind, e.Outcome = f.Kind, f.Outcome
	}
	if x.core.logger != nil {
		x.log(slog.LevelDebug, logAttempt, slog.Duration("took", e.Duration), slog.Int("status", e.HTTPStatus),
			slog.String("outcome", e.Outcome.String()), slog.String("kind", string(e.Kind)))
	}
	if x.observer != nil {
		x.observer(e)
	}
}

func (x *exchange) notifyWait(reason string, start time.Time) {
	took := time.Since(start)
	if took < time.Millisecond {
		return
	}
	if x.core.logger != nil {
		x.log(slog.LevelDebug, logWait, slog.String("reason", reason), slog.Duration("took", took))
	}
	if x.observer != nil {
		x.observer(otp.WaitEvent{Provider: x.core.name, Op: x.call.Op, Reason: reason, Duration: took})
	}
}
