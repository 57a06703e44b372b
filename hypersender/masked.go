package hypersender

import (
	"fmt"

	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// Requests and links hide numbers, codes and URLs from every printer and encoder. What goes to the
// vendor is made in wire.go.

// Format prints r masked, and so do the encoders.
func (r RequestCodeRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }
func (r RequestCodeRequest) MarshalJSON() ([]byte, error)  { return vendorkit.MarshalJSON(r) }
func (r RequestCodeRequest) MarshalText() ([]byte, error)  { return vendorkit.MarshalText(r) }
func (r RequestCodeRequest) GobEncode() ([]byte, error)    { return vendorkit.MarshalText(r) }

// Format prints r masked, and so do the encoders.
func (r ValidateCodeRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }
func (r ValidateCodeRequest) MarshalJSON() ([]byte, error)  { return vendorkit.MarshalJSON(r) }
func (r ValidateCodeRequest) MarshalText() ([]byte, error)  { return vendorkit.MarshalText(r) }
func (r ValidateCodeRequest) GobEncode() ([]byte, error)    { return vendorkit.MarshalText(r) }

// Format prints r masked, and so do the encoders.
func (r GenerateLinkRequest) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }
func (r GenerateLinkRequest) MarshalJSON() ([]byte, error)  { return vendorkit.MarshalJSON(r) }
func (r GenerateLinkRequest) MarshalText() ([]byte, error)  { return vendorkit.MarshalText(r) }
func (r GenerateLinkRequest) GobEncode() ([]byte, error)    { return vendorkit.MarshalText(r) }

// Format prints c masked, and so do the encoders.
func (c LinkCallback) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, c) }
func (c LinkCallback) MarshalJSON() ([]byte, error)  { return vendorkit.MarshalJSON(c) }
func (c LinkCallback) MarshalText() ([]byte, error)  { return vendorkit.MarshalText(c) }
func (c LinkCallback) GobEncode() ([]byte, error)    { return vendorkit.MarshalText(c) }

// Format prints r masked, and so do the encoders.
func (r GenerateLinkResponse) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, r) }
func (r GenerateLinkResponse) MarshalJSON() ([]byte, error)  { return vendorkit.MarshalJSON(r) }
func (r GenerateLinkResponse) MarshalText() ([]byte, error)  { return vendorkit.MarshalText(r) }
func (r GenerateLinkResponse) GobEncode() ([]byte, error)    { return vendorkit.MarshalText(r) }
