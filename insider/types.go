package insider

import (
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// GenerateRequest asks for one code to one number ("Generate OTP Codes"). To is required; other
// zero values are left to the vendor. Printing or encoding it masks number, code and callback.
type GenerateRequest struct {
	Channel otp.Channel // otp.SMS or otp.WhatsApp. "" is the client's default channel
	To      string      `mask:"number"` // the recipient, E.164

	// Locale is the language of the message, to the letter as the vendor spells it: one of 72 on
	// WhatsApp ("pt_BR"), one of de, en, es, fr, it, ja, nl, pt, ru, tr on SMS. Vendor's default: en.
	Locale string

	TTL        time.Duration // the lifetime of the code: 60 to 600 whole seconds. Vendor's default: 180
	CodeLength int           // the number of digits: 4 to 8. Vendor's default: 4

	// CustomCode is a code of your own: 4 to 8 digits, leading zeros kept; on SMS it must be at
	// least 1000 as a number. With CodeLength, the two must agree.
	CustomCode string `mask:"secret"`

	MaxAttempts int // how many wrong codes are tolerated: 1 to 10. Vendor's default: 3

	// IsUnique asks for a code that no other request has. WhatsApp only.
	IsUnique bool

	Callback  string `mask:"url"` // the URL that receives the events of this message. SMS only
	reference string // in Callback, see ReportTo
}

// GenerateResponse is the vendor's answer to Generate. It never holds the code.
type GenerateResponse struct {
	Key string // the vendor's reference, repeated in every webhook event of the message. WhatsApp only

	// Channel, Locale, MaxAttempts and TTL are the values in effect. Zero = not said.
	Channel     otp.Channel
	Locale      string
	MaxAttempts int
	TTL         time.Duration

	CreatedAt, UpdatedAt time.Time // on the vendor's clock, in UTC. Zero = no readable date
}

// CheckRequest asks whether a number's code is right ("Verify OTP Codes"). Both are masked.
type CheckRequest struct {
	To   string `mask:"number"` // the number that the code was sent to, E.164
	Code string `mask:"secret"` // what the person typed: 4 to 8 digits
}

// CheckResponse is the vendor's answer to a right code. Status is "success".
type CheckResponse struct{ Status string }

// CreateChannelRequest sets a channel up, once per brand ("Create a Channel").
type CreateChannelRequest struct {
	Channel otp.Channel `json:"channel"` // otp.SMS or otp.WhatsApp. Required

	// BrandName stands in the texts: 3 to 30 characters. Required on SMS, and SMS only.
	BrandName string `json:"brandName,omitempty"`
}

// CreateChannelResponse is the vendor's answer to CreateChannel. Status is "success".
type CreateChannelResponse struct{ Status string }

// UpdateChannelRequest renames the brand of the SMS channel ("Update a Channel").
type UpdateChannelRequest struct {
	Channel otp.Channel `json:"channel"` // otp.SMS, the only one that can be updated. "" means it

	// BrandName stands in the texts: 3 to 30 characters. Required.
	BrandName string `json:"brandName,omitempty"`
}

// UpdateChannelResponse is the vendor's answer to UpdateChannel. Status is "success".
type UpdateChannelResponse struct{ Status string }

// CreateTemplateRequest registers a WhatsApp template for a language ("Create OTP Template").
type CreateTemplateRequest struct {
	Channel otp.Channel `json:"channel"` // otp.WhatsApp, the only one that takes new templates. "" means it
	Locale  string      `json:"locale"`  // one of the 72 WhatsApp languages. Required

	// TemplateName names an authentication template of the WhatsApp Business Account. Required.
	TemplateName string `json:"templateName,omitempty"`
}

// CreateTemplateResponse is the vendor's answer to CreateTemplate. Status is "success".
type CreateTemplateResponse struct{ Status string }

// UpdateTemplateRequest replaces the template of a language ("Update OTP Templates").
type UpdateTemplateRequest struct {
	Channel otp.Channel `json:"channel"` // otp.SMS or otp.WhatsApp. Required
	Locale  string      `json:"locale"`  // one of the channel's languages. Required

	// Text is 1 to 100 characters with {brandName} and {code}. Required on SMS, and SMS only.
	Text string `json:"text,omitempty"`

	// TemplateName names an authentication template. Required on WhatsApp, and WhatsApp only.
	TemplateName string `json:"templateName,omitempty"`
}

// UpdateTemplateResponse is the vendor's answer to UpdateTemplate. Status is "success".
type UpdateTemplateResponse struct{ Status string }

// ListTemplatesRequest asks for all templates ("List OTP Templates"). It has nothing to set.
type ListTemplatesRequest struct{}

// ListTemplatesResponse holds the templates of the account.
type ListTemplatesResponse struct {
	Templates map[otp.Channel][]Template `json:"templates"` // those of each channel, one for each language
}

// Template is the message of one language.
type Template struct {
	Locale       string `json:"locale"`       // the language in the vendor's spelling, "pt_BR"
	Text         string `json:"text"`         // the message on SMS, and empty on WhatsApp
	TemplateName string `json:"templateName"` // set on WhatsApp
}
