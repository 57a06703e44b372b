package kaleyra

import (
	"fmt"

	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// Requests hide their secrets from printers and encoders. wire.go writes for the vendor.

// Format prints r masked, under every verb.
func (r GenerateRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }

// MarshalJSON is r masked.
func (r GenerateRequest) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(r) }

// MarshalText is r masked, on one line.
func (r GenerateRequest) MarshalText() ([]byte, error) { return vendorkit.MarshalText(r) }

// GobEncode is MarshalText.
func (r GenerateRequest) GobEncode() ([]byte, error) { return r.MarshalText() }

// Format prints r masked, under every verb.
func (r ValidateRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }

// MarshalJSON is r masked.
func (r ValidateRequest) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(r) }

// MarshalText is r masked, on one line.
func (r ValidateRequest) MarshalText() ([]byte, error) { return vendorkit.MarshalText(r) }

// GobEncode is MarshalText.
func (r ValidateRequest) GobEncode() ([]byte, error) { return r.MarshalText() }
