package otpconfig_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// ownCodes is a file with own codes over two vendors, and more lines.
func ownCodes(t *testing.T, octopush *smsfactortest.Server, hyper *hypersendertest.Server, more string) string {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(key, []byte(strings.Repeat("k", 32)+"\n"), 0o600))
	return fmt.Sprintf(`
providers:
  codes:
    vendor: owncode
    sender: sms
    fallback: chat
    key_file: %s
    app: Acme
    texts:
      - {locale: en, text: "{code} is your {app} code, for {lifetime}."}
      - {locale: de, text: "{code} ist Ihr Code für {app}."}
  sms: {vendor: octopush, api_login: %s, api_key: %s, base_url: %s, breaker: {}}
  chat: {vendor: hypersender, instance: %s, token: %q, app_name: Acme, base_url: %s}
%s`, key, octopush.APILogin, octopush.APIKey, octopush.URL, hyper.Instance, hyper.Token, hyper.URL, more)
}

func simulators(t *testing.T) (*smsfactortest.Server, *hypersendertest.Server) {
	t.Helper()
	octopush, hyper := smsfactortest.NewServer(), hypersendertest.NewServer()
	t.Cleanup(octopush.Close)
	t.Cleanup(hyper.Close)
	return octopush, hyper
}

func TestOwnCodesOfAFile(t *testing.T) {
	octopush, hyper := simulators(t)
	config, err := otpconfig.Parse([]byte(ownCodes(t, octopush, hyper, "")), "yaml")
	require.NoError(t, err)
	p, err := config.Provider(otp.WithSendLimiter(nil), otp.WithUserAgent("acme/1"))
	require.NoError(t, err)
	const to = "+33639980001"
	v, err := p.Send(t.Context(), otp.SendRequest{To: to, Locale: "de-AT"})
	require.NoError(t, err)
	assert.Equal(t, "codes", v.Provider)
	message, _ := octopush.Inbox.Last(to)
	assert.Equal(t, message.Code+" ist Ihr Code für Acme.", message.Text)

	octopush.Fail(otpsim.AfterAccepting(500).On("sms"))
	v, err = p.Send(t.Context(), otp.SendRequest{To: to})
	require.NoError(t, err)
	code, _ := hyper.Code(to)
	first, _ := octopush.Code(to)
	assert.Equal(t, first, code)

	again, err := config.Provider() // as after a reload
	require.NoError(t, err)
	require.NoError(t, again.Verify(t.Context(), v, code))
	require.ErrorIs(t, p.Verify(t.Context(), v, code), otp.ErrAlreadyVerified)
}

func TestOwnCodesAreAProviderLikeAnyOther(t *testing.T) {
	octopush, hyper := simulators(t)
	store, err := guard.NewMemory(0)
	require.NoError(t, err)
	registry := otpconfig.Vendors()
	registry.Stores = map[string]guard.Store{"redis": store}
	config, err := registry.Parse([]byte(strings.Replace(ownCodes(t, octopush, hyper, "send: {failover: [codes, sms]}"), "    app: Acme\n", "    app: Acme\n    store: redis\n", 1)), "yaml")
	require.NoError(t, err)
	p, err := config.Provider()
	require.NoError(t, err)
	_, err = p.Send(t.Context(), otp.SendRequest{To: "+33639980001"})
	require.NoError(t, err)
	assert.Positive(t, store.Len())
	assert.NotContains(t, fmt.Sprintf("%+v", config), "kkkk")
}

func TestBadOwnCodesAreNamed(t *testing.T) {
	octopush, hyper := simulators(t)
	good := ownCodes(t, octopush, hyper, "")
	for name, test := range map[string]struct{ old, now, want string }{
		"no such sender":      {"sender: sms", "sender: smz", "providers.codes.sender: is no provider"},
		"itself":              {"sender: sms", "sender: codes", "providers.codes.sender: must be a provider whose vendor can send texts"},
		"no such fallback":    {"fallback: chat", "fallback: chad", "providers.codes.fallback: is no provider"},
		"no sender":           {"    sender: sms\n", "", "providers.codes.sender: is missing"},
		"no code in a text":   {"{code} ist", "Das ist", "providers.codes.message.templates.de: must hold {code} once"},
		"one language twice":  {"locale: de", "locale: en", "providers.codes.texts[1]: must not be of a language"},
		"a retry":             {"    app: Acme\n", "    retry: {max_attempts: 1}\n", "providers.codes.retry: belongs to the provider that sends"},
		"a key that is short": {"    key_file: ", "    key: c2hvcnQ=\n    app_hash: x # ", "providers.codes.keys: must have at least 32 bytes"},
		"insider":             {"sms: {vendor: octopush, api_login: " + octopush.APILogin, "sms: {vendor: insider", "providers.codes.sender: must be a provider whose vendor can send texts"},
	} {
		_, err := otpconfig.Parse([]byte(strings.Replace(good, test.old, test.now, 1)), "yaml")
		require.ErrorContains(t, err, test.want, name)
		assert.NotContains(t, err.Error(), "CANARY")
	}
	twice := strings.Replace(good, "fallback: chat", "fallback: sms", 1) + "verify_only: [chat]\n"
	_, err := otpconfig.Parse([]byte(twice), "yaml")
	require.ErrorContains(t, err, "providers.codes.fallback: must be another sender")
}

func TestTestNumbersOfAFile(t *testing.T) {
	octopush, hyper := simulators(t)
	lines := func(number string, until time.Time) string {
		return fmt.Sprintf("test_numbers:\n  until: %q\n  numbers:\n    - {number: %q, code: \"246813\"}\n", until.Format(time.RFC3339), number)
	}
	parse := func(more string) (otp.Provider, error) {
		config, err := otpconfig.Parse([]byte(ownCodes(t, octopush, hyper, more)), "yaml")
		if err != nil {
			return nil, err
		}
		return config.Provider()
	}
	p, err := parse(lines("+12025550123", time.Now().Add(time.Hour)))
	require.NoError(t, err)
	v, err := p.Send(t.Context(), otp.SendRequest{To: "+12025550123"})
	require.NoError(t, err)
	require.NoError(t, p.Verify(t.Context(), v, "246813"))
	assert.Empty(t, octopush.Requests())

	p, err = parse(lines("+12025550123", time.Now().Add(-time.Hour)))
	require.NoError(t, err, "numbers that have ended must not keep a program from starting")
	_, err = p.Send(t.Context(), otp.SendRequest{To: "+12025550123"})
	require.NoError(t, err)
	assert.Len(t, octopush.Requests(), 1)

	_, err = parse(lines("+905321234567", time.Now().Add(time.Hour)))
	require.ErrorContains(t, err, "test_numbers.numbers: holds +905*****67, which may be somebody's number")
	_, err = parse(lines("+12025550123", time.Now().Add(91*24*time.Hour)))
	require.ErrorContains(t, err, "test_numbers.until: must be in the future, and within 90 days")
}
