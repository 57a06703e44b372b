package otp

import (
	"context"
	"time"
)

// Channel is the way by which a code reaches a person.
type Channel string

// The channels that vendors offer. [Capabilities] says which of them a provider has.
const (
	SMS      Channel = "sms"
	WhatsApp Channel = "whatsapp"
	Voice    Channel = "voice"
)

// What a send asks for when [SendRequest] leaves it open and the vendor lets us choose.
const (
	DefaultCodeLength = 6
	DefaultTTL        = 5 * time.Minute
)

// Provider sends one-time passcodes and verifies them. The clients of the vendor packages are
// providers, and so is whatever is composed of them. All methods are safe for concurrent use.
type Provider interface {
	// Name is the instance's name, unique in a program. Without [WithName] it is the package's:
	// "insider". Every [Verification] holds it, so keep it when you change the configuration.
	Name() string

	// Capabilities says what the provider can do. It makes no request.
	Capabilities() Capabilities

	// Send makes the vendor send one code to one recipient.
	//
	// A request outside of [Capabilities] is refused before the network, naming the field. When the
	// error's outcome is [OutcomeUnknown] the returned Verification is filled in as far as known,
	// because the person may hold a code: keep it, and let the person type if it
	// [Verification.CanVerify]. Call again only when the outcome is [OutcomeNotSent].
	Send(ctx context.Context, req SendRequest) (Verification, error)

	// Verify asks the vendor whether code is the one that was sent for v. Nil means that it was
	// right; nothing else does. A rejected code is [ErrCodeRejected]; any other error says nothing
	// about the code.
	//
	// The code may be what the person typed: see [TypedCode]. Most vendors accept a code once, and
	// each call may spend an attempt, so repeat a call only when its outcome is [OutcomeNotSent].
	Verify(ctx context.Context, v Verification, code string) error
}

// SendOption is a typed extra of one vendor. Vendor packages define their own.
type SendOption interface {
	// OTPVendor names the vendor that understands the option, as in [Capabilities]: "insider".
	OTPVendor() string
}
