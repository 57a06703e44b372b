// Package vendorkit is what a vendor is written with. The four vendors of this module are written with
// it, and it has everything that they have.
//
// A vendor brings what is particular to it: how a request looks on the wire, how its success looks, and
// what its failures mean. The kit does the rest, alike for all: it waits for limits, makes the attempts,
// proves what happened to each, repeats only what was certainly not sent, and keeps keys, codes and
// numbers out of whatever is printed or returned.
//
// [NewProvider] makes an [otp.Provider] of a [Spec]. A vendor's client embeds it, and has the vendor's
// own calls as methods, which hand a [Call] to [Client.Do]. The example shows a whole vendor.
//
// The way of a call stands in do.go, from top to bottom.
package vendorkit
