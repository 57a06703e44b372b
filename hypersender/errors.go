package hypersender

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// APIError is what Hypersender answers to a request that it refuses, in the form of its WhatsApp
// API, as no page documents an error. errors.As finds it in the *otp.Error of a call. Secrets, chat
// ids and URLs are masked, and its texts are cut to 200 bytes.
type APIError struct {
	HTTPStatus int    // of the answer
	Message    string // the vendor's text for people. It may be empty

	// Errors has the details, in the vendor's order. It may be empty; 100 are kept.
	Errors []ErrorItem
}

// ErrorItem is one text of the vendor's errors. The vendor has no codes for them.
type ErrorItem struct {
	Message string // what is not a text at the vendor stands here as JSON: "false"
	Field   string // the vendor's name of the field at fault, or of the detail; "" = none
}

// Error lists the vendor's messages.
func (e *APIError) Error() string {
	text := fmt.Sprintf("HTTP %d", e.HTTPStatus)
	items := append([]ErrorItem{{Message: e.Message}}, e.Errors[:min(len(e.Errors), shownItems)]...)
	for _, item := range items {
		if item.Message != "" {
			text += `: "` + item.Message + `"`
		}
		if item.Field != "" {
			text += " (" + item.Field + ")"
		}
	}
	if more := len(e.Errors) - shownItems; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}

// An answer that goes on and on is read as far as a person would.
const shownItems, keptItems, keptText = 3, 100, 1 << 10

func readSendFailure(a vendorkit.Answer) vendorkit.Failure {
	e := readEnvelope(a)
	failure := e.failure(a)
	switch {
	case !isOwn(a.Status):
	case e.find(isDisconnected, &failure):
		failure.Kind, failure.Final = otp.ErrUnavailable, true
	case e.find(isNotOnWhatsApp, &failure), slices.Contains(e.details, detail{field: "exists", text: "false"}):
		failure.Kind, failure.OneRecipient, failure.Field = otp.ErrUnreachable, true, "chatId"
	case isInvalid(a.Status) && e.find(isAboutChat, &failure):
		failure.Kind, failure.OneRecipient = otp.ErrInvalidRecipient, true
	}
	if !slices.Contains(strings.Fields(knownFields), failure.Field) {
		failure.Field = a.Text(failure.Field) // it may be anything, a code as well
	}
	return failure
}

// readValidateFailure reads the failure of ValidateCode. A verdict needs an answer that speaks of
// the code; of an answer about something else nobody knows whether the code was checked.
func readValidateFailure(a vendorkit.Answer) vendorkit.Failure {
	e := readEnvelope(a)
	failure, notChecked := e.failure(a), vendorkit.Known(otp.OutcomeNotSent)
	switch {
	case a.Status == 401 && e.message == "Unauthenticated.":
		failure.Outcome = notChecked
	case !isOwn(a.Status):
	case e.find(isDisconnected, &failure):
		failure.Kind = otp.ErrUnavailable
	case a.Status/100 == 2 && !e.refuses:
	case e.refuses && e.silent, e.find(isAboutCode, &failure):
		failure.Kind = otp.ErrCodeRejected
	case isInvalid(a.Status) && e.find(isAboutChat, &failure):
		failure.Kind = otp.ErrInvalidRequest
		if !slices.ContainsFunc(e.details, func(d detail) bool { return !isAboutChat(d) }) {
			failure.Outcome = notChecked // another detail may be a verdict
		}
	}
	return failure
}

// isOwn reports whether the vendor's own words under a status say more than the status does.
func isOwn(status int) bool {
	return status/100 == 2 || slices.Contains([]int{400, 404, 409, 410, 422}, status)
}

func isInvalid(status int) bool { return status == 400 || status == 422 }

type envelope struct {
	refuses bool // success is false
	silent  bool // there is nothing beside success
	message string
	details []detail
}

type detail struct {
	field, text string
	isText      bool // at the vendor; else text is JSON
}

// readEnvelope reads one object, with names to the letter; of anything else nothing is known.
func readEnvelope(a vendorkit.Answer) envelope {
	body, _ := a.Object()
	return envelope{
		refuses: string(body.Get("success")) == "false",
		silent:  saysNothing(a),
		message: clean(cmp.Or(body.Text("message"), body.Text("error"), body.Text("errors"))),
		details: readDetails(body.Get("errors")),
	}
}

func saysNothing(a vendorkit.Answer) bool {
	var body map[string]json.RawMessage
	_ = a.Decode(&body) // readEnvelope knows whether it is an object
	delete(body, "success")
	for _, value := range body {
		if !slices.Contains([]string{"null", `""`, "[]", "{}"}, string(value)) {
			return false
		}
	}
	return true
}

