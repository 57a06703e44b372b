package otpconfig_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

func TestOneProviderFromVariables(t *testing.T) {
	srv := kaleyratest.NewServer()
	defer srv.Close()
	cfg, err := otpconfig.FromEnv(variables(map[string]string{
		"OTP_VENDOR": "kaleyra", "OTP_SID": srv.SID, "OTP_API_KEY": srv.APIKey, "OTP_BASE_URL": srv.URL,
		"OTP_FLOW_CODE_LENGTH": "6", "OTP_FLOW_TTL": "5m", "OTP_FLOW_CHANNELS": "sms, voice", "OTP_FLOW_ALPHANUMERIC": "false",
	}))
	require.NoError(t, err)
	p := providerOf(t, cfg)
	assert.Equal(t, "kaleyra", p.Name())
	assert.Len(t, p.Capabilities().Channels, 2)
	assert.Equal(t, otp.Range[time.Duration]{Min: 5 * time.Minute, Max: 5 * time.Minute}, p.Capabilities().Channels[otp.SMS].TTL)

	v, err := p.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	code, _ := srv.Code(phone)
	require.NoError(t, p.Verify(t.Context(), v, code))
}

func TestSeveralProvidersFromVariables(t *testing.T) {
	cfg, err := otpconfig.FromEnv(variables(map[string]string{
		"OTP_PROVIDERS": "main, back-up.2,old", "OTP_FAILOVER": "main,back-up.2", "OTP_VERIFY_ONLY": "old",
		"OTP_MAIN_VENDOR": "insider", "OTP_MAIN_API_KEY": "k",
		"OTP_BACK_UP_2_VENDOR": "octopush", "OTP_BACK_UP_2_API_LOGIN": "l", "OTP_BACK_UP_2_API_KEY": "k",
		"OTP_OLD_VENDOR": "insider", "OTP_OLD_API_KEY": "k",
	}))
	require.NoError(t, err)
	assert.Equal(t, "main (insider), back-up.2 (octopush), old (insider); send: failover(main, back-up.2); verify only: old", cfg.String())
}

func TestEveryTypeOfFieldFromVariables(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "token"), []byte("s3cret\n"), 0o600))
	var a acme
	cfg, err := a.registry(t, nil).FromEnv(variables(map[string]string{
		"OTP_VENDOR": "acme", "OTP_TOKEN_FILE": filepath.Join(folder, "token"), "OTP_ACCOUNT": "${TOKEN}", "OTP_COUNT": "-3",
		"OTP_SMALL": "255", "OTP_RATIO": "0.5", "OTP_ON": "true", "OTP_WAIT": "1m30s", "OTP_RATE": "5/s", "OTP_COLOR": "red",
		"OTP_LIST": "a,+33", "OTP_NUMBERS": "1,2", "OTP_INNER_DEPTH": "4",
		"OTP_TIMEOUT": "3s", "OTP_RETRY_MAX_ATTEMPTS": "2", "OTP_SEND_LIMIT": "1/1h", "OTP_BREAKER_FAULTS": "3",
	}))
	require.NoError(t, err)
	providerOf(t, cfg)
	config, set, _ := a.last()
	assert.Equal(t, acmeConfig{
		Token: "s3cret", Account: "${TOKEN}", Count: -3, Small: 255, Ratio: 0.5, On: true, Wait: 90 * time.Second,
		Rate: otp.Rate{Events: 5, Per: time.Second}, Color: "red", List: []string{"a", "+33"}, Numbers: []int{1, 2}, Inner: &acmeInner{Depth: 4},
	}, config)
	assert.Equal(t, 3*time.Second, set.Timeout)
	assert.Equal(t, otp.RetryPolicy{MaxAttempts: 2}, set.Retry)
	assert.NotNil(t, set.Limiter(nil, otp.SendLimiter))
}

func TestAFileFromAVariable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "otp.yaml")
	require.NoError(t, os.WriteFile(path, []byte("providers: {main: {vendor: insider, api_key: '${KEY}'}}"), 0o600))
	cfg, err := otpconfig.FromEnv(variables(map[string]string{"OTP_CONFIG": path, "KEY": "k"}))
	require.NoError(t, err)
	assert.Equal(t, "main (insider); send: main", cfg.String())
}

func TestVariablesOfTheProcess(t *testing.T) {
	t.Setenv("OTP_VENDOR", "insider")
	t.Setenv("OTP_API_KEY", "k")
	cfg, err := otpconfig.FromEnv(nil)
	require.NoError(t, err)
	assert.Equal(t, "insider (insider); send: insider", cfg.String())
}

// with is a good environment with more variables.
func with(pairs ...string) map[string]string {
	env := map[string]string{"OTP_VENDOR": "insider", "OTP_API_KEY": "CANARY"}
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	return env
}

