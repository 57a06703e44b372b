package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// plain is a terminal that no text of a server or a file can control: all but printable characters, line feeds and tabs
// are escaped as in JSON.
type plain struct{ io.Writer }

func (p plain) Write(text []byte) (int, error) {
	if _, err := io.WriteString(p.Writer, escape(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

func escape(text string) string {
	harmless := func(r rune) bool { return r == '\n' || r == '\t' || r != unicode.ReplacementChar && unicode.IsPrint(r) }
	var b strings.Builder
	for _, r := range text {
		switch {
		case harmless(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			b.WriteString(`\ufffd`)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
