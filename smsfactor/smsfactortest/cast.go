package smsfactortest

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// How the service casts is not documented: the rules in this file are invented.

// castString takes numbers and booleans as they are written.
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

// castBool takes "true", "false", 1, 0, "1" and "0".
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

// castPhone takes any spelling of an international number.
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

// strip drops every character that is not in allowed.
func strip(text, allowed string) string {
	return strings.Map(func(r rune) rune {
		if !strings.ContainsRune(allowed, r) {
			return -1
		}
		return r
	}, text)
}
