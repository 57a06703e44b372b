package hypersender

import (
	"fmt"

	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// Requests and links hide their secrets from printers and encoders. wire.go writes for the vendor.

// Format prints r masked, under every verb.
func (r RequestCodeRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }

// MarshalJSON is r masked.
func (r RequestCodeRequest) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(r) }

// MarshalText is r masked, on one line.
func (r RequestCodeRequest) MarshalText() ([]byte, error) { return vendorkit.MarshalText(r) }

// GobEncode is MarshalText.
func (r RequestCodeRequest) GobEncode() ([]byte, error) { return r.MarshalText() }

// Format prints r masked, under every verb.
func (r ValidateCodeRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }

// MarshalJSON is r masked.
func (r ValidateCodeRequest) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(r) }

// MarshalText is r masked, on one line.
func (r ValidateCodeRequest) MarshalText() ([]byte, error) { return vendorkit.MarshalText(r) }

// GobEncode is MarshalText.
func (r ValidateCodeRequest) GobEncode() ([]byte, error) { return r.MarshalText() }

// Format prints r masked, under every verb.
func (r GenerateLinkRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }

// MarshalJSON is r masked.
func (r GenerateLinkRequest) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(r) }

// MarshalText is r masked, on one line.
func (r GenerateLinkRequest) MarshalText() ([]byte, error) { return vendorkit.MarshalText(r) }

// GobEncode is MarshalText.
func (r GenerateLinkRequest) GobEncode() ([]byte, error) { return r.MarshalText() }

// Format prints c masked, under every verb.
func (c LinkCallback) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, c) }

// MarshalJSON is c masked.
func (c LinkCallback) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(c) }

// MarshalText is c masked, on one line.
func (c LinkCallback) MarshalText() ([]byte, error) { return vendorkit.MarshalText(c) }

// GobEncode is MarshalText.
func (c LinkCallback) GobEncode() ([]byte, error) { return c.MarshalText() }

// Format prints r masked, under every verb.
func (r GenerateLinkResponse) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }

// MarshalJSON is r masked.
func (r GenerateLinkResponse) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(r) }

// MarshalText is r masked, on one line.
func (r GenerateLinkResponse) MarshalText() ([]byte, error) { return vendorkit.MarshalText(r) }

// GobEncode is MarshalText.
func (r GenerateLinkResponse) GobEncode() ([]byte, error) { return r.MarshalText() }
