// Package vendorkit is what a vendor is written with. The four vendors of this module are written
// with it, and it has everything that they have. The example shows a whole vendor; the page
// docs/adding-a-vendor.md explains it, and the module examples/camara is a real one outside of this
// one.
//
// # What a vendor brings
//
// How a request looks on the wire, how its success looks, and what its failures mean. [NewProvider]
// makes an [otp.Provider] of a [Spec], which has these. A vendor's client embeds that provider,
// and has the vendor's own calls as methods, which hand a [Call] to [Client.Do].
//
//   - A [Config] says where the account is and how it proves itself: by a key, by basic auth
//     ([Basic]), or by a [Credential] that is made for each attempt.
//   - A [Call] says what is asked, and has three functions that read the [Answer]. Success decides
//     whether somebody is let in: it accepts what the vendor documents, to the letter, and nothing
//     else. Sign finds traces of a success in a failure. Failure says what a failure means.
//   - [Required], [Between], [Characters] and the other checks refuse bad values by field and rule,
//     before anything is sent.
//   - [Format], [MarshalJSON] and [MarshalText] mask a vendor's config and its own requests.
//
// # What the kit does
//
// The same for all: it reads the options, checks the portable request against the capabilities,
// waits for limits, makes the attempts, finds out what became of each, repeats only what was
// certainly not sent, follows no redirect, bounds time and size, and keeps keys, codes and numbers
// out of whatever is printed, logged or returned. A code that a person typed arrives cleaned, a
// language in the vendor's spelling, a lifetime filled in. An answer that nobody documents verifies
// nothing, and rejects no code.
//
// The way of a call stands in do.go, from top to bottom.
package vendorkit
