package redact_test

import (
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/redact"
)

func TestQuoteMakesATextFitForOneLineOfALog(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"a text", "Invalid code.", "Invalid code."},
		{"letters of the world", "geçersiz 無効 ✗", "geçersiz 無効 ✗"},
		{"a forged line", "no\n level=INFO msg=ok", `no\n level=INFO msg=ok`},
		{"line ends", "\r\n\v\f\u0085\u2028\u2029", `\r\n\v\f\u0085\u2028\u2029`},
		{"a tab", "a\tb", `a\tb`},
		{"NUL", "a\x00b", `a\x00b`},
		{"colours", "\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"a C1 control", "\u009b31m", `\u009b31m`},
		{"quotes", `say "no"`, `say \"no\"`},
		{"apostrophes", "don't", "don't"},
		{"a backslash", `C:\new`, `C:\\new`},
		{"a right-to-left override", "\u202eevil", `\u202eevil`},
		{"a zero-width space", "a\u200bb", `a\u200bb`},
		{"a byte order mark", "\ufeffa", `\ufeffa`},
		{"invalid UTF-8", "a\xff\xfeb", `a\xff\xfeb`},
		{"half a letter", "a\xc3", `a\xc3`},
		{"a surrogate", "a\xed\xa0\x80", `a\xed\xa0\x80`},
		{"the replacement character itself", "a\ufffdb", "a\ufffdb"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, redact.Quote(c.text)) })
	}
}

func TestQuoteCutsTo200Bytes(t *testing.T) {
	repeat := strings.Repeat
	cases := []struct{ name, text, want string }{
		{"199 bytes are whole", repeat("a", 199), repeat("a", 199)},
		{"200 bytes are whole", repeat("a", 200), repeat("a", 200)},
		{"201 bytes are cut", repeat("a", 201), repeat("a", 197) + "…"},
		{"a megabyte is cut", repeat("a", 1<<20), repeat("a", 197) + "…"},
		{"200 bytes of two-byte letters are whole", repeat("é", 100), repeat("é", 100)},
		{"a letter is not cut in half", repeat("é", 101), repeat("é", 98) + "…"},
		{"200 bytes of escapes are whole", repeat("\n", 100), repeat(`\n`, 100)},
		{"an escape is not cut in half", repeat("\n", 101), repeat(`\n`, 98) + "…"},
		{"a long escape is not cut in half", repeat("\u202e", 34), repeat(`\u202e`, 32) + "…"},
		{"what fits before a long escape stays", repeat("a", 196) + "\u202e", repeat("a", 196) + "…"},
		{"a long escape may end the text", repeat("a", 194) + "\u202e", repeat("a", 194) + `\u202e`},
		{"an escape too many makes room", repeat("a", 199) + "\n", repeat("a", 197) + "…"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := redact.Quote(c.text)
			assert.Equal(t, c.want, got)
			assert.LessOrEqual(t, len(got), 200)
		})
	}
}

func FuzzQuote(f *testing.F) {
	for _, text := range []string{
		"", "a", `"`, "\n", "\xff", "\u202e", "é…", strings.Repeat("a", 200), strings.Repeat("é", 101),
		strings.Repeat("\U0010ffff", 40),
		strings.Repeat("a", 197) + "…", strings.Repeat("a", 198) + "…",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := redact.Quote(text)
		assert.LessOrEqual(t, len(got), 200)
		assert.True(t, utf8.ValidString(got))
		for _, r := range got {
			assert.True(t, unicode.IsPrint(r), "%q", r)
		}

		// It reads back as the text, or as its beginning.
		if whole, err := strconv.Unquote(`"` + got + `"`); err == nil && whole == text {
			return
		}
		cut, found := strings.CutSuffix(got, "…")
		require.True(t, found, "%q became %q", text, got)
		beginning, err := strconv.Unquote(`"` + cut + `"`)
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(text, beginning), "%q became %q", text, got)
		assert.Greater(t, len(got), 200-len(`\U0010ffff`), "no more is cut than has to be")
	})
}
