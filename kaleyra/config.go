package kaleyra

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// DefaultBaseURL is the only host on the vendor's Verify pages; the package comment has others.
const DefaultBaseURL = "https://api.kaleyra.io"

// Config is what [New] needs. Printing, logging or marshalling it masks the key.
type Config struct {
	// SID is the account's security identifier, "HXXXXXXX071US": 1 to 64 letters, digits, "-" or
	// "_". It is a part of every path, and no secret. Required.
	SID string `json:"sid" yaml:"sid"`

	// APIKey is a key of the same account ("Generating an API Key"). Required.
	APIKey string `json:"api_key" yaml:"api_key" mask:"secret"`

	// FlowID is the flow, or configuration, to send by, a UUID. "" = the one that the dashboard
	// marks as default; without a default one the vendor refuses to send.
	FlowID string `json:"flow_id,omitempty" yaml:"flow_id,omitempty"`

	// Flow declares what that flow is set to, so that portable requests can be checked.
	Flow Flow `json:"flow,omitzero" yaml:"flow,omitempty"`

	// SMSSender is who texts of your own are from ("Send OTP SMS"). SendSMS requires it.
	SMSSender string `json:"sms_sender,omitempty" yaml:"sms_sender,omitempty"`

	// SMSTemplateID is the DLT template that texts of your own fit, in India ("Send OTP SMS").
	SMSTemplateID string `json:"sms_template_id,omitempty" yaml:"sms_template_id,omitempty"`

	// SMSCallbackProfileID is the dashboard's callback profile that reports what becomes of texts of
	// your own, see [NewReceiver] ("SMS API Callback Request using Callback Profiles"). "" = nothing
	// is reported.
	SMSCallbackProfileID string `json:"sms_callback_profile_id,omitempty" yaml:"sms_callback_profile_id,omitempty"`

	// BaseURL is everything before "/v1/...", https, except on loopback. "" = [DefaultBaseURL].
	BaseURL string `json:"base_url,omitempty" yaml:"base_url,omitempty"`
}

// Flow declares what a flow is set to in the vendor's dashboard. It is never sent. A portable
// request may ask for what is declared here, and for nothing else; no page has attempts.
type Flow struct {
	// CodeLength is the number of characters of a code: 1 to 32. 0 = not declared.
	CodeLength int `json:"code_length,omitempty" yaml:"code_length,omitempty"`

	// TTL is the lifetime of a code, in whole seconds. Declared, it gives Verification.ExpiresAt. 0
	// = not declared. In JSON and YAML it is a Go duration: "5m".
	TTL time.Duration `json:"ttl,omitempty" yaml:"ttl,omitempty"`

	// Channels are otp.SMS and otp.Voice, as the flow uses them, in its order: the first is the
	// default. The flow goes through all of them, whatever a request asks for. Empty = otp.SMS alone.
	Channels []otp.Channel `json:"channels,omitempty" yaml:"channels,omitempty"`

	// Alphanumeric: codes may hold letters. It is for those who draw the input field, in
	// Features.Alphanumeric; Verify leaves letters to the vendor either way.
	Alphanumeric bool `json:"alphanumeric,omitempty" yaml:"alphanumeric,omitempty"`
}

type plainFlow Flow

type flowText struct {
	plainFlow
	TTL string `json:"ttl,omitempty"`
}

// MarshalJSON writes the lifetime as in YAML: "5m0s".
func (f Flow) MarshalJSON() ([]byte, error) {
	text := flowText{plainFlow: plainFlow(f)}
	if f.TTL != 0 {
		text.TTL = f.TTL.String()
	}
	return json.Marshal(text)
}

// UnmarshalJSON reads the lifetime as in YAML: "5m". An unknown member is an error.
func (f *Flow) UnmarshalJSON(data []byte) error {
	text := flowText{plainFlow: plainFlow(*f)}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&text); err != nil {
		return err
	}
	if text.TTL != "" {
		ttl, err := time.ParseDuration(text.TTL)
		if err != nil {
			return errors.New(`ttl must be a duration such as "5m"`)
		}
		text.plainFlow.TTL = ttl
	}
	*f = Flow(text.plainFlow)
	return nil
}

// Format prints c with its key masked, under every verb.
func (c Config) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, c) }

// MarshalJSON is c with its key masked: a Config is read from a file, not written to one.
func (c Config) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(c) }

// MarshalText is c on one line with its key masked, for XML, YAML and logs.
func (c Config) MarshalText() ([]byte, error) { return vendorkit.MarshalText(c) }

// GobEncode is MarshalText.
func (c Config) GobEncode() ([]byte, error) { return c.MarshalText() }
