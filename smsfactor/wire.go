package smsfactor

import (
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/internal/httpcall"
)

// What stands on the wire, where it differs from the types that callers use.

// generateBody has what is set; the rest is left to the account. What is any is a bool or nil.
type generateBody struct {
	PhoneNumber               string  `json:"phone_number"`
	Text                      string  `json:"text,omitempty"`
	Channel                   Channel `json:"channel,omitempty"`
	Sender                    string  `json:"sender,omitempty"`
	CodeLength                int     `json:"code_length,omitempty"`
	AllowDigits               any     `json:"allow_digits,omitempty"`
	AllowUpperCase            any     `json:"allow_upper_case,omitempty"`
	AllowLowerCase            any     `json:"allow_lower_case,omitempty"`
	AllowSpecialChars         any     `json:"allow_special_chars,omitempty"`
	RemoveConfusingCharacters any     `json:"remove_confusing_characters,omitempty"`
	ValidityPeriod            int64   `json:"validity_period,omitempty"`
	MaxWrongAttempts          int     `json:"max_wrong_attempts,omitempty"` // "string" on the developer site
	RecipientIP               string  `json:"recipient_ip,omitempty"`
	VoiceLanguage             string  `json:"voice_language,omitempty"`
	VoiceGender               Gender  `json:"voice_gender,omitempty"`
}

func (r GenerateRequest) body() any {
	return withExtra(generateBody{
		PhoneNumber: r.To, Text: r.Text, Channel: r.Channel, Sender: r.Sender, CodeLength: r.CodeLength,
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

// withExtra adds fields that no struct here has to a body.
func withExtra(body any, extra map[string]any) any {
	if len(extra) == 0 {
		return body
	}
	all := make(map[string]any, len(extra))
	for name, value := range namedFields(body) {
		if !value.IsZero() {
			all[name] = value.Interface()
		}
	}
	maps.Copy(all, extra)
	return all
}

// namedFields are the fields of a body under their names on the wire, also those that are not set.
func namedFields(body any) map[string]reflect.Value {
	v := reflect.ValueOf(body)
	fields := make(map[string]reflect.Value, v.NumField())
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		fields[name] = v.Field(i)
	}
	return fields
}

// wire is a bool, or nil for what is left to the account.
func (s Switch) wire() any {
	if s == AccountSetting {
		return nil
	}
	return s == On
}

// answer is the object that the vendor answers, success or not.
type answer struct {
	Code         *int64 // nil = none that can be read
	Message      string
	TicketNumber string
	Token        string
	AttemptsLeft *int

	// right: the code is the number 0 as documented, to the letter.
	right bool

	// hasErrors: it speaks of errors, which no answer of the vendor does.
	hasErrors bool
}

// readAnswer reads what it can, by the exact names, unless another name is like one of them: the vendor's pages write
// every code as a number, a public user of the API types it as a string.
func readAnswer(a httpcall.Answer) answer {
	object, err := a.Object()
	if err != nil {
		return answer{}
	}
	read := answer{
		Message:      object.Text("message"),
		TicketNumber: object.Text("ticket_number"),
		Token:        object.Text("otp_request_token"),
		right:        string(object.Get("code")) == "0",
		hasErrors:    object.HasErrors(),
	}
	if code, ok := number(object.Get("code")); ok {
		read.Code = &code
	}
	if left, ok := number(object.Get("remaining_number_of_attempts")); ok && left >= 0 && left <= math.MaxInt32 {
		n := int(left)
		read.AttemptsLeft = &n
	}
	return read
}

// number reads a whole number, also one in a JSON string.
func number(raw json.RawMessage) (int64, bool) {
	if raw == nil {
		return 0, false
	}
	digits := strings.Trim(string(raw), `"`)
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == digits
}

// isSuccess reports whether a is a 2xx that does not speak of errors.
func isSuccess(a httpcall.Answer, read answer) bool { return a.Status/100 == 2 && !read.hasErrors }

// readSent reports whether a is a 2xx with code 0 and a token. The code is on its way then, whatever else the object
// holds. Which 2xx it is, the vendor does not say ("OTP request create").
func readSent(a httpcall.Answer, into *GenerateResponse) bool {
	read := readAnswer(a)
	if !isSuccess(a, read) || read.Code == nil || *read.Code != 0 || read.Token == "" {
		return false
	}
	*into = GenerateResponse{Token: read.Token, TicketNumber: read.TicketNumber}
	return true
}

// readGenerated is readSent, and takes the vendor's text, too: to mask it costs what a portable send need not pay.
func readGenerated(a httpcall.Answer, into *GenerateResponse) bool {
	sent := readSent(a, into)
	if sent {
		into.Message = a.Text(readAnswer(a).Message)
	}
	return sent
}

// readValidated reports whether a is a 2xx with the code 0, as a number and to the letter: this decides whether
// somebody is let in. The vendor heads the success with "200 Created" ("OTP: code validation").
func readValidated(a httpcall.Answer, into *ValidateResponse) bool {
	read := readAnswer(a)
	if !isSuccess(a, read) || !read.right {
		return false
	}
	into.Message = a.Text(read.Message)
	return true
}
