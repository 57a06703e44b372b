package kaleyratest

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// errorCode is the vendor's code of an error; "" = none.
type errorCode string

// The errors of generating-otp, and E910 of validating-otp.
const (
	errNoTo            errorCode = "E600"
	errEmail           errorCode = "E802"
	errNotAlphanumeric errorCode = "E803"
	errNoMobile        errorCode = "E804"
	errMobile          errorCode = "E805"
	errLength          errorCode = "E903"
	errFlow            errorCode = "E905"
	errAlreadyVerified errorCode = "E910"
	errNoLetters       errorCode = "E914"
)

// The errors that only public integrations know.
const (
	errNoVerifyID      errorCode = "E800"
	errNoOTP           errorCode = "E801"
	errUnknownVerifyID errorCode = "E909"
	errAttempts        errorCode = "E911"
	errWrongOTP        errorCode = "E912"
	errExpired         errorCode = "E913"
)

// The errors of Kaleyra's WhatsApp API (whatsapp-api-v2-error-codes-for-send-message).
const (
	errCredentials errorCode = "RBC001"
	errBalance     errorCode = "E110" // no operation answers it by itself; it is for Error
)

// The vendor writes its one type in two ways.
const (
	upperCase = "VALIDATION_ERROR"
	lowerCase = "validation_error"
)

// apiError is the vendor's error object. The order of its members is that of the samples, but for E914.
type apiError struct {
	Code      errorCode `json:"code"`
	Type      string    `json:"type"`
	Parameter string    `json:"parameter"`
	Message   string    `json:"message,omitempty"` // every error has one; see Quirks.TopLevelMessage
	Reference string    `json:"reference"`         // always empty in the samples
}

// apiErrorE914 has the order of E914's sample.
type apiErrorE914 struct {
	Code      errorCode `json:"code"`
	Parameter string    `json:"parameter"`
	Type      string    `json:"type"`
	Message   string    `json:"message,omitempty"`
	Reference string    `json:"reference"`
}

// describe is the error object of a code: to the letter where the pages show it, with an invented type,
// parameter and message where they do not.
func describe(code errorCode) apiError {
	if e, documented := documentedError(code); documented {
		return e
	}
	return inventedError(code)
}

// documentedError is what the pages show, full stops included and left out as there.
func documentedError(code errorCode) (e apiError, documented bool) {
	e.Code = code
	switch code {
	case errNoTo:
		e.Type, e.Parameter, e.Message = upperCase, "to", "to field is mandatory"
	case errEmail:
		e.Type, e.Parameter, e.Message = upperCase, "email", "Please enter a valid email"
	case errNotAlphanumeric:
		e.Type, e.Parameter, e.Message = upperCase, "OTP", "OTP can contain only alphanumeric values."
	case errNoMobile:
		e.Type, e.Parameter, e.Message = upperCase, "mobile", "Mobile number is mandatory."
	case errMobile:
		e.Type, e.Parameter, e.Message = upperCase, "mobile", "Please enter a valid mobile number."
	case errLength:
		e.Type, e.Parameter, e.Message = lowerCase, "OTP", "Given OTP length does not match the given Flow ID OTP Length"
	case errFlow:
		e.Type, e.Parameter, e.Message = lowerCase, "flow_id", "Flow Id not approved or not found"
	case errAlreadyVerified:
		e.Type, e.Message = lowerCase, "OTP already verified"
	case errNoLetters:
		e.Type, e.Message = upperCase, "Flow does not support alphanumeric OTP."
	default:
		return e, false
	}
	return e, true
}

// inventedError has the codes whose bodies no page shows: all but the code is invented.
func inventedError(code errorCode) apiError {
	e := apiError{Code: code, Type: lowerCase, Message: "Request could not be processed"}
	switch code {
	case errNoVerifyID:
		e.Type, e.Parameter, e.Message = upperCase, "verify_id", "Verify Id is mandatory."
	case errNoOTP:
		e.Type, e.Parameter, e.Message = upperCase, "otp", "OTP is mandatory."
	case errUnknownVerifyID:
		e.Parameter, e.Message = "verify_id", "Verify Id not found"
	case errAttempts:
		e.Message = "Maximum attempts exceeded"
	case errWrongOTP:
		e.Parameter, e.Message = "otp", "Invalid OTP"
	case errExpired:
		e.Parameter, e.Message = "otp", "OTP expired"
	case errCredentials:
		e.Type, e.Message = "authentication_error", "Incorrect SID or API key"
	case errBalance:
		e.Type, e.Message = "account_error", "Insufficient balance"
	}
	return e
}

// object is the error as the vendor writes it.
func (e apiError) object() any {
	if e.Code == errNoLetters {
		return apiErrorE914{e.Code, e.Parameter, e.Type, e.Message, e.Reference}
	}
	return e
}

type errorReply struct {
	Error   any    `json:"error"`
	Message string `json:"message,omitempty"` // only with Quirks.TopLevelMessage
}

// refuse answers with the vendor's error.
func (s *Server) refuse(code errorCode) otpsim.Answer {
	return s.refuseWith(cmp.Or(s.quirks.ErrorStatus, http.StatusBadRequest), code)
}

func (s *Server) refuseWith(status int, code errorCode) otpsim.Answer {
	e := describe(code)
	var reply errorReply
	if s.quirks.TopLevelMessage {
		reply.Message, e.Message = e.Message, ""
	}
	reply.Error = e.object()
	return refusal(status, reply)
}

// refusal is a no, even where the status says yes.
func refusal(status int, body any) otpsim.Answer {
	answer := otpsim.JSON(status, body)
	answer.Refused = true
	return answer
}

// messageReply is the body of an answer for which the vendor has no code. It is invented: the pages do not have
// these answers, and one public integration is prepared for a message without an error object.
type messageReply struct {
	Message string `json:"message"`
}

// refuseStatus is the answer to what never reaches an operation's fields: 404, 405, 413, 415, 429, 503. For the
// path and the method neither SID nor key is asked for.
func refuseStatus(status int) otpsim.Answer {
	return refusal(status, messageReply{strings.ToLower(http.StatusText(status))})
}

// refuseBody is the answer to a body that is no JSON object, or has fields that it must not have.
func refuseBody() otpsim.Answer {
	return refusal(http.StatusBadRequest, messageReply{"invalid request body"})
}

// flatReply is an envelope of Kaleyra's other APIs (rcs-api-messages-api-error-responses).
type flatReply struct {
	Code    any      `json:"code"` // sometimes a string, sometimes a number
	Message string   `json:"message"`
	Data    struct{} `json:"data"`
	Error   struct{} `json:"error"`
}

// refuseCredentials is the answer to a wrong SID or key.
func (s *Server) refuseCredentials() otpsim.Answer {
	status := cmp.Or(s.quirks.CredentialStatus, http.StatusUnauthorized)
	message := describe(errCredentials).Message
	switch s.quirks.CredentialShape {
	case ShapeFlat:
		return refusal(status, flatReply{Code: errCredentials, Message: message})
	case ShapeFlatNumber:
		return refusal(status, flatReply{Code: status, Message: message})
	case ShapeMessage:
		return refusal(status, messageReply{message})
	case ShapeNoBody:
		return otpsim.Answer{Status: status, Refused: true}
	default:
		return s.refuseWith(status, errCredentials)
	}
}
