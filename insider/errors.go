package insider

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
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

// The messages that say more than their status does ("Generate OTP Codes", "Verify OTP Codes", "Create a
// Channel", "Update OTP Templates").
const (
	badPayload      = "invalid request payload"
	badKey          = "unauthorized"
	rateLimited     = "rate limit exceeded"
	invalidCode     = "invalid code"
	codeNotFound    = "code not found"
	tooManyAttempts = "maximum attempts exceeded"
	channelExists   = "channel already exists"
	noChanges       = "no changes detected"
)

// readFailure reads the failure of Generate.
func readFailure(a vendorkit.Answer) vendorkit.Failure { return readWith(a, judge) }

// readCheckFailure reads the failure of Check.
func readCheckFailure(a vendorkit.Answer) vendorkit.Failure { return readWith(a, judgeCheck) }

// readSetupFailure reads the failure of a channel or template operation.
func readSetupFailure(a vendorkit.Answer) vendorkit.Failure { return readWith(a, judgeSetup) }

// judgement is what status and message of an element of errors mean together. "" leaves the kind to the
// status, nil the outcome.
type judgement func(status int, message, field string) (otp.Kind, *otp.Outcome)

// readWith reads the vendor's error envelope. The first element that says more than the status counts,
// else the first of all. An answer without one, from a proxy, say, is left to the status.
func readWith(a vendorkit.Answer, judge judgement) vendorkit.Failure {
	items := readItems(a)
	if len(items) == 0 {
		return vendorkit.Failure{}
	}
	failure := vendorkit.Failure{Field: items[0].Field, Message: items[0].Message, Err: apiError(a, items)}
	for _, item := range items {
		kind, outcome := judge(a.Status, strings.ToLower(strings.TrimSpace(item.Message)), item.Field)
		if kind != "" {
			failure.Kind, failure.Outcome, failure.Field, failure.Message = kind, outcome, item.Field, item.Message
			break
		}
	}
	return failure
}

// readItems reads the errors in the form that the pages have, and in those that the vendor's other hosts
// are known to answer: a list of texts, and a text as error or message.
func readItems(a vendorkit.Answer) []ErrorItem {
	var envelope struct{ Errors, Error, Message json.RawMessage }
	_ = a.Decode(&envelope) // what cannot be read is left zero
	var elements []json.RawMessage
	if json.Unmarshal(envelope.Errors, &elements) != nil {
		elements = []json.RawMessage{envelope.Errors}
	}
	elements = append(elements[:min(len(elements), keptItems):keptItems], envelope.Error, envelope.Message)
	var items []ErrorItem
	for _, element := range elements {
		var item ErrorItem
		if json.Unmarshal(element, &item.Message) != nil {
			_ = json.Unmarshal(element, &item)
		}
		if item != (ErrorItem{}) {
			items = append(items, item)
		}
	}
	return items
}

func apiError(a vendorkit.Answer, items []ErrorItem) *APIError {
	e := &APIError{HTTPStatus: a.Status}
	for _, item := range items[:min(len(items), keptItems)] {
		e.Errors = append(e.Errors, ErrorItem{Message: a.Text(item.Message), Field: a.Text(item.Field)})
	}
	return e
}

// judge is for every operation: 400 may be about the recipient, and 403 about a limit, for which the
// vendor has no page.
func judge(status int, message, field string) (otp.Kind, *otp.Outcome) {
	switch {
	case status == http.StatusBadRequest && (field == "to" || strings.Contains(message, "phone number")):
		return otp.ErrInvalidRecipient, nil
	case status == http.StatusForbidden && strings.Contains(message, "limit"):
		return otp.ErrRateLimited, nil
	default:
		return "", nil
	}
}

func judgeSetup(status int, message, field string) (otp.Kind, *otp.Outcome) {
	switch {
	case message == noChanges && status == http.StatusConflict:
		return otp.ErrInvalidRequest, vendorkit.Known(otp.OutcomeNotSent)
	case message == channelExists && (status == http.StatusBadRequest || status == http.StatusInternalServerError):
		return otp.ErrInvalidRequest, nil
	default:
		return judge(status, message, field)
	}
}

// judgeCheck tells a verdict from a refusal: 401 is a wrong code on SMS and a bad key, 429 too many
// attempts and too many requests. Only what the pages have to the letter is one or the other; of anything
// else nobody knows whether the code was judged.
func judgeCheck(status int, message, field string) (otp.Kind, *otp.Outcome) {
	notJudged := vendorkit.Known(otp.OutcomeNotSent)
	switch {
	case message == invalidCode && (status == http.StatusUnauthorized || status == http.StatusUnprocessableEntity):
		return otp.ErrWrongCode, nil
	case message == codeNotFound && status == http.StatusNotFound:
		return otp.ErrNotFound, nil
	case message == tooManyAttempts && status == http.StatusTooManyRequests:
		return otp.ErrTooManyAttempts, nil
	case message == badKey && status == http.StatusUnauthorized:
		return otp.ErrUnauthorized, notJudged
	case message == rateLimited && status == http.StatusTooManyRequests:
		return otp.ErrRateLimited, notJudged
	case status == http.StatusBadRequest && (message == badPayload || field != "" && field != "code"):
		kind, _ := judge(status, message, field)
		return cmp.Or(kind, otp.ErrInvalidRequest), notJudged
	default:
		return judge(status, message, field)
	}
}
