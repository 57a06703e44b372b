package otpconfig_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

const mark = "\ufeff" // a byte order mark

func TestWhatEditorsAndToolsAdd(t *testing.T) {
	const main = "providers: {main: {vendor: insider, api_key: k}}\n"
	const inJSON = `{"providers": {"main": {"vendor": "insider", "api_key": "k"}}}`
	for name, file := range map[string]struct{ data, format string }{
		"a mark in YAML":        {mark + main, "yaml"},
		"a mark in JSON":        {mark + inJSON, "json"},
		"a trailing line":       {main + "---\n", "yaml"},
		"several of them":       {"---\n---\n" + main + "---\n# nothing\n---\n...\n", "yaml"},
		"a directive":           {"%YAML 1.2\n---\n" + main, "yaml"},
		"Windows' line breaks":  {strings.ReplaceAll("providers:\n  main:\n    vendor: insider\n    api_key: k\n", "\n", "\r\n"), "yaml"},
		"quotes around keys":    {`"providers": {"main": {"vendor": "insider", 'api_key': k}}`, "yaml"},
		"JSON as YAML":          {inJSON, "yaml"},
		"a surrogate pair":      {`{"x-face": "\ud83d\ude00", "providers": {"main": {"vendor": "insider", "api_key": "k"}}}`, "json"},
		"an anchor at the top":  {"x-key: &key\n  vendor: insider\n  api_key: k\n  nobody: ${NOT_SET}\nproviders: {main: {vendor: insider, api_key: k}}\n", "yaml"},
		"x- in JSON":            {`{"x-note": {"a": ["${NOT_SET}"]}, "providers": {"main": {"vendor": "insider", "api_key": "k"}}}`, "json"},
		"an anchor that is set": {"x-common: &common {vendor: insider, api_key: k}\nproviders: {main: {<<: *common}}\n", "yaml"},
	} {
		cfg, err := otpconfig.Parse([]byte(file.data), file.format)
		require.NoError(t, err, name)
		assert.Equal(t, "main (insider); send: main", cfg.String(), name)
	}
	_, err := otpconfig.Parse([]byte("providers:\n  main: {vendor: insider, api_key: k, x-note: CANARY}\n"), "yaml")
	require.ErrorContains(t, err, "is no field", "x- is for the top")
}

func TestSecretsAsToolsWriteThem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	for _, content := range []string{
		"s3cret", "s3cret\n", "s3cret\r\n", "s3cret\n\n\n", "s3cret \n", mark + "s3cret\n", `"s3cret"` + "\n", "'s3cret'", mark + `"s3cret"`,
	} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		assert.Equal(t, "s3cret", new(acme).read(t, nil, "token_file: "+path).Token, "%q", content)
	}
	for _, value := range []string{`"s3cret"`, `'s3cret'`} { // as docker --env-file hands them on
		assert.Equal(t, "s3cret", new(acme).read(t, map[string]string{"TOKEN": value}, "token: '${TOKEN}'").Token)
	}
	for _, value := range []string{`"`, `"s3cret`, `s3'cret'`, `"s3cret'`, "s3 cret"} {
		config := new(acme).read(t, map[string]string{"TOKEN": value}, "token: '${TOKEN}', account: '${TOKEN}'")
		assert.Equal(t, value, config.Token)
		assert.Equal(t, value, config.Account)
	}
	assert.Equal(t, `"x"`, new(acme).read(t, nil, `token: t, account: '"x"'`).Account, "it is no secret")
}

