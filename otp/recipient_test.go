package otp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// hostile are recipients that must reach no vendor: one that takes lists would text a second phone, one that tidies up
// would text another than the limits counted.
var hostile = map[string]string{
	"empty":                             "",
	"only a plus":                       "+",
	"two numbers with a comma":          "+905321234567,+14155552671",
	"two numbers with a semicolon":      "+905321234567;+14155552671",
	"two numbers with a space":          "+905321234567 +14155552671",
	"two numbers with a line break":     "+905321234567\n+14155552671",
	"two numbers with nothing":          "+905321+4155552671",
	"a comma at the end":                "+905321234567,",
	"spaces between":                    "+90 532 123 45 67",
	"a space before":                    " +905321234567",
	"a space behind":                    "+905321234567 ",
	"a line feed behind":                "+905321234567\n",
	"a carriage return behind":          "+905321234567\r",
	"a tab behind":                      "+905321234567\t",
	"a line feed before":                "\n+905321234567",
	"a no-break space behind":           "+905321234567\u00a0",
	"a zero-width space inside":         "+905321\u200b234567",
	"a right-to-left override before":   "\u202e+905321234567",
	"dashes":                            "+90-532-123-4567",
	"dots":                              "+90.532.123.4567",
	"parentheses":                       "+90(532)1234567",
	"letters":                           "+1800FLOWERS",
	"an exponent":                       "+9053212e4567",
	"hexadecimal":                       "+0x9053212345",
	"Arabic digits":                     "+٩٠٥٣٢١٢٣٤٥٦٧",
	"one Arabic digit":                  "+90532123456٧",
	"full-width digits":                 "+９０５３２１２３４５６７",
	"a full-width plus":                 "＋905321234567",
	"a small plus":                      "﹢905321234567",
	"an encoded plus":                   "%2B905321234567",
	"no plus":                           "905321234567",
	"two pluses":                        "++905321234567",
	"a plus behind":                     "905321234567+",
	"a minus":                           "-905321234567",
	"an international prefix":           "00905321234567",
	"a national number":                 "05321234567",
	"a country code that starts with 0": "+0905321234567",
	"only zeros":                        "+0000000",
	"six digits":                        "+123456",
	"sixteen digits":                    "+1234567890123456",
	"a thousand digits":                 "+" + strings.Repeat("1", 1000),
	"a tel URI":                         "tel:+905321234567",
	"an sms URI":                        "sms:+905321234567",
	"an extension":                      "+905321234567 ext 5",
	"an extension with an x":            "+905321234567x5",
	"a tel parameter":                   "+905321234567;ext=5",
	"a phone context":                   "+905321234567;phone-context=evil.example",
	"a NUL behind":                      "+905321234567\x00",
	"a NUL before":                      "\x00+905321234567",
	"invalid UTF-8 behind":              "+905321234567\xff",
	"a JSON list":                       `["+905321234567"]`,
	"a quote behind":                    `+905321234567"`,
	"a header behind":                   "+905321234567\r\nX-Other: 1",
	"an e-mail address":                 "ada@example.com",
	"a WhatsApp id":                     "905321234567@c.us",
}

func TestWhatIsNotOneNumberIsRefused(t *testing.T) {
	for name, to := range hostile {
		t.Run(name, func(t *testing.T) {
			for _, err := range []error{otp.CheckRecipient(to), everything().Check(otp.SendRequest{To: to})} {
				require.ErrorIs(t, err, otp.ErrInvalidRecipient)
				assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
				assert.Equal(t, "to", failureOf(t, err).Field)
				assert.Equal(t, `send: invalid recipient: to: must be one number in E.164: "+" and 7 to 15 digits`, err.Error())
			}
		})
	}
}

func TestOneNumberIsAccepted(t *testing.T) {
	for name, to := range map[string]string{
		"the usual":      number,
		"seven digits":   "+1234567",
		"fifteen digits": "+123456789012345",
		"zeros inside":   "+1000000",
		"nines":          "+999999999999999",
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, otp.CheckRecipient(to))
			require.NoError(t, everything().Check(otp.SendRequest{To: to}))
		})
	}
}

func FuzzCheckRecipient(f *testing.F) {
	for _, to := range hostile {
		f.Add(to)
	}
	f.Add(number)
	f.Fuzz(func(t *testing.T, to string) {
		err := otp.CheckRecipient(to)
		assert.Equal(t, err == nil, everything().Check(otp.SendRequest{To: to}) == nil, "both checks agree")
		if err != nil {
			require.ErrorIs(t, err, otp.ErrInvalidRecipient)
			return
		}
		assert.Equal(t, 1, strings.Count(to, "+"))
		digits, found := strings.CutPrefix(to, "+")
		assert.True(t, found)
		assert.Empty(t, strings.Trim(digits, "0123456789"))
		assert.True(t, len(digits) >= 7 && len(digits) <= 15 && digits[0] != '0', "%d digits", len(digits))
	})
}

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
		{"space around is dropped", " \t123456\r\n", "123456"},
		{"much space around is dropped", strings.Repeat(" ", 100) + "123456" + strings.Repeat("\n", 100), "123456"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, err := otp.TypedCode(c.typed)
			require.NoError(t, err)
			assert.Equal(t, c.want, code)
		})
	}
}

func TestWhatNoVendorSendsIsAWrongCodeThatNobodyIsAskedAbout(t *testing.T) {
	for name, typed := range map[string]string{
		"nothing":              "",
		"only space":           " \t\r\n",
		"33 characters":        strings.Repeat("1", 33),
		"a megabyte":           strings.Repeat("1", 1<<20),
		"a space inside":       "123 456",
		"a line break inside":  "123\n456",
		"a tab inside":         "123\t456",
		"Arabic digits":        "١٢٣٤٥٦",
		"full-width digits":    "１２３４５６",
		"a no-break space":     "123456\u00a0",
		"a zero-width space":   "123456\u200b",
		"NUL":                  "123456\x00",
		"DEL":                  "123456\x7f",
		"an escape sequence":   "\x1b[31m123456",
		"a vertical tab":       "\v123456",
		"an accent":            "é23456",
		"invalid UTF-8":        "123456\xff",
		"16 two-byte letters+": strings.Repeat("é", 17),
	} {
		t.Run(name, func(t *testing.T) {
			code, err := otp.TypedCode(typed)
			assert.Empty(t, code)
			require.ErrorIs(t, err, otp.ErrWrongCode)
			require.ErrorIs(t, err, otp.ErrCodeRejected)
			assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
			failure := failureOf(t, err)
			assert.Equal(t, "verify", failure.Op)
			assert.Equal(t, "code", failure.Field)
			if typed != "" {
				assert.NotContains(t, err.Error(), strings.TrimSpace(typed+"."), "the code is not shown")
			}
		})
	}
}

func FuzzTypedCode(f *testing.F) {
	for _, typed := range []string{"", "000042", " 1 ", "1 2", "\x00", "é", strings.Repeat("9", 33)} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, err := otp.TypedCode(typed)
		if err != nil {
			require.ErrorIs(t, err, otp.ErrWrongCode)
			return
		}
		assert.Contains(t, typed, code)
		assert.Empty(t, strings.Trim(strings.Replace(typed, code, "", 1), " \t\r\n"), "only space is dropped")
		assert.True(t, code != "" && len(code) <= 32)
		for _, r := range code {
			assert.True(t, r > ' ' && r <= '~', "%q", r)
		}
		again, err := otp.TypedCode(code)
		require.NoError(t, err)
		assert.Equal(t, code, again)
	})
}
