package hypersender

import "time"

// RequestCodeRequest asks for one code to one chat ("Request OTP Code"). ChatID is required; other
// zero values are the vendor's defaults, which are always sent: users report that some fields are
// required. Printing, logging or marshalling it masks the chat id.
type RequestCodeRequest struct {
	// ChatID is the recipient, in any form that the vendor takes: [ChatID] makes the one of a
	// person. It is sent as it is, so do not let strangers choose it: it may be that of a group.
	ChatID string `mask:"number"`

	Length int // the number of characters of the code: 4 to 10 (vendor's client). Default: 6

	// UseLetter puts letters into the code.
	UseLetter bool

	// NoNumber keeps digits out of the code, which needs UseLetter: useNumber, turned round.
	NoNumber bool

	// AllCapital makes letters capitals. Without UseLetter it does nothing.
	AllCapital bool

	Name    string        // the name of the app or service that the message shows. Default: Config.AppName
	Expires time.Duration // the lifetime: 60 to 1800 whole seconds (vendor's client). Default: 1800
}

// RequestCodeResponse is the vendor's answer to RequestCode, without code and chat id.
type RequestCodeResponse struct {
	UUID                 string    // the vendor's reference to this request. No operation takes it; the dashboard shows it
	Status               string    // "pending" (the message is queued), "sent", "validated" or "expired"
	OTPType              string    // "code"
	ExpiresAt, CreatedAt time.Time // in UTC, by the vendor's clock. Zero = no readable date
}

// ValidateCodeRequest asks whether a chat's code is right ("validate-code"). Both are masked.
type ValidateCodeRequest struct {
	ChatID string `mask:"number"` // the chat that the code was sent to, spelt as it was then
	Code   string `mask:"secret"` // what the person typed: 4 to 10 letters or digits, sent as it is
}

// ValidateCodeResponse is the vendor's answer to a right code.
type ValidateCodeResponse struct {
	UUID        string    // the vendor's reference to the request for the code
	Status      string    // "validated"
	ValidatedAt time.Time // in UTC, and zero when the answer has no readable date
}

// GenerateLinkRequest asks for a link ("generate-link"). Expires and Name are always sent; other
// zero values are left out. Which are required is not documented; the vendor's client sends all.
// Printing, logging or marshalling it masks the chat id, and of a URL shows the host alone.
type GenerateLinkRequest struct {
	ChatID  string        `mask:"number"` // the person's chat id, as in [RequestCodeRequest]. Only the vendor's client has it
	Expires time.Duration // the lifetime: 60 to 3600 whole seconds (vendor's client). Default: 1800
	Name    string        // the name of the app that the messages show. Default: Config.AppName

	// Message holds the texts of the conversation.
	Message LinkMessage

	// Callback holds the URLs that are called with its result.
	Callback LinkCallback
}

// LinkMessage holds the texts of a link's conversation, with {link}, {name} and {code} in them.
type LinkMessage struct {
	Prompt string `json:"prompt,omitempty"` // what the person sends. The vendor appends a code to it

	// Success is the reply to a person who is verified; {link} in it becomes the URL to log in with.
	Success string `json:"success,omitempty"`

	Failed  string `json:"failed,omitempty"`  // the reply when the verification fails
	Expired string `json:"expired,omitempty"` // the reply when the link is too old
}

// LinkCallback holds absolute http or https URLs that are called with the result; no page says how.
// Include a secret in the URL, and treat a callback as a hint, not as proof.
type LinkCallback struct {
	Success string `mask:"url"` // called when the person is verified
	Failed  string `mask:"url"` // called when the verification fails
}

// GenerateLinkResponse is the vendor's answer to GenerateLink, without code. The link is masked.
type GenerateLinkResponse struct {
	UUID string // the vendor's reference to the link

	// WhatsAppLink is the https URL to deliver to the person, and a secret: anybody who opens it and
	// sends its message may be taken for that person.
	WhatsAppLink string `mask:"secret"`

	Status               string    // "pending", "verified", "failed" or "expired"; of a new link, "pending"
	OTPType              string    // "link"
	ExpiresAt, CreatedAt time.Time // in UTC, by the vendor's clock. Zero = no readable date
}
