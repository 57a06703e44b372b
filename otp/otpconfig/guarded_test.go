package otpconfig_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

const acmeAlone = "providers: {main: {vendor: acme, token: t}}\n"

// guardedBy is a provider of acme's behind a guard with these fields.
func guardedBy(t *testing.T, fields string) otp.Provider {
	t.Helper()
	cfg, err := new(acme).registry(t, nil).Parse([]byte(acmeAlone+"guard: {"+fields+"}\n"), "yaml")
	require.NoError(t, err)
	return providerOf(t, cfg)
}

// rulesOf are the rules that refuse each of these sends, "" = none.
func rulesOf(ctx context.Context, t *testing.T, p otp.Provider, numbers ...string) []guard.Rule {
	t.Helper()
	var rules []guard.Rule
	for _, number := range numbers {
		_, err := p.Send(ctx, otp.SendRequest{To: number})
		var refusal *guard.Refusal
		if errors.As(err, &refusal) {
			rules = append(rules, refusal.Rule)
			continue
		}
		require.NoError(t, err)
		rules = append(rules, "")
	}
	return rules
}

// several are so many numbers of France, far apart.
func several(n int) []string {
	var numbers []string
	for i := range n {
		numbers = append(numbers, fmt.Sprintf("+336%08d", i*100_003))
	}
	return numbers
}

func TestRulesOfAFile(t *testing.T) {
	const turkey, france, germany = "+905321234567", "+33612345678", "+4915112345678"
	from := guard.WithCaller(t.Context(), guard.Caller{Session: "s", Device: "d"})
	for fields, test := range map[string]struct {
		numbers []string
		want    []guard.Rule
	}{
		"":                                              {[]string{turkey, turkey, france}, []guard.Rule{"", "cooldown", ""}},
		"allow_countries: [FR]":                         {[]string{turkey, france}, []guard.Rule{"deny", ""}},
		"deny_countries: [TR]":                          {[]string{turkey, france}, []guard.Rule{"deny", ""}},
		"allow: ['+33', +49]":                           {[]string{turkey, france, germany}, []guard.Rule{"deny", "", ""}},
		"allow: [+33], deny: [+336123]":                 {[]string{france}, []guard.Rule{"deny"}},
		"cooldown: [1h]":                                {[]string{turkey, turkey}, []guard.Rule{"", "cooldown"}},
		"without: [cooldown]":                           {[]string{turkey, turkey}, []guard.Rule{"", ""}},
		"record_only: [cooldown]":                       {[]string{turkey, turkey}, []guard.Rule{"", ""}},
		"deny: [+90], record_only: [all]":               {[]string{turkey, turkey}, []guard.Rule{"", ""}},
		"budget: [2/1h], reserve: 0":                    {several(3), []guard.Rule{"", "", "budget"}},
		"budget: [2/1h], reserve: 0.5":                  {several(2), []guard.Rule{"", "budget"}},
		"number: [1/1h], without: [cooldown]":           {[]string{turkey, turkey}, []guard.Rule{"", "number"}},
		"floor: {session: [2/24h]}":                     {several(3), []guard.Rule{"", "", "session"}},
		"floor: {device: [2/24h]}":                      {several(3), []guard.Rule{"", "", "device"}},
		"floor: {session: [2/24h]}, exempt: [+33]":      {several(3), []guard.Rule{"", "", ""}},
		"floor: {number: [1/24h]}, without: [cooldown]": {[]string{turkey, turkey}, []guard.Rule{"", "number"}},
	} {
		assert.Equal(t, test.want, rulesOf(from, t, guardedBy(t, fields), test.numbers...), fields)
	}
	attempts := guardedBy(t, "attempts: 1")
	v, err := attempts.Send(t.Context(), otp.SendRequest{To: turkey})
	require.NoError(t, err)
	require.ErrorIs(t, attempts.Verify(t.Context(), v, "000000x"), otp.ErrWrongCode)
	require.ErrorIs(t, attempts.Verify(t.Context(), v, "000000x"), otp.ErrTooManyAttempts)
}

