package insidertest

import (
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

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
	rateExceeded     = "rate limit exceeded"
	serverError      = "server error"
	invalidCode      = "invalid code"
	codeNotFound     = "code not found"
	attemptsExceeded = "maximum attempts exceeded"
	channelExists    = "channel already exists"
	noChanges        = "no changes detected"
)

// Error is a fault: it answers with this status and the vendor's error body, which has one error of
// this text, about this field; "" = about none. Any text will do, those that no page lists too.
func Error(status int, message, field string) otpsim.Fault {
	return otpsim.Reply(status, string(refuse(status, message, field).Body))
}

func refuse(status int, message, field string) otpsim.Answer {
	return otpsim.JSON(status, struct {
		Errors []problem `json:"errors"`
	}{[]problem{{message, field}}})
}

func refusePayload() otpsim.Answer { return refuse(http.StatusBadRequest, invalidPayload, "") }

// refuseStatus is the answer that needs nothing but its status. The pages have those of 401, 429
// and 500; the texts of the others are invented.
func refuseStatus(status int) otpsim.Answer {
	message := strings.ToLower(http.StatusText(status))
	switch status {
	case http.StatusTooManyRequests:
		message = rateExceeded
	case http.StatusInternalServerError:
		message = serverError
	}
	return refuse(status, message, "")
}

func success(status int) otpsim.Answer {
	return otpsim.JSON(status, struct {
		Status string `json:"status"`
	}{"success"})
}
