package vendorkit

// Hardened is how a caller's transport is held, and Recycle what happens to the buffer of an answer.
var (
	Hardened = hardened
	Recycle  = (*core).recycle
)

// Core is what a client is made of.
type Core = core
