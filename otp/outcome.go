package otp

import "errors"

// Outcome says whether a call took effect at the vendor. It is the answer to "may I do it again?".
//
// For a send: [OutcomeNotSent] means that nothing can have been sent, so sending again, also
// through another vendor, texts nobody twice. [OutcomeAccepted] means that the vendor took the
// message. [OutcomeUnknown] means that it may have.
//
// For a verification: [OutcomeAccepted] means that the vendor judged the code, whether right or
// rejected; [OutcomeNotSent] means that it certainly judged nothing and no attempt was spent: the
// request was refused here, never arrived, or got an answer that the vendor documents as being
// about the key, the account, the rate or the form of the request.
type Outcome int

// The zero value is the cautious one.
const (
	OutcomeUnknown Outcome = iota
	OutcomeNotSent
	OutcomeAccepted
)

// String returns "unknown", "not sent" or "accepted".
func (o Outcome) String() string {
	switch o {
	case OutcomeNotSent:
		return "not sent"
	case OutcomeAccepted:
		return "accepted"
	default:
		return "unknown"
	}
}

// MarshalText is String.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads what MarshalText writes, and nothing else.
func (o *Outcome) UnmarshalText(text []byte) error {
	for _, known := range []Outcome{OutcomeUnknown, OutcomeNotSent, OutcomeAccepted} {
		if known.String() == string(text) {
			*o = known
			return nil
		}
	}
	return errors.New(`otp: an outcome is one of "unknown", "not sent", "accepted"`)
}

// OutcomeOf returns the outcome that err reports.
//
// Nil is [OutcomeAccepted]. Otherwise the [*Error] nearest the root, which is err itself, decides.
// Where errors are joined, the least certain of their outcomes counts, in the order unknown,
// accepted, not sent: only when every joined error proves that nothing was sent is the whole
// [OutcomeNotSent]. An error without any [*Error] in it, joined or alone, is [OutcomeUnknown].
func OutcomeOf(err error) Outcome {
	if err == nil {
		return OutcomeAccepted
	}
	return outcomeOf(err)
}

func outcomeOf(err error) Outcome {
	switch e := err.(type) { //nolint:errorlint // this walks the tree itself
	case *Error:
		if e != nil && (e.Outcome == OutcomeNotSent || e.Outcome == OutcomeAccepted) {
			return e.Outcome
		}
	case interface{ Unwrap() error }:
		return outcomeOf(e.Unwrap())
	case interface{ Unwrap() []error }:
		return leastCertain(e.Unwrap())
	}
	return OutcomeUnknown
}

func leastCertain(errs []error) Outcome {
	if len(errs) == 0 {
		return OutcomeUnknown
	}
	least := OutcomeNotSent
	for _, err := range errs {
		switch outcomeOf(err) {
		case OutcomeAccepted:
			least = OutcomeAccepted
		case OutcomeNotSent:
		default:
			return OutcomeUnknown
		}
	}
	return least
}
