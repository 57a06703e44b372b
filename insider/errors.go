package insider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// APIError is what Insider answers to a request that it refuses. errors.As finds it in the
// *otp.Error of a call. Secrets and the recipient are masked, and each text is cut to 200 bytes.
type APIError struct {
	HTTPStatus int         // of the answer
	Errors     []ErrorItem // never empty. The vendor's samples hold one element each; of more, 100 are kept
}

// ErrorItem is one element of the vendor's errors. The vendor has no codes for them.
type ErrorItem struct {
	Message string // the vendor's text for people; it may be empty
	Field   string // the vendor's name of the field at fault; "" = none
}

const shownItems, keptItems = 3, 100

// Error lists the vendor's first three messages.
func (e *APIError) Error() string {
	text := fmt.Sprintf("HTTP %d", e.HTTPStatus)
	for _, item := range e.Errors[:min(len(e.Errors), shownItems)] {
		text += `: "` + item.Message + `"` // escaped before: %q would do it twice
		if item.Field != "" {
			text += " (" + item.Field + ")"
		}
	}
	if more := len(e.Errors) - shownItems; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}

func readFailure(a vendorkit.Answer) vendorkit.Failure      { return failureBy(a, nil) }
func readCheckFailure(a vendorkit.Answer) vendorkit.Failure { return failureBy(a, classifyCheck) }
func readSetupFailure(a vendorkit.Answer) vendorkit.Failure { return failureBy(a, classifySetup) }

// failureBy reads an answer. classifyOwn classifies errors of the documented form, where classify
// does not suffice: "" leaves the kind to the status; notDone: by the pages, nothing was changed or
// checked.
// The first error that says more than the status decides the kind; the outcome is known only if all
// agree.
func failureBy(a vendorkit.Answer, classifyOwn func(int, ErrorItem) (kind otp.Kind, notDone bool)) vendorkit.Failure {
	items, own := readItems(a)
	if len(items) == 0 {
		return vendorkit.Failure{}
	}
	failure := vendorkit.Failure{Field: items[0].Field, Message: items[0].Message, Err: apiError(a, items)}
	allNotDone := own == len(items)
	for i, item := range items {
		kind, notDone := classify(a.Status, item), false
		if i < own && classifyOwn != nil {
			kind, notDone = classifyOwn(a.Status, item)
		}
		allNotDone = allNotDone && notDone
		if kind != "" && failure.Kind == "" {
			failure.Kind, failure.Field, failure.Message = kind, item.Field, item.Message
		}
		if item.Message == tooManyAttempts { // one number is locked, and stays so for a while
			failure.OneRecipient, failure.Final = true, true
		}
	}
	if allNotDone {
		failure.Outcome = vendorkit.Known(otp.OutcomeNotSent)
	}
	return failure
}

// readItems reads first the errors of the documented form, of which there are own, then those of
// other hosts: texts in that list, and a text or object as "errors", "error" or "message".
func readItems(a vendorkit.Answer) (items []ErrorItem, own int) {
	var answer struct{ Errors, Error, Message json.RawMessage }
	var list []json.RawMessage
	_ = a.Decode(&answer)                    // what cannot be read is left zero
	_ = json.Unmarshal(answer.Errors, &list) // likewise
	list = list[:min(len(list), keptItems)]
	var others []ErrorItem
	for i, raw := range append(list, answer.Errors, answer.Error, answer.Message) {
		var item ErrorItem
		isText := json.Unmarshal(raw, &item.Message) == nil
		_ = json.Unmarshal(raw, &item) // which leaves a text as it is
		switch {
		case item == ErrorItem{}:
		case isText || i >= len(list):
			others = append(others, item)
		default:
			items = append(items, item)
		}
	}
	return append(items, others...), len(items)
}

func apiError(a vendorkit.Answer, items []ErrorItem) *APIError {
	e := &APIError{HTTPStatus: a.Status}
	for _, item := range items[:min(len(items), keptItems)] {
		e.Errors = append(e.Errors, ErrorItem{Message: a.Text(item.Message), Field: a.Text(item.Field)})
	}
	return e
}

const tooManyAttempts = "maximum attempts exceeded"

var (
	aboutPhone = regexp.MustCompile(`(?i)phone number`)
	aboutCode  = regexp.MustCompile(`(?i)code|otp|password|attempt`)
	aboutLimit = regexp.MustCompile(`(?i)(rate|request) limit|limit exceeded|too many requests`)
)

// classify is for every operation: 400 may be about the recipient, and 403 about a limit (no page).
func classify(status int, item ErrorItem) otp.Kind {
	switch {
	case status == http.StatusBadRequest && (item.Field == "to" || aboutPhone.MatchString(item.Message)):
		return otp.ErrInvalidRecipient
	case status == http.StatusForbidden && aboutLimit.MatchString(item.Message):
		return otp.ErrRateLimited
	default:
		return ""
	}
}

// classifySetup knows the pages of these operations ("Create a Channel", "Update OTP Templates").
func classifySetup(status int, item ErrorItem) (kind otp.Kind, notDone bool) {
	switch said(status, item) {
	case "409 no changes detected":
		return otp.ErrInvalidRequest, true
	case "400 channel already exists", "500 channel already exists":
		return otp.ErrInvalidRequest, false
	default:
		return classify(status, item), false
	}
}

// classifyCheck tells verdicts from refusals: 401 and 429 are either, and only the messages of the
// pages say which ("Verify OTP Codes"). Of any other nobody knows whether the code was checked.
func classifyCheck(status int, item ErrorItem) (kind otp.Kind, notDone bool) {
	switch said(status, item) {
	case "401 invalid code", "422 invalid code":
		return otp.ErrWrongCode, false
	case "404 code not found":
		return otp.ErrNotFound, false
	case "429 " + tooManyAttempts:
		return otp.ErrTooManyAttempts, false
	case "401 unauthorized":
		return otp.ErrUnauthorized, true
	case "429 rate limit exceeded":
		return otp.ErrRateLimited, true
	case "400 invalid request payload":
		return otp.ErrInvalidRequest, true
	default:
		aboutNumber := item.Field == "to" && !aboutCode.MatchString(item.Message)
		return classify(status, item), status == http.StatusBadRequest && aboutNumber
	}
}

func said(status int, item ErrorItem) string {
	return strconv.Itoa(status) + " " + strings.ToLower(strings.TrimSpace(item.Message))
}