func TestRestIsReadWithoutVendor(t *testing.T) {
	for file, want := range map[string]string{
		"providers:\n  a:\n    vendr: insider\n    api_kee: CANARY\n    timeout: CANARY\n    send_limit: x\nverify_only: [CANARY]\nguard: {attempts: 0}": "providers.a.vendor: is missing; there are: hypersender, insider, kaleyra, octopush, owncode, smsfactor (line 3)\n" +
			"providers.a.api_key: is missing; give it, or api_key_file (line 3)\n" +
			"providers.a.vendr: is no field; did you mean vendor? (line 3)\n" +
			"providers.a.api_kee: is no field; did you mean api_key? (line 4)\n" +
			"providers.a.timeout: must be a duration such as \"5s\" or \"2m30s\" (line 5)\n" +
			"providers.a.send_limit: must be a rate such as \"250/1m\", or \"unlimited\" (line 6)\n" +
			"verify_only[0]: is no provider; there are: a (line 7)\n" +
			"guard.attempts: must be 1 to 100 (line 8)",
		"providers:\n  a:\n    vendor: CANARY\n    api_key: CANARY\n    sid: x\n    timout: 5s\n    timeout: 5": "providers.a.vendor: is no vendor; there are: hypersender, insider, kaleyra, octopush, owncode, smsfactor (line 3)\n" +
			"providers.a.timout: is no field; did you mean timeout? (line 6)\n" +
			"providers.a.timeout: must be a duration such as \"5s\" or \"2m30s\" (line 7)",
		"providers:\n  a b: {vendor: insider, api_key: CANARY}\nsend: {failover: [a b, c], weighted: []}\nguard: {atempts: 3}": `providers: must have names of 1 to 64 letters, digits, "-", "_" or ".", the first a letter or digit (line 2)` + "\n" +
			"send: must have exactly one of failover, weighted, by_prefix, learning (line 3)\n" +
			"guard.atempts: is no field; did you mean attempts? (line 4)",
		"send: {failover: [a], fail_over: [b]}\nguard: {key: ''}\ntest_numbers: {until: CANARY}": "send.fail_over: is no field; did you mean failover? (line 1)\n" +
			"providers: must hold at least one provider (line 1)\n" +
			"test_numbers.numbers: is missing (line 3)\n" +
			"test_numbers.until: must be a time such as \"2027-01-31T00:00:00Z\" (line 3)",
	} {
		_, err := otpconfig.Parse([]byte(file), "yaml")
		require.Error(t, err)
		sorted := func(lines string) []string { return strings.Split(lines, "\n") }
		got := strings.ReplaceAll(err.Error(), "config: misconfigured: ", "")
		assert.ElementsMatch(t, sorted(want), sorted(got))
		hidesCanary(t, err)
	}
}

func TestRelativePathsOutliveChdir(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "token"), []byte("before"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "otp.yaml"), []byte("providers: {a: {vendor: acme, token_file: token}}"), 0o600))
	t.Chdir(folder)
	synctest.Test(t, func(t *testing.T) {
		var a acme
		w := watchFile(t, a.registry(t, nil), "otp.yaml")
		require.NoError(t, os.Chdir("/"))
		w.wait(time.Minute)
		assert.Empty(t, w.reports())

		require.NoError(t, os.WriteFile(filepath.Join(folder, "token"), []byte("after"), 0o600))
		w.wait(time.Minute)
		assert.Equal(t, []error{nil}, w.reports())
		config, _, _ := a.last()
		assert.Equal(t, "after", config.Token)

		require.NoError(t, os.Remove(filepath.Join(folder, "otp.yaml")))
		w.wait(time.Minute)
		require.Len(t, w.reports(), 2)
		assert.ErrorContains(t, w.reports()[1], "(otp.yaml)", "as it was given")
	})
}

// Errors of an environment name variables that are read.
func TestErrorsNameVariablesThatExist(t *testing.T) {
	listed, err := os.ReadFile("ENVIRONMENT.md")
	require.NoError(t, err)
	for want, env := range map[string]map[string]string{
		"(OTP_FAILOVER)":          {"OTP_PROVIDERS": "a,b", "OTP_A_VENDOR": "insider", "OTP_A_API_KEY": "k", "OTP_B_VENDOR": "insider", "OTP_B_API_KEY": "k"},
		"(OTP_VERIFY_ONLY)":       {"OTP_VENDOR": "insider", "OTP_API_KEY": "k", "OTP_VERIFY_ONLY": "b"},
		"(OTP_FLOW_CODE_LENGTH)":  {"OTP_VENDOR": "kaleyra", "OTP_SID": "x", "OTP_API_KEY": "k", "OTP_FLOW_CODE_LENGTH": "99"},
		"(OTP_GUARD_KEY)":         {"OTP_VENDOR": "insider", "OTP_API_KEY": "k", "OTP_GUARD_STORE": "redis"},
		"(OTP_GUARD_FLOOR_BLOCK)": {"OTP_VENDOR": "insider", "OTP_API_KEY": "k", "OTP_GUARD_FLOOR_BLOCK": "0/1h"},
		"(OTP_PROXY)":             {"OTP_VENDOR": "insider", "OTP_API_KEY": "k", "OTP_PROXY": "CANARY"},
	} {
		_, err := otpconfig.FromEnv(variables(env))
		require.ErrorContains(t, err, want)
		assert.Contains(t, string(listed), "`"+strings.Trim(want, "()")+"`")
		hidesCanary(t, err)
	}
}
