package smsfactor

import (
	"fmt"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// DefaultBaseURL is Octopush's only documented host ("OTP: send a code"), not SMSFactor's.
const DefaultBaseURL = "https://api.octopush.com/v1/public"

// Config is what [New] needs. Printing, logging or encoding it masks login and key.
type Config struct {
	// APILogin is the login of the Octopush account, an e-mail address. Required.
	APILogin string `json:"api_login" yaml:"api_login" mask:"secret"`

	// APIKey is the key of the Octopush account, from its OTP settings page. Required.
	APIKey string `json:"api_key" yaml:"api_key" mask:"secret"`

	// Sender is that of requests without one: 3 to 11 ASCII letters and digits. "" = the account's.
	Sender string `json:"sender,omitempty" yaml:"sender,omitempty"`

	// Text is that of requests without one, as in [GenerateRequest]. "" = the account's setting.
	Text string `json:"text,omitempty" yaml:"text,omitempty"`

	// Channel is the channel of requests that name none: otp.SMS, which is the default, or otp.Voice.
	Channel otp.Channel `json:"channel,omitempty" yaml:"channel,omitempty"`

	// BaseURL is everything before "/service/...", https, except on loopback. "" = [DefaultBaseURL].
	BaseURL string `json:"base_url,omitempty" yaml:"base_url,omitempty"`
}

func (c Config) check() error {
	return vendorkit.First(
		checkSender(c.Sender),
		checkText(c.Text),
		vendorkit.OneOf("channel", c.Channel, otp.SMS, otp.Voice),
	)
}

// Format prints c with login and key masked, under every verb.
func (c Config) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, c) }

// MarshalJSON is c with login and key masked: a Config is read from a file, not written to one.
func (c Config) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(c) }

// MarshalText is c on one line with login and key masked, for XML, YAML and logs.
func (c Config) MarshalText() ([]byte, error) { return vendorkit.MarshalText(c) }

// GobEncode is MarshalText.
func (c Config) GobEncode() ([]byte, error) { return c.MarshalText() }
