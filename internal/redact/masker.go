// Package redact keeps keys, codes and phone numbers out of everything that is printed, logged or
// returned.
package redact

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Masked stands where a secret was.
const Masked = "[redacted]"

// shortest is the length below which a value is not looked for: masking every "1" leaves no text.
const shortest = 4

// Masker replaces secrets in texts. Make one with [Keys.Masker]. Each text is searched in linear
// time.
type Masker struct {
	keys    []*regexp.Regexp
	rules   func() []rule // compiled once, when a text has the digits that one of them needs
	digits  int           // the fewest that any of the rules needs
	longest int           // of the spellings
}

// rule masks one secret. digits is how many a text must have at least to hold it.
type rule struct {
	pattern *regexp.Regexp
	digits  int
}

// Keys are the secrets of an account, which all of its calls hide.
type Keys struct {
	patterns []*regexp.Regexp
	longest  int
}

// NewKeys prepares secrets. They are masked in any case, and as they are escaped in URLs, HTML and
// JSON, also twice. The longer ones come first: masking a part of a secret would hide the rest of
// it.
func NewKeys(secrets []string) Keys {
	var k Keys
	all := slices.Clone(secrets)
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range all {
		if len(secret) < shortest {
			continue
		}
		spelled := spellings(secret)
		k.longest = max(k.longest, len(spelled[0]))
		for i, spelling := range spelled {
			spelled[i] = regexp.QuoteMeta(spelling)
		}
		k.patterns = append(k.patterns, regexp.MustCompile("(?i)"+strings.Join(spelled, "|")))
	}
	return k
}

// Masker returns a masker for the keys, for more texts, and for the code and the number of one
// call; each may be "". Codes are masked in any case, codes and numbers in whatever script and
// spacing, numbers with and without country code. The code comes last: it may be a part of the
// others.
func (k Keys) Masker(more []string, code, number string) Masker {
	own := NewKeys(more)
	m := Masker{
		keys: slices.Concat(own.patterns, k.patterns), longest: max(own.longest, k.longest, len(code)), digits: shortest,
		rules: sync.OnceValue(func() []rule { return rules(code, number) }),
	}
	if code != "" {
		m.digits = min(shortest, len(onlyDigits(code)))
	}
	return m
}

func rules(code, number string) []rule {
	all := spaced(nil, `\+?(?:\d`+gap+`)*`, significant(onlyDigits(number)))
	if code != "" {
		all = append(all, rule{codePattern(code), len(onlyDigits(code))})
	}
	if onlyDigits(code) == code {
		all = spaced(all, "", code)
		all = spaced(all, "", strings.TrimLeft(code, "0")) // a vendor may take the code for a number
	}
	return all
}

// NewMasker is Masker of NewKeys.
func NewMasker(keys []string, code, number string) Masker {
	return NewKeys(keys).Masker(nil, code, number)
}

// codePattern finds a code in any case. A short one may stand in any word, so it has to stand
// alone.
func codePattern(code string) *regexp.Regexp {
	pattern := "(?i)" + regexp.QuoteMeta(code)
	if len(code) < shortest && isWord(code) {
		pattern += `\b`
		pattern = `(?i)\b` + pattern[len("(?i)"):]
	}
	return regexp.MustCompile(pattern)
}

func isWord(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) < 0
}

func spaced(to []rule, before, digits string) []rule {
	if len(digits) < shortest {
		return to
	}
	pattern := before + strings.Join(strings.Split(digits, ""), gap)
	return append(to, rule{regexp.MustCompile(pattern), len(digits)})
}

// Text returns s with every secret masked, and URLs cut to their host.
func (m Masker) Text(s string) string {
	if strings.Contains(s, ":") { // or there is no URL
		s = urls.ReplaceAllString(s, "$1$2")
	}
	s = m.apply(s)
	if ascii := asciiDigits(s); ascii != s {
		if masked := m.apply(ascii); masked != ascii {
			return masked
		}
	}
	return s
}

// urls finds all of a URL, and its scheme and host, which are shown. JSON escapes slashes.
var urls = regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*:(?:\\?/){2})(?:[^\s/\\?#"<>]*@)?` +
	`((?:\[[0-9a-f:.]*\]|[^\s/\\?#"'<>@:\[]*)(?::[0-9]{1,5}\b)?)[^\s"'<>]*`)

func (m Masker) apply(s string) string {
	for _, key := range m.keys {
		s = key.ReplaceAllLiteralString(s, Masked)
	}
	digits := len(onlyDigits(s))
	if digits < m.digits || m.rules == nil {
		return s
	}
	for _, rule := range m.rules() {
		if rule.digits <= digits {
			s = rule.pattern.ReplaceAllLiteralString(s, Masked)
		}
	}
	return s
}

// Head is Text of what can be shown of s at the most. A vendor's megabyte is not searched for what
// is then cut off.
func (m Masker) Head(s string) string {
	const searched = 16 * longestText
	margin := 2 * longestText
	margin = max(margin, m.longest)
	if len(s) <= searched {
		return m.Text(s)
	}
	head := m.Text(s[:searched])
	return head[:max(0, len(head)-margin)] // where a secret may have been cut in two
}

// Finds reports whether s holds a secret.
func (m Masker) Finds(s string) bool { return m.Text(s) != s }

// significant are the last digits of a number: vendors leave "+" and country code out.
func significant(digits string) string {
	const most = 7
	n := max(min(most, len(digits)-3), min(shortest, len(digits)))
	return digits[len(digits)-n:]
}

// gap is what may stand between two digits that belong together: also a space or a no-break space
// that is escaped.
const gap = `(?:%20|(?i:%c2%a0|&nbsp;|&#160;|&#xa0;|\\u00a0)|[^0-9A-Za-z]){0,3}`

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// numerals matches four digits or more, as codes are written: "439713", "439 713", "439 - 713",
// "439.713".
var numerals = regexp.MustCompile(`[0-9](?:[\s\p{Z}\p{Pd}\p{Cf}.:/_·]{0,3}[0-9]){3,}`)

// Numerals masks whatever may be a code of digits, in whatever script.
func Numerals(s string) string {
	ascii := asciiDigits(s)
	if masked := numerals.ReplaceAllLiteralString(ascii, Masked); masked != ascii {
		return masked
	}
	return s
}
