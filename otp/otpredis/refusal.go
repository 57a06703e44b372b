package otpredis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// misconfigured is the error of a constructor.
func misconfigured(field, rule string) error {
	return &otp.Error{Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: field, Err: errors.New(rule)}
}

// overLimit is the error of a wait that cannot end before the deadline. A retryAfter of 0 means that it is not known.
func overLimit(r otp.Rate, retryAfter time.Duration, cause error) error {
	err := fmt.Errorf("the client's own limit of %s is used up", r)
	if cause != nil {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return &otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: retryAfter, Err: err}
}

// gaveUp is the error of a wait that the context has ended.
func gaveUp(r otp.Rate, cause error) error {
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
		return unavailable(otp.OutcomeNotSent, cause)
	}
}

func canceled(cause error) error {
	return &otp.Error{Kind: otp.ErrCanceled, Outcome: otp.OutcomeNotSent, Err: cause}
}

func unavailable(outcome otp.Outcome, cause error) error {
	return &otp.Error{Kind: otp.ErrUnavailable, Outcome: outcome, Err: cause}
}
