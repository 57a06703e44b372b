package vendorkit_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// requireRefused checks an error by its kind, field and rule.
func requireRefused(t *testing.T, err error, field, rule string) {
	t.Helper()
	var failure *otp.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, &otp.Error{Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Field: field, Err: failure.Err}, failure)
	assert.EqualError(t, failure.Err, rule)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
}

func TestARefusalNamesTheFieldAndTheRule(t *testing.T) {
	requireRefused(t, vendorkit.Invalid("ttl", "must be short"), "ttl", "must be short")
	requireRefused(t, vendorkit.Required("base_url", ""), "base_url", "must not be empty")
	require.EqualError(t, vendorkit.Invalid("ttl", "must be short"), "invalid request: ttl: must be short")
}

func TestFirstIsTheFirstErrorThatIsOne(t *testing.T) {
	require.NoError(t, vendorkit.First())
	require.NoError(t, vendorkit.First(nil))
	require.NoError(t, vendorkit.First(nil, nil, nil))
	assert.Equal(t, io.EOF, vendorkit.First(io.EOF))
	assert.Equal(t, io.EOF, vendorkit.First(nil, io.EOF, nil, errors.New("second")))
}

func TestWhenRefusesWhatIsBroken(t *testing.T) {
	require.NoError(t, vendorkit.When(false, "text", "only with SMS"))
	requireRefused(t, vendorkit.When(true, "text", "only with SMS"), "text", "only with SMS")
}

// cases are checks of one value each; rule is "" where the value passes.
type cases []struct {
	name string
	err  error
	rule string
}

func (cs cases) run(t *testing.T) {
	t.Helper()
	for _, c := range cs {
		t.Run(c.name, func(t *testing.T) {
			if c.rule == "" {
				require.NoError(t, c.err)
				return
			}
			requireRefused(t, c.err, "field", c.rule)
		})
	}
}

func TestRequired(t *testing.T) {
	cases{
		{"a text", vendorkit.Required("field", "a"), ""},
		{"a space", vendorkit.Required("field", " "), ""},
		{"nothing", vendorkit.Required("field", ""), "must not be empty"},
	}.run(t)
}

func TestBetween(t *testing.T) {
	const rule = "must be 4 to 8"
	cases{
		{"not set", vendorkit.Between("field", 0, 4, 8), ""},
		{"the lowest", vendorkit.Between("field", 4, 4, 8), ""},
		{"in the middle", vendorkit.Between("field", 6, 4, 8), ""},
		{"the highest", vendorkit.Between("field", 8, 4, 8), ""},
		{"below", vendorkit.Between("field", 3, 4, 8), rule},
		{"above", vendorkit.Between("field", 9, 4, 8), rule},
		{"negative", vendorkit.Between("field", -6, 4, 8), rule},
		{"the one value", vendorkit.Between("field", 5, 5, 5), ""},
		{"no negative value", vendorkit.Between("field", -1, 0, 8), "must be 0 to 8"},
		{"a text", vendorkit.Between("field", "b", "a", "c"), ""},
		{"a text above", vendorkit.Between("field", "d", "a", "c"), "must be a to c"},
		{"a duration", vendorkit.Between("field", time.Hour, time.Minute, 2*time.Minute), "must be 1m0s to 2m0s"},
	}.run(t)
}

func TestSeconds(t *testing.T) {
	const inside, whole = "must be 1m0s to 10m0s", "must be whole seconds"
	seconds := func(value time.Duration) error { return vendorkit.Seconds("field", value, time.Minute, 10*time.Minute) }
	cases{
		{"not set", seconds(0), ""},
		{"the shortest", seconds(time.Minute), ""},
		{"the longest", seconds(10 * time.Minute), ""},
		{"odd seconds", seconds(61 * time.Second), ""},
		{"too short", seconds(59 * time.Second), inside},
		{"too long", seconds(601 * time.Second), inside},
		{"negative", seconds(-5 * time.Minute), inside},
		{"a fraction inside", seconds(61*time.Second + 1), whole},
		{"a number without a unit", seconds(300), whole},
		{"a negative fraction", seconds(-1), whole},
		{"a little below", seconds(time.Minute - 1), whole},
	}.run(t)
}

func TestCharacters(t *testing.T) {
	const rule = "must have 3 to 11 characters"
	characters := func(text string) error { return vendorkit.Characters("field", text, 3, 11) }
	cases{
		{"not set", characters(""), ""},
		{"the fewest", characters("abc"), ""},
		{"the most", characters("abcdefghijk"), ""},
		{"too few", characters("ab"), rule},
		{"too many", characters("abcdefghijkl"), rule},
		{"letters count, not bytes", characters(strings.Repeat("é", 11)), ""},
		{"few letters of many bytes are few", characters("無効"), rule},
		{"too many letters", characters(strings.Repeat("é", 12)), rule},
		{"invalid UTF-8 counts by the byte", characters("\xff\xfe"), rule},
	}.run(t)
}