func TestWhatIsWrongWithVariables(t *testing.T) {
	for _, test := range []struct {
		env  map[string]string
		want string
	}{
		{nil, "providers: is missing; set this, or OTP_VENDOR, or OTP_CONFIG (OTP_PROVIDERS)"},
		{map[string]string{"OTP_VENDOR": ""}, "providers: is missing; set this, or OTP_VENDOR, or OTP_CONFIG (OTP_PROVIDERS)"},
		{map[string]string{"OTP_VENDOR": "CANARY"}, "providers: is no vendor; there are: hypersender, insider, kaleyra, octopush, owncode, smsfactor (OTP_VENDOR)"},
		{map[string]string{"OTP_VENDOR": "insidr"}, "providers: is no vendor; did you mean insider? (OTP_VENDOR)"},
		{map[string]string{"OTP_VENDOR": "insider"}, "providers.insider.api_key: is missing; give it, or api_key_file (OTP_API_KEY)"},
		{map[string]string{"OTP_VENDOR": "insider", "OTP_PROVIDERS": "CANARY"}, "providers: must not be set together with OTP_VENDOR (OTP_PROVIDERS)"},
		{map[string]string{"OTP_VENDOR": "insider", "OTP_CONFIG": "CANARY"}, "must not be set together with OTP_CONFIG (OTP_VENDOR)"},
		{map[string]string{"OTP_CONFIG": "providers: {main: {vendor: insider, api_key: CANARY}}"}, "must be a file that exists (OTP_CONFIG)"},
		{map[string]string{"OTP_VENDOR": "insider", "OTP_API_KEY": "CANARY", "OTP_FAILOVER": "CANARY"}, "send.failover[0]: is no provider; there are: insider (OTP_FAILOVER)"},
		{map[string]string{"OTP_VENDOR": "insider", "OTP_API_KEY": "CANARY", "OTP_API_KEY_FILE": "CANARY"}, "providers.insider.api_key_file: must not be given together with api_key (OTP_API_KEY_FILE)"},
		{map[string]string{"OTP_VENDOR": "insider", "OTP_API_KEY": "CANARY", "OTP_TIMEOUT": "CANARY"}, `providers.insider.timeout: must be a duration such as "5s" or "2m30s" (OTP_TIMEOUT)`},
		{map[string]string{"OTP_VENDOR": "insider", "OTP_API_KEY": "CANARY", "OTP_RETRY_MAX_ATTEMPTS": "CANARY"}, "providers.insider.retry.max_attempts: must be a whole number in range (OTP_RETRY_MAX_ATTEMPTS)"},
		{map[string]string{"OTP_VENDOR": "insider", "OTP_API_KEY": "CANARY", "OTP_RETRY_MAX_ATTEMPTS": "99"}, "providers.insider.retry.max_attempts: must be 1 to 10, or 0 for the default (OTP_RETRY_MAX_ATTEMPTS)"},
		{map[string]string{"OTP_VENDOR": "insider", "OTP_API_KEY": "CANARY\n"}, "providers.insider.api_key: must be printable ASCII without space or line breaks at its ends (OTP_API_KEY)"},
		{map[string]string{"OTP_PROVIDERS": "a,CANARY key", "OTP_A_VENDOR": "insider", "OTP_A_API_KEY": "CANARY"}, `providers[1]: must be 1 to 64 letters, digits, "-", "_" or ".", the first a letter or digit (OTP_PROVIDERS)`},
		{map[string]string{"OTP_PROVIDERS": "a,a", "OTP_A_VENDOR": "insider", "OTP_A_API_KEY": "CANARY"}, "providers[1]: must not name a a second time (OTP_PROVIDERS)"},
		{map[string]string{"OTP_PROVIDERS": "a"}, "providers.a.vendor: is missing; there are: hypersender, insider, kaleyra, octopush, owncode, smsfactor (OTP_A_VENDOR)"},
		{map[string]string{"OTP_PROVIDERS": "a,A", "OTP_A_VENDOR": "insider", "OTP_A_API_KEY": "CANARY"}, "providers.A.vendor: must not share its variable with providers.a.vendor (OTP_A_VENDOR)"},
		{with("OTP_SEND_LIMIT", "CANARY"), `providers.insider.send_limit: must be a rate such as "250/1m", or "unlimited" (OTP_SEND_LIMIT)`},
		{with("OTP_SEND_LIMIT", "1/1m", "OTP_SEND_LIMITER", "CANARY"), "providers.insider.send_limiter: must not be given together with send_limit (OTP_SEND_LIMITER)"},
		{with("OTP_VERIFY_LIMIT", "CANARY"), `providers.insider.verify_limit: must be a rate such as "250/1m", or "unlimited" (OTP_VERIFY_LIMIT)`},
		{with("OTP_RETRY_MIN_WAIT", "2s", "OTP_RETRY_MAX_WAIT", "1s"), "providers.insider.retry.min_wait: must not exceed max_wait (OTP_RETRY_MIN_WAIT)"},
		{with("OTP_BREAKER_OPEN_FOR", "CANARY"), `providers.insider.breaker.open_for: must be a duration such as "5s" or "2m30s" (OTP_BREAKER_OPEN_FOR)`},
		{with("OTP_CLIENT_KEY_FILE", "CANARY"), "providers.insider.client_cert_file: is missing; client_key_file needs it (OTP_CLIENT_KEY_FILE)"},
		{with("OTP_GUARD_COOLDOWN", "CANARY"), `guard.cooldown[0]: must be a duration such as "5s" or "2m30s" (OTP_GUARD_COOLDOWN)`},
		{with("OTP_GUARD_NUMBER", "1/1m,1/1m"), "guard.number: 1 in 1m0s and 1 in 1m0s contradict each other (OTP_GUARD_NUMBER)"},
		{with("OTP_GUARD_WRONG_CODES", "1/1ms"), "guard.wrong_codes: must be rates of 1 event or more in 1 s to 366 days (OTP_GUARD_WRONG_CODES)"},
		{with("OTP_GUARD_TRUST_VERIFIED", "-1s"), "guard.trust_verified: must be 0, or 1 s to 366 days (OTP_GUARD_TRUST_VERIFIED)"},
		{with("OTP_GUARD_STORE_TIMEOUT", "0s"), "guard.store_timeout: must be positive (OTP_GUARD_STORE_TIMEOUT)"},
		{with("OTP_GUARD_ALLOW", "CANARY"), `guard.allow: must be prefixes in E.164: "+" and 1 to 15 digits, the first not 0 (OTP_GUARD_ALLOW)`},
		{with("OTP_GUARD_ALLOW_COUNTRIES", "FR", "OTP_GUARD_DENY_COUNTRIES", "FR"), "guard.deny_countries: names FR, which is both allowed and denied (OTP_GUARD_DENY_COUNTRIES)"},
		{with("OTP_BREAKER_FAULTS", "0"), "providers.insider.breaker.faults: must be 1 to 1000 (OTP_BREAKER_FAULTS)"},
		{with("OTP_CHANNEL", "CANARY"), "providers.insider.channel: must be one of: sms, whatsapp (OTP_CHANNEL)"},
		{with("OTP_CHANNELS", "CANARY"), "providers.insider.channels[0]: is no channel of this provider; there are: sms, whatsapp (OTP_CHANNELS)"},
		{with("OTP_BASE_URL", "https://CANARY@host"), "providers.insider.base_url: must not hold a user or password (OTP_BASE_URL)"},
		{with("OTP_PLAIN_HTTP", "CANARY"), "providers.insider.plain_http: must be true or false (OTP_PLAIN_HTTP)"},
		{with("OTP_CA_FILE", "CANARY"), "providers.insider.ca_file: must be a file that exists (OTP_CA_FILE)"},
		{with("OTP_CLIENT_CERT_FILE", "CANARY"), "providers.insider.client_cert_file: must be a file that exists (OTP_CLIENT_CERT_FILE)"},
		{with("OTP_PROXY", "ftp://CANARY:CANARY@host"), `providers.insider.proxy: must be a URL such as "http://host:3128", of http, https or socks5 (OTP_PROXY)`},
		{with("OTP_VERIFY_ONLY", "insider"), "send: is missing; with 0 providers to send by it must be a provider's name, or a mapping with one of failover, weighted, by_prefix, learning (OTP_FAILOVER)"},
		{with("OTP_VERIFY_ONLY", "CANARY"), "verify_only[0]: is no provider; there are: insider (OTP_VERIFY_ONLY)"},
		{with("OTP_LEARNING", "CANARY"), "send.learning[0]: is no provider; there are: insider (OTP_LEARNING)"},
		{with("OTP_LEARNING", "insider", "OTP_FAILOVER", "insider"), "send: must have exactly one of failover, weighted, by_prefix, learning (OTP_LEARNING)"},
		{with("OTP_FAILOVER", "insider,insider"), "send.failover[1]: must not name insider a second time (OTP_FAILOVER)"},
		{with("OTP_GUARD_ATTEMPTS", "CANARY"), "guard.attempts: must be a whole number in range (OTP_GUARD_ATTEMPTS)"},
		{with("OTP_GUARD_ATTEMPTS", "0"), "guard.attempts: must be 1 to 100 (OTP_GUARD_ATTEMPTS)"},
		{with("OTP_GUARD_RESERVE", "NaN"), "guard.reserve: must be a number in range (OTP_GUARD_RESERVE)"},
		{with("OTP_GUARD_ALLOW_COUNTRIES", "CANARY"), `guard.allow_countries: must be countries of their own numbers, as ISO 3166-1 alpha-2: "TR" (OTP_GUARD_ALLOW_COUNTRIES)`},
		{with("OTP_GUARD_EXEMPT", "CANARY"), "guard.exempt: must be addresses, networks or prefixes of numbers (OTP_GUARD_EXEMPT)"},
		{with("OTP_GUARD_BUDGET", "CANARY"), `guard.budget[0]: must be a rate such as "250/1m", or "unlimited" (OTP_GUARD_BUDGET)`},
		{with("OTP_GUARD_WITHOUT", "country,CANARY"), "guard.without[1]: is no rule; there are: cooldown, number, session, device, address, subnet, network, block, country, new_countries, budget, attempts, wrong_codes (OTP_GUARD_WITHOUT)"},
		{with("OTP_GUARD_STORE", "CANARY"), "guard.key: is missing; a store needs it, or key_file (OTP_GUARD_KEY)"},
		{with("OTP_GUARD_KEY", "CANARY"), "guard.key: must have 16 bytes or more (OTP_GUARD_KEY)"},
		{with("OTP_GUARD_KEY", "CANARY", "OTP_GUARD_KEY_FILE", "CANARY"), "guard.key_file: must not be given together with key (OTP_GUARD_KEY_FILE)"},
		{with("OTP_GUARD_FLOOR_NETWORK", "5/24h"), "guard.floor.network: 5 is below that of address, 20: floors must grow outwards (OTP_GUARD_FLOOR_NETWORK)"},
		{map[string]string{"OTP_VENDOR": "kaleyra", "OTP_SID": "CANARY", "OTP_API_KEY": "CANARY", "OTP_FLOW_TTL": "CANARY"}, `providers.kaleyra.flow.ttl: must be a duration such as "5s" or "2m30s" (OTP_FLOW_TTL)`},
		{map[string]string{"OTP_VENDOR": "kaleyra", "OTP_API_KEY": "CANARY"}, "providers.kaleyra.sid: is missing (OTP_SID)"},
		{map[string]string{"OTP_VENDOR": "hypersender", "OTP_TOKEN": "CANARY"}, "providers.hypersender.instance: is missing (OTP_INSTANCE)"},
		{map[string]string{"OTP_VENDOR": "octopush", "OTP_API_LOGIN": "CANARY"}, "providers.octopush.api_key: is missing; give it, or api_key_file (OTP_API_KEY)"},
		{map[string]string{"OTP_VENDOR": "octopush", "OTP_API_KEY_FILE": "CANARY"}, "providers.octopush.api_key_file: must be a file that exists (OTP_API_KEY_FILE)"},
		{map[string]string{"OTP_PROVIDERS": "a,b", "OTP_A_VENDOR": "insidr", "OTP_A_API_KEY": "CANARY", "OTP_B_VENDOR": "insider", "OTP_B_API_KEY": "CANARY", "OTP_B_TIMEOUT": "x"}, "providers.a.vendor: is no vendor; did you mean insider? (OTP_A_VENDOR)"},
		{map[string]string{"OTP_PROVIDERS": "a,b", "OTP_A_VENDOR": "insidr", "OTP_A_API_KEY": "CANARY", "OTP_B_VENDOR": "insider", "OTP_B_API_KEY": "CANARY", "OTP_B_TIMEOUT": "x"}, `providers.b.timeout: must be a duration such as "5s" or "2m30s" (OTP_B_TIMEOUT)`},
		{map[string]string{"OTP_PROVIDERS": "a,b", "OTP_A_VENDOR": "insider", "OTP_A_API_KEY": "CANARY", "OTP_B_VENDOR": "insider", "OTP_B_API_KEY": "CANARY", "OTP_FAILOVER": "a"}, "providers.b: must be used, by send or verify_only, or be removed (OTP_B_VENDOR)"},
	} {
		_, err := otpconfig.FromEnv(variables(test.env))
		require.Error(t, err, test.want)
		wantFirstProblem(t, test.want, err)
		hidesCanary(t, err)
	}
}

// wantFirstProblem is wantProblems for errors of which the first line matters.
func wantFirstProblem(t *testing.T, want string, err error) {
	t.Helper()
	require.ErrorIs(t, err, otp.ErrMisconfigured)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	assert.Contains(t, err.Error()+"\n", "config: misconfigured: "+want+"\n")
}
