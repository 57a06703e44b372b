package hypersender

import (
	"fmt"

	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// DefaultBaseURL is the vendor's only documented host and version ("introduction").
const DefaultBaseURL = "https://app.hypersender.com/api/otp/v2"

// Config is what [New] needs. Printing, logging or marshalling it masks the token.
type Config struct {
	// Instance is the id of the instance that sends, a UUID, from the dashboard ("Request OTP
	// Code"). It is part of the URL: 1 to 64 letters, digits, "-" and "_". Required.
	Instance string `json:"instance" yaml:"instance"`

	// Token is the API token, without "Bearer" ("Request OTP Code"). Required.
	Token string `json:"token" yaml:"token" mask:"secret"`

	// AppName is the name of the app or service that the message shows, where a request gives no other
	// ("Request OTP Code"). Required: the page calls it optional, and its users report that it is not.
	AppName string `json:"app_name" yaml:"app_name"`

	// BaseURL is everything before the instance, https, except on loopback. "" = [DefaultBaseURL].
	BaseURL string `json:"base_url,omitempty" yaml:"base_url,omitempty"`
}

// Format prints c with its token masked, under every verb.
func (c Config) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, c) }

// MarshalJSON is c with its token masked: a Config is read from a file, not written to one.
func (c Config) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(c) }

// MarshalText is c on one line with its token masked, for XML, YAML and logs.
func (c Config) MarshalText() ([]byte, error) { return vendorkit.MarshalText(c) }

// GobEncode is MarshalText.
func (c Config) GobEncode() ([]byte, error) { return c.MarshalText() }
