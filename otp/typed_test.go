package otp_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/otp-sdk/otp-go/otp"
)

func TestTypedCode(t *testing.T) {
	cases := []struct{ name, typed, want string }{
		{"six digits", "123456", "123456"},
		{"leading zeros survive", "000042", "000042"},
		{"zeros alone survive", "0000", "0000"},
		{"one character", "7", "7"},
		{"32 characters", strings.Repeat("a", 32), strings.Repeat("a", 32)},
		{"the case of letters survives", "aB3dE6", "aB3dE6"},
		{"signs that a vendor uses", "a!#$%&?@", "a!#$%&?@"},
		{"the ends of the alphabet", "!~", "!~"},

		{"space around", " \t123456\r\n", "123456"},
		{"much space around", strings.Repeat(" ", 100) + "123456" + strings.Repeat("\n", 100), "123456"},
		{"a space inside", "123 456", "123456"},
		{"a dash inside", "123-456", "123456"},
		{"a space after each digit", "1 2 3 4 5 6 ", "123456"},
		{"an en dash and a minus", "12–34−56", "123456"},
		{"a dash that does not break", "123\u2011456", "123456"},
		{"a soft hyphen", "123\u00ad456", "123456"},
		{"a no-break space", "123\u00a0456", "123456"},
		{"a narrow no-break space", "123\u202f456", "123456"},
		{"an ideographic space", "123\u3000456", "123456"},
		{"a line break inside", "123\r\n456", "123456"},
		{"a line separator", "123\u2028456", "123456"},
		{"a zero-width space", "123\u200b456", "123456"},
		{"a byte order mark", "\ufeff123456", "123456"},
		{"a right-to-left mark", "\u200f123456\u200f", "123456"},
		{"isolates", "\u2068123456\u2069", "123456"},
		{"an override", "\u202d123456\u202c", "123456"},
		{"a word joiner", "123\u2060456", "123456"},
		{"a variation selector", "1\ufe0f23456", "123456"},
		{"a grapheme joiner", "1\u034f23456", "123456"},

		{"full-width digits", "１２３４５６", "123456"},
		{"full-width letters and a dash", "Ａｂ３－ｄＥ６", "Ab3dE6"},
		{"Arabic digits", "٠١٢٣٤٥٦٧٨٩", "0123456789"},
		{"Persian digits", "۰۱۲۳۴۵۶۷۸۹", "0123456789"},
		{"Devanagari digits", "०१२३४५६७८९", "0123456789"},
		{"Bengali digits", "০১২৩৪৫৬৭৮৯", "0123456789"},
		{"Thai digits", "๐๑๒๓๔๕๖๗๘๙", "0123456789"},
		{"Myanmar digits", "၀၁၂၃၄၅၆၇၈၉", "0123456789"},
		{"bold mathematical digits", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "0123456789"},
		{"typewriter mathematical digits", "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿", "0123456789"},
		{"Adlam digits", "𞥐𞥑𞥒𞥓𞥔𞥕𞥖𞥗𞥘𞥙", "0123456789"},
		{"digits of two scripts", "12٣٤56", "123456"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, err := otp.TypedCode(c.typed)
			require.NoError(t, err)
			assert.Equal(t, c.want, code)
		})
	}
}

