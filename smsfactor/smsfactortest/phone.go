package smsfactortest

import "strings"

const digits = "0123456789"

// international brings a number into the form of the page otp-mfa-code-validation, +33611223344: 00 and a
// missing + are taken for one, and what is not a digit is dropped. That the number has at least seven
// characters stands in the reference; the rest is E.164, and invented like the repair itself. A national
// number, which starts with one 0, does not tell its country, and two numbers are not one recipient.
func international(text string) (number string, ok bool) {
	number = strip(text, digits)
	if !strings.Contains(text, "+") {
		number = strings.TrimPrefix(number, "00")
	}
	ok = len(number) >= 6 && len(number) <= 15 && number[0] != '0' && strings.Count(text, "+") <= 1
	return "+" + number, ok
}

// canonical is international for what cannot fail: a number that is none stays as it is.
func canonical(to string) string {
	if number, ok := international(to); ok {
		return number
	}
	return to
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
