package camaratest

import (
	"cmp"
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// failure is the error envelope of all CAMARA APIs.
type failure struct {
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (f failure) answer() otpsim.Answer { return otpsim.JSON(f.Status, f) }

// ours begins the codes that only this API has.
const ours = "ONE_TIME_PASSWORD_SMS."

// The errors of this API, with the texts of the specification.
var ( //nolint:gochecknoglobals // nothing changes them
	tooManyCodes = failure{403, ours + "MAX_OTP_CODES_EXCEEDED", "Too many OTPs have been requested for this MSISDN. Try later."}
	notAllowed   = failure{403, ours + "PHONE_NUMBER_NOT_ALLOWED", "Phone_number can't receive an SMS due to business reasons in the operator."}
	blocked      = failure{403, ours + "PHONE_NUMBER_BLOCKED", "Phone_number is blocked to receive SMS due to any blocking business reason in the operator."}
	foreign2     = failure{404, "IDENTIFIER_NOT_FOUND", "Device identifier not found."}
	wrongCode    = failure{400, ours + "INVALID_OTP", "The provided OTP is not valid for this authenticationId"}
	expired      = failure{400, ours + "VERIFICATION_EXPIRED", "The authenticationId is no longer valid"}
	usedUp       = failure{400, ours + "VERIFICATION_FAILED", "The maximum number of attempts for this authenticationId was exceeded without providing a valid OTP"}
)

// ofStatus are the errors that follow from the status alone.
var ofStatus = map[int]failure{ //nolint:gochecknoglobals // likewise
	400: {400, "INVALID_ARGUMENT", "Client specified an invalid argument, request body or query param."},
	401: {401, "UNAUTHENTICATED", "Request not authenticated due to missing, invalid, or expired credentials."},
	403: {403, "PERMISSION_DENIED", "Client does not have sufficient permissions to perform this action."},
	404: {404, "NOT_FOUND", "The specified resource is not found."},
	405: {405, "METHOD_NOT_ALLOWED", "The requested method is not allowed/supported on the target resource."},
	415: {415, "UNSUPPORTED_MEDIA_TYPE", "The server refuses to accept the request because the payload format is in an unsupported format."},
	429: {429, "TOO_MANY_REQUESTS", "Rate limit reached."},
	500: {500, "INTERNAL", "Unknown server error. Typically a server bug."},
	503: {503, "UNAVAILABLE", "Service Unavailable."},
}

// refuse answers with a status and nothing to say but that.
func refuse(status int) otpsim.Answer {
	return cmp.Or(ofStatus[status], failure{status, "UNKNOWN", http.StatusText(status)}).answer()
}
