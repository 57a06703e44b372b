package redact_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/otp-sdk/otp-go/internal/redact"
)

func masker() redact.Masker { return redact.NewMasker([]string{key}, code, number) }

func TestANumberIsMaskedHoweverItIsSpelled(t *testing.T) {
	for name, spelling := range map[string]string{
		"E.164":                       "+905321234567",
		"without a plus":              "905321234567",
		"with an exit code":           "00905321234567",
		"with another exit code":      "01190 532 1234567",
		"national":                    "5321234567",
		"national with a 0":           "05321234567",
		"local":                       "1234567",
		"with spaces":                 "+90 532 123 45 67",
		"with dashes":                 "+90-532-123-45-67",
		"with dots":                   "90.532.123.45.67",
		"with two spaces":             "+90  532  1234567",
		"with parentheses":            "+90(532)1234567",
		"with all of them":            "+90 (532) 123-45.67",
		"national with spaces":        "0532 123 45 67",
		"national in parentheses":     "(0532) 123 45 67",
		"with a tab":                  "+90532\t1234567",
		"over two lines":              "+90532\n1234567",
		"digit by digit":              "9 0 5 3 2 1 2 3 4 5 6 7",
		"as a URI":                    "tel:+90-532-123-45-67",
		"in a URL":                    "%2B905321234567",
		"as a WhatsApp id":            "905321234567@c.us",
		"in JSON":                     `{"to":"+905321234567"}`,
		"in a list":                   "+14155552671,+905321234567,+14155552672",
		"before a digit of something": "+905321234567, 4 attempts left",
		"with no-break spaces":        "+90\u00a0532\u00a0123\u00a045\u00a067",
		"with no-break hyphens":       "+90 532 123\u201145\u201167",
		"with en dashes":              "+90 532 123–45–67",
		"with slashes":                "0532/123/45/67",
		"with underscores":            "+90_532_123_45_67",
		"with encoded spaces":         "+90%20532%20123%2045%2067",
		"with encoded no-break ones":  "+90%C2%A0532%c2%a0123%C2%A045%C2%A067",
		"with spaces of a page":       "+90&nbsp;532&#160;123&#xa0;45&NBSP;67",
		"with spaces of a script":     `+90\u00a0532\u00A0123\u00a045\u00a067`,
		"with a plus of a page":       "&#43;905321234567",
		"with a plus of a page, hex":  "&#x2B;90 532 123 45 67",
		"with a plus of a URL":        "%2B90%20532%20123%2045%2067",
		"in Arabic":                   "+٩٠٥٣٢١٢٣٤٥٦٧",
		"in Arabic, with spaces":      "٠٥٣٢ ١٢٣ ٤٥ ٦٧",
		"in Persian":                  "+۹۰۵۳۲۱۲۳۴۵۶۷",
		"in Hindi":                    "+९०५३२१२३४५६७",
		"in full width":               "＋９０５３２１２３４５６７",
		"in two scripts":              "+905321٢٣٤٥٦٧",
	} {
		t.Run(name, func(t *testing.T) {
			m := masker()
			for _, text := range []string{spelling, "to " + spelling + " failed", "<" + spelling + ">", spelling + spelling} {
				masked := m.Text(text)
				assert.Contains(t, masked, redact.Masked)
				assert.NotContains(t, bareDigits(masked), "1234567")
				assert.NotContains(t, bareDigits(masked), "532123")
				assert.True(t, m.Finds(text))
			}
		})
	}
}

// bareDigits are the digits of s with nothing in between.
func bareDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case '0' <= r && r <= '9':
			return r
		case unicode.IsDigit(r): // ten in a row, for the scripts of these tests
			for zero := r; ; zero-- {
				if strings.ContainsRune("٠۰०０", zero) {
					return '0' + r - zero
				}
			}
		default:
			return -1
		}
	}, s)
}

