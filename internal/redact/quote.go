package redact

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

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
