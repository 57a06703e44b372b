package smsfactor

import (
	"cmp"
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// What stands on the wire, where it differs from the types that callers use.

// generateBody has what is set; the rest is left to the account. What is any is a bool or nil.
type generateBody struct {
	PhoneNumber               string      `json:"phone_number"`
	Text                      string      `json:"text,omitempty"`
	Channel                   otp.Channel `json:"channel,omitempty"`
	Sender                    string      `json:"sender,omitempty"`
	CodeLength                int         `json:"code_length,omitempty"`
	AllowDigits               any         `json:"allow_digits,omitempty"`
	AllowUpperCase            any         `json:"allow_upper_case,omitempty"`
	AllowLowerCase            any         `json:"allow_lower_case,omitempty"`
	AllowSpecialChars         any         `json:"allow_special_chars,omitempty"`
	RemoveConfusingCharacters any         `json:"remove_confusing_characters,omitempty"`
	ValidityPeriod            int64       `json:"validity_period,omitempty"`
	MaxWrongAttempts          int         `json:"max_wrong_attempts,omitempty"` // "string" on the developer site
	RecipientIP               string      `json:"recipient_ip,omitempty"`
	VoiceLanguage             string      `json:"voice_language,omitempty"`
	VoiceGender               Gender      `json:"voice_gender,omitempty"`
}

func (r GenerateRequest) body() any {
	channel := r.Channel
	if channel == otp.Voice {
		channel = "voice_sms"
	}
	return withExtra(generateBody{
		PhoneNumber: r.To, Text: r.Text, Channel: channel, Sender: r.Sender, CodeLength: r.CodeLength,
		AllowDigits: r.AllowDigits.wire(), AllowUpperCase: r.AllowUpperCase.wire(), AllowLowerCase: r.AllowLowerCase.wire(),
		AllowSpecialChars: r.AllowSpecialChars.wire(), RemoveConfusingCharacters: r.RemoveConfusingCharacters.wire(),
		ValidityPeriod: int64(r.TTL / time.Second), MaxWrongAttempts: r.MaxAttempts, RecipientIP: r.RecipientIP,
		VoiceLanguage: r.VoiceLanguage, VoiceGender: r.VoiceGender,
	}, r.Extra)
}

type validateBody struct {
	Code            string `json:"code"`
	OTPRequestToken string `json:"otp_request_token,omitempty"`
	PhoneNumber     string `json:"phone_number,omitempty"`
}

func (r ValidateRequest) body() any {
	return withExtra(validateBody{Code: r.Code, OTPRequestToken: r.Token, PhoneNumber: r.To}, r.Extra)
}

func withExtra(body any, extra map[string]any) any {
	if len(extra) == 0 {
		return body
	}
	var all map[string]any
	written, _ := json.Marshal(body) // texts, numbers and bools
	_ = json.Unmarshal(written, &all)
	maps.Copy(all, extra)
	return all
}

// wire is a bool, or nil for what is left to the account.
func (s Switch) wire() any {
	switch s {
	case On:
		return true
	case Off:
		return false
	default:
		return nil
	}
}

// readGenerated reports whether the body has the code 0, a token and no errors: the code is on its
// way then. Token and ticket are kept also of failures. Both into and ticket may be nil.
func readGenerated(a vendorkit.Answer, into *GenerateResponse, ticket *string) bool {
	answer, err := a.Object()
	if err != nil {
		return false
	}
	token, number := answer.Text("otp_request_token"), answer.Text("ticket_number")
	a.Sent(token, 0)
	*cmp.Or(ticket, new(string)) = number
	if into != nil { // to mask a text costs what a portable send need not pay
		*into = GenerateResponse{Token: token, TicketNumber: number, Message: a.Text(answer.Text("message"))}
	}
	return isCodeZero(answer) && token != "" && !answer.HasErrors()
}

func hasGenerated(answer vendorkit.Object) bool {
	return hasValidated(answer) || answer.Has("otp_request_token") || answer.Has("ticket_number")
}

// readValidated reports whether the body has the code 0 and no errors: this decides whether
// somebody is let in. Which 2xx it has, the pages do not say ("200 Created"). into may be nil.
func readValidated(a vendorkit.Answer, into *ValidateResponse) bool {
	answer, err := a.Object()
	ok := err == nil && isCodeZero(answer) && !answer.HasErrors()
	if ok && into != nil {
		into.Message = a.Text(answer.Text("message"))
	}
	return ok
}

// hasValidated reports whether an answer has a sign of success: a zero code, or "success".
func hasValidated(answer vendorkit.Object) bool {
	code, err := strconv.ParseFloat(strings.Trim(string(answer.Like("code")), `" `), 64)
	return err == nil && code == 0 || strings.EqualFold(string(answer.Like("message")), `"success"`)
}

// isCodeZero reports whether the code is 0, as a number or as a text.
func isCodeZero(answer vendorkit.Object) bool {
	code := string(answer.Get("code"))
	return code == "0" || code == `"0"`
}

func number(raw json.RawMessage) (int64, bool) {
	digits := strings.Trim(string(raw), `"`)
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == digits
}
