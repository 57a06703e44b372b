// Package portable holds what the portable calls, Send and Verify, of all vendors share.
package portable

import (
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
)

// Clone returns caps with maps and slices of its own, to hand to a caller who may change them.
func Clone(caps otp.Capabilities) otp.Capabilities {
	caps.Channels = maps.Clone(caps.Channels)
	for channel, features := range caps.Channels {
		features.Locales = slices.Clone(features.Locales)
		caps.Channels[channel] = features
	}
	return caps
}

// Sent is what Send returns when the native call has ended with err. When the outcome is unknown the person may hold a
// code, so the verification goes with the error; when nothing was sent there is none. A vendor without a reference of
// its own gets a random one.
func Sent(v otp.Verification, err error) (otp.Verification, error) { return SentMarked(v, "", err) }

// SentMarked is [Sent] with a mark before a random reference, by which Verify knows that it is none of the vendor's.
func SentMarked(v otp.Verification, mark string, err error) (otp.Verification, error) {
	if err != nil && otp.OutcomeOf(err) == otp.OutcomeNotSent {
		return otp.Verification{}, err
	}
	if !isReference(v.ID) {
		v.ID = mark + rand.Text()
	}
	return v, err
}

// isReference reports whether a vendor's reference can be one: it is stored, and printed in logs.
func isReference(id string) bool {
	const longest = 256
	strange := func(r rune) bool { return r <= ' ' || r > '~' }
	return id != "" && len(id) <= longest && !strings.ContainsFunc(id, strange)
}

// Typed returns the code to verify in what a person typed, after checking that v came from the provider called name.
func Typed(name string, v otp.Verification, typed string) (string, error) {
	if v.Provider != name {
		return "", &otp.Error{
			Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: "provider",
			Err: errors.New("the verification belongs to another provider"),
		}
	}
	return otp.TypedCode(typed)
}

// WrongCode is the error of a typed code that this vendor can never have sent. Nobody has to be asked.
func WrongCode() error {
	return &otp.Error{
		Kind: otp.ErrWrongCode, Outcome: otp.OutcomeNotSent, Field: "code",
		Err: errors.New("this vendor sends no such code"),
	}
}
