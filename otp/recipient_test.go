package otp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// hostile are recipients that must reach no vendor: one that takes lists would text a second phone,
// one that tidies up would text another than the limits counted.
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
