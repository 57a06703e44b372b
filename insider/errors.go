package insider

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/internal/httpcall"
	"github.com/otp-sdk/otp-go/otp"
)

// APIError is what Insider answers to a request that it refuses. It is found with errors.As in the *otp.Error that a call
// returns. Keys, codes and the recipient are masked in it, and its texts are cut to 200 bytes.
type APIError struct {
	HTTPStatus int

	// Errors is never empty. The vendor's samples hold one element each; there may be more.
	Errors []ErrorItem
}

// ErrorItem is one element of the vendor's errors. The vendor has no codes for them.
type ErrorItem struct {
	Message string
	Field   string // the vendor's name of the field at fault; "" = none
}

// Error lists the vendor's messages.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP %d", e.HTTPStatus)
	for _, item := range e.Errors {
		fmt.Fprintf(&b, `: "%s"`, item.Message) // escaped before: %q would do it twice
		if item.Field != "" {
			fmt.Fprintf(&b, " (%s)", item.Field)
		}
	}
	return b.String()
}

// The messages that say more than their status does ("Verify OTP Codes", "Create a Channel", "Update OTP Templates").
const (
	invalidCode     = "invalid code"
	codeNotFound    = "code not found"
	tooManyAttempts = "maximum attempts exceeded"
	channelExists   = "channel already exists"
	noChanges       = "no changes detected"
)

// readFailure reads the vendor's error envelope. An answer without one, from a proxy, say, is left to the status.
func readFailure(path string, a httpcall.Answer) httpcall.Failure {
	var envelope struct {
		Errors []ErrorItem `json:"errors"`
	}
	_ = a.Decode(&envelope) // what cannot be read is left zero
	if len(envelope.Errors) == 0 {
		return httpcall.Failure{}
	}
	telling := envelope.Errors[0]
	kind, outcome := judge(path, a.Status, telling)
	for _, item := range envelope.Errors[1:] {
		if kind != "" {
			break
		}
		if kind, outcome = judge(path, a.Status, item); kind != "" {
			telling = item
		}
	}
	return httpcall.Failure{
		Kind: kind, Outcome: outcome, Field: telling.Field, Message: telling.Message, Err: apiError(a, envelope.Errors),
	}
}

func apiError(a httpcall.Answer, items []ErrorItem) *APIError {
	e := &APIError{HTTPStatus: a.Status}
	for _, item := range items {
		e.Errors = append(e.Errors, ErrorItem{Message: a.Text(item.Message), Field: a.Text(item.Field)})
	}
	return e
}

// judge is the decision table for what status and message mean together. "" leaves it to the status: 401 is a bad key and
// 429 too many requests, unless Check answers them with a verdict on the code.
func judge(path string, status int, item ErrorItem) (otp.Kind, *otp.Outcome) {
	message := strings.ToLower(strings.TrimSpace(item.Message))
	switch {
	case path == pathCheck:
		return judgeCheck(status, message), nil
	case message == channelExists && (status == http.StatusBadRequest || status == http.StatusInternalServerError),
		message == noChanges && status == http.StatusConflict:
		return otp.ErrInvalidRequest, httpcall.Known(otp.OutcomeNotSent)
	case status == http.StatusBadRequest && (item.Field == "to" || strings.Contains(message, "phone number")):
		return otp.ErrInvalidRecipient, nil
	}
	return "", nil
}

func judgeCheck(status int, message string) otp.Kind {
	switch {
	case message == invalidCode && (status == http.StatusUnauthorized || status == http.StatusUnprocessableEntity):
		return otp.ErrWrongCode
	case message == codeNotFound && status == http.StatusNotFound:
		return otp.ErrNotFound
	case message == tooManyAttempts && status == http.StatusTooManyRequests:
		return otp.ErrTooManyAttempts
	}
	return ""
}
