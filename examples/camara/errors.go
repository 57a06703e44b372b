package camara

import (
	"slices"
	"strconv"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// Limits that no call can wait for, and errors about a token for one person.
const forOneNumber, forTheAccount, threeLegged = "MAX_OTP_CODES_EXCEEDED", "429 QUOTA_EXCEEDED",
	"422 MISSING_IDENTIFIER|422 UNNECESSARY_IDENTIFIER"

// notDone is the outcome where the documents say so: nobody was texted, no code was checked.
var notDone = vendorkit.Known(otp.OutcomeNotSent) //nolint:gochecknoglobals // nothing changes it

// meaning is what documented errors mean where it is not what their status says.
//
// Codes that only this API has stand without their prefix and count on any 4xx ("sendCode",
// "validateCode"); those of all CAMARA APIs count on their own status alone ("Design Guide").
type meaning struct {
	codes   string
	kind    otp.Kind
	outcome *otp.Outcome
}

var onSend = []meaning{ //nolint:gochecknoglobals // likewise
	{forOneNumber, otp.ErrRateLimited, notDone},
	{"404 NOT_FOUND|404 IDENTIFIER_NOT_FOUND", otp.ErrUnreachable, notDone},        // another operator's number
	{"PHONE_NUMBER_NOT_ALLOWED|PHONE_NUMBER_BLOCKED", otp.ErrUnreachable, notDone}, // a landline, a barred line
	{"422 SERVICE_NOT_APPLICABLE|422 UNSUPPORTED_IDENTIFIER", otp.ErrUnreachable, notDone},
	{"415 UNSUPPORTED_MEDIA_TYPE|501 NOT_IMPLEMENTED|" + threeLegged, otp.ErrMisconfigured, notDone},
	{"406 NOT_ACCEPTABLE", otp.ErrMisconfigured, nil},
	{"409 ABORTED", otp.ErrUnavailable, nil},
}

// Only what is about the token, the rate or the form of the request was certainly not checked.
var onVerify = []meaning{ //nolint:gochecknoglobals // likewise
	{"INVALID_OTP", otp.ErrWrongCode, nil},
	{"VERIFICATION_EXPIRED", otp.ErrExpired, nil}, // or replaced, or used
	{"VERIFICATION_FAILED", otp.ErrTooManyAttempts, nil},
	{"404 NOT_FOUND", otp.ErrNotFound, nil},
	{"400 INVALID_ARGUMENT|400 OUT_OF_RANGE", otp.ErrInvalidRequest, notDone},
	{"401 UNAUTHENTICATED|401 AUTHENTICATION_REQUIRED|403 PERMISSION_DENIED|403 INVALID_TOKEN_CONTEXT", otp.ErrUnauthorized, notDone},
	{"405 METHOD_NOT_ALLOWED|415 UNSUPPORTED_MEDIA_TYPE", otp.ErrMisconfigured, notDone},
	{"429 TOO_MANY_REQUESTS|" + forTheAccount, otp.ErrRateLimited, notDone},
	{"406 NOT_ACCEPTABLE|501 NOT_IMPLEMENTED|" + threeLegged, otp.ErrMisconfigured, nil},
	{"409 ABORTED", otp.ErrUnavailable, nil},
	{"409 ALREADY_EXISTS|409 CONFLICT|409 INCOMPATIBLE_STATE|412 FAILED_PRECONDITION", otp.ErrProtocol, nil},
}

// readFailure reads the error envelope of CAMARA: status, code and message, all required ("Design
// Guide"). A code counts only in a whole one that answers this request. Else the status decides.
func readFailure(a vendorkit.Answer, id string, meanings []meaning) vendorkit.Failure {
	answer, _ := a.Object() // what is no object has no members
	code, status := answer.Text("code"), strconv.Itoa(a.Status)
	if string(answer.Get("status")) != status || !strings.HasPrefix(string(answer.Get("message")), `"`) || !answers(a, id) {
		return vendorkit.Failure{}
	}
	name, ours := strings.CutPrefix(code, "ONE_TIME_PASSWORD_SMS.")
	if !ours || a.Status/100 != 4 {
		name = status + " " + code
	}
	failure := vendorkit.Failure{Code: code, Message: answer.Text("message"), Renew: a.Status == 401}
	failure.OneRecipient, failure.Final = name == forOneNumber, name == forOneNumber || name == forTheAccount
	for _, m := range meanings {
		if slices.Contains(strings.Split(m.codes, "|"), name) {
			failure.Kind, failure.Outcome = m.kind, m.outcome
		}
	}
	return failure
}