func TestBadRulesAreNamed(t *testing.T) {
	for fields, want := range map[string]string{
		"x: CANARY":                 "guard.x: is no field; there are: allow_countries,",
		"atempts: 3":                "guard.atempts: is no field; did you mean attempts?",
		"attempts: CANARY":          "guard.attempts: must be a number, not text",
		"allow_countries: [CANARY]": "guard.allow_countries: must be countries of their own numbers",
		"deny_countries: []":        "guard.deny_countries: must name one at least",
		"allow: [CANARY]":           "guard.allow: must be prefixes in E.164",
		"exempt: [CANARY]":          "guard.exempt: must be addresses, networks or prefixes of numbers",
		"cooldown: [1ms]":           "guard.cooldown: must be gaps of 1 s to 24 h",
		"cooldown: []":              "guard.cooldown: is empty: use without to switch a rule off",
		"number: [CANARY]":          `guard.number[0]: must be a rate such as "250/1m", or "unlimited"`,
		"number: [unlimited]":       "guard.number: must be rates of 1 event or more",
		"budget: 5/1m":              "guard.budget: must be a list, not text",
		"reserve: 2":                "guard.reserve: must be 0 to 1",
		"trust_verified: 1ms":       "guard.trust_verified: must be 0, or 1 s to 366 days",
		"without: [CANARY]":         "guard.without[0]: is no rule; there are: cooldown,",
		"without: [deny]":           "guard.without[0]: is no rule; there are: cooldown,",
		"record_only: [contry]":     "guard.record_only[0]: is no rule; did you mean country?",
		"record_only: []":           "guard.record_only: must name one at least", // and is not all
		"floor: {CANARY: [1/1h]}":   "guard.floor.?: is no field; there are: number, session,",
		"floor: {session: [0/1h]}":  `guard.floor.session[0]: must be a rate`,
		"floor: {network: [5/24h]}": "guard.floor.network: 5 is below that of",
		"store: CANARY":             "guard.key: is missing; a store needs it, or key_file",
		"key: CANARY":               "guard.key: must have 16 bytes or more",
		"key_file: CANARY":          "guard.key_file: must be a file that exists",
		"store_timeout: 0s":         "guard.store_timeout: must be positive",
		"fail_open: 1":              "guard.fail_open: must be true or false, not a number",
		"without: [cooldown], record_only: [cooldown]":              `guard.record_only: names "cooldown", which without switches off`,
		"allow: [+905321234567], deny: [+905321234567]":             "guard.deny: names +905*****67, which is both allowed and denied",
		"allow_countries: [FR], exempt: [+905321234567]":            "guard.exempt: names +905*****67, which is not allowed",
		"attempts: 0, reserve: 3, cooldown: [], floor: {block: []}": "guard.floor.block: is empty: use without to switch a rule off",
	} {
		_, err := otpconfig.Parse([]byte("providers: {main: {vendor: insider, api_key: CANARY}}\nguard: {"+fields+"}\n"), "yaml")
		require.ErrorContains(t, err, "config: misconfigured: "+want, fields)
		for line := range strings.Lines(err.Error()) {
			assert.Contains(t, line, "(line 2)")
		}
		hidesCanary(t, err)
	}
	_, err := otpconfig.Parse([]byte(insiderWith("guard: {attempts: 0, reserve: 3, cooldown: [], floor: {block: [], session: []}}")), "yaml")
	assert.Len(t, strings.Split(err.Error(), "\n"), 5, "all at once")
}

