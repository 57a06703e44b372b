package otp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// everything is a provider that offers all there is on SMS, less on WhatsApp, and next to nothing
// on voice.
func everything() otp.Capabilities {
	return otp.Capabilities{
		Vendor:  "vendor",
		Default: otp.SMS,
		Channels: map[otp.Channel]otp.Features{
			otp.SMS: {
				CodeLength:  otp.Range[int]{Min: 4, Max: 8},
				MaxAttempts: otp.Range[int]{Min: 1, Max: 10},
				TTL:         otp.Range[time.Duration]{Min: time.Minute, Max: 10 * time.Minute},
				OwnCode:     true,
				Locales:     []string{"en", "pt_BR", "pt_PT", "de", "zh_CN", "sr_Latn_RS"},
			},
			otp.WhatsApp: {
				CodeLength:   otp.Range[int]{Min: 6, Max: 6},
				OwnCode:      true,
				Alphanumeric: true,
			},
			otp.Voice: {},
		},
	}
}

type option struct{}

func (option) OTPVendor() string { return "somebody" }

// pointerOption is an option that nobody may ask when it is nil.
type pointerOption struct{ vendor string }

func (o *pointerOption) OTPVendor() string { return o.vendor }

func TestWhatAProviderCanDoPasses(t *testing.T) {
	cases := []struct {
		name string
		req  otp.SendRequest
	}{
		{"only a recipient", otp.SendRequest{}},
		{"the default channel, named", otp.SendRequest{Channel: otp.SMS}},
		{"another channel", otp.SendRequest{Channel: otp.WhatsApp}},
		{"a channel without features, asked for nothing", otp.SendRequest{Channel: otp.Voice}},
		{"the shortest code", otp.SendRequest{CodeLength: 4}},
		{"the longest code", otp.SendRequest{CodeLength: 8}},
		{"the one length there is", otp.SendRequest{Channel: otp.WhatsApp, CodeLength: 6}},
		{"the shortest life", otp.SendRequest{TTL: time.Minute}},
		{"the longest life", otp.SendRequest{TTL: 10 * time.Minute}},
		{"a life of odd seconds", otp.SendRequest{TTL: 61 * time.Second}},
		{"the fewest attempts", otp.SendRequest{MaxAttempts: 1}},
		{"the most attempts", otp.SendRequest{MaxAttempts: 10}},
		{"an own code", otp.SendRequest{Code: "123456"}},
		{"an own code with leading zeros", otp.SendRequest{Code: "0000"}},
		{"the longest own code", otp.SendRequest{Code: "12345678"}},
		{"an own code and its length", otp.SendRequest{Code: "12345", CodeLength: 5}},
		{"an own code with letters where there may be some", otp.SendRequest{Channel: otp.WhatsApp, Code: "aB3dE6"}},
		{"a locale", otp.SendRequest{Locale: "pt-BR"}},
		{"a locale that is not there, which is a preference", otp.SendRequest{Locale: "fi-FI"}},
		{"a locale where there is none", otp.SendRequest{Channel: otp.Voice, Locale: "en"}},
		{"a locale that is no tag", otp.SendRequest{Locale: "not a tag\n"}},
		{
			"a send that repeats another",
			otp.SendRequest{Previous: &otp.Verification{Provider: "gone", ID: "1", To: number}},
		},
		{"an option of another vendor", otp.SendRequest{Options: []otp.SendOption{option{}}}},
		{
			"everything at once",
			otp.SendRequest{
				Channel: otp.SMS, Locale: "de-AT", CodeLength: 6, TTL: 5 * time.Minute, MaxAttempts: 3, Code: "012345",
				Options: []otp.SendOption{option{}, option{}},
			},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.req.To = number
			assert.NoError(t, everything().Check(c.req))
		})
	}
}

