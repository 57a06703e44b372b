package otpredis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// check is the error of a constructor that refuses what it is given.
func check(ok bool, field, rule string) error {
	if ok {
		return nil
	}
	return &otp.Error{Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: field, Err: errors.New(rule)}
}

// overLimit is the error of a wait that would not leave enough of the caller's time.
func overLimit(r otp.Rate, retryAfter time.Duration, cause error) error {
	err := fmt.Errorf("the client's own limit of %s is used up", r)
	if cause != nil {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return &otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: retryAfter, Err: err}
}

// ended is the error of a context that is over; nil = it is not.
func ended(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	kind := otp.ErrUnavailable
	if errors.Is(err, context.Canceled) {
		kind = otp.ErrCanceled
	}
	if cause := context.Cause(ctx); !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return &otp.Error{Kind: kind, Outcome: otp.OutcomeNotSent, Err: err}
}

func unavailable(outcome otp.Outcome, cause error) error {
	return &otp.Error{Kind: otp.ErrUnavailable, Outcome: outcome, Err: cause}
}