// readDetails reads errors, by field or in a list. A field has a text, texts, or anything else.
func readDetails(errors json.RawMessage) []detail {
	var details []detail
	d := json.NewDecoder(bytes.NewReader(errors))
	d.UseNumber()
	bracket, _ := d.Token()
	var err error
	for err == nil && d.More() && len(details) < keptItems {
		var name json.Token
		if bracket == json.Delim('{') {
			name, _ = d.Token()
		}
		var value any
		err = d.Decode(&value)
		field, _ := name.(string)
		details = appendDetails(details, clean(field), value)
	}
	return details
}

func appendDetails(details []detail, field string, value any) []detail {
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	for _, element := range list[:min(len(list), keptItems-len(details))] {
		text, isText := element.(string)
		if !isText && element != nil {
			encoded, _ := json.Marshal(element)
			text = string(encoded)
		}
		if text != "" {
			details = append(details, detail{field, clean(text), isText})
		}
	}
	return details
}

// chatInText finds a chat id, also by other digits: texts may quote what WhatsApp knows.
var chatInText = regexp.MustCompile(`\+?[0-9][0-9 ()-]*@`)

func clean(s string) string {
	if len(s) > keptText {
		s = strings.TrimRight(s[:keptText], "+0123456789 ()-") // a chat id may have been cut in two
	}
	return chatInText.ReplaceAllLiteralString(s, "[redacted]@")
}

const anyInvalid = "The given data was invalid."

func (e envelope) failure(a vendorkit.Answer) (failure vendorkit.Failure) {
	e.find(func(detail) bool { return true }, &failure)
	if e.message != "" && e.message != anyInvalid {
		failure.Message = e.message
	}
	if failure.Message == "" {
		return failure
	}
	shown := &APIError{HTTPStatus: a.Status, Message: a.Text(e.message)}
	for _, d := range e.details {
		shown.Errors = append(shown.Errors, ErrorItem{Message: a.Text(d.text), Field: a.Text(d.field)})
	}
	failure.Err = shown
	return failure
}

// knownFields are those of the requests, and what the vendor calls a chat that WhatsApp does not
// know.
const knownFields = "chatId jid code name length expires useLetter useNumber allCapital message callback"

// find reports whether a text is about something, and puts the first into failure.
func (e envelope) find(isAbout func(detail) bool, failure *vendorkit.Failure) bool {
	all := append(slices.Clip(e.details), detail{text: e.message, isText: true})
	i := slices.IndexFunc(all, isAbout)
	if i < 0 {
		return false
	}
	failure.Field, failure.Message = all[i].field, all[i].text
	return true
}

// What a text is about, by inference: the vendor documents none.
var (
	passcode    = regexp.MustCompile(`(?i)\b(codes?|otps?|passcodes?|one-time password|already used)\b`)
	notPasscode = regexp.MustCompile(`(?is).*\b(routes?|models?)\b.*|` + // a framework's words
		`\S*(/\S*/|\\)\S*|\s/\S*|` + // paths and names of classes
		`\bcodes?[ :=#]+([0-9]{1,3}\b|(?-i:E[A-Z]{4,}\b))|` + // shorter than a passcode, or ETIMEDOUT
		`\b(status|error|http|response|country|calling|area|postal|zip|qr|exit)[ _-]?codes?\b`)
	session      = regexp.MustCompile(`(?i)\bsession\b`)
	disconnected = regexp.MustCompile(`(?i)\b(not|isn't) (connected|logged in)\b|\bdisconnected\b|\blogged out\b|` +
		`\b(service|server|gateway|provider|system)\b.*\b(unavailable|maintenance|overloaded)\b`)
	notOnWhatsApp = regexp.MustCompile(`(?i)(\bnot|n't)( a| an| on| in| with| have| using| exist| exists| registered| ` +
		`available| found| active| valid)+ whatsapp\b`)
)

func isAboutCode(d detail) bool {
	return d.isText && (d.field == "code" || passcode.MatchString(notPasscode.ReplaceAllString(d.text, " ")))
}

// isAboutChat knows the field's name, and WhatsApp's own for who was asked for.
func isAboutChat(d detail) bool {
	return slices.Contains([]string{"chatId", "chat_id", "jid"}, d.field)
}

// isDisconnected is about the session of the instance with WhatsApp, or an outage of the vendor's.
func isDisconnected(d detail) bool {
	return disconnected.MatchString(d.text) || session.MatchString(d.text) && !isAboutCode(d)
}

func isNotOnWhatsApp(d detail) bool { return notOnWhatsApp.MatchString(d.text) }
