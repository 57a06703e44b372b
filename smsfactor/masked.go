package smsfactor

import (
	"fmt"

	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// The requests mask number, code and IP address, and show no extra fields, which may hold anything.

// Format prints r with number, IP address and extra fields masked, and so do the encoders.
func (r GenerateRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }
func (r GenerateRequest) MarshalJSON() ([]byte, error)  { return vendorkit.MarshalJSON(r) }
func (r GenerateRequest) MarshalText() ([]byte, error)  { return vendorkit.MarshalText(r) }
func (r GenerateRequest) GobEncode() ([]byte, error)    { return vendorkit.MarshalText(r) }

// Format prints r with number, code and extra fields masked, and so do the encoders.
func (r ValidateRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }
func (r ValidateRequest) MarshalJSON() ([]byte, error)  { return vendorkit.MarshalJSON(r) }
func (r ValidateRequest) MarshalText() ([]byte, error)  { return vendorkit.MarshalText(r) }
func (r ValidateRequest) GobEncode() ([]byte, error)    { return vendorkit.MarshalText(r) }
