package httpcall

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/otp-sdk/otp-go/otp"
)

// acquire waits until the limiter lets one request go. A limiter comes from outside, so a panic in it is an error.
func acquire(ctx context.Context, limiter otp.Limiter) (done func(otp.Outcome), err error) {
	defer func() {
		if p := recover(); p != nil {
			done, err = nil, errors.New("the limiter panicked")
		}
	}()
	switch l := limiter.(type) {
	case nil:
		return func(otp.Outcome) {}, nil
	case otp.Acquirer:
		done, err := l.Acquire(ctx)
		if done == nil {
			done = func(otp.Outcome) {}
		}
		return done, err
	default:
		return func(otp.Outcome) {}, l.Wait(ctx)
	}
}

// finish tells the limiter that the answer has arrived. Whatever it does then, the answer counts.
func finish(done func(otp.Outcome), outcome otp.Outcome) {
	defer func() { _ = recover() }()
	done(outcome)
}

// limitFailure is the failure of a wait that did not end well: nothing was sent.
func (x *exchange) limitFailure(err error) *otp.Error {
	failure := &otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent}
	known, ok := as[*otp.Error](err)
	switch {
	case ok && known != nil:
		failure.Kind, failure.RetryAfter, failure.Err = cmp.Or(known.Kind, failure.Kind), known.RetryAfter, x.redacted(known.Err)
	case errors.Is(x.Err(), context.Canceled):
		failure.Kind, failure.Err = otp.ErrCanceled, x.Err()
	default:
		failure.Err = fmt.Errorf("the client's own limit: %w", x.redacted(err))
	}
	return failure
}

// as is errors.As on an error from outside, whose methods may panic.
func as[T error](err error) (found T, ok bool) {
	defer func() { _ = recover() }()
	ok = errors.As(err, &found)
	return found, ok
}
