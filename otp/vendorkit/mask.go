package vendorkit

import (
	"fmt"

	"github.com/otp-sdk/otp-go/internal/redact"
)

// A vendor's Config, and its own requests, hide their secrets from every printer and encoder with four
// methods that call these. Which fields are hidden is in their tags: mask:"secret" for keys, codes and
// texts, mask:"number" for phone numbers and chat ids, mask:"url" for URLs, of which the host is shown.
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
