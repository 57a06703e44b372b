package smsfactor

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/otp-sdk/otp-go/internal/httpcall"
	"github.com/otp-sdk/otp-go/otp"
)

// APIError is what Octopush answers to a request that it refuses. It is found with errors.As in the *otp.Error that a
// call returns. Login, key, codes and the recipient are masked in it, and its text is cut to 200 bytes.
type APIError struct {
	HTTPStatus int // of the answer

	// Code is the vendor's number for the failure, "199". "" = there was none, or none that is a whole number.
	Code string

	// Message is the vendor's text for people. It changes from page to page; go by the code. "" = there was none.
	Message string

	// AttemptsLeft is how many more codes may be tried. The vendor documents it for a wrong code. Nil = not said.
	AttemptsLeft *int
}

// Error tells the vendor's code and message.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP %d", e.HTTPStatus)
	if e.Code != "" {
		fmt.Fprintf(&b, ": code %s", e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, `: "%s"`, e.Message) // escaped before: %q would do it twice
	}
	return b.String()
}

// readFailure reads the vendor's code and message. An answer with neither, from a proxy, say, is left to the status.
func readFailure(class httpcall.Class, a httpcall.Answer) httpcall.Failure {
	read := readAnswer(a)
	if read.Code == nil && read.Message == "" {
		return httpcall.Failure{}
	}
	failure := httpcall.Failure{Message: read.Message, AttemptsLeft: read.AttemptsLeft}
	if code := read.Code; code != nil {
		failure.Kind, failure.Outcome = kindOf(class, a.Status, *code), outcomeOf(class, *code)
		failure.Code, failure.Field = strconv.FormatInt(*code, 10), fieldOf(*code)
	}
	if class == httpcall.Send && read.Token != "" { // a sign that a code went out, whatever else the answer says
		failure.Outcome = httpcall.Known(otp.OutcomeUnknown)
	}
	failure.Err = &APIError{
		HTTPStatus: a.Status, Code: a.Text(failure.Code), Message: a.Text(read.Message), AttemptsLeft: read.AttemptsLeft,
	}
	return failure
}

// kindOf is what a code means, whatever the status. "" leaves it to the status.
//
// 194 to 199 are the codes of the OTP operations ("OTP: code validation"). The others are from the list for the older
// SMS API ("Return codes"), whose gap those fill; no page says which of them Generate returns. What the list has for
// campaigns, contact lists and transfers of credit has no kind of its own here.
func kindOf(class httpcall.Class, status int, code int64) otp.Kind {
	if class == httpcall.Verify { // on a send there is no code to judge
		if verdict := verdictOf(code); verdict != "" {
			return verdict
		}
	}
	switch code {
	case 0: // success, in an answer that is none
		return otp.ErrProtocol
	case 101, 108, 109, // wrong login details; login missing; password missing
		113, 114: // account not validated yet; under investigation
		return otp.ErrUnauthorized
	case 104, 105: // out of credit; not enough while an order is pending
		return otp.ErrInsufficientFunds
	case 103, 110, 117, // no recipient; no list of them; no correct number
		150, 151: // no country for the prefix; country not served
		return otp.ErrInvalidRecipient
	case 106, // sender not valid
		194, 195: // neither number nor token; no code
		return otp.ErrInvalidRequest
	case 152, 153, // no such route to the country; route congested
		201, 207, 209, 210: // not allowed to the account
		return otp.ErrMisconfigured
	case 128: // too many attempts
		return otp.ErrRateLimited
	case 125, 500, 501: // undefined error; action impossible; connection error
		return otp.ErrUnavailable
	}
	if status/100 == 4 && status != 404 { // 404 is what a wrong base URL gives
		return otp.ErrInvalidRequest
	}
	return ""
}

// verdictOf is what a code of Validate says about the code that a person typed; "" = nothing.
func verdictOf(code int64) otp.Kind {
	switch code {
	case 196:
		return otp.ErrTooManyAttempts
	case 197:
		return otp.ErrExpired
	case 198:
		return otp.ErrNotFound
	case 199:
		return otp.ErrWrongCode
	default:
		return ""
	}
}

// outcomeOf is what a code says about whether the call took effect, whatever the status; nil leaves it to the status.
func outcomeOf(class httpcall.Class, code int64) *otp.Outcome {
	switch {
	case code == 0: // the vendor says done, the rest of its answer does not
		return httpcall.Known(otp.OutcomeUnknown)
	case class == httpcall.Verify:
		return nil
	case isRefusal(code):
		return httpcall.Known(otp.OutcomeNotSent)
	case code == 125, code == 500, code == 501: // failures inside the vendor: how far it came is anyone's guess
		return httpcall.Known(otp.OutcomeUnknown)
	default:
		return nil
	}
}

// isRefusal reports whether a code says that a send was turned away ("Return codes").
func isRefusal(code int64) bool {
	return 100 <= code && code <= 123 || 150 <= code && code <= 153 || 201 <= code && code <= 210
}

// fieldOf is the vendor's name of the field that a code is about; "" = none.
func fieldOf(code int64) string {
	switch code {
	case 102, 107, 119, 121, 122: // too long; missing; too long; STOP wording missing, twice
		return "text"
	case 103, 110, 117, 150, 151, 194:
		return "phone_number"
	case 106:
		return "sender"
	case 195:
		return "code"
	default:
		return ""
	}
}
