package vendorkit

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/otp"
)

// The checks of a vendor's own requests, which are made before the network. Each returns nil or an
// *otp.Error of kind otp.ErrInvalidRequest that names the field and the rule and never shows the
// value.

// Invalid is the error of a field that breaks a rule.
func Invalid(field, rule string) error {
	return refused(otp.ErrInvalidRequest, field, rule)
}

// First returns the first of errs that is one.
func First(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// When refuses a field with rule when it is broken.
func When(broken bool, field, rule string) error {
	if !broken {
		return nil
	}
	return Invalid(field, rule)
}

// Required refuses an empty field.
func Required(field, value string) error { return When(value == "", field, "must not be empty") }

// Between refuses a value outside of lowest to highest; zero is "not set" and passes.
func Between[T cmp.Ordered](field string, value, lowest, highest T) error {
	var unset T
	if value == unset || lowest <= value && value <= highest {
		return nil
	}
	return Invalid(field, fmt.Sprintf("must be %v to %v", lowest, highest))
}

// Seconds refuses a duration outside of lowest to highest or with a fraction of a second; zero
// passes.
func Seconds(field string, value, lowest, highest time.Duration) error {
	return First(
		When(value%time.Second != 0, field, "must be whole seconds"),
		Between(field, value, lowest, highest),
	)
}

// Characters refuses a text with fewer or more characters; the empty text passes.
func Characters(field, text string, fewest, most int) error {
	if n := utf8.RuneCountInString(text); text != "" && (n < fewest || n > most) {
		return Invalid(field, fmt.Sprintf("must have %d to %d characters", fewest, most))
	}
	return nil
}

// OneOf refuses a value that is not in allowed; the empty value passes.
func OneOf[T ~string](field string, value T, allowed ...T) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	if len(allowed) > 12 {
		return Invalid(field, fmt.Sprintf("must be one of %d values, to the letter", len(allowed)))
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	return Invalid(field, "must be one of: "+strings.Join(names, ", "))
}

// Digits refuses a code that is not made of fewest to most digits; the empty code passes.
func Digits(field, code string, fewest, most int) error {
	if code == "" || len(code) >= fewest && len(code) <= most && strings.Trim(code, "0123456789") == "" {
		return nil
	}
	return Invalid(field, fmt.Sprintf("must be %d to %d digits", fewest, most))
}

// Recipient refuses a text for no phone number, or for another channel than only; "" is that one.
func Recipient(t otp.Text, only otp.Channel) error {
	caps := otp.Capabilities{Default: only, Channels: map[otp.Channel]otp.Features{only: {}}}
	return caps.Check(otp.SendRequest{To: t.To, Channel: t.Channel})
}

var unprintable = regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f]`)

// PlainText refuses an empty text, more than most characters, controls but line feeds, and not
// UTF-8.
func PlainText(field, text string, most int) error {
	return First(
		Required(field, text), Characters(field, text, 1, most),
		When(unprintable.MatchString(text) || !utf8.ValidString(text), field, "must be UTF-8 without control characters but line breaks"),
	)
}

// URL refuses what is not an absolute http or https URL; the empty one passes.
func URL(field, raw string) error {
	if raw == "" {
		return nil
	}
	u, err := url.Parse(raw)
	ok := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
	return When(!ok, field, "must be an absolute http or https URL")
}

// A vendor's Config, and its own requests, hide their secrets from every printer and encoder with
// four methods that call these. Which fields are hidden is in their tags: mask:"secret" for keys,
// codes and texts, mask:"number" for phone numbers and chat ids, mask:"url" for URLs, of which the
// host is shown.
//
//	func (c Config) Format(s fmt.State, verb rune)  { vendorkit.Format(s, verb, c) }
//	func (c Config) MarshalJSON() ([]byte, error)   { return vendorkit.MarshalJSON(c) }
//	func (c Config) MarshalText() ([]byte, error)   { return vendorkit.MarshalText(c) } // XML, YAML, slog
//	func (c Config) GobEncode() ([]byte, error)     { return vendorkit.MarshalText(c) }

// Format prints a struct with its secrets masked, under every verb of package fmt.
func Format(s fmt.State, verb rune, v any) { redact.Format(s, verb, v) }

// MarshalJSON writes a struct as JSON with its secrets masked.
func MarshalJSON(v any) ([]byte, error) { return redact.MarshalJSON(v) }

// MarshalText writes a struct on one line with its secrets masked.
func MarshalText(v any) ([]byte, error) { return redact.MarshalText(v) }
