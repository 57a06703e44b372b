// Package otp is the contract between an application and the vendors that send and verify one-time
// passcodes.
//
// An application is handed a [Provider], sends a code, keeps the [Verification], and later asks
// whether the code that the person typed was right:
//
//	v, err := provider.Send(ctx, otp.SendRequest{To: "+905321234567"})
//	...
//	err = provider.Verify(ctx, v, typed)
//	switch {
//	case err == nil: // the code was right
//	case errors.Is(err, otp.ErrCodeRejected): // the person may try again, or ask for a new code
//	default: // nothing is known about the code: do not say that it was wrong
//	}
//
// # Errors
//
// Every error that leaves a provider is or wraps an [*Error]. It says what kind of failure it was
// ([Kind], usable with errors.Is), whether anything was sent ([Outcome]), when to come back
// (RetryAfter) and which field was at fault. No error, log line or printed value holds a key, a
// code, a whole phone number, a URL query or a body.
//
// # What may be repeated
//
// A send is at most one text. Providers repeat a request by themselves only when it was
// certainly not sent, and so may you: call Send again when [OutcomeOf] says [OutcomeNotSent]. With
// [OutcomeUnknown] the person may already hold a code. Verify spends an attempt at the vendor, so
// the same rule holds there.
//
// # Concurrency
//
// Providers, limiters and all values here are safe for concurrent use. There is no global state,
// nothing is printed unless a logger is given, and no client needs to be closed.
package otp
