package smsfactor

import (
	"fmt"

	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// The requests mask number, code and IP address, and show no extra fields, which may hold anything.

// Format prints r with number, IP address and extra fields masked, under every verb.
func (r GenerateRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }

// MarshalJSON is r with number, IP address and extra fields masked. The vendor gets another form.
func (r GenerateRequest) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(r) }

// MarshalText is r on one line with the same masked, for XML, YAML and logs.
func (r GenerateRequest) MarshalText() ([]byte, error) { return vendorkit.MarshalText(r) }

// GobEncode is MarshalText.
func (r GenerateRequest) GobEncode() ([]byte, error) { return r.MarshalText() }

// Format prints r with number, code and extra fields masked, under every verb.
func (r ValidateRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }

// MarshalJSON is r with number, code and extra fields masked. The vendor gets another form.
func (r ValidateRequest) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(r) }

// MarshalText is r on one line with number, code and extra fields masked, for XML, YAML and logs.
func (r ValidateRequest) MarshalText() ([]byte, error) { return vendorkit.MarshalText(r) }

// GobEncode is MarshalText.
func (r ValidateRequest) GobEncode() ([]byte, error) { return r.MarshalText() }
