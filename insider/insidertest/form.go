package insidertest

import (
	"fmt"
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// form reads the fields of a request and collects what is wrong with them. An operation reads every field
// first and asks for refusal once: the shape of the body counts before the values do.
type form struct {
	*otpsim.Object
	quirks    Quirks
	known     []string // fields the operation has read
	misshapen bool     // a field has a type that Mistyped does not know of
	problems  []problem
	sampled   string // the text whose sample on the vendor's page names the field "text"
}

// refusal is the answer to a request that cannot be served.
func (f *form) refusal() (answer otpsim.Answer, refused bool) {
	switch {
	case f.misshapen, f.Mistyped() != "", f.quirks.RefuseUnknownFields && f.Unknown(f.known...) != nil:
		return refusePayload(), true
	case len(f.problems) == 0:
		return otpsim.Answer{}, false
	case f.quirks.AllErrors:
		return refuse(http.StatusBadRequest, f.problems...), true
	default:
		return refuse(http.StatusBadRequest, f.problems[0]), true
	}
}

// wrong notes what is wrong with a field.
func (f *form) wrong(field, message string) {
	if f.quirks.SampleFieldNames && message == f.sampled {
		field = "text"
	}
	f.problems = append(f.problems, problem{Message: message, Field: field})
}

func (f *form) knows(field string) { f.known = append(f.known, field) }

// text reads an optional string.
func (f *form) text(field string) string {
	f.knows(field)
	return f.String(field)
}

// required reads a string that must be there; an empty one is not (invented).
func (f *form) required(field string) string {
	value := f.text(field)
	if value == "" {
		f.wrong(field, fieldRequired)
	}
	return value
}

// oneOf reads a required string that must be in the list.
func (f *form) oneOf(field, list string) string {
	value := f.required(field)
	if value != "" && !isOneOf(value, list) {
		f.wrong(field, fieldOneOf+list)
	}
	return value
}

// number reads an optional integer. The texts about its range are invented.
func (f *form) number(field string, fallback, low, high int) int {
	f.knows(field)
	if !f.Has(field) {
		return fallback
	}
	value := f.Int(field)
	if value < low || value > high {
		f.wrong(field, outOfRange(low, high))
	}
	return value
}

func outOfRange(low, high int) string {
	return fmt.Sprintf("this field must be between %d and %d", low, high)
}

// flag reads an optional boolean.
func (f *form) flag(field string) bool {
	f.knows(field)
	return f.Bool(field)
}

// locale reads the optional locale of generate.
func (f *form) locale(channel string) string {
	locale := f.text("locale")
	if !f.Has("locale") {
		return "en"
	}
	if list := localesOf(channel); channel != "" && !isOneOf(locale, list) {
		f.wrong("locale", fieldOneOf+list)
	}
	return locale
}