func TestWhatAProviderCannotDoIsRefusedNamingTheField(t *testing.T) {
	cases := []struct {
		name  string
		req   otp.SendRequest
		kind  otp.Kind
		field string
		rule  string
	}{
		{
			"a channel that is not offered",
			otp.SendRequest{Channel: "pigeon"},
			otp.ErrUnsupported, "channel", "must be one of: sms, voice, whatsapp",
		},
		{
			"a channel in another spelling",
			otp.SendRequest{Channel: "SMS"},
			otp.ErrUnsupported, "channel", "must be one of: sms, voice, whatsapp",
		},

		{
			"a negative length",
			otp.SendRequest{CodeLength: -1},
			otp.ErrInvalidRequest, "code_length", "must not be negative",
		},
		{"a code too short", otp.SendRequest{CodeLength: 3}, otp.ErrUnsupported, "code_length", "must be 4 to 8"},
		{"a code too long", otp.SendRequest{CodeLength: 9}, otp.ErrUnsupported, "code_length", "must be 4 to 8"},
		{
			"a length other than the one there is",
			otp.SendRequest{Channel: otp.WhatsApp, CodeLength: 7},
			otp.ErrUnsupported, "code_length", "must be 6",
		},
		{
			"a length that cannot be chosen",
			otp.SendRequest{Channel: otp.Voice, CodeLength: 6},
			otp.ErrUnsupported, "code_length", "cannot be chosen with this provider",
		},

		{"a negative life", otp.SendRequest{TTL: -time.Minute}, otp.ErrInvalidRequest, "ttl", "must not be negative"},
		{
			"a life with a fraction of a second",
			otp.SendRequest{TTL: 61*time.Second + time.Millisecond},
			otp.ErrInvalidRequest, "ttl", "must be whole seconds",
		},
		{
			"a life of a number without a unit",
			otp.SendRequest{TTL: 300},
			otp.ErrInvalidRequest, "ttl", "must be whole seconds",
		},
		{
			"a negative fraction of a second",
			otp.SendRequest{TTL: -time.Millisecond},
			otp.ErrInvalidRequest, "ttl", "must not be negative",
		},
		{"a life too short", otp.SendRequest{TTL: 59 * time.Second}, otp.ErrUnsupported, "ttl", "must be 1m0s to 10m0s"},
		{"a life too long", otp.SendRequest{TTL: 601 * time.Second}, otp.ErrUnsupported, "ttl", "must be 1m0s to 10m0s"},
		{
			"a life that cannot be chosen",
			otp.SendRequest{Channel: otp.WhatsApp, TTL: 5 * time.Minute},
			otp.ErrUnsupported, "ttl", "cannot be chosen with this provider",
		},

		{
			"negative attempts",
			otp.SendRequest{MaxAttempts: -1},
			otp.ErrInvalidRequest, "max_attempts", "must not be negative",
		},
		{"too many attempts", otp.SendRequest{MaxAttempts: 11}, otp.ErrUnsupported, "max_attempts", "must be 1 to 10"},
		{
			"attempts that cannot be chosen",
			otp.SendRequest{Channel: otp.WhatsApp, MaxAttempts: 3},
			otp.ErrUnsupported, "max_attempts", "cannot be chosen with this provider",
		},

		{
			"an own code where the vendor makes it",
			otp.SendRequest{Channel: otp.Voice, Code: "123456"},
			otp.ErrUnsupported, "code", "this provider makes the code itself",
		},
		{"an own code too short", otp.SendRequest{Code: "123"}, otp.ErrUnsupported, "code", "its length must be 4 to 8"},
		{"an own code too long", otp.SendRequest{Code: "123456789"}, otp.ErrUnsupported, "code", "its length must be 4 to 8"},
		{"a letter in an own code", otp.SendRequest{Code: "12a456"}, otp.ErrUnsupported, "code", "must hold digits only"},
		{"a letter at its start", otp.SendRequest{Code: "a23456"}, otp.ErrUnsupported, "code", "must hold digits only"},
		{"a sign in an own code", otp.SendRequest{Code: "+12345"}, otp.ErrUnsupported, "code", "must hold digits only"},
		{
			"an own code longer than asked for",
			otp.SendRequest{Code: "123456", CodeLength: 5},
			otp.ErrInvalidRequest, "code_length", "differs from the length of the code given",
		},
		{
			"an own code shorter than asked for",
			otp.SendRequest{Code: "123456", CodeLength: 7},
			otp.ErrInvalidRequest, "code_length", "differs from the length of the code given",
		},
		{
			"an own code with a space",
			otp.SendRequest{Code: "123 456"},
			otp.ErrInvalidRequest, "code", "must be 1 to 32 printable ASCII characters without spaces",
		},
		{
			"an own code that is a space",
			otp.SendRequest{Code: " "},
			otp.ErrInvalidRequest, "code", "must be 1 to 32 printable ASCII characters without spaces",
		},
		{
			"an own code with a line break",
			otp.SendRequest{Code: "123456\n"},
			otp.ErrInvalidRequest, "code", "must be 1 to 32 printable ASCII characters without spaces",
		},
		{
			"an own code of other digits",
			otp.SendRequest{Code: "١٢٣٤٥٦"},
			otp.ErrInvalidRequest, "code", "must be 1 to 32 printable ASCII characters without spaces",
		},
		{
			"an own code longer than any",
			otp.SendRequest{Code: strings.Repeat("1", 33)},
			otp.ErrInvalidRequest, "code", "must be 1 to 32 printable ASCII characters without spaces",
		},

		{
			"an option that is nil",
			otp.SendRequest{Options: []otp.SendOption{option{}, nil}},
			otp.ErrInvalidRequest, "options", "must not hold nil",
		},

		{
			"an option that is a nil pointer",
			otp.SendRequest{Options: []otp.SendOption{(*pointerOption)(nil)}},
			otp.ErrInvalidRequest, "options", "must not hold nil",
		},
		{
			"a zero verification to repeat",
			otp.SendRequest{Previous: &otp.Verification{}},
			otp.ErrInvalidRequest, "previous", "must not be the zero verification: nothing was sent",
		},
		{
			"a verification of another number to repeat",
			otp.SendRequest{Previous: &otp.Verification{Provider: "main", ID: "1", To: "+14155550123"}},
			otp.ErrInvalidRequest, "previous", "must be a verification for the same number",
		},

		{
			"what no provider can do comes before what this one cannot",
			otp.SendRequest{Channel: "pigeon", TTL: -1},
			otp.ErrInvalidRequest, "ttl", "must not be negative",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.req.To = number
			err := everything().Check(c.req)
			require.Error(t, err)
			failure := failureOf(t, err)
			assert.Equal(t, c.kind, failure.Kind)
			assert.Equal(t, c.field, failure.Field)
			assert.Equal(t, c.rule, failure.Err.Error())
			assert.Equal(t, "send", failure.Op)
			assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
			assert.NotContains(t, err.Error(), number[5:], "the number is not shown")
			if c.req.Code != "" && c.req.Code != " " {
				assert.NotContains(t, err.Error(), c.req.Code, "the code is not shown")
			}
		})
	}
}

