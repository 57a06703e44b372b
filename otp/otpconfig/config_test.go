package otpconfig_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider/insidertest"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

func TestTextStaysAsItStands(t *testing.T) {
	for _, literal := range []string{
		"+15551234567", "012345", "0x1F", "1e3", "1_000", "yes", "no", "true", "12:30:45", "2024-01-01", ".5", "0o17", ".inf", "=",
	} {
		config := new(acme).read(t, nil, "token: t, account: "+literal)
		assert.Equal(t, literal, config.Account)
	}
	config := new(acme).read(t, nil, `token: "012", account: "a\tb", list: [+33, 007, 'x y']`)
	assert.Equal(t, acmeConfig{Token: "012", Account: "a\tb", List: []string{"+33", "007", "x y"}}, config)
}

func TestEveryTypeOfField(t *testing.T) {
	config := new(acme).read(t, nil, "token: t, count: -3, small: 255, ratio: 0.5, on: true, wait: 1m30s, rate: 5/s, color: red, "+
		"numbers: [1, 2], inner: {depth: 4, text: x}")
	assert.Equal(t, acmeConfig{
		Token: "t", Count: -3, Small: 255, Ratio: 0.5, On: true, Wait: 90 * time.Second,
		Rate: otp.Rate{Events: 5, Per: time.Second}, Color: "red", Numbers: []int{1, 2}, Inner: &acmeInner{4, "x"},
	}, config)
}

func TestFieldsOfOtherVendorsAreCheckedToo(t *testing.T) {
	registry := new(acme).registry(t, map[string]string{"NAN": "NaN", "INF": "-Infinity"})
	for fields, want := range map[string]string{
		"token: t, small: 256":            "providers.main.small: must be a whole number in range (line 1)",
		"token: t, small: -1":             "providers.main.small: must be a whole number in range (line 1)",
		"token: t, ratio: CANARY":         "providers.main.ratio: must be a number, not text (line 1)",
		"token: t, ratio: .inf":           "providers.main.ratio: must be a number in range (line 1)",
		"token: t, ratio: '${NAN}'":       "providers.main.ratio: must be a number in range (line 1)",
		"token: t, ratio: '${INF}'":       "providers.main.ratio: must be a number in range (line 1)",
		"token: t, color: CANARY":         "providers.main.color: must be text that otpconfig_test.color can read (line 1)",
		"token: t, color: [CANARY]":       "providers.main.color: must be text, not a list (line 1)",
		"token: t, inner: {text: CANARY}": "providers.main.inner.depth: is missing (line 1)",
		"account: CANARY":                 "providers.main.token: is missing; give it, or token_file (line 1)",
		"token: t, hidden: CANARY":        "providers.main.hidden: is no field; there are:",
		"token: t, account_file: CANARY":  "providers.main.account_file: is no field; there are:",
	} {
		_, err := registry.Parse([]byte("providers: {main: {vendor: acme, "+fields+"}}"), "yaml")
		require.Error(t, err)
		wantProblems(t, want, err)
		hidesCanary(t, err)
	}
}

func TestVariables(t *testing.T) {
	env := map[string]string{
		"TOKEN": "s3cret", "EMPTY": "", "COUNT": "7", "ON": "true", "YAML": "x\n    vendor: insider", "NESTED": "${TOKEN}", "_x1": "u",
	}
	for text, want := range map[string]string{
		"${TOKEN}":                    "s3cret",
		"a-${TOKEN}-${TOKEN}-z":       "a-s3cret-s3cret-z",
		"${NOT_SET:-fallback}":        "fallback",
		"${NOT_SET:-}":                "",
		"${EMPTY:-fallback}":          "fallback",
		"${EMPTY}":                    "",
		"${TOKEN:-fallback}":          "s3cret",
		"${NOT_SET:-a:-b}":            "a:-b",
		"$${TOKEN}":                   "${TOKEN}",
		"$$${TOKEN}":                  "$${TOKEN}",
		"$TOKEN $ 5$":                 "$TOKEN $ 5$",
		"${NESTED}":                   "${TOKEN}", // what is put in is not looked at again
		"${YAML}":                     "x\n    vendor: insider",
		"${_x1}}":                     "u}",
		"no variable at all, and a }": "no variable at all, and a }",
	} {
		config := new(acme).read(t, env, "token: t, account: '"+text+"'")
		assert.Equal(t, want, config.Account, text)
	}
	config := new(acme).read(t, env, "token: '${TOKEN}', count: '${COUNT}', on: '${ON}', wait: '${W:-5s}', list: ['${TOKEN}']")
	assert.Equal(t, acmeConfig{Token: "s3cret", Count: 7, On: true, Wait: 5 * time.Second, List: []string{"s3cret"}}, config)

	// Keys are names, and stay as they are.
	_, err := new(acme).registry(t, env).Parse([]byte("providers: {'${TOKEN}': {vendor: acme, token: t}}"), "yaml")
	require.ErrorContains(t, err, "providers: must have names")
}

