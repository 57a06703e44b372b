package guard

import (
	"context"
	"net/netip"
)

// Caller is who asks, as far as the program knows. What is zero is not known, and the rule about it
// does not apply. Set the same on Send and Verify.
type Caller struct {
	// Purpose is what the code is for, "login" or "payment": a constant of the program, never what a
	// caller sends. A code that was sent for one purpose does not verify for another. Cooldowns are
	// counted for each purpose by itself.
	Purpose string

	// IP is the caller's address, as your own proxy tells it.
	IP netip.Addr

	// Session and Device are whatever tells callers apart, from a source that the caller cannot
	// choose. A device, the session where there is none, that has verified a number before is known
	// for this number: what strangers do with it does not count against that caller. Both are hashed
	// before they are stored.
	Session, Device string

	// Passed is the number of the challenge that this caller has just passed for this number: 1 for
	// the one that your program asks first, such as a captcha, 2 and 3 for others on top of it; see
	// [Refusal.Challenge]. 0 = none.
	Passed int
}

type callerKey struct{}

// WithCaller returns a context whose calls come from caller, in place of one set before.
//
//	ctx = guard.WithCaller(ctx, guard.Caller{Purpose: "login", IP: ip, Session: session})
//	v, err := provider.Send(ctx, otp.SendRequest{To: number})
func WithCaller(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// CallerFrom returns what [WithCaller] has put into a context, for providers that bind a code to
// its [Caller.Purpose]. Without one it is the zero Caller.
func CallerFrom(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	caller.Passed = min(max(caller.Passed, 0), MostChallenges)
	return caller
}
