// Package vendorkit is for writing a vendor's client. The four vendors of this module are written
// with it, and use nothing that you cannot use. The example shows a whole vendor, and the page
// docs/adding-a-vendor.md explains it. examples/camara is a real vendor in a module of its own.
//
// # What a vendor brings
//
// A [Spec] says how a request looks on the wire, how its success looks, and what its failures mean.
// [NewProvider] makes an [otp.Provider] of it. A vendor's client embeds that provider,
// and has the vendor's own calls as methods, which hand a [Call] to [Client.Do].
//
//   - A [Config] says where the account is and how it proves itself: by a key, by basic auth
//     ([Basic]), or by a [Credential] that is made for each attempt.
//   - A [Call] says what is asked, and has three functions that read the [Answer]. Success decides
//     whether somebody is let in: it accepts what the vendor documents, to the letter, and nothing
//     else. Sign finds traces of a success in a failure. Failure says what a failure means.
//   - [Required], [Between], [Characters] and the other checks refuse bad values by field and rule,
//     before anything is sent.
//   - A [Hook] reads the calls that the vendor makes to us, such as delivery receipts.
//     [NewReceiver] makes an http.Handler of it.
//   - [Format], [MarshalJSON] and [MarshalText] mask a vendor's config and its own requests.
//
// # What the kit does
//
// The same for all: it reads the options, checks the request against the capabilities,
// waits for limits, makes the attempts, finds out what became of each, repeats only what was
// certainly not sent, follows no redirect, bounds time and size, and keeps keys, codes and numbers
// out of whatever is printed, logged or returned. The vendor's functions get the code cleaned, the
// language in the vendor's spelling, and the lifetime filled in. An answer that the vendor does not
// document neither verifies nor rejects a code.
//
// The file do.go shows the steps of a call, from top to bottom.
package vendorkit
