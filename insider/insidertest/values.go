package insidertest

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	minCodeLength, maxCodeLength = 4, 8
	minCustomCode, maxCustomCode = 1000, 99999999

	notACode = "this field must be a code of 4 to 8 digits" // invented
)

// phone reads the recipient. The error's text ends in the channel; without a known one there is no text.
func (f *form) phone(channel string) string {
	to := f.required("to")
	if to != "" && channel != "" && !isE164(to) {
		f.wrong("to", invalidPhone+channel)
	}
	return to
}

// webAddress reads an optional URL. The text is invented.
func (f *form) webAddress(field string) string {
	address := f.text(field)
	if f.Has(field) && !isWebAddress(address) {
		f.wrong(field, "this field must be a valid url")
	}
	return address
}

// only refuses a field that just the other channel's page has. Whether the vendor does is not documented,
// and the text is invented.
func (f *form) only(field, owner, channel string) {
	if f.Has(field) && channel != "" && channel != owner && !f.quirks.IgnoreOtherChannel {
		f.wrong(field, "this field is not supported for "+channel)
	}
}

// length reads a required string of so many characters. The texts about its length are invented.
func (f *form) length(field string, low, high int) string {
	value := f.required(field)
	if n := utf8.RuneCountInString(value); n > 0 && (n < low || n > high) {
		f.wrong(field, "this field must have between "+strconv.Itoa(low)+" and "+strconv.Itoa(high)+" characters")
	}
	return value
}

// code reads a code that may be a JSON string or a JSON integer, as its digits: a string keeps its leading
// zeros, an integer cannot have any.
func (f *form) code(field string) (digits string, isString bool) {
	f.knows(field)
	raw := f.Raw(field)
	if raw == nil {
		return "", false
	}
	if json.Unmarshal(raw, &digits) == nil {
		return digits, true
	}
	f.misshapen = f.misshapen || !isDigits(string(raw))
	return string(raw), false
}

// customCode reads a code of the caller's own ("Generate OTP Codes", custom-code): a string of 4 to 8 digits
// or an integer from 1000 to 99999999. On SMS the string, too, has to be at least 1000, so "0067" is for
// WhatsApp only. The texts are invented.
func (f *form) customCode(channel string) string {
	const field = "custom-code"
	code, isString := f.code(field)
	if !f.Has(field) {
		return ""
	}
	if isString && !isCode(code) {
		f.wrong(field, notACode)
		return code
	}
	value, err := strconv.Atoi(code)
	tooSmall := value < minCustomCode && (channel == sms || !isString)
	if err != nil || tooSmall || value > maxCustomCode {
		f.wrong(field, outOfRange(minCustomCode, maxCustomCode))
	}
	return code
}

// isE164 wants the leading + that every sample has.
func isE164(number string) bool {
	digits, ok := strings.CutPrefix(number, "+")
	return ok && len(digits) >= 7 && len(digits) <= 15 && digits[0] != '0' && isDigits(digits)
}

func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

func isCode(text string) bool {
	return len(text) >= minCodeLength && len(text) <= maxCodeLength && isDigits(text)
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