func TestVariablesComeFromTheProcessUnlessToldOtherwise(t *testing.T) {
	t.Setenv("OTPCONFIG_TEST_KEY", "k")
	cfg, err := otpconfig.Parse([]byte(`{"providers": {"main": {"vendor": "insider", "api_key": "${OTPCONFIG_TEST_KEY}"}}}`), "json")
	require.NoError(t, err)
	assert.Equal(t, "main", providerOf(t, cfg).Name())
}

func TestASecretCanStandInAFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "token")
	require.NoError(t, os.WriteFile(path, []byte("s3cret ${TOKEN}\n"), 0o600))

	config := new(acme).read(t, map[string]string{"FOLDER": folder}, "token_file: '${FOLDER}/token'")
	assert.Equal(t, "s3cret ${TOKEN}", config.Token, "a secret is taken as it is")

	// Beside the configuration.
	var a acme
	require.NoError(t, os.WriteFile(filepath.Join(folder, "otp.json"),
		[]byte(`{"providers": {"main": {"vendor": "acme", "token_file": "token"}}}`), 0o600))
	cfg, err := a.registry(t, nil).Load(filepath.Join(folder, "otp.json"))
	require.NoError(t, err)
	providerOf(t, cfg)
	config, _, _ = a.last()
	assert.Equal(t, "s3cret ${TOKEN}", config.Token)
}

func TestAnchorsAndMerges(t *testing.T) {
	cfg := parsing(t, `
providers:
  eu: &common
    vendor: insider
    api_key: ${KEY}
    timeout: 3s
  us:
    <<: *common
    api_key: other
send: {failover: [eu, us]}
`, map[string]string{"KEY": "k"})
	assert.Equal(t, "eu (insider), us (insider); send: failover(eu, us)", cfg.String())
}

func TestSettingsOfAProvider(t *testing.T) {
	var a acme
	cfg, err := a.registry(t, nil).Parse([]byte(`
providers:
  main:
    vendor: acme
    token: t
    timeout: 3s
    retry: {max_attempts: 2, min_wait: 10ms, max_wait: 1s}
    send_limit: 1/1h
    verify_limit: unlimited
`), "yaml")
	require.NoError(t, err)
	providerOf(t, cfg, otp.WithTimeout(time.Minute), otp.WithUserAgent("shop"))

	_, set, _ := a.last()
	assert.Equal(t, "main", set.Name)
	assert.Equal(t, 3*time.Second, set.Timeout, "the file goes before the program")
	assert.Equal(t, "shop", set.UserAgent)
	assert.Equal(t, otp.RetryPolicy{MaxAttempts: 2, MinWait: 10 * time.Millisecond, MaxWait: time.Second}, set.Retry)

	sends := set.Limiter(nil, otp.SendLimiter)
	require.NoError(t, sends.Wait(t.Context()))
	brief, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	require.ErrorIs(t, sends.Wait(brief), otp.ErrRateLimited)
	verifies := set.Limiter(nil, otp.VerifyLimiter)
	for range 1000 {
		require.NoError(t, verifies.Wait(t.Context()))
	}
}

