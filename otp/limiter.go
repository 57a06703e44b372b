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

// Acquirer is a limiter that also wants to know when the answer has arrived, which is what it takes to keep a cap on
// the vendor's clock. A limiter that is an Acquirer as well is used as one.
//
// Acquire waits as [Limiter] does. The caller must call done once the answer has arrived, or the request has failed;
// calling it again does nothing.
type Acquirer interface {
	Acquire(ctx context.Context) (done func(), err error)
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

// interrupted is the error of a wait that the context ended.
func interrupted(r Rate, ctx context.Context) error { //nolint:revive // the context is the subject here, not the scope
	if errors.Is(ctx.Err(), context.Canceled) {
		return &Error{Kind: ErrCanceled, Outcome: OutcomeNotSent, Err: ctx.Err()}
	}
	return overLimit(r, 0, ctx.Err())
}

// endsTooSoon reports whether ctx is over before wait is.
func endsTooSoon(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) < wait
}

// unlimitedLimiter is the limiter of Rate{}.
type unlimitedLimiter struct{}

func (unlimitedLimiter) Wait(ctx context.Context) error { return ctx.Err() }

func (unlimitedLimiter) Acquire(ctx context.Context) (func(), error) { return func() {}, ctx.Err() }

// refusal is the limiter of a rate that is an error: it fails closed.
type refusal struct{ err error }

func (r refusal) Wait(context.Context) error {
	return &Error{Kind: ErrMisconfigured, Outcome: OutcomeNotSent, Field: "rate", Err: r.err}
}

func (r refusal) Acquire(ctx context.Context) (func(), error) { return nil, r.Wait(ctx) }
