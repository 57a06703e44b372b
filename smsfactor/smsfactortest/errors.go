package smsfactortest

import (
	"cmp"
	"net/http"
	"strconv"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// The codes of the page otp-mfa-code-validation.
const (
	success        = 0
	neitherGiven   = 194
	codeMissing    = 195
	attemptsUsedUp = 196
	expired        = 197
	notFound       = 198
	wrongCode      = 199
)

// Codes of the vendor's general list. That the OTP calls answer with them is invented.
const (
	noPostData       = 100
	wrongLogin       = 101
	noRecipient      = 103
	outOfCredit      = 104 // this one and the last two are for Error
	wrongSender      = 106
	textMissing      = 107
	wrongNumber      = 117
	sentBefore       = 120
	unknownPrefix    = 150
	countryNotServed = 151
	wrongRequest     = 400 // invented: strict only, where the list has no code of its own
)

// reply is the body of every answer (the reference; page otp-mfa-code-validation).
type reply struct {
	Code      any    `json:"code,omitempty"` // an int or a string; nil = left out
	Message   string `json:"message"`
	Ticket    string `json:"ticket_number,omitempty"`
	Token     string `json:"otp_request_token,omitempty"`
	Remaining *int   `json:"remaining_number_of_attempts,omitempty"`
}

// messages are the texts of codes. Those of 0 (on validate; on generate the reference masks it),
// 194 and 199 are the page's; the others are invented.
var messages = map[int]string{ //nolint:gochecknoglobals // nothing changes it
	success:          "success",
	neitherGiven:     "At least phone number or request token is mandatory.",
	wrongCode:        "Wrong OTP code.",
	codeMissing:      "OTP code is mandatory.",
	attemptsUsedUp:   "Maximum number of wrong attempts reached.",
	expired:          "OTP request expired.",
	notFound:         "OTP request not found.",
	noPostData:       "No POST data.",
	wrongLogin:       "Wrong login details.",
	noRecipient:      "No recipient.",
	outOfCredit:      "Not enough credit.",
	wrongSender:      "The sender is not valid.",
	textMissing:      "The text is missing.",
	wrongNumber:      "No correct phone number.",
	sentBefore:       "This request_id was used before.",
	unknownPrefix:    "No country for this prefix.",
	countryNotServed: "This country is not served.",
}

func message(code int) string { return cmp.Or(messages[code], "Error "+strconv.Itoa(code)+".") }

// Error is a fault: it answers with this status and code, any code: 104 is out of credit.
func Error(status, code int) otpsim.Fault {
	return otpsim.Reply(status, string(otpsim.JSON(status, reply{Code: code, Message: message(code)}).Body))
}

func (s *Server) wire(code int) any {
	if s.quirks.StringCode {
		return strconv.Itoa(code)
	}
	return code
}

func (s *Server) accept(r reply) otpsim.Answer {
	status := http.StatusOK
	if s.quirks.SuccessIs201 {
		status = http.StatusCreated
	}
	r.Code, r.Message = s.wire(success), message(success)
	return otpsim.JSON(status, r)
}

func (s *Server) refuse(code int) otpsim.Answer {
	return s.refuseWith(code, reply{Message: message(code)})
}

func (s *Server) refuseWith(code int, r reply) otpsim.Answer {
	status := http.StatusBadRequest
	switch {
	case s.quirks.ErrorsAre200:
		status = http.StatusOK
	case s.quirks.StatusByReason && code == wrongCode:
		status = http.StatusUnprocessableEntity
	case s.quirks.StatusByReason && code == expired:
		status = http.StatusGone
	}
	r.Code = s.wire(code)
	answer := otpsim.JSON(status, r)
	answer.Refused = true // even with a 2xx
	return answer
}

// refuseField is the strict server's answer to a field that is not as documented (invented).
func (s *Server) refuseField(field string) otpsim.Answer {
	code := wrongRequest
	switch field {
	case "sender":
		code = wrongSender
	case "phone_number":
		code = wrongNumber
	}
	return s.refuseWith(code, reply{Message: "Wrong parameter: " + field + "."})
}

// refuseStatus is the answer by status alone; the reference has the texts of 401 and 403, no body.
func (s *Server) refuseStatus(status int) otpsim.Answer {
	r := reply{Message: http.StatusText(status) + "."}
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		switch {
		case s.quirks.CredentialsWithoutBody:
			return otpsim.Answer{Status: status}
		case !s.quirks.CredentialsWithoutCode:
			r.Code = s.wire(wrongLogin)
		}
	}
	return otpsim.JSON(status, r)
}