func TestGuardCountsOverReloads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watching(t, acmeAlone+"guard: {cooldown: [1h]}\n")
		_, _, client := w.acme.last()
		v, err := w.Send(t.Context(), otp.SendRequest{To: phone})
		require.NoError(t, err)
		assert.Equal(t, []guard.Rule{"cooldown"}, rulesOf(t.Context(), t, w, phone))

		w.write(acmeAlone + "guard: {cooldown: [2h], attempts: 3}\n")
		w.wait(time.Minute)
		require.Equal(t, []error{nil}, w.reports())
		assert.Equal(t, []guard.Rule{"cooldown"}, rulesOf(t.Context(), t, w, phone), "what was counted stays")
		_, _, same := w.acme.last()
		assert.NotSame(t, client, same, "the check makes a client, too")
		code, _ := client.Code(phone)
		require.NoError(t, w.Verify(t.Context(), v, code))
		assert.Len(t, client.Calls(), 2, "the client is the one of before")

		w.write(acmeAlone)
		w.wait(time.Minute)
		assert.Equal(t, []guard.Rule{"", ""}, rulesOf(t.Context(), t, w, phone, phone), "there is no guard any more")
		assert.Len(t, client.Calls(), 4)
	})
}

func TestStoresOfTheProgram(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "key"), []byte(strings.Repeat("k", 32)+"\n"), 0o600))
	file := []byte(acmeAlone + "guard: {store: redis, key_file: " + filepath.Join(folder, "key") + ", cooldown: [1h]}\n")
	registry := new(acme).registry(t, nil)
	cfg, err := registry.Parse(file, "yaml")
	require.NoError(t, err, "nobody has handed anything in yet")
	_, err = cfg.Provider()
	require.EqualError(t, err, "config: misconfigured: guard.store: must be handed in by the program, in its otpconfig.Registry (line 2)")

	store, err := guard.NewMemory(0)
	require.NoError(t, err)
	registry.Stores = map[string]guard.Store{"radish": store}
	_, err = registry.Parse(file, "yaml")
	require.EqualError(t, err, "config: misconfigured: guard.store: is none that the program has handed in; did you mean radish? (line 2)")

	registry.Stores = map[string]guard.Store{"redis": nil}
	_, err = registry.Parse(file, "yaml")
	require.EqualError(t, err, "config: misconfigured: guard.store: must not be nil in the program (line 2)")

	registry.Stores, registry.StandIns = nil, true
	cfg, err = registry.Parse(file, "yaml")
	require.NoError(t, err)
	providerOf(t, cfg)
	registry.StandIns = false

	registry.Stores = map[string]guard.Store{"redis": store}
	var made []otp.Provider
	for range 2 { // two processes
		cfg, err = registry.Parse(file, "yaml")
		require.NoError(t, err)
		made = append(made, providerOf(t, cfg))
	}
	assert.Equal(t, []guard.Rule{""}, rulesOf(t.Context(), t, made[0], phone))
	assert.Equal(t, []guard.Rule{"cooldown"}, rulesOf(t.Context(), t, made[1], phone))
	assert.Positive(t, store.Len())
	assert.NotContains(t, fmt.Sprintf("%+v %#v", cfg, cfg), "kkkk")
}

func TestGuardFromVariables(t *testing.T) {
	cfg, err := new(acme).registry(t, nil).FromEnv(variables(map[string]string{
		"OTP_VENDOR": "acme", "OTP_TOKEN": "t", "OTP_GUARD_ALLOW_COUNTRIES": "FR, DE", "OTP_GUARD_BUDGET": "1/1m,10/1h",
		"OTP_GUARD_RESERVE": "0", "OTP_GUARD_FLOOR_COUNTRY": "35/24h", "OTP_GUARD_FAIL_OPEN": "true",
	}))
	require.NoError(t, err)
	assert.Equal(t, []guard.Rule{"deny", "", "budget"}, rulesOf(t.Context(), t, providerOf(t, cfg), append([]string{phone}, several(2)...)...))
	assert.Equal(t, []string{"guard.fail_open: lets everybody be texted while the store fails"}, cfg.Warnings())
}
