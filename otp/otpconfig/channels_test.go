package otpconfig_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

// onInsider is a provider of Insider, which offers sms, its default, and whatsapp.
func onInsider(t *testing.T, fields string) (otp.Provider, *insidertest.Server) {
	t.Helper()
	srv := insidertest.NewServer()
	t.Cleanup(srv.Close)
	cfg := parsing(t, "providers: {main: {vendor: insider, api_key: '${KEY}', base_url: '${URL}', "+fields+"}}",
		map[string]string{"KEY": srv.APIKey, "URL": srv.URL})
	return providerOf(t, cfg), srv
}

func TestChannelsOfAProvider(t *testing.T) {
	for fields, want := range map[string][]otp.Channel{ // the first is the default
		"channels: [sms]":                                    {otp.SMS},
		"channels: [whatsapp]":                               {otp.WhatsApp},
		"channels: [whatsapp, sms]":                          {otp.SMS, otp.WhatsApp},
		"channels: [sms, whatsapp]":                          {otp.SMS, otp.WhatsApp},
		"channel: whatsapp, channels: [sms]":                 {otp.SMS},
		"channel: whatsapp, channels: [sms, whatsapp]":       {otp.WhatsApp, otp.SMS},
		"channels: [sms], breaker: {faults: 2}":              {otp.SMS},
		"channel: whatsapp, channels: [whatsapp], retry: {}": {otp.WhatsApp},
	} {
		t.Run(fields, func(t *testing.T) {
			p, _ := onInsider(t, fields)
			caps := p.Capabilities()
			assert.Equal(t, want[0], caps.Default)
			assert.Len(t, caps.Channels, len(want))
			for _, channel := range want {
				require.NoError(t, otp.CanSend(p, otp.SendRequest{To: phone, Channel: channel}))
			}
			v, err := p.Send(t.Context(), otp.SendRequest{To: phone})
			require.NoError(t, err)
			assert.Equal(t, want[0], v.Channel)
			assert.Equal(t, "main", v.Provider)
		})
	}
}

func TestAChannelThatIsLeftOutIsUnsupported(t *testing.T) {
	p, srv := onInsider(t, "channels: [sms]")
	for _, channel := range []otp.Channel{otp.WhatsApp, otp.Voice, "pigeon"} {
		req := otp.SendRequest{To: phone, Channel: channel}
		_, err := p.Send(t.Context(), req)
		for _, err := range []error{err, otp.CanSend(p, req)} {
			require.ErrorIs(t, err, otp.ErrUnsupported)
			require.EqualError(t, err, "main: send: unsupported: channel: must be one of: sms")
			assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
		}
	}
	malformed := otp.SendRequest{To: "+1,+2", Channel: otp.WhatsApp}
	_, err := p.Send(t.Context(), malformed)
	require.ErrorIs(t, err, otp.ErrInvalidRecipient)
	require.ErrorIs(t, otp.CanSend(p, malformed), otp.ErrInvalidRecipient)
	assert.Empty(t, srv.Requests())
}

func TestChannelsChangeNothingElse(t *testing.T) {
	p, srv := onInsider(t, "channels: [whatsapp]")
	require.ErrorIs(t, otp.CanSend(p, otp.SendRequest{To: phone, CodeLength: 99}), otp.ErrUnsupported, "of the channel")
	v, err := p.Send(t.Context(), otp.SendRequest{To: phone, CodeLength: 8, Options: []otp.SendOption{insider.Unique()}})
	require.NoError(t, err)
	code, _ := srv.Code(phone)
	assert.Len(t, code, 8)
	require.NoError(t, p.Verify(t.Context(), v, code))
}

// Without channels, a code is sent again by WhatsApp, unasked.
func TestSendAgainStaysOnTheChannels(t *testing.T) {
	srv := insidertest.NewServer()
	defer srv.Close()
	for fields, want := range map[string][]string{
		"":                  {"b sms", "a whatsapp", "b whatsapp", "a sms"},
		", channels: [sms]": {"b sms", "a sms", "b sms", "a sms"},
	} {
		cfg := parsing(t, `
providers:
  a: {vendor: insider, api_key: '${KEY}', base_url: '${URL}'`+fields+`}
  b: {vendor: insider, api_key: '${KEY}', base_url: '${URL}'`+fields+`}
send: {failover: [a, b]}
`, map[string]string{"KEY": srv.APIKey, "URL": srv.URL})
		p := providerOf(t, cfg)
		v, err := p.Send(t.Context(), otp.SendRequest{To: phone})
		require.NoError(t, err)
		var went []string
		for range want {
			v, err = p.Send(t.Context(), otp.SendRequest{To: phone, Previous: &v})
			require.NoError(t, err)
			went = append(went, v.Provider+" "+string(v.Channel))
		}
		assert.Equal(t, want, went)
	}
}

func TestChannelsThatAreNoneAreRefused(t *testing.T) {
	for list, want := range map[string]string{
		"[]":                           "providers.main.channels: must not be empty; leave it out to have all of them (line 5)",
		"[sms, voice]":                 "providers.main.channels[1]: is no channel of this provider; there are: sms, whatsapp (line 5)",
		"[smss]":                       "providers.main.channels[0]: is no channel of this provider; did you mean sms? (line 5)",
		"[SMS]":                        "providers.main.channels[0]: is no channel of this provider; did you mean sms? (line 5)",
		"[sms, sms]":                   "providers.main.channels[1]: must not name sms a second time (line 5)",
		"sms":                          "providers.main.channels: must be a list, not text (line 5)",
		"\n      - sms\n      - voice": "providers.main.channels[1]: is no channel of this provider; there are: sms, whatsapp (line 7)",
	} {
		file := "providers:\n  main:\n    vendor: insider\n    api_key: k\n    channels: " + list
		_, err := otpconfig.Parse([]byte(file), "yaml")
		require.EqualError(t, err, "config: misconfigured: "+want, list)
	}
	_, err := otpconfig.FromEnv(variables(map[string]string{
		"OTP_VENDOR": "insider", "OTP_API_KEY": "k", "OTP_CHANNELS": "sms, voice",
	}))
	require.EqualError(t, err, "config: misconfigured: providers.insider.channels[1]: "+
		"is no channel of this provider; there are: sms, whatsapp (OTP_CHANNELS)")
}

func TestWatchFollowsTheChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const main = "providers: {main: {vendor: insider, api_key: k"
		w := follow(t, otpconfig.Vendors(), main+"}}")
		assert.Len(t, w.Capabilities().Channels, 2)
		w.write(main + ", channels: [sms]}}")
		w.wait(time.Minute)
		assert.Len(t, w.Capabilities().Channels, 1)
		before := w.Unwrap()[0]
		w.write(main + ", channels: [sms]}, other: {vendor: insider, api_key: k}}\nsend: {failover: [main, other]}")
		w.wait(time.Minute)
		assert.Equal(t, []error{nil, nil}, w.reports())
		router, _ := w.Unwrap()[0].(otp.Wrapper)
		assert.Same(t, before, router.Unwrap()[0], "it has not changed")
	})
}
