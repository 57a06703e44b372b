package otp

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Channel is the way by which a code reaches a person.
type Channel string

// The channels that vendors offer. What one provider offers stands in its [Capabilities].
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

// Provider sends one-time passcodes and verifies them. The clients of the vendor packages are providers, and so is
// whatever is composed of them. All methods are safe for concurrent use.
type Provider interface {
	// Name is the instance's name, unique in a program. Without [WithName] it is the package's: "insider".
	// It is stored in every [Verification], so keep it when you change the configuration.
	Name() string

	// Capabilities says what the provider can do. It makes no request.
	Capabilities() Capabilities

	// Send makes the vendor send one code to one recipient.
	//
	// A request outside of [Capabilities] is refused before the network, naming the field. When the error's outcome is
	// [OutcomeUnknown] the returned Verification is filled in as far as known, because the person may well hold a
	// code: keep it, and let the person type. Call again only when the outcome is [OutcomeNotSent].
	Send(ctx context.Context, req SendRequest) (Verification, error)

	// Verify asks the vendor whether code is the one that was sent for v. Nil means that it was right; nothing else
	// does. A rejected code is [ErrCodeRejected]; any other error says nothing about the code.
	//
	// Space around the code is dropped. Most vendors accept a code once, and each call may spend an attempt, so repeat
	// a call only when its outcome is [OutcomeNotSent].
	Verify(ctx context.Context, v Verification, code string) error
}

// SendRequest asks for one code to one recipient. Only To is required; every zero value means "the default". Printing or
// logging it masks the number and leaves the code out.
type SendRequest struct {
	// To is one recipient as E.164: "+" and 7 to 15 digits, no spaces, the first digit not 0. Anything else, a list of
	// numbers included, is [ErrInvalidRecipient].
	To string

	// Channel is how the code travels. "" is the provider's default channel.
	Channel Channel

	// Locale is the language of the message as BCP 47 tag, such as "pt-BR". It is matched exactly, then by its base
	// language ("pt"); a language that the vendor does not have is [ErrUnsupported]. "" is the vendor's default.
	Locale string

	// CodeLength is the number of characters of the code. 0 means [DefaultCodeLength] where the vendor lets us choose.
	CodeLength int

	// TTL is how long the code stays valid, in whole seconds. 0 means [DefaultTTL] where the vendor lets us choose.
	TTL time.Duration

	// MaxAttempts is how many wrong codes the vendor tolerates. 0 is the vendor's default.
	MaxAttempts int

	// Code is a code of the caller's own, where the vendor takes one. "" lets the vendor make it, which is safer.
	Code string

	// Options are extras of one vendor, such as insider.Unique(). Other vendors ignore them, so that a request
	// survives a change of vendor; it is the only part of a request that anyone ignores.
	Options []SendOption
}

// String describes r on one line, with its number masked and without its code and options.
func (r SendRequest) String() string {
	return fmt.Sprintf("send to %s by %q, locale %q, length %d, valid for %s, %d attempts, own code: %t, %d options",
		Mask(r.To), string(r.Channel), r.Locale, r.CodeLength, r.TTL, r.MaxAttempts, r.Code != "", len(r.Options))
}

// GoString is String: the %#v form would show what must not be shown.
func (r SendRequest) GoString() string { return r.String() }

// Format serves every verb of package fmt.
func (r SendRequest) Format(s fmt.State, verb rune) { formatMasked(s, verb, r.String, r.GoString) }

// LogValue is String.
func (r SendRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

// SendOption is a typed extra of one vendor. Vendor packages define their own.
type SendOption interface {
	// OTPVendor names the vendor that understands the option, as in [Capabilities]: "insider".
	OTPVendor() string
}
