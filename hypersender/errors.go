package hypersender

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/internal/httpcall"
	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/otp"
)

// APIError is what Hypersender answers to a request that it refuses. It is found with errors.As in the *otp.Error that a
// call returns, where the answer has such texts and cannot hold a code. The vendor documents no error; the form is that of
// an error of its WhatsApp API. Tokens, codes, chat ids and URLs are masked in it, and its texts are cut to 200 bytes.
type APIError struct {
	HTTPStatus int // of the answer

	// Message is the vendor's text for people. It may be empty.
	Message string

	// Errors tells more, ordered by field. It may be empty.
	Errors []ErrorItem
}

// ErrorItem is one text of the vendor's errors. The vendor has no codes for them.
type ErrorItem struct {
	Message string // what is not a text at the vendor stands here as JSON: "false"
	Field   string // the vendor's name of the field at fault, or of the detail; "" = none
}

// Error lists the vendor's messages.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP %d", e.HTTPStatus)
	if e.Message != "" {
		fmt.Fprintf(&b, `: "%s"`, e.Message) // escaped before: %q would do it twice
	}
	for _, item := range e.Errors {
		fmt.Fprintf(&b, `: "%s"`, item.Message) //nolint:gocritic // as above
		if item.Field != "" {
			fmt.Fprintf(&b, " (%s)", item.Field)
		}
	}
	return b.String()
}

// errWithheld stands in for texts that may hold a code.
var errWithheld = errors.New("the vendor's text is withheld, because it may hold the code")

// envelope is what an answer that is no success has to say.
type envelope struct {
	success json.RawMessage
	message string
	errors  map[string]json.RawMessage // by field; what is not by field stands under ""
	code    bool                       // it holds a code
}

// readEnvelope reads one object, with names to the letter. Of anything else, from a proxy, say, nothing is known.
func readEnvelope(a httpcall.Answer) envelope {
	body, _ := a.Object()
	e := envelope{success: body.Get("success"), message: masked(body.Text("message"))}
	var data struct{ Code any }
	_ = json.Unmarshal(body.Get("data"), &data) // any spelling of the name will do here
	e.code = data.Code != nil
	if all := body.Get("errors"); all != nil && json.Unmarshal(all, &e.errors) != nil {
		e.errors = map[string]json.RawMessage{"": all}
	}
	return e
}

// readFailure reads an answer that is no success. One without an envelope is left to the status.
func readFailure(class httpcall.Class, a httpcall.Answer) httpcall.Failure {
	e := readEnvelope(a)
	failure := httpcall.Failure{Kind: e.judge(class, a.Status)}
	switch items := e.items(); {
	case e.message == "" && items == nil:
	case class == httpcall.Send && !e.tellable(a.Status):
		failure.Err = errWithheld
	default:
		failure.Field, failure.Message = cmp.Or(e.recipient(), firstField(items)), e.message
		failure.Err = apiError(a, e.message, items)
	}
	return failure
}

// tellable reports whether the texts of an answer to RequestCode or GenerateLink can be shown. A success that is not
// understood holds the code, and so may the message of a failure inside the vendor, with the statement that failed in
// it. A refusal comes before there is a code.
func (e envelope) tellable(status int) bool { return status/100 == 4 && !e.code }

// judge is the decision table for what status and envelope mean together; "" leaves it to the status. The vendor
// documents neither statuses nor bodies of failures, but says that success and message tell the result of a validation.
func (e envelope) judge(class httpcall.Class, status int) otp.Kind {
	switch {
	case class == httpcall.Verify && e.rejects(status):
		return otp.ErrCodeRejected
	case class == httpcall.Send && e.recipient() != "" &&
		(status == http.StatusBadRequest || status == http.StatusUnprocessableEntity):
		return otp.ErrInvalidRecipient
	}
	return ""
}

// rejects reports whether the answer to a validation is a verdict on the code. A 404 that says nothing is no verdict: it
// comes from a wrong path.
func (e envelope) rejects(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusGone, http.StatusUnprocessableEntity:
		return e.message != ""
	default:
		return status/100 == 2 && string(e.success) == "false"
	}
}

// recipient is the member of errors that is about the recipient: the field, or WhatsApp's own name for who was asked for.
func (e envelope) recipient() string {
	for _, field := range []string{"chatId", "jid"} {
		if e.errors[field] != nil {
			return field
		}
	}
	return ""
}

// items are the texts in errors, ordered by field.
func (e envelope) items() []ErrorItem {
	var items []ErrorItem
	for _, field := range slices.Sorted(maps.Keys(e.errors)) {
		for _, message := range messages(e.errors[field]) {
			items = append(items, ErrorItem{Message: message, Field: masked(field)})
		}
	}
	return items
}

// messages reads a member of errors: a list of texts, a text, or anything else, which is shown as JSON.
func messages(member json.RawMessage) []string {
	var values []json.RawMessage
	if json.Unmarshal(member, &values) != nil {
		values = []json.RawMessage{member}
	}
	var all []string
	for _, value := range values {
		all = append(all, masked(cmp.Or(httpcall.String(value), string(value))))
	}
	return all
}

func firstField(items []ErrorItem) string {
	if len(items) == 0 {
		return ""
	}
	return items[0].Field
}

func apiError(a httpcall.Answer, message string, items []ErrorItem) *APIError {
	e := &APIError{HTTPStatus: a.Status, Message: a.Text(message)}
	for _, item := range items {
		e.Errors = append(e.Errors, ErrorItem{Message: a.Text(item.Message), Field: a.Text(item.Field)})
	}
	return e
}

// The vendor's texts may quote a chat id, and not only the one that was asked for: WhatsApp knows some numbers by other
// digits. They may quote a callback, too, with the caller's secret in it.
var (
	quotedChat = regexp.MustCompile(`\+?[0-9][0-9 ()-]*@`)
	quotedURL  = regexp.MustCompile(`(?i)https?://[^\s"]*`)
)

func masked(s string) string {
	s = quotedChat.ReplaceAllLiteralString(s, redact.Masked+"@")
	return quotedURL.ReplaceAllLiteralString(s, redact.Masked)
}
