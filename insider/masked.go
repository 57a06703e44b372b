package insider

import (
	"fmt"

	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// The requests that hold a number or a code mask them, and a callback URL shows its host alone.

// Format prints r with number, code and callback masked, under every verb.
func (r GenerateRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }

// MarshalJSON is r with number, code and callback masked. The vendor gets another form.
func (r GenerateRequest) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(r) }

// MarshalText is r on one line with number, code and callback masked, for XML, YAML and logs.
func (r GenerateRequest) MarshalText() ([]byte, error) { return vendorkit.MarshalText(r) }

// GobEncode is MarshalText.
func (r GenerateRequest) GobEncode() ([]byte, error) { return r.MarshalText() }

// Format prints r with number and code masked, under every verb.
func (r CheckRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }

// MarshalJSON is r with number and code masked. The vendor gets another form.
func (r CheckRequest) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(r) }

// MarshalText is r on one line with number and code masked, for XML, YAML and logs.
func (r CheckRequest) MarshalText() ([]byte, error) { return vendorkit.MarshalText(r) }

// GobEncode is MarshalText.
func (r CheckRequest) GobEncode() ([]byte, error) { return r.MarshalText() }
