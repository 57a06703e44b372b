package smsfactor

import (
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// The channels of the developer site beside otp.SMS, otp.Voice and otp.WhatsApp ("OTP: send a
// code"). Only Generate takes them. TextSMS is that page's name for SMS. The recipient is a phone
// number; what address Email and IMessage make of it is not documented.
const (
	TextSMS  otp.Channel = "text_sms"
	Email    otp.Channel = "email"
	IMessage otp.Channel = "imessage"
)

// Gender is the gender of the voice of a call.
type Gender string

// The two voices ("OTP request create").
const (
	Male   Gender = "male"
	Female Gender = "female"
)

// Characters are one of the sets of which codes are made.
type Characters string

// The vendor's alphabets. SpecialChars are ! # $ % & ? and @ ("OTP: send a code").
const (
	Digits       Characters = "digits"
	UpperCase    Characters = "upper_case"
	LowerCase    Characters = "lower_case"
	SpecialChars Characters = "special_chars"
)

// Switch is a yes or no for which the account has a setting, too.
type Switch int

// The zero Switch leaves the field out of the request.
const (
	AccountSetting Switch = iota
	On
	Off
)

// GenerateRequest asks for one code to one number ("OTP: send a code"). To is required; other zero
// values are the client's, else the account's. Printing or encoding it masks secrets.
type GenerateRequest struct {
	To      string      `mask:"number"` // the recipient, E.164
	Channel otp.Channel // otp.SMS, otp.Voice, otp.WhatsApp, or one of this package. "" = the client's
	Sender  string      // 3 to 11 ASCII letters and digits, "if the user allows it". "" = the default

	// Text is the message: 1 to 1224 characters, with the placeholders {code}, at most once, and
	// {hh:mm:ss}, the code's expiry. Without {code} the service most likely puts the code at the end
	// (no page says so). "" is the client's, else the account's; where that is empty, the code alone
	// is sent.
	Text string

	CodeLength int // the number of characters of the code: 4 to 32. One page allows 3, too

	// AllowDigits, AllowUpperCase, AllowLowerCase and AllowSpecialChars, which are ! # $ % & ? and
	// @, say what the code is made of. They must not all be Off.
	AllowDigits, AllowUpperCase, AllowLowerCase, AllowSpecialChars Switch

	// RemoveConfusingCharacters leaves out characters that look alike. Which ones is not documented.
	RemoveConfusingCharacters Switch

	TTL         time.Duration // the lifetime of the code: 3 to 10,000,000 whole seconds
	MaxAttempts int           // how many wrong codes are tolerated: 1 to 100. The vendor gives no range

	// RecipientIP is the IP address of the person, which "must be identical when checked". How the
	// vendor learns it then is not documented: try it out before you rely on it.
	RecipientIP string `mask:"secret"`

	// VoiceLanguage is the language of a call, to the letter: en-US, en-GB, el-GR, pl-PL, hu-HU,
	// sv-SE, de-DE, es-ES, es-LA, fr-FR, it-IT, pt-BR or ru-RU. otp.Voice only.
	VoiceLanguage string

	VoiceGender Gender // Male or Female. otp.Voice only

	// Extra are further fields of the request, by their names on the wire: 1 to 64 ASCII letters,
	// digits, "_", "-" and ".". Those of the fields above are refused, and values that cannot be
	// written as JSON. The vendor ignores names that it does not know.
	Extra map[string]any `mask:"secret"`

	ticket *string // see Ticket; nil = nobody asks
}

// GenerateResponse is the vendor's answer to Generate. It holds neither the code nor its expiry.
type GenerateResponse struct {
	// Token identifies the code in Validate. Never empty. The vendor's name for it: otp_request_token.
	Token string

	TicketNumber string // the vendor's number of the message, as in receipts, most likely. "" = not said
	Message      string // a text for people, with the recipient masked and cut to 200 bytes. "" = not said
}

// ValidateRequest asks whether a code is right ("OTP: code validation"). Secrets are masked.
type ValidateRequest struct {
	Token string         // what Generate returned. "" means the code that was last sent to To
	To    string         `mask:"number"` // the number that the code was sent to, E.164. It may be "" if there is a Token
	Code  string         `mask:"secret"` // what the person typed: 3 to 32 ASCII letters, digits and ! # $ % & ? @, sent as typed
	Extra map[string]any `mask:"secret"` // further fields of the request, as in [GenerateRequest]
}

// ValidateResponse is the vendor's answer to a right code.
type ValidateResponse struct {
	Message string // a text for people, "success" in the vendor's sample; cut to 200 bytes
}
