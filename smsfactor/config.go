package smsfactor

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/otp"
)

// DefaultBaseURL is Octopush's only documented host ("OTP: send a code"). It is not SMSFactor's, whose API knows
// neither these operations nor these credentials.
const DefaultBaseURL = "https://api.octopush.com/v1/public"

// Config is what [New] needs. Printing, logging or marshalling it masks login and key.
type Config struct {
	// APILogin is the login of the Octopush account, an e-mail address. Required.
	APILogin string `json:"api_login" yaml:"api_login"`

	// APIKey is the key of the Octopush account, from its OTP settings page. Required.
	APIKey string `json:"api_key" yaml:"api_key"`

	// Sender is the sender of requests that name none: 3 to 11 ASCII letters and digits. "" = the account's setting.
	Sender string `json:"sender,omitempty" yaml:"sender,omitempty"`

	// Text is the message of requests that bring none, as in [GenerateRequest]. "" = the account's setting.
	Text string `json:"text,omitempty" yaml:"text,omitempty"`

	// Channel is the channel of requests that name none: otp.SMS, which is the default, or otp.Voice.
	Channel otp.Channel `json:"channel,omitempty" yaml:"channel,omitempty"`

	// BaseURL is everything before "/service/...". "" = [DefaultBaseURL]. It must be https, unless it is a loopback
	// address.
	BaseURL string `json:"base_url,omitempty" yaml:"base_url,omitempty"`
}

// maskedConfig is a Config without its credentials and without its methods.
type maskedConfig Config

func (c Config) masked() maskedConfig {
	c.APILogin, c.APIKey = redact.Key(c.APILogin), redact.Key(c.APIKey)
	return maskedConfig(c)
}

// Format prints c with login and key masked, under every verb.
func (c Config) Format(s fmt.State, verb rune) { redact.Format(s, verb, c.masked()) }

// LogValue is c with login and key masked.
func (c Config) LogValue() slog.Value { return slog.AnyValue(c.masked()) }

// MarshalJSON is c with login and key masked: a Config is read from a file, not written to one.
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(c.masked()) }

// MarshalYAML is c with login and key masked.
func (c Config) MarshalYAML() (any, error) { return c.masked(), nil }
