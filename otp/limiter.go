package otp

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Limiter makes a caller wait until it may make one request. *rate.Limiter of golang.org/x/time/rate is one.
//
// Wait returns nil when the request may go, and an error when it may not, at the latest when ctx ends.
type Limiter interface {
	Wait(ctx context.Context) error
}

// Acquirer is a limiter that is also told what became of the request, which is what it takes to keep a
// cap on the vendor's clock. A limiter that is an Acquirer as well is used as one.
//
// Acquire waits as [Limiter] does. The caller must call done with the outcome of the request, not of
// the call: [OutcomeNotSent] when it never reached the vendor, which gives the slot back;
// [OutcomeAccepted] when it was answered, whatever the answer; [OutcomeUnknown] when neither is certain,
// which holds the slot for as long as the request can still be under way, and the window. A second call
// of done does nothing.
type Acquirer interface {
	Acquire(ctx context.Context) (done func(Outcome), err error)
}

// slack keeps a request that travels faster than the one before it out of the earlier request's window.
const slack = 5 * time.Millisecond

// overLimit is the error of a wait that cannot end before the deadline. A retryAfter of 0 means that it is not known.
func overLimit(r Rate, retryAfter time.Duration, cause error) error {
	err := fmt.Errorf("the client's own limit of %s is used up", r)
	if cause != nil {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return &Error{Kind: ErrRateLimited, Outcome: OutcomeNotSent, RetryAfter: retryAfter, Err: err}
}

// gaveUp is the error of a wait that the context has ended.
func gaveUp(r Rate, cause error) error {
	if errors.Is(cause, context.Canceled) {
		return canceled(cause)
	}
	return overLimit(r, 0, cause)
}

// ended is the error of a context that was over before there was anything to wait for; nil = it is not.
func ended(ctx context.Context) error {
	switch cause := ctx.Err(); {
	case cause == nil:
		return nil
	case errors.Is(cause, context.Canceled):
		return canceled(cause)
	default:
		return &Error{Kind: ErrUnavailable, Outcome: OutcomeNotSent, Err: cause}
	}
}

func canceled(cause error) error {
	return &Error{Kind: ErrCanceled, Outcome: OutcomeNotSent, Err: cause}
}

// endsTooSoon reports whether ctx is over before wait is.
func endsTooSoon(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) < wait
}

// unlimitedLimiter is the limiter of Rate{}.
type unlimitedLimiter struct{}

func (unlimitedLimiter) Wait(ctx context.Context) error { return ended(ctx) }

func (unlimitedLimiter) Acquire(ctx context.Context) (func(Outcome), error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	return func(Outcome) {}, nil
}

// refusal is the limiter of a rate that is an error: it fails closed.
type refusal struct{ err error }

func (r refusal) Wait(context.Context) error {
	return &Error{Kind: ErrMisconfigured, Outcome: OutcomeNotSent, Field: "rate", Err: r.err}
}

func (r refusal) Acquire(ctx context.Context) (func(Outcome), error) { return nil, r.Wait(ctx) }