func TestWhatNoVendorSendsIsAWrongCode(t *testing.T) {
	for name, typed := range map[string]string{
		"nothing":                 "",
		"only space":              " \t\r\n",
		"only dashes":             "--–−",
		"only invisible marks":    "\u200b\ufeff\u200f",
		"33 characters":           strings.Repeat("1", 33),
		"33 digits of two bytes":  strings.Repeat("١", 33),
		"a megabyte":              strings.Repeat("1", 1<<20),
		"a megabyte of space":     strings.Repeat(" ", 1<<20) + "123456",
		"NUL":                     "123456\x00",
		"DEL":                     "123456\x7f",
		"an escape sequence":      "\x1b[31m123456",
		"an accent":               "é23456",
		"Chinese numerals":        "一二三四五六",
		"superscript digits":      "¹²³⁴⁵⁶",
		"circled digits":          "①②③④⑤⑥",
		"invalid UTF-8":           "123456\xff",
		"a replacement character": "123456\ufffd",
		"too many letters":        strings.Repeat("é", 17),
	} {
		t.Run(name, func(t *testing.T) {
			code, err := otp.TypedCode(typed)
			assert.Empty(t, code)
			require.ErrorIs(t, err, otp.ErrWrongCode)
			require.ErrorIs(t, err, otp.ErrCodeRejected)
			assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err), "nobody has to be asked")
			failure := failureOf(t, err)
			assert.Equal(t, "verify", failure.Op)
			assert.Equal(t, "code", failure.Field)
			if typed != "" {
				assert.NotContains(t, err.Error(), strings.TrimSpace(typed+"."), "the code is not shown")
			}
		})
	}
}

// digitsOf are the ten digits of every script, found by their property alone.
func digitsOf() [][]rune {
	var scripts [][]rune
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unicode.IsDigit(r) {
			continue
		}
		if last := len(scripts) - 1; last >= 0 && len(scripts[last]) < 10 {
			scripts[last] = append(scripts[last], r)
			continue
		}
		scripts = append(scripts, []rune{r})
	}
	return scripts
}

// However a code is typed, with the digits of whatever script and whatever stands between them that
// no eye sees or that only parts them, it is the code.
func TestTypedCodeIsWhatThePersonMeant(t *testing.T) {
	scripts := digitsOf()
	require.Greater(t, len(scripts), 50)
	for _, script := range scripts {
		require.Len(t, script, 10)
	}
	scripts = append(scripts, []rune("０１２３４５６７８９"))
	between := []rune{
		' ', '\t', '\n', '\r', '\v', '\f', '\u0085', '\u00a0', '\u1680', '\u2007', '\u2009', '\u2028', '\u2029',
		'\u202f', '\u205f', '\u3000', // spaces
		'-', '\u00ad', '\u058a', '\u2010', '\u2011', '\u2012', '–', '—', '―', '−', '\ufe58', '\ufe63', '－', // dashes
		'\u061c', '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u202a', '\u202b', '\u202c', '\u202d', '\u202e',
		'\u2060', '\u2061', '\u2066', '\u2067', '\u2068', '\u2069', '\ufeff', '\U000e0020', // marks
		'\u034f', '\u115f', '\u180b', '\u180e', '\u3164', '\ufe0e', '\ufe0f', '\U000e0100', // without width
	}
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[0-9]{1,32}`).Draw(t, "code")
		parts := rapid.SliceOfN(rapid.SampledFrom(between), 0, 2)
		typed := parts.Draw(t, "before")
		for _, digit := range code {
			script := rapid.SampledFrom(scripts).Draw(t, "script")
			typed = append(append(typed, script[digit-'0']), parts.Draw(t, "after")...)
		}
		got, err := otp.TypedCode(string(typed))
		if len(string(typed)) > 512 {
			return // more than a person types
		}
		if err != nil || got != code {
			t.Fatalf("%q is %q, %v, and not %q", string(typed), got, err, code)
		}
	})
}

func FuzzTypedCode(f *testing.F) {
	for _, typed := range []string{"", "000042", " 1 ", "1 2", "\x00", "é", "１２-３", strings.Repeat("9", 33)} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, err := otp.TypedCode(typed)
		if err != nil {
			require.ErrorIs(t, err, otp.ErrWrongCode)
			require.Empty(t, code)
			return
		}
		assert.True(t, code != "" && len(code) <= 32)
		for _, r := range code {
			assert.True(t, r > ' ' && r <= '~' && r != '-', "%q", r)
		}
		again, err := otp.TypedCode(code)
		require.NoError(t, err)
		assert.Equal(t, code, again)
	})
}
