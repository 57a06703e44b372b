package owncode

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
)

// Text is one text on its way: see [otp.Text].
type Text = otp.Text

// Sender sends texts: see [otp.TextSender].
type Sender = otp.TextSender

// SenderFunc is a function as a [Sender]. Nil means that the gateway has accepted the text. An
// error made by [NotSent] is proof that nothing was sent. After any other error, and after a panic,
// nobody knows. It has to return when ctx ends.
type SenderFunc func(ctx context.Context, t Text) error

// SendText calls f.
func (f SenderFunc) SendText(ctx context.Context, t Text) error { return f(ctx, t) }

// NotSent marks err as proof that nothing was sent, so that another sender may be asked: the
// gateway has refused the text, or was never reached. Do not use it for a time-out or a 5xx. An
// *otp.Error in err keeps its kind; any other error is of kind otp.ErrUnavailable.
func NotSent(err error) error {
	failure := &otp.Error{Op: opSend, Kind: otp.ErrUnavailable, Err: err}
	var known *otp.Error
	switch {
	case err == nil: // not nil, which would mean that the text was accepted
		failure.Err = errors.New("the text was not sent")
	case errors.As(err, &known) && known != nil:
		own := *known
		failure = &own
	}
	failure.Outcome = otp.OutcomeNotSent
	return failure
}

// deliver hands a text to the sender, and to the fallback when it has not arrived for certain. Each
// is asked once.
func (k *core) deliver(ctx context.Context, t Text) (byFallback bool, err error) {
	share := k.timeout
	if until, ok := ctx.Deadline(); ok && k.config.Fallback != nil {
		share = min(share, time.Until(until)/2)
	}
	first := k.hand(ctx, k.send, t, 1, share)
	switch {
	case first == nil:
		return false, nil
	case k.config.Fallback == nil || ctx.Err() != nil:
		return false, first
	}
	if observer := otp.ObserverFrom(ctx); observer != nil {
		observer(otp.FailoverEvent{Router: k.name, From: "sender", To: "fallback", Kind: first.Kind})
	}
	t.Channel = ""
	second := k.hand(ctx, k.config.Fallback, t, 2, k.timeout)
	switch {
	case second == nil:
		return true, nil
	case first.Outcome == otp.OutcomeUnknown:
		first.Err = fmt.Errorf("%w; the fallback: %w", cause(first), second)
		return true, first
	default:
		second.Err = fmt.Errorf("%w; before the fallback: %w", cause(second), first)
		return true, second
	}
}

func cause(failure *otp.Error) error {
	if failure.Err == nil {
		return failure.Kind
	}
	return failure.Err
}

// hand lets one sender send a text. Nil = it was accepted.
func (k *core) hand(ctx context.Context, send Sender, t Text, number int, share time.Duration) *otp.Error {
	within, cancel := context.WithTimeout(ctx, share)
	defer cancel()
	start := time.Now()
	failure := k.failure(within, t, safely.Err(func() error { return send.SendText(within, t) }))
	if observer := otp.ObserverFrom(ctx); observer != nil {
		e := otp.AttemptEvent{
			Provider: k.name, Op: opSend, Number: number, Outcome: otp.OutcomeAccepted, Duration: time.Since(start),
		}
		if failure != nil {
			e.HTTPStatus, e.Kind, e.Outcome = failure.HTTPStatus, failure.Kind, failure.Outcome
		}
		observer(e)
	}
	return failure
}

// failure puts a sender's error into the provider's terms, without the number, the code and the
// body.
func (k *core) failure(ctx context.Context, t Text, err error) *otp.Error {
	if err == nil {
		return nil
	}
	masker := redact.NewMasker([]string{t.Body}, t.Code, t.To)
	text := func(s string) string { return redact.Quote(masker.Head(s)) }
	failure := &otp.Error{Kind: otp.ErrUnavailable, Err: err}
	var known *otp.Error
	safely.Do(func() {
		if errors.As(err, &known) && known != nil {
			*failure = *known
		} else if ctx.Err() != nil {
			failure.Kind = endedKind(ctx.Err())
		}
	})
	failure.Provider, failure.Op, failure.AttemptsLeft = k.name, opSend, nil
	failure.Field, failure.Code, failure.Message = text(failure.Field), text(failure.Code), text(failure.Message)
	failure.Err = redact.Cause(failure.Err, masker)
	failure.Outcome = otp.OutcomeUnknown
	safely.Do(func() {
		if otp.OutcomeOf(err) == otp.OutcomeNotSent {
			failure.Outcome = otp.OutcomeNotSent
		}
	})
	if failure.Kind == "" || failure.Kind.Is(otp.ErrCodeRejected) { // nobody has checked a code
		failure.Kind = otp.ErrProtocol
	}
	return failure
}

// log writes one event of a call, as docs/logging.md describes it.
func (k *core) log(ctx context.Context, op, to string, start time.Time, err error) {
	if k.logger == nil {
		return
	}
	level, kind, outcome := slog.LevelDebug, otp.Kind(""), otp.OutcomeOf(err)
	var failure *otp.Error
	if errors.As(err, &failure) {
		level, kind = slog.LevelWarn, failure.Kind
		if kind.Is(otp.ErrCodeRejected) || kind == otp.ErrCanceled { // people mistype, and leave
			level = slog.LevelInfo
		}
	}
	safely.Do(func() {
		k.logger.LogAttrs(context.WithoutCancel(ctx), level, "otp call",
			slog.String("provider", k.name), slog.String("op", op), slog.String("to", otp.Mask(to)),
			slog.Duration("took", time.Since(start)), slog.String("outcome", outcome.String()), slog.String("kind", string(kind)))
	})
}
