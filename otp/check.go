package otp

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// CheckRecipient refuses whatever is not one E.164 number, as every Send does: "+" and 7 to 15
// digits, the first not 0. The error is an [*Error] of kind [ErrInvalidRecipient] with
// [OutcomeNotSent].
func CheckRecipient(to string) error {
	// A vendor that takes lists ("+a,+b") would text all of them, so this check is what keeps a code
	// from reaching somebody else's phone.
	if len(to) < 8 || len(to) > 16 || to[0] != '+' || to[1] == '0' || strings.Trim(to[1:], "0123456789") != "" {
		return refuse(ErrInvalidRecipient, "to", `must be one number in E.164: "+" and 7 to 15 digits`)
	}
	return nil
}

// refuse builds the error of a check that ran before any request.
func refuse(kind Kind, field, rule string) error {
	return &Error{Op: "send", Kind: kind, Outcome: OutcomeNotSent, Field: field, Err: errors.New(rule)}
}

// checkForm refuses what no provider could serve.
func checkForm(req SendRequest) error {
	if err := CheckRecipient(req.To); err != nil {
		return err
	}
	switch {
	case req.CodeLength < 0:
		return refuse(ErrInvalidRequest, "code_length", "must not be negative")
	case req.TTL < 0:
		return refuse(ErrInvalidRequest, "ttl", "must not be negative")
	case req.TTL%time.Second != 0:
		return refuse(ErrInvalidRequest, "ttl", "must be whole seconds")
	case req.MaxAttempts < 0:
		return refuse(ErrInvalidRequest, "max_attempts", "must not be negative")
	case req.Code != "" && !isCode(req.Code):
		return refuse(ErrInvalidRequest, "code", "must be 1 to 32 printable ASCII characters without spaces")
	case req.Code != "" && req.CodeLength != 0 && req.CodeLength != len(req.Code):
		return refuse(ErrInvalidRequest, "code_length", "differs from the length of the code given")
	case slices.ContainsFunc(req.Options, func(o SendOption) bool { return o == nil || isNilPointer(o) }):
		return refuse(ErrInvalidRequest, "options", "must not hold nil")
	case req.Previous == nil:
		return nil
	case req.Previous.IsZero():
		return refuse(ErrInvalidRequest, "previous", "must not be the zero verification: nothing was sent")
	case req.Previous.To != req.To:
		return refuse(ErrInvalidRequest, "previous", "must be a verification for the same number")
	default:
		return nil
	}
}

func rangeRule[T cmp.Ordered](r Range[T]) string {
	switch {
	case r == Range[T]{}:
		return "cannot be chosen with this provider"
	case r.Min == r.Max:
		return fmt.Sprintf("must be %v", r.Min)
	default:
		return fmt.Sprintf("must be %v to %v", r.Min, r.Max)
	}
}
