package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// words are what to say about an error, and the status to say it with. Only a code that the vendor has judged is called
// wrong. All else is said in the words of otherwise: it is nothing that a person can change.
func words(err error, otherwise string) (status int, text string) {
	status, text = 503, otherwise
	failure := new(otp.Error)
	_ = errors.As(err, &failure) // every error of a provider is one
	switch failure.Kind {
	case otp.ErrInvalidRecipient:
		status, text = 422, "Type your number with its country code, such as +1 202 555 0123."
	case otp.ErrRefused:
		status, text = 403, "We cannot send codes to this number."
	case otp.ErrRateLimited:
		status, text = 429, "There were too many requests."
	case otp.ErrTooManyAttempts:
		status, text = 429, "Too many wrong codes. Ask for a new one."
	case otp.ErrExpired:
		status, text = 422, "This code has expired. Ask for a new one."
	case otp.ErrAlreadyVerified, otp.ErrNotFound:
		status, text = 422, "This code is no longer valid. Ask for a new one."
	case otp.ErrWrongCode, otp.ErrCodeRejected:
		status, text = 422, "That is not the code."
	}
	if failure.RetryAfter > 0 {
		text += fmt.Sprintf(" Try again in %d min.", (failure.RetryAfter+time.Minute-1)/time.Minute)
	}
	if failure.AttemptsLeft != nil {
		text += fmt.Sprintf(" Tries left: %d.", *failure.AttemptsLeft)
	}
	return status, text
}
