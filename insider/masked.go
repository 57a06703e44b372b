package insider

import (
	"fmt"

	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// The requests that hold a number or a code mask them, and a callback URL shows its host alone.

// Format prints r with number, code and callback masked, and so do the encoders.
func (r GenerateRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }
func (r GenerateRequest) MarshalJSON() ([]byte, error)  { return vendorkit.MarshalJSON(r) }
func (r GenerateRequest) MarshalText() ([]byte, error)  { return vendorkit.MarshalText(r) }
func (r GenerateRequest) GobEncode() ([]byte, error)    { return vendorkit.MarshalText(r) }

// Format prints r with number and code masked, and so do the encoders.
func (r CheckRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }
func (r CheckRequest) MarshalJSON() ([]byte, error)  { return vendorkit.MarshalJSON(r) }
func (r CheckRequest) MarshalText() ([]byte, error)  { return vendorkit.MarshalText(r) }
func (r CheckRequest) GobEncode() ([]byte, error)    { return vendorkit.MarshalText(r) }