func TestWhatIsNotSetKeepsTheDefault(t *testing.T) {
	var a acme
	cfg, err := a.registry(t, nil).Parse([]byte("providers: {main: {vendor: acme, token: t}}"), "yaml")
	require.NoError(t, err)
	fallback := otp.Rate{Events: 1, Per: time.Hour}.Limiter()
	providerOf(t, cfg, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 7}), otp.WithSendLimiter(fallback))
	_, set, _ := a.last()
	assert.Equal(t, 7, set.Retry.MaxAttempts, "the program's, because the file says nothing")
	assert.Same(t, fallback, set.Limiter(nil, otp.SendLimiter))
	assert.Zero(t, set.Timeout)
}

func TestABreakerIsPutAroundTheProvider(t *testing.T) {
	var a acme
	cfg, err := a.registry(t, nil).Parse([]byte("providers: {main: {vendor: acme, token: t, breaker: {faults: 2, open_for: 1h}}}"), "yaml")
	require.NoError(t, err)
	p := providerOf(t, cfg)
	_, _, client := a.last()
	down := otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown}
	client.FailSend(down, down)
	for range 2 {
		_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
		require.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
	}
	_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	assert.Len(t, client.Calls(), 2)
}

func TestOneProviderNeedsNoStrategy(t *testing.T) {
	srv := insidertest.NewServer()
	defer srv.Close()
	cfg := parsing(t, "providers: {main: {vendor: insider, api_key: '${KEY}', base_url: '${URL}'}}",
		map[string]string{"KEY": srv.APIKey, "URL": srv.URL})
	p := providerOf(t, cfg)
	assert.Equal(t, "main", p.Name())

	v, err := p.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	assert.Equal(t, "main", v.Provider)
	code, _ := srv.Code(phone)
	require.NoError(t, p.Verify(t.Context(), v, code))
}

func TestProviderRefusesOptions(t *testing.T) {
	cfg := parsing(t, "providers: {main: {vendor: insider, api_key: k}}", nil)
	for want, option := range map[string]otp.Option{
		"config: misconfigured: name: must come from the configuration: leave otp.WithName out": otp.WithName("other"),
		"config: misconfigured: options: must not hold nil":                                     nil,
		"config: misconfigured: options: must not panic":                                        func(*otp.Settings) error { panic(canary) },
		"config: misconfigured: options: mine":                                                  func(*otp.Settings) error { return errors.New("mine") },
		"config: misconfigured: timeout: must be positive":                                      otp.WithTimeout(-1),
	} {
		_, err := cfg.Provider(option)
		require.EqualError(t, err, want)
		require.ErrorIs(t, err, otp.ErrMisconfigured)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	}
}

func TestPlainHTTPIsForTheProgramToAllow(t *testing.T) {
	cfg := parsing(t, "providers: {main: {vendor: insider, api_key: k, base_url: http://simulator.internal}}", nil)
	_, err := cfg.Provider()
	require.EqualError(t, err, "config: misconfigured: providers.main.base_url: must be https; plain http is for loopback addresses, or needs plain_http, otp.WithPlainHTTP (line 1)")
	_, err = cfg.Provider(otp.WithPlainHTTP())
	require.NoError(t, err)
}

func TestTheZeroConfigHasNoProvider(t *testing.T) {
	for _, cfg := range []*otpconfig.Config{nil, {}} {
		_, err := cfg.Provider()
		require.EqualError(t, err, "config: misconfigured: must be made with Load, Parse or FromEnv")
		require.ErrorIs(t, cfg.Watch(t.Context(), new(route.Switch)), otp.ErrMisconfigured)
	}
	assert.Equal(t, "no provider", otpconfig.Config{}.String())
	simtest.PrintedDeep(otpconfig.Config{}) // does not panic
}

