package otp

import "strings"

// Kind is a category of failure. It is an error, so errors.Is(err, otp.ErrRateLimited) works on
// whatever a provider returns. Its text is stable and fit for a metric's label ("rate_limited").
// Kinds may be added: have a default case.
type Kind string

// The caller's fault. Repeating the call as it is fails again, with any vendor.
const (
	// ErrInvalidRequest: a value breaks a rule; [Error.Field] names it.
	ErrInvalidRequest Kind = "invalid_request"
	// ErrInvalidRecipient: the recipient is not one E.164 number, or the vendor refuses the number.
	ErrInvalidRecipient Kind = "invalid_recipient"
)

// What this provider cannot do, and another one may: a failover goes on to the next.
const (
	// ErrUnsupported: the provider cannot do what was asked. [Error.Field] names it.
	ErrUnsupported Kind = "unsupported"
	// ErrUnreachable: the provider cannot reach this person. The number is not on WhatsApp, the
	// country is not served, or the operator refuses a word of the text.
	ErrUnreachable Kind = "unreachable"
)

// The account's fault. An operator has to mend something.
const (
	// ErrUnauthorized: the vendor refuses the credentials.
	ErrUnauthorized Kind = "unauthorized"
	// ErrMisconfigured: the configuration, here or at the vendor, does not fit: a base URL, a
	// template, a name.
	ErrMisconfigured Kind = "misconfigured"
	// ErrInsufficientFunds: the account's balance or quota is used up.
	ErrInsufficientFunds Kind = "insufficient_funds"
)

// The vendor's fault or ours, now. The same call may succeed later; the [Outcome] says whether it
// may be repeated.
const (
	// ErrRateLimited: too many requests, by the vendor's count or by the client's own limit; see
	// [Error.RetryAfter].
	ErrRateLimited Kind = "rate_limited"
	// ErrUnavailable: no answer, or a failure inside the vendor. A deadline that passed is this,
	// too.
	ErrUnavailable Kind = "unavailable"
	// ErrProtocol: an answer that the vendor's documents do not describe.
	ErrProtocol Kind = "protocol_error"
)

// The caller's own doing.
const (
	// ErrCanceled: the caller cancelled the context.
	ErrCanceled Kind = "canceled"
	// ErrRefused: a guard in this program refuses the call: a limit against abuse, a list, a hook.
	// No other provider may be asked instead. A guard's limits are [ErrRateLimited], too.
	ErrRefused Kind = "refused"
)

// The code that a person typed was judged and refused. errors.Is(err, [ErrCodeRejected]) holds for
// all of these.
const (
	// ErrCodeRejected: refused for a reason that the vendor does not give.
	ErrCodeRejected Kind = "code_rejected"
	// ErrWrongCode: not the code that was sent. The person may try again.
	ErrWrongCode Kind = "wrong_code"
	// ErrExpired: the code was valid once, and is no more. Send a new one.
	ErrExpired Kind = "code_expired"
	// ErrTooManyAttempts: too many wrong codes. Send a new one.
	ErrTooManyAttempts Kind = "too_many_attempts"
	// ErrAlreadyVerified: the code was used before.
	ErrAlreadyVerified Kind = "already_verified"
	// ErrNotFound: the vendor knows of no live code: never sent, expired, or used. Send a new one.
	ErrNotFound Kind = "code_not_found"
)

// Error returns the kind as words: "rate limited".
func (k Kind) Error() string {
	if k == "" {
		return "failed"
	}
	return strings.ReplaceAll(string(k), "_", " ")
}

// Is makes the five reasons for which a code is rejected match [ErrCodeRejected].
func (k Kind) Is(target error) bool {
	if target == k {
		return true
	}
	if target != ErrCodeRejected {
		return false
	}
	switch k {
	case ErrWrongCode, ErrExpired, ErrTooManyAttempts, ErrAlreadyVerified, ErrNotFound:
		return true
	default:
		return false
	}
}
