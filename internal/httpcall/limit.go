package httpcall

import (
	"context"
	"errors"
	"fmt"

	"github.com/otp-sdk/otp-go/otp"
)

// acquire waits until the limiter lets one request go. A limiter comes from outside, so a panic in it is an error.
func acquire(ctx context.Context, limiter otp.Limiter) (done func(), err error) {
	defer func() {
		if p := recover(); p != nil {
			done, err = nil, errors.New("the limiter panicked")
		}
	}()
	switch l := limiter.(type) {
	case nil:
		return func() {}, nil
	case otp.Acquirer:
		done, err := l.Acquire(ctx)
		if done == nil {
			done = func() {}
		}
		return done, err
	default:
		return func() {}, l.Wait(ctx)
	}
}

// limitFailure is the failure of a wait that did not end well: nothing was sent.
func (x *exchange) limitFailure(err error) *otp.Error {
	failure := &otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent}
	var known *otp.Error
	switch {
	case errors.As(err, &known):
		failure.Kind, failure.RetryAfter, failure.Err = known.Kind, known.RetryAfter, known.Err
	case errors.Is(x.ctx.Err(), context.Canceled):
		failure.Kind, failure.Err = otp.ErrCanceled, x.ctx.Err()
	default:
		failure.Err = fmt.Errorf("the client's own limit: %w", x.redacted(err))
	}
	return failure
}
