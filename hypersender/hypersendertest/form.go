package hypersendertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// form reads the fields of a request, or of an object within it, and collects the mistakes. An
// operation reads every field, then asks for refusal once, because Laravel lists all together. The
// texts, and that an empty string counts as absent, are Laravel's, and invented here.
type form struct {
	*otpsim.Object
	*findings
	prefix string   // "message." within message
	known  []string // fields the operation has read
}

type findings struct {
	quirks   Quirks
	forms    []*form
	problems map[string][]string // by field
}

func newForm(quirks Quirks, fields *otpsim.Object) *form {
	found := &findings{quirks: quirks, problems: make(map[string][]string)}
	return found.add("", fields)
}

func (found *findings) add(prefix string, fields *otpsim.Object) *form {
	f := &form{Object: fields, findings: found, prefix: prefix}
	found.forms = append(found.forms, f)
	return f
}

func (found *findings) refusal() (answer otpsim.Answer, refused bool) {
	if found.quirks.RefuseUnknownFields {
		found.prohibitUnknown()
	}
	if len(found.problems) == 0 {
		return otpsim.Answer{}, false
	}
	return otpsim.JSON(http.StatusUnprocessableEntity, errorBody{Message: invalidData, Errors: found.problems}), true
}

func (found *findings) prohibitUnknown() {
	for _, f := range found.forms {
		for _, field := range f.Unknown(f.known...) {
			f.wrong(field, "is prohibited")
		}
	}
}

func (f *form) wrong(field, complaint string) {
	field = f.prefix + field
	f.problems[field] = append(f.problems[field], "The "+attribute(field)+" field "+complaint+".")
}

// attribute is how Laravel writes a field's name in a text: chatId is "chat id".
func attribute(field string) string {
	var b strings.Builder
	for _, r := range field {
		if unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func read[T any](f *form, field string, required bool, fallback T, complaint string) (value T, ok bool) {
	f.known = append(f.known, field)
	raw := f.Raw(field)
	if raw == nil || string(raw) == `""` {
		if required {
			f.wrong(field, "is required")
		}
		return fallback, false
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		f.wrong(field, complaint)
		return fallback, false
	}
	return value, true
}

func (f *form) text(field string, required bool) string {
	value, _ := read(f, field, required, "", "must be a string")
	return value
}

func (f *form) flag(field string, required, fallback bool) bool {
	value, _ := read(f, field, required, fallback, "must be true or false")
	return value
}

func (f *form) number(field string, required bool, fallback, low, high int) int {
	value, ok := read(f, field, required, fallback, "must be an integer")
	if ok && (value < low || value > high) {
		f.wrong(field, fmt.Sprintf("must be between %d and %d", low, high))
	}
	return value
}

func (f *form) webAddress(field string, required bool) string {
	value := f.text(field, required)
	u, err := url.Parse(value)
	if value != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		f.wrong(field, "must be a valid URL")
	}
	return value
}

func (f *form) chatID(required bool) string {
	value := f.text("chatId", required)
	if value != "" && !isChat(value) {
		f.wrong("chatId", "format is invalid")
	}
	return value
}

// section reads an object. Without one its members are missing, too, and Laravel says so of each.
func (f *form) section(field string, required bool) *form {
	raw, ok := read[json.RawMessage](f, field, required, nil, "")
	members, err := otpsim.ParseObject(raw)
	if err != nil && ok {
		f.wrong(field, "must be an array") // Laravel's word for an object
	}
	return f.add(f.prefix+field+".", members)
}

// The ends of a chatId ("What is chatId"); groups are WhatsApp's convention.
const (
	userEnd     = "@c.us"
	hiddenEnd   = "@lid"
	groupEnd    = "@g.us"
	internalEnd = "@s.whatsapp.net"
)

// isChat takes the forms that the vendor shows, <digits>@c.us, <digits>@lid and
// <digits>@s.whatsapp.net, and those of a WhatsApp group, <digits>@g.us and <digits>-<digits>@g.us.
func isChat(chatID string) bool {
	local, end, _ := strings.Cut(chatID, "@")
	switch "@" + end {
	case userEnd, internalEnd:
		return isInternational(local)
	case hiddenEnd:
		return isDigits(local)
	case groupEnd:
		first, second, hyphen := strings.Cut(local, "-")
		return isDigits(first) && (!hyphen || isDigits(second))
	default:
		return false
	}
}

// phoneOf is the phone number of a chat, "+20123456789". What is none stays as it is.
func phoneOf(chat string) string {
	number := strings.TrimSuffix(strings.TrimSuffix(chat, userEnd), internalEnd)
	if digits := strings.TrimPrefix(number, "+"); isDigits(digits) {
		return "+" + digits
	}
	return chat
}

func jidOf(chat string) string {
	if digits, isNumber := strings.CutPrefix(phoneOf(chat), "+"); isNumber {
		return digits + internalEnd
	}
	return chat
}

// isInternational wants a full number ("What is chatId"); 7 to 15 digits, no zero first (invented).
func isInternational(number string) bool {
	return len(number) >= 7 && len(number) <= 15 && number[0] != '0' && isDigits(number)
}

func isDigits(text string) bool { return text != "" && strings.Trim(text, digits) == "" }
