package guard

import (
	"context"
	"net/netip"
)

// Caller is who asks, as far as the program knows. What is zero is not known, and the rule about it does not apply.
type Caller struct {
	// Purpose is what the code is for, "login" or "payment": a constant of the program, never what a caller sends. A code
	// that was sent for one purpose does not verify for another. Cooldowns are counted for each purpose by itself.
	// Set the same on Send and Verify.
	Purpose string

	// IP is the caller's address, as your own proxy tells it.
	IP netip.Addr

	// Session and Device are whatever tells callers apart. They are hashed before they are stored.
	Session, Device string
}

type callerKey struct{}

// WithCaller returns a context whose calls come from caller, in place of one set before.
//
//	ctx = guard.WithCaller(ctx, guard.Caller{Purpose: "login", IP: ip, Session: session})
//	v, err := provider.Send(ctx, otp.SendRequest{To: number})
func WithCaller(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

func callerFrom(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	return caller
}

// network is what an IP limit counts: the address, of IPv6 the first 64 bits, since a customer gets as many.
func network(ip netip.Addr) netip.Addr {
	bits := 64
	if ip = ip.Unmap().WithZone(""); ip.Is4() {
		bits = 32
	}
	prefix, _ := ip.Prefix(bits) // an address has as many
	return prefix.Addr()
}
