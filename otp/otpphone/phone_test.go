package otpphone_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otphttp"
	"github.com/otp-sdk/otp-go/otp/otpphone"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func ExampleParser_E164() {
	dutch, err := otpphone.New("NL")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, typed := range []string{"06 12 34 56 78", "0044 20 7946 0958", "call me"} {
		number, err := dutch.E164(typed)
		fmt.Println(number, err)
	}
	// Output:
	// +31612345678 <nil>
	// +442079460958 <nil>
	//  otpphone: invalid recipient: number: must hold digits only, after a + or without one
}

func ExampleDeny() {
	guarded, err := guard.New(otptest.NewProvider(), guard.BeforeSend(otpphone.Deny()))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(otpphone.LineOf("+31612345678"), otpphone.LineOf("+319001234567"))
	fmt.Println(guarded.Name())
	// Output:
	// mobile premium
	// otptest
}

func parser(t testing.TB, country string) *otpphone.Parser {
	t.Helper()
	p, err := otpphone.New(country)
	require.NoError(t, err)
	return p
}

func TestWhatPeopleType(t *testing.T) {
	for country, numbers := range map[string]map[string]string{
		"NL": {
			"06 12345678": "+31612345678", "06-12 34 56 78": "+31612345678", "0031 6 12345678": "+31612345678",
			"+31 (0)6 12345678": "+31612345678", "(020) 624 1111": "+31206241111", "0044 20 7946 0958": "+442079460958",
			"٠٦١٢٣٤٥٦٧٨": "+31612345678", "＋３１６１２３４５６７８": "+31612345678", "\u200e+31\u00a06 12345678\u202c": "+31612345678",
			"06.12/34.56.78": "+31612345678", "+1 202-555-0123": "+12025550123", "+39 06 698 1234": "+39066981234",
		},
		"us": {
			"(202) 555-0123": "+12025550123", "1-202-555-0123": "+12025550123", "011 44 20 7946 0958": "+442079460958",
			"0044 20 7946 0958": "+442079460958",
		},
		"AU": {"0491 570 006": "+61491570006", "0011 44 20 7946 0958": "+442079460958"},
		"IT": {"06 698 1234": "+39066981234", "333 123 4567": "+393331234567"},
		"":   {"+44 20 7946 0958": "+442079460958", "00 44 20 7946 0958": "+442079460958"},
	} {
		p := parser(t, country)
		for typed, want := range numbers {
			number, err := p.E164(typed)
			require.NoError(t, err, "%s in %s", typed, country)
			assert.Equal(t, want, number, "%s in %s", typed, country)
		}
	}
}

func TestWhatIsNoNumber(t *testing.T) {
	for typed, words := range map[string]string{
		"": "digits", "hello": "digits", "1-800-FLOWERS": "digits", "+31612345678 ext 5": "digits", "+31612345678;phone-context=x": "digits",
		"+31612345678,+31612345679": "digits", "++31612345678": "digits", "31+612345678": "digits", "+": "digits",
		"06 12": "too short", "+31 6 1234567890123": "too long", "+999 12345678": "country code", "0000000000": "",
		strings.Repeat("1", 99): "digits", "06 1234 5678 99": "",
	} {
		number, err := parser(t, "NL").E164(typed)
		assert.Empty(t, number)
		require.ErrorIs(t, err, otp.ErrInvalidRecipient, typed)
		assert.ErrorContains(t, err, words, typed)
		assert.NotContains(t, err.Error(), "345678")
	}
	_, err := new(otpphone.Parser).E164("06 12345678")
	require.ErrorContains(t, err, "must begin with + and a country code")
	_, err = otpphone.New("Holland")
	require.ErrorIs(t, err, otp.ErrMisconfigured)
}

func TestLines(t *testing.T) {
	for number, want := range map[string]otpphone.Line{
		"+31612345678": otpphone.Mobile, "+31206241111": otpphone.Fixed, "+12025550123": otpphone.FixedOrMobile,
		"+319001234567": otpphone.Premium, "+318001234": otpphone.TollFree, "+442033334444": otpphone.Fixed,
		"+445612345678": otpphone.VoIP, "+447640123456": otpphone.Pager, "+447012345678": otpphone.Personal, "x": otpphone.Unknown,
	} {
		assert.Equal(t, want, otpphone.LineOf(number), number)
	}
}

func TestTheGuardRefusesLines(t *testing.T) {
	p := otptest.NewProvider()
	g, err := guard.New(p, guard.BeforeSend(otpphone.Deny(otpphone.VoIP, otpphone.Pager)))
	require.NoError(t, err)
	for number, refused := range map[string]bool{"+445612345678": true, "+447640123456": true, "+31612345678": false} {
		_, err = g.Send(t.Context(), otp.SendRequest{To: number})
		assert.Equal(t, refused, err != nil, number)
		if refused {
			assert.Equal(t, 403, otphttp.Status(err))
		}
	}
}

// Whatever was typed: an error, or a number that every provider takes.
func FuzzE164(f *testing.F) {
	for _, typed := range []string{"06 12345678", "+31 (0)6 12345678", "0044 20", "٠٦", "+1\x00", "(+)"} {
		f.Add("NL", typed)
	}
	f.Fuzz(func(t *testing.T, country, typed string) {
		p, err := otpphone.New(country)
		if err != nil {
			return
		}
		number, err := p.E164(typed)
		if err != nil {
			require.ErrorIs(t, err, otp.ErrInvalidRecipient)
			return
		}
		require.NoError(t, otp.CheckRecipient(number))
		again, err := p.E164(number)
		require.NoError(t, err)
		assert.Equal(t, number, again)
	})
}