func TestAConfigPrintsNothingSecret(t *testing.T) {
	cfg := parsing(t, `
providers:
  main: {vendor: insider, api_key: CANARY-key, base_url: https://canary.example/CANARY}
  backup: {vendor: octopush, api_login: CANARY-login, api_key: "${KEY}", text: "{code} CANARY"}
  old: {vendor: insider, api_key: CANARY-old}
send: {by_prefix: {"+905321234567": main, "+49": {weighted: [{provider: main, weight: 3}, {provider: backup, weight: 1}]}, "": main}}
verify_only: [old]
`, map[string]string{"KEY": "CANARY-env"})
	for _, v := range []any{cfg, *cfg, []*otpconfig.Config{cfg}, []otpconfig.Config{*cfg}} {
		for form, printed := range simtest.PrintedDeep(v) {
			assert.NotContains(t, strings.ToUpper(printed), canary, form)
			assert.NotContains(t, printed, "905321234567", form)
		}
	}
	assert.Equal(t, `main (insider), backup (octopush), old (insider); `+
		`send: by_prefix("+905*****67" main, "+49" weighted(3 main, 1 backup), "" main); verify only: old`, cfg.String())
	forms := simtest.Printed(cfg)
	assert.JSONEq(t, `{"providers": {"main": "insider", "backup": "octopush", "old": "insider"}, "verify_only": ["old"],
		"send": "by_prefix(\"+905*****67\" main, \"+49\" weighted(3 main, 1 backup), \"\" main)"}`, forms["JSON"])
	assert.Contains(t, forms["YAML"], "main: insider")
	assert.Contains(t, forms["slog text"], "insider")
}

func TestVendorsOfOthers(t *testing.T) {
	type noTags struct{ Token string }
	type clash struct {
		Timeout string `yaml:"timeout"`
	}
	type clashFile struct {
		Vendor string `yaml:"vendor"`
	}
	type maps struct {
		M map[string]string `yaml:"m"`
	}
	type loop struct {
		Next *loop `yaml:"next"`
	}
	var r otpconfig.Registry
	require.NoError(t, otpconfig.Register(&r, "acme", new(acme).new))
	for want, err := range map[string]error{
		"acme is registered already":                  otpconfig.Register(&r, "acme", new(acme).new),
		"must come with its New":                      otpconfig.Register[acmeConfig, *otptest.Provider](&r, "b", nil),
		"must be registered at a Registry":            otpconfig.Register(nil, "b", new(acme).new),
		"must have a name of 1 to 32":                 otpconfig.Register(&r, "B c", new(acme).new),
		"noTags.Token must have a name in a yaml tag": register[noTags](&r),
		"must not have a field called timeout":        register[clash](&r),
		"must not have a field called vendor":         register[clashFile](&r),
		"type map[string]string cannot be read":       register[maps](&r),
		"loop is nested too deeply":                   register[loop](&r),
		"string must be a struct":                     register[string](&r),
	} {
		require.ErrorContains(t, err, want)
		require.ErrorIs(t, err, otp.ErrMisconfigured)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	}
	_, err := r.Parse([]byte("providers: {main: {vendor: insider}}"), "yaml")
	require.ErrorContains(t, err, "providers.main.vendor: is no vendor; there are: acme (line 1)")
}

func register[C any](r *otpconfig.Registry) error {
	return otpconfig.Register(r, "other", func(C, ...otp.Option) (*otptest.Provider, error) { return nil, nil })
}

func TestWhatVendorsOfOthersSayIsNotTrusted(t *testing.T) {
	var a acme
	file := []byte("providers:\n  main:\n    vendor: acme\n    token: CANARY-token\n")
	for want, refuse := range map[string]error{
		"config: misconfigured: providers.main: no account for [redacted] (line 3)":   errors.New("no account for CANARY-token"),
		"config: misconfigured: providers.main.token: unauthorized (line 4)":          &otp.Error{Kind: otp.ErrUnauthorized, Field: "token"},
		"config: misconfigured: providers.main.token: [redacted] is no good (line 4)": &otp.Error{Kind: otp.ErrUnauthorized, Field: "token", Err: errors.New("CANARY-token is no good")},
	} {
		a.refuse = refuse
		_, err := a.registry(t, nil).Parse(file, "yaml")
		require.EqualError(t, err, want)
		hidesCanary(t, err)
	}
	for want, bad := range map[string]func(acmeConfig, ...otp.Option) (*otptest.Provider, error){
		"the vendor's New panicked":             func(acmeConfig, ...otp.Option) (*otptest.Provider, error) { panic(canary) },
		"the vendor's New returned no provider": func(acmeConfig, ...otp.Option) (*otptest.Provider, error) { return nil, nil },
	} {
		var r otpconfig.Registry
		require.NoError(t, otpconfig.Register(&r, "acme", bad))
		_, err := r.Parse(file, "yaml")
		require.EqualError(t, err, "config: misconfigured: providers.main: "+want+" (line 3)")
	}
}