func TestANumberIsMaskedWhateverStandsBetweenItsDigits(t *testing.T) {
	gap := rapid.StringMatching(`[ ().\-]{0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		to := rapid.StringMatching(`\+[1-9][0-9]{6,14}`).Draw(t, "to")
		digits := to[1+rapid.IntRange(0, len(to)-8).Draw(t, "without"):] // at least seven
		var spelled strings.Builder
		for _, digit := range digits {
			spelled.WriteString(gap.Draw(t, "gap"))
			spelled.WriteRune(digit)
		}
		m := redact.NewMasker(nil, "", to)
		if masked := m.Text("failed for " + spelled.String() + "!"); bareDigits(masked) != "" {
			t.Fatalf("%q shows %q", spelled.String(), masked)
		}
	})
}

func TestKeysAndCodesAreMaskedWhereverTheyStand(t *testing.T) {
	m := masker()
	cases := []struct{ name, text, want string }{
		{"a key", "bad key canary-key-4711", "bad key [redacted]"},
		{"a key within a word", "xcanary-key-4711x", "x[redacted]x"},
		{"a key twice", "canary-key-4711canary-key-4711", "[redacted][redacted]"},
		{"a code", "code 839174 is wrong", "code [redacted] is wrong"},
		{"a code in JSON", `{"code":"839174"}`, `{"code":"[redacted]"}`},
		{"a code in groups", "code 839 174 or 839-174", "code [redacted] or [redacted]"},
		{"a code with zeros before it", "code 0839174", "code 0[redacted]"},
		{"a key, a code and a number", key + ", " + code + " to " + number, "[redacted], [redacted] to [redacted]"},
		{"a part of a key", "canary-key", "canary-key"},
		{"a key in other letters", "CANARY-KEY-4711", "[redacted]"},
		{"a part of a code", "83917", "83917"},
		{"a part of a number", "+90532", "+90532"},
		{"another number", "+905321234568", "+905321234568"},
		{"a number that is masked already", "+905*****67", "+905*****67"},
		{"nothing", "", ""},
		{"nothing secret", "HTTP 401: unauthorized", "HTTP 401: unauthorized"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, m.Text(c.text))
			assert.Equal(t, c.want != c.text, m.Finds(c.text))
		})
	}
}

func TestAPartOfASecretDoesNotHideTheRestFromItsRule(t *testing.T) {
	cases := []struct {
		name         string
		keys         []string
		code, number string
		text         string
	}{
		{"a code that begins a key", []string{"1234-canary"}, "1234", "", "1234-canary"},
		{"a code that ends a key", []string{"canary-1234"}, "1234", "", "canary-1234"},
		{"a typed code that is a part of a key", []string{"canary-key"}, "cana", "", "canary-key"},
		{"a key within a key", []string{"cana", "canary-key"}, "", "", "canary-key"},
		{"a key within a key, the other way round", []string{"canary-key", "cana"}, "", "", "canary-key"},
		{"a number within a key", []string{"key-1234567-canary"}, "", number, "key-1234567-canary"},
		{"a code within a number", nil, "5321", number, number},
		{"a code that ends a number", nil, "4567", number, number},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := redact.NewMasker(c.keys, c.code, c.number)
			assert.Equal(t, "bad [redacted].", m.Text("bad "+c.text+"."))
		})
	}
}

func TestACodeIsMaskedAsANumber(t *testing.T) {
	m := redact.NewMasker(nil, "004217", "")
	assert.Equal(t, `{"code":[redacted]}`, m.Text(`{"code":4217}`), "a vendor may count the code as a number")
	assert.NotContains(t, m.Text("code 004217"), "4217")

	m = redact.NewMasker(nil, "aB3dE6", "")
	assert.Equal(t, "code [redacted], [redacted] or [redacted], not aB3 dE6", m.Text("code aB3dE6, ab3de6 or AB3DE6, not aB3 dE6"))
}

func TestOnlyWhatHidesASecretIsWrittenInOtherDigits(t *testing.T) {
	m := masker()
	for text, want := range map[string]string{
		"٣ attempts left":             "٣ attempts left",
		"code ٨٣٩١٧٤ is wrong":        "code [redacted] is wrong",
		"code 839174, ٣ left":         "code [redacted], ٣ left",
		"+90532 123 45 67 and ٨٣٩١٧٤": "[redacted] and [redacted]",
	} {
		assert.Equal(t, want, m.Text(text))
	}
}

func TestDigitsOfEveryScriptCountAlike(t *testing.T) {
	m := redact.NewMasker(nil, "0123456789", "")
	scripts := 0
	for r := rune(unicode.MaxASCII + 1); r <= 0xffff; r++ {
		if !unicode.IsDigit(r) {
			continue
		}
		var all strings.Builder
		for i := range rune(10) {
			all.WriteRune(r + i)
		}
		assert.Equal(t, "code "+redact.Masked, m.Text("code "+all.String()), "%U", r)
		scripts++
		r += 9
	}
	assert.Greater(t, scripts, 30)
}

func BenchmarkText(b *testing.B) {
	for name, text := range map[string]string{
		"nothing": "Wrong OTP code.", "digits": "no +90 532 123 45 67, code 839174",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m := masker()
				_ = redact.Quote(m.Head(text))
			}
		})
	}
}

func TestHeadIsTheTextOfWhatCanBeShown(t *testing.T) {
	m := masker()
	for _, text := range []string{"", "bad key " + key, strings.Repeat("a", 3000) + key} {
		assert.Equal(t, m.Text(text), m.Head(text), "a text that is not too long is searched whole")
	}
	long := m.Head("bad key " + key + strings.Repeat(" ", 1<<20))
	assert.True(t, strings.HasPrefix(long, "bad key [redacted] "))
	assert.Less(t, len(long), 1<<12)
	assert.Equal(t, redact.Quote(m.Text(strings.Repeat("é", 1<<12))), redact.Quote(m.Head(strings.Repeat("é", 1<<12))))
}

func TestHeadShowsNoPartOfASecretWhereverItIsCut(t *testing.T) {
	m := masker()
	const shown, searched = 2800, 3200
	for _, secret := range []string{key, code, number, "+90 532 123 45 67"} {
		for behind := range len(secret) + 2 {
			for _, cut := range []int{shown, searched} {
				text := strings.Repeat("x", cut+1-behind) + secret + strings.Repeat("y", searched)
				if rest := strings.Trim(m.Head(text), "xy"); !strings.HasPrefix(redact.Masked, rest) {
					t.Fatalf("%d bytes of %s before the cut at %d: %q", behind, secret, cut, rest)
				}
			}
		}
	}
}

func TestAKeyIsNoPattern(t *testing.T) {
	m := redact.NewMasker([]string{"a.c*(d", "$1.."}, "", "")
	assert.Equal(t, "abc(d", m.Text("abc(d"))
	assert.Equal(t, "[redacted]|[redacted]", m.Text("a.c*(d|$1.."))
}

func TestShortValuesAreNotMasked(t *testing.T) {
	const text = "1 12 123 a ab abc +1 +12 +123"
	for _, m := range []redact.Masker{
		redact.NewMasker([]string{"", "1", "12", "123", "a", "abc"}, "", ""),
		redact.NewMasker(nil, "", "+123"),
		redact.NewMasker(nil, "00001", "x"),
	} {
		assert.Equal(t, text, m.Text(text))
	}

	m := redact.NewMasker([]string{"abcd"}, "5678", "+1234")
	assert.Equal(t, "[redacted], [redacted]: [redacted]", m.Text("abcd, 1234: 5678"), "four characters are enough")
}

func TestOnlyAShortCodeHasToStandAlone(t *testing.T) {
	assert.Equal(t, "xx[redacted]yy", redact.NewMasker(nil, "AB12", "").Text("xxab12yy"))
	assert.Equal(t, "xxab1yy [redacted].", redact.NewMasker(nil, "AB1", "").Text("xxab1yy ab1."))
}

func TestTheZeroMaskerMasksNothing(t *testing.T) {
	var m redact.Masker
	assert.Equal(t, number, m.Text(number))
	assert.False(t, m.Finds(number))
	assert.Equal(t, number, redact.NewMasker(nil, "", "").Text(number))
}

func TestMaskingTwiceIsMaskingOnce(t *testing.T) {
	secret := rapid.SampledFrom([]string{key, code, number, "0532 123 45 67"})
	rapid.Check(t, func(t *rapid.T) {
		m := masker()
		parts := rapid.SliceOf(rapid.OneOf(secret, rapid.String())).Draw(t, "parts")
		once := m.Text(strings.Join(parts, " "))
		if m.Finds(once) {
			t.Fatalf("%q", once)
		}
	})
}
