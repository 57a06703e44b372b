package insider

import (
	"fmt"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// DefaultBaseURL is the vendor's only documented host ("Generate OTP Codes").
const DefaultBaseURL = "https://verify.useinsider.com"

// Config is what [New] needs. Printing, logging or encoding it masks the key.
type Config struct {
	// APIKey is the key of kind "Verify API" from the panel. Required.
	APIKey string `json:"api_key" yaml:"api_key" mask:"secret"`

	// BaseURL is everything before "/v1/...", https, except on loopback. "" = [DefaultBaseURL].
	BaseURL string `json:"base_url,omitempty" yaml:"base_url,omitempty"`

	// Channel is the channel of requests that name none: otp.SMS or otp.WhatsApp. "" = otp.SMS.
	Channel otp.Channel `json:"channel,omitempty" yaml:"channel,omitempty"`
}

func (c Config) check() error { return vendorkit.OneOf("channel", c.Channel, otp.SMS, otp.WhatsApp) }

// Format prints c with its key masked, under every verb.
func (c Config) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, c) }

// MarshalJSON is c with its key masked: a Config is read from a file, not written to one.
func (c Config) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(c) }

// MarshalText is c on one line with its key masked, for XML, YAML and logs.
func (c Config) MarshalText() ([]byte, error) { return vendorkit.MarshalText(c) }

// GobEncode is MarshalText.
func (c Config) GobEncode() ([]byte, error) { return c.MarshalText() }
