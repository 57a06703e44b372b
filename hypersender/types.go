package hypersender

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/otp"
)

// ChatID returns the chat id of the person with a number in E.164: "+20123456789" is "20123456789@c.us" ("What is
// chatId"). What is not one number is refused as otp.ErrInvalidRecipient.
func ChatID(number string) (string, error) {
	if err := otp.CheckRecipient(number); err != nil {
		return "", err
	}
	return chatID(number), nil
}

// chatID is [ChatID] of a number that has been checked.
func chatID(number string) string { return number[len("+"):] + "@c.us" }

// RequestCodeRequest asks for one code to one chat ("Request OTP Code"). ChatID is required; every other zero value is
// the vendor's default. The defaults stand in the request like any other value: the page calls the fields optional, the
// vendor's client always sends all of them, and users report that some are required.
type RequestCodeRequest struct {
	// ChatID is the recipient, in any form that the vendor takes: [ChatID] makes the one of a person. It is sent as it is,
	// so do not let strangers choose it: it may name a group.
	ChatID string

	// Length is the number of characters of the code: 4 to 10, a range of the vendor's client. Default: 6.
	Length int

	// UseLetter puts letters into the code.
	UseLetter bool

	// NoNumber keeps digits out of the code, which needs UseLetter. It is the vendor's useNumber, turned round: that one
	// is true by default.
	NoNumber bool

	// AllCapital makes letters capitals. Without UseLetter it does nothing.
	AllCapital bool

	// Name is the name of the app or service that the message shows. Default: Config.AppName.
	Name string

	// Expires is the lifetime of the code: 60 to 1800 whole seconds, a range of the vendor's client. Default: 1800.
	Expires time.Duration
}

// RequestCodeResponse is the vendor's answer to RequestCode. Of what the vendor answers, it leaves out the code, which is
// the secret itself, and the chat id, which the caller knows.
type RequestCodeResponse struct {
	// UUID is the vendor's reference to this request. No operation takes it; the dashboard shows it.
	UUID string

	// Status is "pending", "sent", "validated" or "expired"; after a request, "pending": the message is queued.
	Status string

	// OTPType is "code".
	OTPType string

	// ExpiresAt and CreatedAt are zero when the answer has no readable date.
	ExpiresAt, CreatedAt time.Time
}

// ValidateCodeRequest asks whether a code is the active one of a chat ("validate-code").
type ValidateCodeRequest struct {
	// ChatID is the chat that the code was sent to, spelt as it was then.
	ChatID string

	// Code is what the person typed: 4 to 10 letters or digits. It is sent as it is; whether the vendor tells capitals
	// from small letters is not documented.
	Code string
}

// ValidateCodeResponse is the vendor's answer to a right code.
type ValidateCodeResponse struct {
	// UUID is the vendor's reference to the request for the code.
	UUID string

	// Status is "validated".
	Status string

	// ValidatedAt is zero when the answer has no readable date.
	ValidatedAt time.Time
}

// GenerateLinkRequest asks for a link ("generate-link"). Expires and Name are always sent; other zero values are left out.
// Which of them the vendor requires is not documented; its own client sends all.
type GenerateLinkRequest struct {
	// ChatID is the person's chat id, as in [RequestCodeRequest]. The vendor's client sends it, the page does not have it.
	ChatID string

	// Expires is the lifetime of the link: 60 to 3600 whole seconds, a range of the vendor's client. Default: 1800.
	Expires time.Duration

	// Name is the name of the app that the messages show. Default: Config.AppName.
	Name string

	// Message holds the texts of the conversation.
	Message LinkMessage

	// Callback holds the URLs that are called with its result.
	Callback LinkCallback
}

// LinkMessage holds the texts of the conversation that a link starts. The page names the placeholders {link}, {name} and
// {code}, and says only of {link} where it may stand.
type LinkMessage struct {
	// Prompt is what the person sends. The vendor appends a code to it.
	Prompt string

	// Success is the reply to a person who is verified; {link} in it becomes the URL to log in with.
	Success string

	// Failed is the reply when the verification fails.
	Failed string

	// Expired is the reply when the link is too old.
	Expired string
}

// LinkCallback holds absolute http or https URLs that tell the result. How they are called, and how a call could be told
// from a forged one, is not documented: put a secret of your own into them, and take a call for a hint.
type LinkCallback struct {
	// Success is called when the person is verified.
	Success string

	// Failed is called when the verification fails.
	Failed string
}

// GenerateLinkResponse is the vendor's answer to GenerateLink. Printing, logging or marshalling it masks the link. Of
// what the vendor answers, it leaves out the code, which stands in the link and has no other use, and the chat id.
type GenerateLinkResponse struct {
	// UUID is the vendor's reference to the link.
	UUID string

	// WhatsAppLink is the https URL to deliver to the person, and a secret: whoever opens it and sends its message may be
	// taken for that person. Read it from here; no printed or marshalled form of the response holds it.
	WhatsAppLink string

	// Status is "pending", "verified", "failed" or "expired"; of a new link, "pending".
	Status string

	// OTPType is "link".
	OTPType string

	// ExpiresAt and CreatedAt are zero when the answer has no readable date.
	ExpiresAt, CreatedAt time.Time
}

// maskedLink is a GenerateLinkResponse without its link and without its methods.
type maskedLink GenerateLinkResponse

func (r GenerateLinkResponse) masked() maskedLink {
	r.WhatsAppLink = redact.Key(r.WhatsAppLink)
	return maskedLink(r)
}

// Format prints r with its link masked, under every verb.
func (r GenerateLinkResponse) Format(s fmt.State, verb rune) { redact.Format(s, verb, r.masked()) }

// LogValue is r with its link masked.
func (r GenerateLinkResponse) LogValue() slog.Value { return slog.AnyValue(r.masked()) }

// MarshalJSON is r with its link masked.
func (r GenerateLinkResponse) MarshalJSON() ([]byte, error) { return json.Marshal(r.masked()) }

// MarshalYAML is r with its link masked.
func (r GenerateLinkResponse) MarshalYAML() (any, error) { return r.masked(), nil }
