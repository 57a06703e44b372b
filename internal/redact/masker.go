// Package redact keeps keys, codes and phone numbers out of everything that is printed, logged or returned.
package redact

import (
	"regexp"
	"strings"
)

// Masked stands where a secret was.
const Masked = "[redacted]"

// shortest is the length below which a value is not looked for in texts: masking every "1" would leave no text at all,
// and no key, code or number is that short.
const shortest = 4

// Masker replaces secrets in texts. Make one with [NewMasker].
type Masker struct{ rules []func(string) string }

// NewMasker returns a masker for the given keys and codes, which are masked where they stand to the letter, and phone
// numbers, which are masked however their digits are spaced and with or without their country code.
func NewMasker(secrets, numbers []string) Masker {
	var m Masker
	for _, number := range numbers {
		if pattern := numberPattern(number); pattern != nil {
			m.rules = append(m.rules, func(s string) string { return pattern.ReplaceAllLiteralString(s, Masked) })
		}
	}
	for _, secret := range secrets {
		if len(secret) >= shortest {
			m.rules = append(m.rules, func(s string) string { return strings.ReplaceAll(s, secret, Masked) })
		}
	}
	return m
}

// Text returns s with every secret masked.
func (m Masker) Text(s string) string {
	for _, rule := range m.rules {
		s = rule(s)
	}
	return s
}

// Finds reports whether s holds a secret.
func (m Masker) Finds(s string) bool { return m.Text(s) != s }

// numberPattern matches the last digits of number, with what may stand between and before them. Vendors write a number
// back without its "+", without its country code, or with spaces.
func numberPattern(number string) *regexp.Regexp {
	const significant = 7
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	if len(digits) < shortest {
		return nil
	}
	tail := digits[max(0, len(digits)-significant):]
	const gap = `[\s().\-]*`
	return regexp.MustCompile(`\+?(?:\d` + gap + `)*` + strings.Join(strings.Split(tail, ""), gap))
}
