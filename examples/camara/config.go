package camara

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// DefaultScope is for both operations ("sendCode", "validateCode").
const DefaultScope = "one-time-password-sms:send-validate"

// Config is what [New] needs. Printing, logging or marshalling it masks the client secret.
type Config struct {
	// BaseURL is everything before "/send-code": "https://operator.example/one-time-password-sms/v1".
	// It must be https, unless it is a loopback address. Required.
	BaseURL string `json:"base_url" yaml:"base_url"`

	// TokenURL is the operator's OAuth 2 token endpoint, with https like BaseURL. Required.
	TokenURL string `json:"token_url" yaml:"token_url"`

	// ClientID and ClientSecret are what the operator has registered. Required.
	ClientID     string `json:"client_id" yaml:"client_id"`
	ClientSecret string `json:"client_secret" yaml:"client_secret" mask:"secret"`

	// BasicAuth sends both by HTTP Basic. False = in the form, as most operators want it.
	BasicAuth bool `json:"basic_auth,omitempty" yaml:"basic_auth,omitempty"`

	// Scope is what a token is asked for; several are separated by spaces. An operator may want a
	// purpose beside the default: "dpv:FraudPreventionAndDetection" ("Security"). "" = [DefaultScope].
	Scope string `json:"scope,omitempty" yaml:"scope,omitempty"`

	// Message is the text, which holds {{code}} once: at most 160 characters, of which an operator may
	// allow fewer. An operator may also refuse line breaks. "" = "{{code}} is your verification code."
	Message string `json:"message,omitempty" yaml:"message,omitempty"`

	// Service declares what the operator documents. Zero = nothing is declared.
	Service Service `json:"service,omitzero" yaml:"service,omitempty"`
}

// Service declares how an operator has set up its service: what requests may ask for, and no more.
type Service struct {
	CodeLength int `json:"code_length,omitempty" yaml:"code_length,omitempty"` // how many characters a code has: 4 to 10

	// TTL is how long a code is valid, in whole seconds. It gives Verification.ExpiresAt.
	TTL time.Duration `json:"ttl,omitempty" yaml:"ttl,omitempty"`

	// MaxAttempts is how many wrong codes the operator takes: 1 to 100.
	MaxAttempts int `json:"max_attempts,omitempty" yaml:"max_attempts,omitempty"`

	// Alphanumeric says that codes may hold letters. It is for those who draw the input field.
	Alphanumeric bool `json:"alphanumeric,omitempty" yaml:"alphanumeric,omitempty"`
}

// Format prints c with its secret masked, under every verb.
func (c Config) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, c) }

// MarshalJSON is c with its secret masked: a Config is read from a file, not written to one.
func (c Config) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(c) }

// MarshalText is c on one line with its secret masked, for XML, YAML and logs.
func (c Config) MarshalText() ([]byte, error) { return vendorkit.MarshalText(c) }

// GobEncode is MarshalText.
func (c Config) GobEncode() ([]byte, error) { return c.MarshalText() }

// The documented limits ("sendCode", "validateCode"). A message is counted with its placeholder.
const placeholder, defaultMessage, longestMessage, shortestCode, longestCode = "{{code}}", "{{code}} is your verification code.", 160, 4, 10

var loopback = regexp.MustCompile(`\Ahttp://(127\.0\.0\.1|\[::1\]|localhost)(:[0-9]+)?/`)

func (c Config) check(plainHTTP bool) error {
	secure := strings.HasPrefix(c.TokenURL, "https://") || plainHTTP || loopback.MatchString(c.TokenURL)
	return vendorkit.First(
		vendorkit.URL("token_url", c.TokenURL),
		vendorkit.When(!secure, "token_url", "must be https; plain http is for loopback addresses, or needs otp.WithPlainHTTP"),
		vendorkit.Required("client_id", c.ClientID),
		vendorkit.Required("client_secret", c.ClientSecret),
		vendorkit.When(strings.Count(c.message(), placeholder) != 1, "message", "must hold "+placeholder+" once"),
		vendorkit.Characters("message", c.Message, 1, longestMessage),
		vendorkit.Between("service.code_length", c.Service.CodeLength, shortestCode, longestCode),
		vendorkit.Between("service.max_attempts", c.Service.MaxAttempts, 1, 100),
		vendorkit.Seconds("service.ttl", c.Service.TTL, time.Second, 24*time.Hour),
	)
}

func (c Config) message() string { return cmp.Or(c.Message, defaultMessage) }

func (c Config) capabilities() otp.Capabilities {
	return otp.Capabilities{Vendor: vendor, Default: otp.SMS, Channels: map[otp.Channel]otp.Features{otp.SMS: {
		CodeLength:   otp.Range[int]{Min: c.Service.CodeLength, Max: c.Service.CodeLength},
		MaxAttempts:  otp.Range[int]{Min: c.Service.MaxAttempts, Max: c.Service.MaxAttempts},
		TTL:          otp.Range[time.Duration]{Min: c.Service.TTL, Max: c.Service.TTL},
		Alphanumeric: c.Service.Alphanumeric,
	}}}
}
