package kaleyratest

import (
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

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

type apiError struct {
	problem
	Reference string `json:"reference"` // empty in all samples
}

type problem struct {
	Code      errorCode `json:"code"`
	Type      string    `json:"type"`
	Parameter string    `json:"parameter"`
	Message   string    `json:"message"`
}

// object is the error in the vendor's order: the sample of E914 has two members swapped.
func (e apiError) object() any {
	if e.Code != errNoLetters {
		return e
	}
	return struct {
		Code      errorCode `json:"code"`
		Parameter string    `json:"parameter"`
		Type      string    `json:"type"`
		Message   string    `json:"message"`
		Reference string    `json:"reference"`
	}{e.Code, e.Parameter, e.Type, e.Message, e.Reference}
}

// describe is the error object of a code: to the letter where the pages show it, else invented.
func describe(code errorCode) apiError {
	for _, e := range []problem{
		{errNoTo, upperCase, "to", "to field is mandatory"},
		{errEmail, upperCase, "email", "Please enter a valid email"},
		{errNotAlphanumeric, upperCase, "OTP", "OTP can contain only alphanumeric values."},
		{errNoMobile, upperCase, "mobile", "Mobile number is mandatory."},
		{errMobile, upperCase, "mobile", "Please enter a valid mobile number."},
		{errLength, lowerCase, "OTP", "Given OTP length does not match the given Flow ID OTP Length"},
		{errFlow, lowerCase, "flow_id", "Flow Id not approved or not found"},
		{errAlreadyVerified, lowerCase, "", "OTP already verified"},
		{errNoLetters, upperCase, "", "Flow does not support alphanumeric OTP."},
		// From here on all but the code is invented.
		{errNoVerifyID, upperCase, "verify_id", "Verify Id is mandatory."},
		{errNoOTP, upperCase, "otp", "OTP is mandatory."},
		{errUnknownVerifyID, lowerCase, "verify_id", "Verify Id not found"},
		{errAttempts, lowerCase, "", "Maximum attempts exceeded"},
		{errWrongOTP, lowerCase, "otp", "Invalid OTP"},
		{errExpired, lowerCase, "otp", "OTP expired"},
		{errCredentials, "authentication_error", "", "Incorrect SID or API key"},
		{errBalance, "account_error", "", "Insufficient balance"},
	} {
		if e.Code == code {
			return apiError{problem: e}
		}
	}
	return apiError{problem: problem{code, lowerCase, "", "Request could not be processed"}}
}

// Error is a fault: it answers with this status and the vendor's error of this code, any code.
// Error(400, "E110") is an account without balance. Texts that no page shows are invented.
func Error(status int, code string) otpsim.Fault {
	return otpsim.Reply(status, string(refusal(status, errorReply{describe(errorCode(code)).object()}).Body))
}

type errorReply struct {
	Error any `json:"error"`
}

func (s *Server) refuse(code errorCode) otpsim.Answer {
	status := http.StatusBadRequest
	if s.quirks.ErrorsAre200 {
		status = http.StatusOK
	}
	return refusal(status, errorReply{describe(code).object()})
}

// refusal is a no, even where the status says yes.
func refusal(status int, body any) otpsim.Answer {
	answer := otpsim.JSON(status, body)
	answer.Refused = true
	return answer
}

// messageReply is the body of an answer for which no page has a code (invented).
type messageReply struct {
	Message string `json:"message"`
}

type flatReply struct {
	Code    errorCode `json:"code"`
	Message string    `json:"message"`
	Data    struct{}  `json:"data"`
	Error   struct{}  `json:"error"`
}

// refuseStatus is the answer by status alone: 401 for a wrong SID or key, and those of no page.
func (s *Server) refuseStatus(status int) otpsim.Answer {
	credentials := describe(errCredentials)
	switch {
	case status != http.StatusUnauthorized:
		return refusal(status, messageReply{strings.ToLower(http.StatusText(status))})
	case s.quirks.FlatCredentialError:
		return refusal(status, flatReply{Code: credentials.Code, Message: credentials.Message})
	default:
		return refusal(status, errorReply{credentials.object()})
	}
}

func refuseBody() otpsim.Answer {
	return refusal(http.StatusBadRequest, messageReply{"invalid request body"})
}
