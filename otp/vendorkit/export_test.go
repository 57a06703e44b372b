package vendorkit

// Hardened is how a caller's transport is held, and Recycle what happens to what an answer was read
// into.
var (
	Hardened = hardened
	Recycle  = (*core).recycle
)

// Core is what a client is made of, and Scratch what an answer is read into.
type (
	Core    = core
	Scratch = scratch
)

// Surplus is how many bytes of what a server writes, part by part, a connection does not take for
// its answer.
func Surplus(parts ...[]byte) (n int) {
	c := &conn{state: status}
	for _, part := range parts {
		n += c.follow(part)
	}
	return n
}
