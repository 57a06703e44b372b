package redact

import (
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const unescaped = "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"

// spellings are the forms in which a secret may stand in a quoting text, the longer ones first.
func spellings(secret string) []string {
	all := []string{secret}
	if strings.Trim(secret, unescaped) == "" {
		return all
	}
	for _, escape := range []func(string) string{
		url.QueryEscape, url.PathEscape, html.EscapeString, quoted, inJSON,
	} {
		once := escape(secret)
		for _, escaped := range []string{once, escape(once), url.QueryEscape(once)} {
			if !slices.Contains(all, escaped) {
				all = append(all, escaped)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

func quoted(s string) string {
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}

func inJSON(s string) string {
	q, err := json.Marshal(s)
	if err != nil {
		return s // not known to happen to a string
	}
	return string(q[1 : len(q)-1])
}

// asciiDigits returns s with the digits of the world's scripts as ASCII ones. Unicode has them ten
// in a row, from 0.
func asciiDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= unicode.MaxASCII {
			return r
		}
		if unicode.IsDigit(r) {
			zero := r
			for unicode.IsDigit(zero - 1) {
				zero--
			}
			return '0' + (r-zero)%10
		}
		return r
	}, s)
}

// longestText is how much of a text from outside an error may show, in bytes.
const longestText = 200

const ellipsis = "…"

// Quote makes a text from outside fit for one line of a log: escaped, and cut to 200 bytes.
func Quote(s string) string {
	if len(s) <= longestText && isOneLine(s) && !strings.ContainsAny(s, "\"\\") {
		return s
	}
	var b strings.Builder
	cut := 0 // the longest prefix that leaves room for the ellipsis
	for s != "" && b.Len() <= longestText {
		_, size := utf8.DecodeRuneInString(s)
		quoted := strconv.Quote(s[:size])
		b.WriteString(quoted[1 : len(quoted)-1])
		if b.Len() <= longestText-len(ellipsis) {
			cut = b.Len()
		}
		s = s[size:]
	}
	if b.Len() <= longestText {
		return b.String()
	}
	return b.String()[:cut] + ellipsis
}

func isOneLine(s string) bool {
	return len(s) <= 2*longestText && utf8.ValidString(s) &&
		strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
