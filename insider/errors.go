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
	HTTPStatus int // of the answer

	// Errors is never empty. The vendor's samples hold one element each; there may be more, of which 100 are kept.
	Errors []ErrorItem
}

// ErrorItem is one element of the vendor's errors. The vendor has no codes for them.
type ErrorItem struct {
	Message string // the vendor's text for people; it may be empty
	Field   string // the vendor's name of the field at fault; "" = none
}

// Error lists the vendor's messages.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP %d", e.HTTPStatus)
	for _, item := range e.Errors[:min(len(e.Errors), shownItems)] {
		fmt.Fprintf(&b, `: "%s"`, item.Message) // escaped before: %q would do it twice
		if item.Field != "" {
			fmt.Fprintf(&b, " (%s)", item.Field)
		}
	}
	if more := len(e.Errors) - shownItems; more > 0 {
		fmt.Fprintf(&b, ", and %d more", more)
	}
	return b.String()
}

// An answer that goes on and on is kept to what a person would read.
const shownItems, keptItems = 3, 100

// The messages that say more than their status does ("Verify OTP Codes", "Create a Channel", "Update OTP Templates").
const (
	invalidCode     = "invalid code"
	codeNotFound    = "code not found"
	tooManyAttempts = "maximum attempts exceeded"
	channelExists   = "channel already exists"
	noChanges       = "no changes detected"
)

// readFailure reads the vendor's error envelope. An answer without one, from a proxy, say, is left to the status.
func readFailure(a httpcall.Answer) httpcall.Failure {
	var envelope struct {
		Errors []ErrorItem `json:"errors"`
	}
	_ = a.Decode(&envelope) // what cannot be read is left zero
	if len(envelope.Errors) == 0 {
		return httpcall.Failure{}
	}
	envelope.Errors = envelope.Errors[:min(len(envelope.Errors), keptItems)]
	telling, kind, outcome := tellingItem(a, envelope.Errors)
	return httpcall.Failure{
		Kind: kind, Outcome: outcome, Field: telling.Field, Message: telling.Message, Err: apiError(a, envelope.Errors),
	}
}

// tellingItem is the first element that says more than the status does, and what it says; else the first of all.
func tellingItem(a httpcall.Answer, items []ErrorItem) (ErrorItem, otp.Kind, *otp.Outcome) {
	for _, item := range items {
		if kind, outcome := judge(a.Path, a.Status, item); kind != "" {
			return item, kind, outcome
		}
	}
	return items[0], "", nil
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
	case status == http.StatusBadRequest && (item.Field == "to" || strings.Contains(message, "phone number")):
		return otp.ErrInvalidRecipient, nil
	case path == pathCheck:
		return judgeCheck(status, message), nil
	case path == pathGenerate:
		return "", nil
	default:
		return judgeSetup(status, message)
	}
}

func judgeSetup(status int, message string) (otp.Kind, *otp.Outcome) {
	switch {
	case message == noChanges && status == http.StatusConflict:
		return otp.ErrInvalidRequest, httpcall.Known(otp.OutcomeNotSent)
	case message == channelExists && (status == http.StatusBadRequest || status == http.StatusInternalServerError):
		return otp.ErrInvalidRequest, nil
	default:
		return "", nil
	}
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
