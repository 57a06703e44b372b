package otp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// Limiter makes a caller wait until it may make one request. *rate.Limiter of
// golang.org/x/time/rate is one.
//
// Wait returns nil when the request may go, and an error when it may not, at the latest when ctx
// ends.
type Limiter interface {
	Wait(ctx context.Context) error
}

// Acquirer is a limiter that is also told what became of the request, which is what it takes to
// keep a cap on the vendor's clock. A limiter that is an Acquirer as well is used as one.
//
// Acquire waits as [Limiter] does. The caller must call done with the outcome of the request, not
// of the call: [OutcomeNotSent] when it never reached the vendor, which gives the slot back;
// [OutcomeAccepted] when it was answered, whatever the answer; [OutcomeUnknown] when neither is
// certain, which holds the slot for as long as the request can still be under way, and the window.
// A second call of done does nothing.
type Acquirer interface {
	Acquire(ctx context.Context) (done func(Outcome), err error)
}

// LimiterOptions changes defaults of [Rate.LimiterWith].
type LimiterOptions struct {
	// Reserve is the time that a request needs once it may go. A wait that would leave less of the
	// caller's deadline is refused, unless it leaves half of the time that the caller had. At most
	// an hour. 0 = a second.
	Reserve time.Duration
}

const (
	defaultReserve = time.Second
	longestReserve = time.Hour

	// longestFlight is how long a request that was given up may still be on its way to the vendor:
	// in a buffer of this machine, or of a proxy that stalls. It is the time that a whole call has
	// by default.
	longestFlight = 15 * time.Second
)

// overLimit is the error of a wait that would not leave enough of the caller's time.
func overLimit(r Rate, retryAfter time.Duration, cause error) error {
	err := fmt.Errorf("the client's own limit of %s is used up", r)
	if cause != nil {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return &Error{Kind: ErrRateLimited, Outcome: OutcomeNotSent, RetryAfter: retryAfter, Err: err}
}

// contextError is the error of a context that is over; nil = it is not.
func contextError(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	kind := ErrUnavailable
	if errors.Is(err, context.Canceled) {
		kind = ErrCanceled
	}
	if cause := context.Cause(ctx); !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return &Error{Kind: kind, Outcome: OutcomeNotSent, Err: err}
}

// fixedLimiter never waits: it lets everything go, or nothing, with an error.
type fixedLimiter struct{ err error }

func (f fixedLimiter) Wait(ctx context.Context) error { return cmp.Or(f.err, contextError(ctx)) }

func (f fixedLimiter) Acquire(ctx context.Context) (func(Outcome), error) {
	if err := f.Wait(ctx); err != nil {
		return nil, err
	}
	return func(Outcome) {}, nil
}
