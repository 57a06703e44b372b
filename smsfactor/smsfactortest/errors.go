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
	noPostData   = 100
	wrongLogin   = 101
	noRecipient  = 103
	wrongSender  = int(SenderRefused)
	wrongNumber  = int(NoCorrectNumber)
	wrongRequest = 400 // invented: strict only, where the list has no code of its own
)

// reply is the body of every answer: the reference's for generate, the page otp-mfa-code-validation's for
// validate.
type reply struct {
	Code      any    `json:"code,omitempty"` // an int or a string; nil = left out
	Message   string `json:"message"`
	Ticket    string `json:"ticket_number,omitempty"`
	Token     string `json:"otp_request_token,omitempty"`
	Remaining *int   `json:"remaining_number_of_attempts,omitempty"`
}

// message is the text of a code. Those of 0 (on validate), 194 and 199 are the page's; the others are
// invented.
func message(code int) string {
	switch code {
	case success:
		return "success" // on generate the reference masks it
	case neitherGiven:
		return "At least phone number or request token is mandatory."
	case wrongCode:
		return "Wrong OTP code."
	case codeMissing:
		return "OTP code is mandatory."
	case attemptsUsedUp:
		return "Maximum number of wrong attempts reached."
	case expired:
		return "OTP request expired."
	case notFound:
		return "OTP request not found."
	case noPostData:
		return "No POST data."
	case wrongLogin:
		return "Wrong login details."
	case noRecipient:
		return "No recipient."
	case wrongSender:
		return "The sender is not valid."
	case wrongNumber:
		return "No correct phone number."
	case int(OutOfCredit):
		return "Not enough credit."
	case int(UnknownPrefix):
		return "No country for this prefix."
	case int(CountryNotServed):
		return "This country is not served."
	default:
		return "Error " + strconv.Itoa(code) + "."
	}
}

// wire is a code as answers write it.
func wire(code int, asString bool) any {
	if asString {
		return strconv.Itoa(code)
	}
	return code
}

func (s *Server) wire(code int) any { return wire(code, s.quirks.StringCode) }

// refuse is the answer for a code.
func (s *Server) refuse(code int) otpsim.Answer { return s.refuseWith(code, message(code), nil) }

func (s *Server) refuseWith(code int, text string, remaining *int) otpsim.Answer {
	status := s.quirks.ErrorStatus
	switch code {
	case wrongCode:
		status = cmp.Or(s.quirks.WrongCodeStatus, status)
	case expired:
		status = cmp.Or(s.quirks.ExpiredStatus, status)
	}
	answer := otpsim.JSON(cmp.Or(status, http.StatusBadRequest), reply{
		Code: s.wire(code), Message: text, Remaining: remaining,
	})
	answer.Refused = true // even with a 2xx
	return answer
}

// refuseField is the answer to a field that is not as documented. Only the strict server has it; the texts are
// invented.
func (s *Server) refuseField(name string) otpsim.Answer {
	code := wrongRequest
	switch name {
	case "sender":
		code = wrongSender
	case "phone_number":
		code = wrongNumber
	}
	return s.refuseWith(code, "Wrong parameter: "+name+".", nil)
}

// refuseCredentials is the answer to a wrong login or key. Status and text stand in the reference, the body
// does not.
func refuseCredentials(status int, body CredentialShape, stringCode bool) otpsim.Answer {
	status = cmp.Or(status, http.StatusUnauthorized)
	text := reply{Message: http.StatusText(status) + "."}
	switch body {
	case ShapeCode:
		text.Code = wire(wrongLogin, stringCode)
	case ShapeNoBody:
		return otpsim.Answer{Status: status}
	}
	return otpsim.JSON(status, text)
}

// refuseStatus is the answer to what never reaches an operation: 404, 405, 413, 415, 429, 503. All of it is
// invented: the pages do not have these answers. Those to an unknown path and method do not ask for credentials.
func refuseStatus(status int) otpsim.Answer {
	return otpsim.JSON(status, reply{Message: http.StatusText(status) + "."})
}
