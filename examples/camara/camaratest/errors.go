package camaratest

import (
	"cmp"
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

type failure struct {
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (f failure) answer() otpsim.Answer { return otpsim.JSON(f.Status, f) }

// ofCode are the errors that only this API has, without their prefix, and one of API 2.
var ofCode = map[string]failure{ //nolint:gochecknoglobals // nothing changes it
	"MAX_OTP_CODES_EXCEEDED":   {403, "", "Too many OTPs have been requested for this MSISDN. Try later."},
	"PHONE_NUMBER_NOT_ALLOWED": {403, "", "Phone_number can't receive an SMS due to business reasons in the operator."},
	"PHONE_NUMBER_BLOCKED":     {403, "", "Phone_number is blocked to receive SMS due to any blocking business reason in the operator."},
	"INVALID_OTP":              {400, "", "The provided OTP is not valid for this authenticationId"},
	"VERIFICATION_EXPIRED":     {400, "", "The authenticationId is no longer valid"},
	"VERIFICATION_FAILED":      {400, "", "The maximum number of attempts for this authenticationId was exceeded without providing a valid OTP"},
	"IDENTIFIER_NOT_FOUND":     {404, "IDENTIFIER_NOT_FOUND", "Device identifier not found."},
}

func reject(code string) otpsim.Answer {
	f := ofCode[code]
	f.Code = cmp.Or(f.Code, "ONE_TIME_PASSWORD_SMS."+code)
	return f.answer()
}

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

func refuse(status int) otpsim.Answer {
	return cmp.Or(ofStatus[status], failure{status, "UNKNOWN", http.StatusText(status)}).answer()
}
