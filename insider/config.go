package insider

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/otp"
)

// DefaultBaseURL is the vendor's only documented host ("Generate OTP Codes").
const DefaultBaseURL = "https://verify.useinsider.com"

// Config is what [New] needs. Printing, logging or marshalling it masks the key.
type Config struct {
	// APIKey is the key of kind "Verify API" from the panel. Required.
	APIKey string `json:"api_key" yaml:"api_key"`

	// BaseURL is everything before "/v1/...". "" = [DefaultBaseURL]. It must be https, unless it is a loopback address.
	BaseURL string `json:"base_url,omitempty" yaml:"base_url,omitempty"`

	// Channel is the channel of requests that name none: otp.SMS, which is the default, or otp.WhatsApp.
	Channel otp.Channel `json:"channel,omitempty" yaml:"channel,omitempty"`
}

// maskedConfig is a Config without its key and without its methods.
type maskedConfig Config

func (c Config) masked() maskedConfig {
	c.APIKey = redact.Key(c.APIKey)
	return maskedConfig(c)
}

// Format prints c with its key masked, under every verb.
func (c Config) Format(s fmt.State, verb rune) { redact.Format(s, verb, c.masked()) }

// LogValue is c with its key masked.
func (c Config) LogValue() slog.Value { return slog.AnyValue(c.masked()) }

// MarshalJSON is c with its key masked: a Config is read from a file, not written to one.
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(c.masked()) }

// MarshalYAML is c with its key masked.
func (c Config) MarshalYAML() (any, error) { return c.masked(), nil }
