package otp

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// SendRequest asks for one code to one recipient. Only To is required; every zero value means "the
// default".
//
// Printing, logging or encoding it, in whatever form, masks the number and the code. Out of reach
// is what reads fields past methods: the verb %w outside of fmt.Errorf, the diff of a failed test,
// and package fmt where a struct of yours holds a request in an unexported field.
type SendRequest struct {
	// To is one recipient in E.164: "+" and 7 to 15 digits, no spaces, the first digit not 0.
	// Anything else, such as a list of numbers, is [ErrInvalidRecipient].
	To string

	// Channel is how the code travels. "" is the provider's default channel.
	Channel Channel

	// Locale is the preferred language of the message as a BCP 47 tag: "pt-BR". The provider takes
	// the nearest language that it has, see [Features.MatchLocale], else its default. It is never
	// an error.
	Locale string

	// CodeLength is the number of characters of the code. 0 means [DefaultCodeLength] where the
	// vendor lets us choose.
	CodeLength int

	// TTL is how long the code stays valid, in whole seconds. 0 means [DefaultTTL] where the vendor
	// lets us choose.
	TTL time.Duration

	// MaxAttempts is how many wrong codes the vendor tolerates. 0 is the vendor's default.
	MaxAttempts int

	// Code is a code of the caller's own, where the vendor takes one. "" lets the vendor make it,
	// which is safer.
	Code string

	// Previous is the send that this one repeats: "send again". Routers send by another way than it
	// took, own codes send the same code again, and guards count a resend; other providers just
	// send. It must be a verification for the same number. Nil = this is the first.
	Previous *Verification

	// Options are extras of one vendor, such as insider.Unique(). Other vendors ignore them, so
	// that a request survives a change of vendor. Nothing else in a request is ever ignored.
	Options []SendOption
}

// String describes r on one line, with its number masked and without its code and options.
func (r SendRequest) String() string {
	text := fmt.Sprintf("send to %s by %q, locale %q, length %d, valid for %s, %d attempts, own code: %t, %d options",
		Mask(r.To), string(r.Channel), r.Locale, r.CodeLength, r.TTL, r.MaxAttempts, r.Code != "", len(r.Options))
	if r.Previous != nil {
		text += ", again after " + r.Previous.String()
	}
	return text
}

// GoString is String: the %#v form would show the number.
func (r SendRequest) GoString() string { return r.String() }

// Format serves every verb of package fmt.
func (r SendRequest) Format(s fmt.State, verb rune) { formatMasked(s, verb, r.String, r.GoString) }

// LogValue is String.
func (r SendRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalText is String, for encoders of text such as XML and YAML. A request cannot be read back.
func (r SendRequest) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// GobEncode is String.
func (r SendRequest) GobEncode() ([]byte, error) { return r.MarshalText() }

// MarshalJSON has the fields of r with the number masked, and without code and options.
func (r SendRequest) MarshalJSON() ([]byte, error) {
	masked := struct {
		To          string  `json:"to"`
		Channel     Channel `json:"channel,omitempty"`
		Locale      string  `json:"locale,omitempty"`
		CodeLength  int     `json:"code_length,omitempty"`
		TTL         string  `json:"ttl,omitempty"`
		MaxAttempts int     `json:"max_attempts,omitempty"`
		Code        string  `json:"code,omitempty"`
		Previous    string  `json:"previous,omitempty"`
	}{
		To: Mask(r.To), Channel: r.Channel, Locale: r.Locale, CodeLength: r.CodeLength, MaxAttempts: r.MaxAttempts,
	}
	if r.TTL != 0 {
		masked.TTL = r.TTL.String()
	}
	if r.Code != "" {
		masked.Code = hidden
	}
	if r.Previous != nil {
		masked.Previous = r.Previous.String()
	}
	return json.Marshal(masked)
}
