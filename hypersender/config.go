package hypersender

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/otp-sdk/otp-go/internal/redact"
)

// DefaultBaseURL is the vendor's only documented host and version ("introduction").
const DefaultBaseURL = "https://app.hypersender.com/api/otp/v2"

// Config is what [New] needs. Printing, logging or marshalling it masks the token.
type Config struct {
	// Instance is the id of the instance that sends, a UUID, from the dashboard ("Request OTP Code"). It is part of the
	// URL: 1 to 64 letters, digits, "-" and "_". Required.
	Instance string `json:"instance" yaml:"instance"`

	// Token is the API token, without "Bearer" ("Request OTP Code"). Required.
	Token string `json:"token" yaml:"token"`

	// AppName is the name of the app or service that the message shows, where a request gives no other ("Request OTP
	// Code"). Required: the page calls it optional, and its users report that it is not.
	AppName string `json:"app_name" yaml:"app_name"`

	// BaseURL is everything before the instance. "" = [DefaultBaseURL]. It must be https, unless it is a loopback address.
	BaseURL string `json:"base_url,omitempty" yaml:"base_url,omitempty"`
}

// maskedConfig is a Config without its token and without its methods.
type maskedConfig Config

func (c Config) masked() maskedConfig {
	c.Token = redact.Key(c.Token)
	return maskedConfig(c)
}

// Format prints c with its token masked, under every verb.
func (c Config) Format(s fmt.State, verb rune) { redact.Format(s, verb, c.masked()) }

// LogValue is c with its token masked.
func (c Config) LogValue() slog.Value { return slog.AnyValue(c.masked()) }

// MarshalJSON is c with its token masked: a Config is read from a file, not written to one.
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(c.masked()) }

// MarshalYAML is c with its token masked.
func (c Config) MarshalYAML() (any, error) { return c.masked(), nil }
