package smsfactor

import (
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"time"

	"github.com/otp-sdk/otp-go/internal/httpcall"
)

// What stands on the wire, where it differs from the types that callers use.

// fields are all documented fields under their names on the wire, also those that are not set.
func (r GenerateRequest) fields() map[string]any {
	return map[string]any{
		"phone_number":                r.To,
		"text":                        r.Text,
		"channel":                     r.Channel,
		"sender":                      r.Sender,
		"code_length":                 r.CodeLength,
		"allow_digits":                r.AllowDigits.wire(),
		"allow_upper_case":            r.AllowUpperCase.wire(),
		"allow_lower_case":            r.AllowLowerCase.wire(),
		"allow_special_chars":         r.AllowSpecialChars.wire(),
		"remove_confusing_characters": r.RemoveConfusingCharacters.wire(),
		"validity_period":             int64(r.TTL / time.Second),
		"max_wrong_attempts":          r.MaxAttempts, // an integer in the reference, "string" on the developer site
		"recipient_ip":                r.RecipientIP,
		"voice_language":              r.VoiceLanguage,
		"voice_gender":                r.VoiceGender,
	}
}

func (r ValidateRequest) fields() map[string]any {
	return map[string]any{
		"code":              r.Code,
		"otp_request_token": r.Token,
		"phone_number":      r.To,
	}
}

// body is what is set of fields, and extra.
func body(fields, extra map[string]any) map[string]any {
	maps.DeleteFunc(fields, func(_ string, value any) bool { return reflect.ValueOf(value).IsZero() })
	maps.Copy(fields, extra)
	return fields
}

// wire is nil for what is left to the account.
func (s Switch) wire() *bool {
	if s == AccountSetting {
		return nil
	}
	on := s == On
	return &on
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
}

// readAnswer reads what it can. It goes by the exact names, and by none that occurs twice: the vendor's pages write
// every code as a number, a public user of the API types it as a string.
func readAnswer(a httpcall.Answer) answer {
	members, err := a.Object()
	if err != nil {
		return answer{}
	}
	read := answer{
		Message:      text(members["message"]),
		TicketNumber: text(members["ticket_number"]),
		Token:        text(members["otp_request_token"]),
		right:        string(members["code"]) == "0",
	}
	if code, ok := number(members["code"]); ok {
		read.Code = &code
	}
	if left, ok := number(members["remaining_number_of_attempts"]); ok && left >= 0 && left <= math.MaxInt32 {
		n := int(left)
		read.AttemptsLeft = &n
	}
	return read
}

// text is "" for what is no JSON string.
func text(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // what cannot be read is left empty
	return s
}

// number reads a whole number, also one in a JSON string.
func number(raw json.RawMessage) (int64, bool) {
	var n json.Number // reads both
	if json.Unmarshal(raw, &n) != nil {
		return 0, false
	}
	i, err := n.Int64()
	return i, err == nil
}

func isSuccess(status int) bool { return status/100 == 2 }

// readGenerated reports whether a is a 2xx with code 0 and a token. The code is on its way then, whatever else the
// object holds. Which 2xx it is, the vendor does not say ("OTP request create").
func readGenerated(a httpcall.Answer, into *GenerateResponse) bool {
	read := readAnswer(a)
	if !isSuccess(a.Status) || read.Code == nil || *read.Code != 0 || read.Token == "" {
		return false
	}
	*into = GenerateResponse{Token: read.Token, TicketNumber: read.TicketNumber, Message: a.Text(read.Message)}
	return true
}

// readValidated reports whether a is a 2xx with the code 0, as a number and to the letter: this decides whether
// somebody is let in. The vendor heads the success with "200 Created" ("OTP: code validation").
func readValidated(a httpcall.Answer, into *ValidateResponse) bool {
	read := readAnswer(a)
	if !isSuccess(a.Status) || !read.right {
		return false
	}
	into.Message = a.Text(read.Message)
	return true
}
