package insider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// APIError is what Insider answers to a request that it refuses. It is found with errors.As in the
// *otp.Error that a call returns. Keys, codes and the recipient are masked in it, and each of its
// texts is cut to 200 bytes.
type APIError struct {
	HTTPStatus int // of the answer

	// Errors is never empty. The vendor's samples hold one element each; of more, 100 are kept.
	Errors []ErrorItem
}

// ErrorItem is one element of the vendor's errors. The vendor has no codes for them.
type ErrorItem struct {
	Message string // the vendor's text for people; it may be empty
	Field   string // the vendor's name of the field at fault; "" = none
}

// shownItems and keptItems bound an answer that lists errors without end.
const shownItems, keptItems = 3, 100

// Error lists the vendor's first three messages.
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

// The messages that say more than their status does ("Generate OTP Codes", "Verify OTP Codes",
// "Create a Channel", "Update OTP Templates").
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
func readFailure(a vendorkit.Answer) vendorkit.Failure { return readWith(a, classify) }

// readCheckFailure reads the failure of Check.
func readCheckFailure(a vendorkit.Answer) vendorkit.Failure { return readWith(a, classifyCheck) }

// readSetupFailure reads the failure of a channel or template operation.
func readSetupFailure(a vendorkit.Answer) vendorkit.Failure { return readWith(a, classifySetup) }

// classifier says what status and message of one error mean together. "" leaves the kind to the
// status. notDone says that the pages document this error as one after which nothing was changed
// and no code was checked.
type classifier func(status int, message, field string) (kind otp.Kind, notDone bool)

// readWith reads an answer. The first error that says more than the status decides the kind, and
// the outcome is known only if all errors agree on it. An answer without any error, from a proxy,
// say, is left to the status.
func readWith(a vendorkit.Answer, classifyDocumented classifier) vendorkit.Failure {
	documented, others := readItems(a)
	all := slices.Concat(documented, others)
	if len(all) == 0 {
		return vendorkit.Failure{}
	}
	failure := vendorkit.Failure{Field: all[0].Field, Message: all[0].Message, Err: apiError(a, all)}
	notDone := true
	for i, item := range all {
		meaning := classify
		if i < len(documented) {
			meaning = classifyDocumented
		}
		message := strings.ToLower(strings.TrimSpace(item.Message))
		kind, proof := meaning(a.Status, message, item.Field)
		notDone = notDone && proof
		if kind != "" && failure.Kind == "" {
			failure.Kind, failure.Field, failure.Message = kind, item.Field, item.Message
		}
		if message == tooManyAttempts { // one number is locked, and stays so for a while
			failure.OneRecipient, failure.Final = true, true
		}
	}
	if notDone {
		failure.Outcome = vendorkit.Known(otp.OutcomeNotSent)
	}
	return failure
}

// readItems reads the errors of the documented form, {"errors":[{"message":...,"field":...}]}, and
// what the vendor's other hosts are known to answer: texts in that list, and a text as "error" or
// "message".
func readItems(a vendorkit.Answer) (documented, others []ErrorItem) {
	var answer struct{ Errors, Error, Message json.RawMessage }
	_ = a.Decode(&answer) // what cannot be read is left zero
	var elements []json.RawMessage
	_ = json.Unmarshal(answer.Errors, &elements) // likewise
	for _, element := range elements[:min(len(elements), keptItems)] {
		if item, isObject := readItem(element); isObject {
			documented = append(documented, item)
		} else {
			others = append(others, item)
		}
	}
	for _, member := range []json.RawMessage{answer.Errors, answer.Error, answer.Message} {
		item, _ := readItem(member)
		others = append(others, item)
	}
	return documented, slices.DeleteFunc(others, func(item ErrorItem) bool { return item == ErrorItem{} })
}

// readItem reads an object or a text; it is zero for anything else.
func readItem(raw json.RawMessage) (item ErrorItem, isObject bool) {
	if json.Unmarshal(raw, &item.Message) == nil {
		return item, false
	}
	_ = json.Unmarshal(raw, &item) // a member of the wrong type is left zero
	return item, item != ErrorItem{}
}

func apiError(a vendorkit.Answer, items []ErrorItem) *APIError {
	e := &APIError{HTTPStatus: a.Status}
	for _, item := range items[:min(len(items), keptItems)] {
		e.Errors = append(e.Errors, ErrorItem{Message: a.Text(item.Message), Field: a.Text(item.Field)})
	}
	return e
}

// classify is for every operation: 400 may be about the recipient, and 403 about a limit, for which
// the vendor has no page.
func classify(status int, message, field string) (kind otp.Kind, notDone bool) {
	switch {
	case status == http.StatusBadRequest && (field == "to" || strings.Contains(message, "phone number")):
		return otp.ErrInvalidRecipient, false
	case status == http.StatusForbidden && speaksOfLimit(message):
		return otp.ErrRateLimited, false
	default:
		return "", false
	}
}

func speaksOfLimit(message string) bool {
	return strings.Contains(message, "limit exceeded") || strings.Contains(message, "rate limit") ||
		strings.Contains(message, "request limit") || strings.Contains(message, "too many requests")
}

func classifySetup(status int, message, field string) (kind otp.Kind, notDone bool) {
	switch {
	case message == noChanges && status == http.StatusConflict:
		return otp.ErrInvalidRequest, true
	case message == channelExists && (status == http.StatusBadRequest || status == http.StatusInternalServerError):
		return otp.ErrInvalidRequest, false
	default:
		return classify(status, message, field)
	}
}

// classifyCheck tells a verdict from a refusal: a 401 is a wrong code on SMS, or a bad key; a 429
// is too many attempts, or too many requests. Only the messages of the pages are one or the other.
// Of any other nobody knows whether the code was checked.
func classifyCheck(status int, message, field string) (kind otp.Kind, notDone bool) {
	switch {
	case message == invalidCode && (status == http.StatusUnauthorized || status == http.StatusUnprocessableEntity):
		return otp.ErrWrongCode, false
	case message == codeNotFound && status == http.StatusNotFound:
		return otp.ErrNotFound, false
	case message == tooManyAttempts && status == http.StatusTooManyRequests:
		return otp.ErrTooManyAttempts, false
	case message == badKey && status == http.StatusUnauthorized:
		return otp.ErrUnauthorized, true
	case message == rateLimited && status == http.StatusTooManyRequests:
		return otp.ErrRateLimited, true
	}
	kind, _ = classify(status, message, field)
	return kind, status == http.StatusBadRequest && (message == badPayload || field != "" && field != "code")
}