func TestOneOf(t *testing.T) {
	oneOf := func(value otp.Channel) error { return vendorkit.OneOf("field", value, otp.SMS, otp.WhatsApp) }
	letters := strings.Split("a b c d e f g h i j k l", " ")
	many := append(letters[:12:12], "m")
	cases{
		{"not set", oneOf(""), ""},
		{"the first", oneOf(otp.SMS), ""},
		{"the last", oneOf(otp.WhatsApp), ""},
		{"another", oneOf(otp.Voice), "must be one of: sms, whatsapp"},
		{"another spelling", oneOf("SMS"), "must be one of: sms, whatsapp"},
		{"a part", oneOf("sm"), "must be one of: sms, whatsapp"},
		{"a list", oneOf("sms, whatsapp"), "must be one of: sms, whatsapp"},
		{"the last of many", vendorkit.OneOf("field", "m", many...), ""},
		{
			"not of twelve, which are listed",
			vendorkit.OneOf("field", "z", letters...), "must be one of: a, b, c, d, e, f, g, h, i, j, k, l",
		},
		{"not of thirteen, which are counted", vendorkit.OneOf("field", "z", many...), "must be one of 13 values, to the letter"},
		{"of none", vendorkit.OneOf("field", "z"), "must be one of: "},
	}.run(t)
}

func TestDigits(t *testing.T) {
	const rule = "must be 4 to 8 digits"
	digits := func(code string) error { return vendorkit.Digits("field", code, 4, 8) }
	cases{
		{"not set", digits(""), ""},
		{"the fewest", digits("1234"), ""},
		{"the most", digits("12345678"), ""},
		{"leading zeros", digits("0000"), ""},
		{"too few", digits("123"), rule},
		{"too many", digits("123456789"), rule},
		{"a letter at the start", digits("a2345"), rule},
		{"a letter in the middle", digits("12a45"), rule},
		{"a letter at the end", digits("1234a"), rule},
		{"only letters", digits("abcde"), rule},
		{"a sign", digits("-1234"), rule},
		{"a space", digits("12 34"), rule},
		{"a line break", digits("1234\n"), rule},
		{"other digits", digits("١٢٣٤"), rule},
		{"full-width digits", digits("１２"), rule},
	}.run(t)
}

func TestURL(t *testing.T) {
	const rule = "must be an absolute http or https URL"
	for text, want := range map[string]string{
		"":                                  "",
		"https://shop.example":              "",
		"https://shop.example/hook?a=b":     "",
		"http://shop.example:8080/hook":     "",
		"HTTPS://shop.example":              "",
		"https://127.0.0.1/hook":            "",
		"https://[::1]:8443/hook":           "",
		"shop.example":                      rule,
		"/hook":                             rule,
		"//shop.example/hook":               rule,
		"https:":                            rule,
		"https://":                          rule,
		"https:///hook":                     rule,
		"https://:443":                      rule,
		"https:shop.example":                rule,
		"ftp://shop.example":                rule,
		"file:///etc/passwd":                rule,
		"javascript:alert(1)":               rule,
		"https://shop.example/\n":           rule,
		" https://shop.example":             rule,
		"https://shop example":              rule,
		"https://shop.example:port":         rule,
		"https://shop.example/%zz":          rule,
		"httpss://shop.example":             rule,
		"https://user:canary@[shop.example": rule,
	} {
		cases{{text, vendorkit.URL("field", text), want}}.run(t)
	}
}

func TestNoRuleShowsTheValue(t *testing.T) {
	const canary = "canary-4711"
	for _, err := range []error{
		vendorkit.Between("field", canary, "a", "b"),
		vendorkit.Between("field", 4711, 1, 9),
		vendorkit.Seconds("field", 4711*time.Second, time.Second, time.Minute),
		vendorkit.Seconds("field", 4711, time.Second, time.Minute),
		vendorkit.Characters("field", canary, 1, 3),
		vendorkit.OneOf("field", canary, "a", "b"),
		vendorkit.OneOf("field", canary, strings.Split("abcdefghijklmnop", "")...),
		vendorkit.Digits("field", canary, 4, 8),
		vendorkit.Digits("field", "4711", 5, 8),
		vendorkit.URL("field", "ftp://"+canary),
		vendorkit.URL("field", "https://"+canary+"\n"),
	} {
		require.ErrorIs(t, err, otp.ErrInvalidRequest)
		assert.NotContains(t, err.Error(), "canary")
		assert.NotContains(t, err.Error(), "4711")
		assert.NotContains(t, err.Error(), "1h18m31s")
	}
}