func TestAProviderThatOffersNothingServesNothing(t *testing.T) {
	err := otp.Capabilities{}.Check(otp.SendRequest{To: number})
	require.ErrorIs(t, err, otp.ErrUnsupported)
	assert.Equal(t, "channel", failureOf(t, err).Field)
}

func TestTheDefaultChannelDecidesWhatIsOffered(t *testing.T) {
	capabilities := everything()
	req := otp.SendRequest{To: number, TTL: 5 * time.Minute}
	require.NoError(t, capabilities.Check(req))

	capabilities.Default = otp.WhatsApp
	err := capabilities.Check(req)
	require.ErrorIs(t, err, otp.ErrUnsupported)
	assert.Equal(t, "ttl", failureOf(t, err).Field)

	capabilities.Default = "pigeon"
	err = capabilities.Check(req)
	require.ErrorIs(t, err, otp.ErrUnsupported)
	assert.Equal(t, "channel", failureOf(t, err).Field)
}

func TestARangeHoldsBothItsEnds(t *testing.T) {
	r := otp.Range[int]{Min: 4, Max: 8}
	for v, want := range map[int]bool{-4: false, 0: false, 3: false, 4: true, 6: true, 8: true, 9: false} {
		assert.Equal(t, want, r.Contains(v), v)
	}
	assert.False(t, otp.Range[int]{}.Contains(0), "the zero range holds nothing")
	assert.True(t, otp.Range[int]{Min: -1, Max: 1}.Contains(0))
	assert.False(t, otp.Range[int]{Min: 8, Max: 4}.Contains(6), "a range the wrong way round holds nothing")
	assert.True(t, otp.Range[time.Duration]{Min: time.Second, Max: time.Minute}.Contains(time.Minute))
}
