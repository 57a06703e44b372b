package smsfactor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/smsfactor"
)

const vendorLanguages = "en-US en-GB el-GR pl-PL hu-HU sv-SE de-DE es-ES es-LA fr-FR it-IT pt-BR ru-RU"

func TestCapabilities(t *testing.T) {
	c := client(t, answering(200, sent))
	assert.Equal(t, "smsfactor", c.Name())
	features := otp.Features{
		CodeLength:   otp.Range[int]{Min: 4, Max: 32},
		MaxAttempts:  otp.Range[int]{Min: 1, Max: 100},
		TTL:          otp.Range[time.Duration]{Min: 3 * time.Second, Max: 10_000_000 * time.Second},
		Alphanumeric: true,
	}
	voice := features
	voice.Locales = strings.Fields(vendorLanguages)
	assert.Equal(t, otp.Capabilities{
		Vendor: "smsfactor", Default: otp.SMS,
		Channels: map[otp.Channel]otp.Features{otp.SMS: features, otp.Voice: voice},
	}, c.Capabilities())

	changed := c.Capabilities()
	changed.Channels[otp.Voice].Locales[0] = "xx"
	delete(changed.Channels, otp.SMS)
	assert.Len(t, c.Capabilities().Channels, 2, "a caller's copy is the caller's")
	assert.Equal(t, "en-US", c.Capabilities().Channels[otp.Voice].Locales[0])

	cfg := config()
	cfg.Channel = otp.Voice
	c = clientOf(t, cfg, answering(200, sent), otp.WithName("octopush-eu"))
	assert.Equal(t, otp.Voice, c.Capabilities().Default)
	assert.Equal(t, "octopush-eu", c.Name())
	v, err := c.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	assert.Equal(t, "octopush-eu", v.Provider)
	assert.Equal(t, otp.Voice, v.Channel)
}

// A language is a preference: what the vendor has not is left to the account.
func TestALocaleIsTheLanguageOfTheCall(t *testing.T) {
	wants := map[string]string{
		"en": "en-US", "es": "es-ES", "pt": "pt-BR", "de": "de-DE", "ru": "ru-RU", "el": "el-GR", "sv": "sv-SE",
		"en-gb": "en-GB", "en_GB": "en-GB", "ES-la": "es-LA", "FR": "fr-FR",
		"en-AU": "en-US", "es-419": "es-ES", "pt-PT": "pt-BR", "de-AT-1901": "de-DE", "fr_CA": "fr-FR",
		"": "", "tr": "", "e": "", "eng": "", "en US": "", "US": "", "zh-Hant-TW": "", "-": "", "-US": "",
	}
	for _, tag := range strings.Fields(vendorLanguages) {
		wants[tag] = tag
	}
	for locale, want := range wants {
		v := answering(200, sent)
		req := otp.SendRequest{To: phone, Channel: otp.Voice, Locale: locale}
		require.NoError(t, send(req)(t.Context(), client(t, v)), locale)
		if want == "" {
			assert.NotContains(t, v.requests[0].body, "voice_language", locale)
			continue
		}
		assert.Contains(t, v.requests[0].body, `"voice_language":"`+want+`"`, locale)
	}
}

// The token is the verification's ID. The ticket, by which receipts go, is kept beside it.
func TestTheTicketIsKept(t *testing.T) {
	for body, want := range map[string]string{
		sent: "sms_5fa275dbf21dc", `{"code":0,"otp_request_token":"` + token + `"}`: "",
	} {
		ticket := "of an earlier send"
		v, err := client(t, answering(200, body)).Send(t.Context(), otp.SendRequest{
			To: phone, Options: []otp.SendOption{smsfactor.Ticket(&ticket)},
		})
		require.NoError(t, err)
		assert.Equal(t, token, v.ID)
		assert.Equal(t, want, ticket)
	}
	var ticket string
	_, err := client(t, answering(500, `{"ticket_number":"sms_1"}`)).Send(t.Context(), otp.SendRequest{
		To: phone, Options: []otp.SendOption{smsfactor.Ticket(&ticket)},
	})
	assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
	assert.Equal(t, "sms_1", ticket, "the text may be on its way")
}

func TestTheTokenOfAFailureIsKept(t *testing.T) {
	for status, body := range map[int]string{
		500: sent, 502: `{"code":125,"otp_request_token":"` + token + `"}`, 400: `{"otp_request_token":"` + token + `"}`,
	} {
		v, err := client(t, answering(status, body)).Send(t.Context(), otp.SendRequest{To: phone})
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), body)
		assert.Equal(t, token, v.ID, body)
	}
}

func TestVerifyTellsHowManyAttemptsAreLeft(t *testing.T) {
	body := `{"code":199,"message":"Wrong OTP code.","remaining_number_of_attempts":2}`
	err := client(t, answering(400, body)).Verify(t.Context(), verification(), "123456")
	var failure *otp.Error
	require.ErrorAs(t, err, &failure)
	require.ErrorIs(t, err, otp.ErrCodeRejected)
	require.NotNil(t, failure.AttemptsLeft)
	assert.Equal(t, 2, *failure.AttemptsLeft)
	assert.Equal(t, otp.OutcomeAccepted, failure.Outcome)
}

func TestOptionsNameTheirVendor(t *testing.T) {
	for _, option := range []otp.SendOption{
		smsfactor.Alphabet(smsfactor.Digits), smsfactor.Text("x"), smsfactor.Sender("abc"), smsfactor.RecipientIP("192.0.2.1"),
		smsfactor.VoiceGender(smsfactor.Male), smsfactor.Extra(nil), smsfactor.Ticket(new(string)),
	} {
		assert.Equal(t, "smsfactor", option.OTPVendor())
	}
}
