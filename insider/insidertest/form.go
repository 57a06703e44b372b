package insidertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const (
	minCodeLength, maxCodeLength = 4, 8
	minCustomCode, maxCustomCode = 1000, 99999999

	notACode = "this field must be a code of 4 to 8 digits" // invented
)

// form reads the fields of a request and notes the first mistake, the shape before values.
type form struct {
	*otpsim.Object
	quirks    Quirks
	known     []string // fields the operation has read
	misshapen bool     // a field has a type that Mistyped does not know of
	refused   otpsim.Answer
}

func (f *form) refusal() (answer otpsim.Answer, refused bool) {
	if f.misshapen || f.Mistyped() != "" || f.quirks.RefuseUnknownFields && f.Unknown(f.known...) != nil {
		return refusePayload(), true
	}
	return f.refused, f.refused.Status != 0
}

func (f *form) wrong(field, message string) {
	if f.refused.Status == 0 {
		f.refused = refuse(http.StatusBadRequest, message, field)
	}
}

func (f *form) knows(field string) { f.known = append(f.known, field) }

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

func (f *form) oneOf(field, list string) string {
	value := f.required(field)
	if value != "" && !isOneOf(value, list) {
		f.wrong(field, fieldOneOf+list)
	}
	return value
}

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

func (f *form) length(field string, low, high int) string {
	value := f.required(field)
	if value != "" && !hasLength(value, low, high) {
		f.wrong(field, fmt.Sprintf("this field must have between %d and %d characters", low, high))
	}
	return value
}

func hasLength(text string, low, high int) bool {
	n := utf8.RuneCountInString(text)
	return n >= low && n <= high
}

// phone reads the recipient. The error's text ends in the channel, if that is known.
func (f *form) phone(channel string) string {
	to := f.required("to")
	if to != "" && channel != "" && !isE164(to) {
		f.wrong("to", invalidPhone+channel)
	}
	return to
}

func (f *form) webAddress(field string) string {
	text := f.text(field)
	u, err := url.Parse(text)
	if f.Has(field) && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		f.wrong(field, "this field must be a valid url")
	}
	return text
}

// only refuses a field of the other channel's page alone (invented).
func (f *form) only(field, owner, channel string) {
	if f.Has(field) && channel != "" && channel != owner {
		f.wrong(field, "this field is not supported for "+channel)
	}
}

// code reads a code, a string or an integer, as digits: an integer has no leading zeros.
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

// customCode reads an own code ("Generate OTP Codes", custom-code): a string of 4 to 8 digits or an
// integer from 1000 to 99999999; on SMS also the string is at least 1000. The texts are invented.
func (f *form) customCode(channel string) string {
	const field = "custom-code"
	code, isString := f.code(field)
	if !f.Has(field) {
		return ""
	}
	if isString && (!isCode(code) || f.quirks.RefuseStringCode && code[0] == '0') {
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

func isE164(number string) bool {
	digits, ok := strings.CutPrefix(number, "+")
	return ok && len(digits) >= 7 && len(digits) <= 15 && digits[0] != '0' && isDigits(digits)
}

func isCode(text string) bool { return hasLength(text, minCodeLength, maxCodeLength) && isDigits(text) }

func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// The two channels of Verify.
const (
	sms      = "sms"
	whatsApp = "whatsapp"
)

// The locales of generate and of templates ("Generate OTP Codes"), to the letter.
const (
	whatsAppLocales = "pt af sq ar az bn bg ca zh_CN zh_HK zh_TW hr cs da nl en en_GB en_US et fil fi fr ka de el gu ha he hi " +
		"hu id ga it ja kn kk rw_RW ko ky_KG lo lv lt mk ms ml mr nb fa pl pt_BR pt_PT pa ro ru sr sk sl es es_AR es_ES es_MX sw " +
		"sv ta te th tr uk ur uz vi zu"
	smsLocales = "de en es fr it ja nl pt ru tr"
)

func localesOf(channel string) string {
	if channel == sms {
		return smsLocales
	}
	return whatsAppLocales
}

func isOneOf(value, list string) bool { return slices.Contains(strings.Fields(list), value) }

// defaultTemplates are those that come with an SMS channel ("List OTP Templates").
var defaultTemplates = map[string]string{ //nolint:gochecknoglobals // nothing changes it
	"de": "Ihr {brandName} Bestätigungscode lautet: {code}",
	"en": "Your {brandName} verification code is: {code}",
	"es": "Su código de verificación de {brandName} es: {code}",
	"fr": "Votre code de vérification {brandName} est: {code}",
	"it": "Il tuo codice di verifica {brandName} è: {code}",
	"ja": "あなたの{brandName}確認コードは: {code}です",
	"nl": "Uw {brandName} verificatiecode is: {code}",
	"pt": "Seu código de verificação {brandName} é: {code}",
	"ru": "Ваш проверочный код {brandName}: {code}",
	"tr": "{brandName} doğrulama kodunuz: {code}",
}
