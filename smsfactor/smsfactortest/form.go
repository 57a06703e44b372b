package smsfactortest

import (
	"encoding/json"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// form reads the fields of a request as the service does: what is wrong is repaired, what cannot be
// repaired is ignored. It notes the first of them, so that a strict server can refuse it.
type form struct {
	*otpsim.Object
	quirks Quirks
	known  []string // fields the operation has read
	misfit string   // the first field that was not as documented
}

type fit int

const (
	useless  fit = iota // not to be understood
	repaired            // understood after a cast, a guess or a strip
	exact               // as documented
)

func fitOf(ok, unchanged bool) fit {
	switch {
	case !ok:
		return useless
	case unchanged:
		return exact
	default:
		return repaired
	}
}

// read reads an optional field. An empty string counts as absent (invented).
func read[T any](f *form, name string, fallback T, cast func(json.RawMessage) (T, fit)) T {
	f.known = append(f.known, name)
	if f.absent(name) {
		return fallback
	}
	value, how := cast(f.Raw(name))
	f.note(name, how)
	if how == useless {
		return fallback
	}
	return value
}

func (f *form) absent(name string) bool { return !f.Has(name) || string(f.Raw(name)) == `""` }

func (f *form) note(name string, how fit) {
	if how != exact && f.misfit == "" {
		f.misfit = name
	}
}

func (f *form) refused() string {
	for _, name := range f.Unknown(f.known...) {
		f.note(name, useless)
	}
	if !f.quirks.Strict {
		return ""
	}
	return f.misfit
}

func (f *form) phone() string { return read(f, "phone_number", "", castPhone) }

// number reads an integer with a range. One that is out of it is ignored.
func (f *form) number(name string, fallback, low, high int, cast func(json.RawMessage) (int, fit)) int {
	return read(f, name, fallback, func(raw json.RawMessage) (int, fit) {
		n, how := cast(raw)
		if n < low || n > high {
			return 0, useless
		}
		return n, how
	})
}

// oneOf reads a word of a list. Other case, _ for -, and sms_voice (a page has it) are guessed.
func (f *form) oneOf(name, fallback, list string) string {
	return read(f, name, fallback, func(raw json.RawMessage) (string, fit) {
		text, how := castString(raw)
		words := strings.Fields(list)
		i := slices.IndexFunc(words, func(word string) bool { return alike(text, word) })
		if i < 0 {
			return "", useless
		}
		return words[i], fitOf(true, how == exact && words[i] == text)
	})
}

func alike(text, word string) bool {
	plain := strings.NewReplacer("_", "-", "sms_voice", "voice-sms")
	return strings.EqualFold(plain.Replace(strings.ToLower(strings.TrimSpace(text))), plain.Replace(word))
}

func (f *form) address(name string) {
	read(f, name, "", func(raw json.RawMessage) (string, fit) {
		text, how := castString(raw)
		_, err := netip.ParseAddr(strings.TrimSpace(text))
		return text, fitOf(err == nil, how == exact && strings.TrimSpace(text) == text)
	})
}

// How the service casts is not documented: the rules in this file are invented.

func castString(raw json.RawMessage) (string, fit) {
	var text string
	switch {
	case json.Unmarshal(raw, &text) == nil:
		return text, exact
	case raw[0] == '{', raw[0] == '[':
		return "", useless
	default:
		return string(raw), repaired
	}
}

// castInt takes numbers in strings, and cuts off what follows the point.
func castInt(raw json.RawMessage) (int, fit) {
	var n int
	if json.Unmarshal(raw, &n) == nil {
		return n, exact
	}
	text, _ := castString(raw)
	number, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(math.Abs(number) <= math.MaxInt32) { // NaN, too
		return 0, useless
	}
	return int(number), repaired
}

// castCount is castInt for max_wrong_attempts, on one page an integer, on another a string.
func castCount(raw json.RawMessage) (int, fit) {
	n, how := castInt(raw)
	if how == repaired && string(raw) == strconv.Quote(strconv.Itoa(n)) {
		how = exact
	}
	return n, how
}

func castBool(raw json.RawMessage) (bool, fit) {
	var value bool
	if json.Unmarshal(raw, &value) == nil {
		return value, exact
	}
	text, _ := castString(raw)
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "1":
		return true, repaired
	case "false", "0":
		return false, repaired
	default:
		return false, useless
	}
}

func castPhone(raw json.RawMessage) (string, fit) {
	text, how := castString(raw)
	if how == useless {
		return "", useless
	}
	number, ok := international(text)
	return number, fitOf(ok, how == exact && number == text)
}

// international brings a number into the form +33611223344 (otp-mfa-code-validation): 00 and a
// missing + are taken for one, other characters dropped. At least seven characters are the
// reference's, the rest is invented. A national number, which starts with one 0, and two numbers
// are not one recipient.
func international(text string) (number string, ok bool) {
	number = strip(text, digits)
	if !strings.Contains(text, "+") {
		number = strings.TrimPrefix(number, "00")
	}
	ok = len(number) >= 6 && len(number) <= 15 && number[0] != '0' && strings.Count(text, "+") <= 1
	return "+" + number, ok
}

func strip(text, allowed string) string {
	return strings.Map(func(r rune) rune {
		if !strings.ContainsRune(allowed, r) {
			return -1
		}
		return r
	}, text)
}
