// Package redact keeps keys, codes and phone numbers out of everything that is printed, logged or returned.
package redact

import (
	"regexp"
	"slices"
	"strings"
)

// Masked stands where a secret was.
const Masked = "[redacted]"

// shortest is the length below which a value is not looked for in texts: masking every "1" would leave no text at all,
// and no key, code or number is that short.
const shortest = 4

// Masker replaces secrets in texts. Make one with [NewMasker].
type Masker struct{ rules []rule }

// rule masks one secret: one that stands there to the letter, or in any case, or digits however they are spaced.
type rule struct {
	literal string
	anyCase bool

	digits string
	before string // a pattern of what goes with them
}

// NewMasker returns a masker for keys, for a code and for a phone number; the latter two may be "". Keys are masked to
// the letter and as they are escaped in URLs, HTML and JSON, codes in any case, and codes and numbers however their digits
// are spaced and in whatever script; numbers with and without their country code.
//
// Keys come first, the longer ones before the shorter, and the code comes last: masking a part of a secret would hide the
// rest of it from its own rule.
func NewMasker(keys []string, code, number string) Masker {
	var m Masker
	for _, key := range keys {
		m.literal(key, false)
	}
	slices.SortStableFunc(m.rules, func(a, b rule) int { return len(b.literal) - len(a.literal) })
	m.spaced(`\+?(?:\d`+gap+`)*`, significant(onlyDigits(number)))
	m.literal(code, true)
	if onlyDigits(code) == code {
		m.spaced("", code)
		m.spaced("", strings.TrimLeft(code, "0")) // a vendor may take the code for a number
	}
	return m
}

// literal and spaced add rules for a secret, unless it is too short for one.

func (m *Masker) literal(secret string, anyCase bool) {
	if len(secret) < shortest {
		return
	}
	for _, spelling := range spellings(secret) {
		m.rules = append(m.rules, rule{literal: spelling, anyCase: anyCase && hasLetters(spelling)})
	}
}

func (m *Masker) spaced(before, digits string) {
	if len(digits) >= shortest {
		m.rules = append(m.rules, rule{digits: digits, before: before})
	}
}

func (r rule) mask(s string) string {
	switch {
	case r.anyCase:
		return regexp.MustCompile("(?i)"+regexp.QuoteMeta(r.literal)).ReplaceAllLiteralString(s, Masked)
	case r.literal != "":
		return strings.ReplaceAll(s, r.literal, Masked)
	case len(onlyDigits(s)) < len(r.digits): // most texts; a pattern is not compiled for nothing
		return s
	default:
		pattern := r.before + strings.Join(strings.Split(r.digits, ""), gap)
		return regexp.MustCompile(pattern).ReplaceAllLiteralString(s, Masked)
	}
}

// Text returns s with every secret masked.
func (m Masker) Text(s string) string {
	s = m.apply(s)
	if ascii := asciiDigits(s); ascii != s {
		if masked := m.apply(ascii); masked != ascii {
			return masked
		}
	}
	return s
}

func (m Masker) apply(s string) string {
	for _, rule := range m.rules {
		s = rule.mask(s)
	}
	return s
}

// Head is Text of what can be shown of s at the most. A vendor's megabyte is not searched for what is then cut off.
func (m Masker) Head(s string) string {
	const searched = 16 * longestText
	margin := 2 * longestText
	for _, rule := range m.rules {
		margin = max(margin, len(rule.literal))
	}
	if len(s) <= searched {
		return m.Text(s)
	}
	head := m.Text(s[:searched])
	return head[:max(0, len(head)-margin)] // where a secret may have been cut in two
}

// Finds reports whether s holds a secret.
func (m Masker) Finds(s string) bool { return m.Text(s) != s }

// significant are the digits at the end of a number that give it away. Vendors write a number back without its "+",
// without its country code, which has up to three digits, or in groups.
func significant(digits string) string {
	const most = 7
	n := max(min(most, len(digits)-3), min(shortest, len(digits)))
	return digits[len(digits)-n:]
}

// gap is what may stand between two digits that belong together: also a space or a no-break space that is escaped.
const gap = `(?:%20|(?i:%c2%a0|&nbsp;|&#160;|&#xa0;|\\u00a0)|[^0-9A-Za-z]){0,3}`

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
