package insidertest

import (
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// problem is one element of the vendor's error body.
type problem struct {
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
}

// The texts of Insider's pages, to the letter.
const (
	invalidPayload   = "invalid request payload"
	fieldRequired    = "this field is required"
	fieldOneOf       = "this field must be one of these:" // the list follows without a space
	invalidPhone     = "channel information must be a valid phone number for "
	unauthorized     = "unauthorized"
	rateExceeded     = "rate limit exceeded"
	serverError      = "server error"
	invalidCode      = "invalid code"
	codeNotFound     = "code not found"
	attemptsExceeded = "maximum attempts exceeded"
	channelExists    = "channel already exists"
	noChanges        = "no changes detected"
)

func refuse(status int, problems ...problem) otpsim.Answer {
	return otpsim.JSON(status, struct {
		Errors []problem `json:"errors"`
	}{problems})
}

func refusePayload() otpsim.Answer {
	return refuse(http.StatusBadRequest, problem{Message: invalidPayload})
}

// refuseStatus is the answer to what never reaches an operation: 404, 405, 413, 415, 503. The envelope is the
// vendor's, the rest is invented: its pages do not have these answers. The key is not asked for.
func refuseStatus(status int) otpsim.Answer {
	return refuse(status, problem{Message: strings.ToLower(http.StatusText(status))})
}

// success is the answer of every operation but generate and template/list.
func success(status int) otpsim.Answer {
	return otpsim.JSON(status, struct {
		Status string `json:"status"`
	}{"success"})
}
