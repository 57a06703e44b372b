package otpconfig_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

// Every secret of the broken configurations begins like this, and so does every other value that is
// none of the error's business. No error may hold it.
const canary = "CANARY"

// insiderWith is a whole file of one provider, with more lines in it.
func insiderWith(lines ...string) string {
	return "providers:\n  main:\n    vendor: insider\n    api_key: CANARY-key\n" + strings.Join(lines, "\n")
}

const twoInsiders = "providers:\n  a: {vendor: insider, api_key: CANARY-a}\n  b: {vendor: insider, api_key: CANARY-b}\n"

// broken are files, and what is wrong with each, line by line.
var broken = []struct{ name, file, want string }{
	// The document.
	{"empty", "", "must not be empty"},
	{"only a comment", "# CANARY\n", "must not be empty"},
	{"a list", "- CANARY", "must be a mapping, not a list (line 1)"},
	{"text", "CANARY", "must be a mapping, not text (line 1)"},
	{"two documents", insiderWith() + "\n---\nproviders: {}\n", "must be one YAML document, without a second one after --- (line 6)"},
	{"a second document that is broken", insiderWith() + "\n---\nCANARY: [\n", "must be YAML (line 7)"},
	{"not YAML", "providers: CANARY: x", "must be YAML: mapping values are not allowed in this context"},
	{"a quote that does not end", "providers:\n  main: \"CANARY", "must be YAML: found unexpected end of stream (line 2)"},
	{"a tab", "providers:\n\tmain: CANARY", "must be YAML: found character that cannot start any token"},
	{"an unknown anchor", "providers: *CANARY", "must be YAML: unknown anchor"},
	{"bytes that are no text", "providers: \xff\xfeCANARY", "must be YAML"},
	{"an anchor that holds itself", "providers: &CANARY\n  main: *CANARY", "must not hold more than 10000 values, or more than 24 inside of one another"},
	{"anchors that multiply", bomb(), "must not hold more than 10000 values, or more than 24 inside of one another"},
	{"too deep", "providers: " + strings.Repeat("[", 30) + strings.Repeat("]", 30), "must not hold more than 10000 values, or more than 24 inside of one another"},
	{"too large", insiderWith() + "#" + strings.Repeat("x", 1<<20), "must not be larger than 256 KiB"},

	// Fields.
	{"nothing", "{}", "providers: must hold at least one provider (line 1)"},
	{"no providers", "providers:", "providers: has no value; it must be a mapping, or be left out (line 1)"},
	{"no provider", "providers: {}", "providers: must hold at least one provider (line 1)"},
	{"providers in a list", "providers: [CANARY]", "providers: must be a mapping, not a list (line 1)"},
	{"an unknown field at the top", insiderWith("retries: CANARY"), "retries: is no field; there are: providers, send, verify_only, guard, test_numbers, $schema (line 5)"},
	{"letters that changed places", insiderWith("sned: CANARY"), "sned: is no field; did you mean send? (line 5)"},
	{"own codes with a fault", "providers:\n  a: {vendor: owncode, sender: b, key: CANARY, proxy: CANARY}\n  b: {vendor: octopush, api_login: CANARY, api_key: CANARY}", "providers.a.proxy: belongs to the provider that sends the texts (line 2)"},
	{"a misspelt field at the top", "provider: {}", "provider: is no field; did you mean providers? (line 1)\nproviders: must hold at least one provider (line 1)"},
	{"a secret as a field", insiderWith("    CANARY-key2: x"), "providers.main.?: is no field; there are: vendor, api_key, api_key_file, base_url, channel, send_limit"},
	{"a camel's field", "providers:\n  main:\n    vendor: insider\n    apiKey: CANARY", "providers.main.api_key: is missing; give it, or api_key_file (line 3)\nproviders.main.?: is no field; did you mean api_key? (line 4)"},
	{"another vendor's field", insiderWith("    sid: CANARY"), "providers.main.sid: is no field; there are:"},
	{"a field twice", insiderWith("    api_key: CANARY-other"), "providers.main.api_key: must be given only once (line 5)"},
	{"a provider twice", "providers:\n  main: {vendor: insider, api_key: CANARY}\n  main: {vendor: insider, api_key: CANARY}", "providers.main: must be given only once (line 3)"},
	{"a bad name of a provider", "providers:\n  CANARY key: {vendor: insider}", `providers: must have names of 1 to 64 letters, digits, "-", "_" or ".", the first a letter or digit (line 2)`},
	{"a key that is no text", "providers:\n  ? [CANARY]\n  : x", "providers: must have text as its keys (line 2)"},
	{"a key that is nothing", "providers:\n  ~: CANARY", "providers: must have text as its keys (line 2)"},
	{"a merge of text", "providers:\n  main:\n    <<: CANARY", "providers.main: must merge a mapping (line 3)"},
	{"a provider that is text", "providers:\n  main: kaleyra://CANARY@sid", "providers.main: must be a mapping, not text (line 2)"},

	// Values.
	{"no vendor", "providers:\n  main:\n    api_key: CANARY", "providers.main.vendor: is missing; there are: hypersender, insider, kaleyra, octopush, owncode, smsfactor (line 3)"},
	{"an unknown vendor", "providers:\n  main: {vendor: CANARY}", "providers.main.vendor: is no vendor; there are: hypersender, insider, kaleyra, octopush, owncode, smsfactor (line 2)"},
	{"a misspelt vendor", "providers:\n  main: {vendor: kalyera, api_key: CANARY}", "providers.main.vendor: is no vendor; did you mean kaleyra? (line 2)\nproviders.main.sid: is missing (line 2)"},
	{"a vendor that is a list", "providers:\n  main: {vendor: [CANARY]}", "providers.main.vendor: must be text, not a list (line 2)"},
	{"a vendor that is nothing", "providers:\n  main: {vendor: }", "providers.main.vendor: has no value; it must be text, or be left out (line 2)"},
	{"missing secrets", "providers:\n  main: {vendor: smsfactor}", "providers.main.api_login: is missing; give it, or api_login_file (line 2)\nproviders.main.api_key: is missing; give it, or api_key_file (line 2)"},
	{"a missing field", "providers:\n  main: {vendor: hypersender, token: CANARY, app_name: CANARY}", "providers.main.instance: is missing (line 2)"},
	{"an empty secret", "providers:\n  main: {vendor: insider, api_key: ''}", "providers.main.api_key: must not be empty (line 2)"},
	{"a secret that is nothing", "providers:\n  main: {vendor: insider, api_key: }", "providers.main.api_key: has no value; it must be text, or be left out (line 2)"},
	{"a secret that is a list", "providers:\n  main: {vendor: insider, api_key: [CANARY]}", "providers.main.api_key: must be text, not a list (line 2)"},
	{"a secret that is a mapping", "providers:\n  main: {vendor: insider, api_key: {CANARY: x}}", "providers.main.api_key: must be text, not a mapping (line 2)"},
	{"a secret of two lines", "providers:\n  main:\n    vendor: insider\n    api_key: |\n      CANARY\n      CANARY", "providers.main.api_key: must be printable ASCII without space or line breaks at its ends (line 4)"},
	{"a tag", "providers:\n  main: {vendor: insider, api_key: !!binary CANARY}", "providers.main.api_key: must not have a YAML tag (line 2)"},
	{"a masked secret", "providers:\n  main: {vendor: insider, api_key: '[redacted]'}", "providers.main.api_key: is the mask of a printed config, not the secret itself (line 2)"},
	{"a channel of another vendor", insiderWith("    channel: CANARY"), "providers.main.channel: must be one of: sms, whatsapp (line 5)"},
	{"a URL with a secret", insiderWith("    base_url: https://CANARY:CANARY@host/"), "providers.main.base_url: must not hold a user or password (line 5)"},
	{"a URL with a query", insiderWith("    base_url: https://host/?key=CANARY"), "providers.main.base_url: must not have a query or a fragment (line 5)"},
	{"a bad length", kaleyraWith("code_length: CANARY"), "providers.main.flow.code_length: must be a number, not text (line 2)"},
	{"a quoted number", kaleyraWith("code_length: '6'"), "providers.main.flow.code_length: must be a number, not text (line 2)"},
	{"half a digit", kaleyraWith("code_length: 6.5"), "providers.main.flow.code_length: must be a whole number in range (line 2)"},
	{"a number that is too large", kaleyraWith("code_length: 99999999999999999999"), "providers.main.flow.code_length: must be a whole number in range (line 2)"},
	{"a length out of range", kaleyraWith("code_length: 40"), "providers.main.flow.code_length: must be 1 to 32, or 0 when it is not declared (line 2)"},
	{"a lifetime without unit", kaleyraWith("ttl: 300"), `providers.main.flow.ttl: must be a duration such as "5s" or "2m30s" (line 2)`},
	{"yes", kaleyraWith("alphanumeric: yes"), "providers.main.flow.alphanumeric: must be true or false, not text (line 2)"},
	{"channels that are text", kaleyraWith("channels: sms"), "providers.main.flow.channels: must be a list, not text (line 2)"},
	{"a channel that is a list", kaleyraWith("channels: [[CANARY]]"), "providers.main.flow.channels[0]: must be text, not a list (line 2)"},
	{"an unknown field inside", kaleyraWith("long: 6"), "providers.main.flow.long: is no field; there are: code_length, ttl, channels, alphanumeric (line 2)"},
	{"a flow that is text", "providers:\n  main: {vendor: kaleyra, sid: HX, api_key: CANARY, flow: CANARY}", "providers.main.flow: must be a mapping, not text (line 2)"},

	// What every provider has.
	{"a bad limit", insiderWith("    send_limit: CANARY"), `providers.main.send_limit: must be a rate such as "250/1m", or "unlimited" (line 5)`},
	{"a limit that is a number", insiderWith("    verify_limit: 250"), `providers.main.verify_limit: must be a rate such as "250/1m", or "unlimited" (line 5)`},
	{"a limit of nothing", insiderWith("    verify_limit: 0/1m"), `providers.main.verify_limit: must be a rate such as "250/1m", or "unlimited" (line 5)`},
	{"a bad time-out", insiderWith("    timeout: CANARY"), `providers.main.timeout: must be a duration such as "5s" or "2m30s" (line 5)`},
	{"no time", insiderWith("    timeout: 0s"), "providers.main.timeout: must be positive (line 5)"},
	{"too many attempts", insiderWith("    retry: {max_attempts: 11}"), "providers.main.retry.max_attempts: must be 1 to 10, or 0 for the default (line 5)"},
	{"a breaker that never opens", insiderWith("    breaker: {faults: 0}"), "providers.main.breaker.faults: must be 1 to 1000 (line 5)"},
	{"a breaker that never closes", insiderWith("    breaker: {open_for: -1s}"), "providers.main.breaker.open_for: must be at least 1ms (line 5)"},
	{"a breaker that is text", insiderWith("    breaker: CANARY"), "providers.main.breaker: must be a mapping, not text (line 5)"},
	{"waits that cross", insiderWith("    retry:", "      max_wait: 1s", "      min_wait: 2s"), "providers.main.retry.min_wait: must not exceed max_wait (line 7)"},

	// Variables.
	{"a variable that is not set", "providers:\n  main: {vendor: insider, api_key: 'CANARY${NOT_SET}'}", "providers.main.api_key: needs the variable NOT_SET, which is not set (line 2)"},
	{"a secret in the place of a variable", "providers:\n  main: {vendor: insider, api_key: '${CANARY_live_4eC39HqLyjWD}'}", "providers.main.api_key: needs a variable that is not set, whose name is not shown because it is not 1 to 64 capitals, digits or _ (line 2)"},
	{"a long secret in the place of a variable", "providers:\n  main: {vendor: insider, api_key: '${CANARY" + strings.Repeat("A7", 32) + "}'}", "providers.main.api_key: needs a variable that is not set, whose name is not shown"},
	{"a variable with a bad name", "providers:\n  main: {vendor: insider, api_key: '${CANARY KEY}'}", "providers.main.api_key: must write variables as ${NAME} or ${NAME:-default}, and ${ itself as $${ (line 2)"},
	{"a variable that does not end", "providers:\n  main: {vendor: insider, api_key: '${CANARY'}", "providers.main.api_key: must write variables as ${NAME} or ${NAME:-default}, and ${ itself as $${ (line 2)"},
	{"a default in a default", "providers:\n  main: {vendor: insider, api_key: '${NOT_SET:-${CANARY}}'}", "providers.main.api_key: must write variables as ${NAME} or ${NAME:-default}, and ${ itself as $${ (line 2)"},
	{"a variable that is empty", "providers:\n  main: {vendor: insider, api_key: '${EMPTY}'}", "providers.main.api_key: must not be empty (line 2)"},
	{"a variable for a number", kaleyraWith("code_length: '${SECRET}'"), "providers.main.flow.code_length: must be a whole number in range (line 2)"},
	{"a variable for a vendor", "providers:\n  main: {vendor: '${SECRET}'}", "providers.main.vendor: is no vendor; there are: hypersender, insider, kaleyra, octopush, owncode, smsfactor (line 2)"},
	{"a variable with a line of YAML", "providers:\n  main:\n    vendor: insider\n    channel: ${LINES}\n    api_key: k", "providers.main.channel: must be one of: sms, whatsapp (line 4)"},
	{"variables that multiply", "providers:\n  main: {vendor: insider, api_key: '" + strings.Repeat("${LONG}", 100) + "'}", "providers.main.api_key: must not be longer than 64 KiB (line 2)"},

	// Secret files.
	{"a secret and its file", insiderWith("    api_key_file: /CANARY"), "providers.main.api_key_file: must not be given together with api_key (line 5)"},
	{"a secret in the place of its file", "providers:\n  main: {vendor: insider, api_key_file: CANARY}", "providers.main.api_key_file: must be a file that exists (line 2)"},
	{"a secret file that is a list", "providers:\n  main: {vendor: insider, api_key_file: [CANARY]}", "providers.main.api_key_file: must be the path of a file (line 2)"},
	{"a secret file without a path", "providers:\n  main: {vendor: insider, api_key_file: ''}", "providers.main.api_key_file: must be the path of a file (line 2)"},
	{"a secret file that is a folder", "providers:\n  main: {vendor: insider, api_key_file: .}", "providers.main.api_key_file: must be a regular file (line 2)"},
	{"a secret file that never ends", "providers:\n  main: {vendor: insider, api_key_file: /dev/zero}", "providers.main.api_key_file: must be a regular file (line 2)"},
	{"a file for what is not secret", insiderWith("    base_url_file: CANARY"), "providers.main.base_url_file: is no field"},
	{"a secret file whose variable is not set", "providers:\n  main: {vendor: insider, api_key_file: '${NOT_SET}'}", "providers.main.api_key_file: needs the variable NOT_SET, which is not set (line 2)"},

	// Strategies.
	{"two providers and no strategy", twoInsiders, "send: is missing; with 2 providers to send by it must be a provider's name, or a mapping with one of failover, weighted, by_prefix, learning (line 1)"},
	{"an unused provider", twoInsiders + "send: a", "providers.b: must be used, by send or verify_only, or be removed (line 3)"},
	{"an unknown provider", twoInsiders + "send: {failover: [a, b, CANARY]}", "send.failover[2]: is no provider; there are: a, b (line 4)"},
	{"a misspelt provider", "providers:\n  main: {vendor: insider, api_key: CANARY}\nsend: mian1\nverify_only: [CANARY]", "send: is no provider; there are: main (line 3)\nverify_only[0]: is no provider; there are: main (line 4)"},
	{"a provider twice in a row", twoInsiders + "send: {failover: [a, b, a]}", "send.failover[2]: must not name a a second time (line 4)"},
	{"an empty row", twoInsiders + "send: {failover: []}", "send.failover: must not be empty (line 4)"},
	{"a strategy that is a list", twoInsiders + "send: [a, CANARY]", "send: must be the name of a provider, or a mapping with one of failover, weighted, by_prefix, learning (line 4)"},
	{"a strategy that is nothing", twoInsiders + "send:", "send: must be the name of a provider, or a mapping with one of failover, weighted, by_prefix, learning (line 4)"},
	{"two strategies in one", twoInsiders + "send: {failover: [a], by_prefix: {'': b}}", "send: must have exactly one of failover, weighted, by_prefix, learning (line 4)"},
	{"no strategy in one", twoInsiders + "send: {name: CANARY}", "send: must have exactly one of failover, weighted, by_prefix, learning (line 4)"},
	{"an unknown strategy", twoInsiders + "send: {fail_over: [a, b]}", "send.fail_over: is no field; did you mean failover? (line 4)\nsend: must have exactly one of failover, weighted, by_prefix, learning (line 4)"},
	{"failover of a mapping", twoInsiders + "send: {failover: {a: CANARY}}", "send.failover: must be a list, not a mapping (line 4)"},
	{"shares without weight", twoInsiders + "send: {weighted: [{provider: a}, b]}", "send.weighted[0].weight: is missing (line 4)\nsend.weighted[1]: must be a mapping, not text (line 4)"},
	{"shares without provider", twoInsiders + "send: {weighted: [{weight: 1}]}", "send.weighted[0].provider: is missing (line 4)"},
	{"no weight", twoInsiders + "send: {weighted: [{provider: a, weight: 0}, {provider: b, weight: CANARY}]}", "send.weighted[0].weight: must be a whole number of 1 to 1000000 (line 4)\nsend.weighted[1].weight: must be a whole number of 1 to 1000000 (line 4)"},
	{"an unknown field of a share", twoInsiders + "send: {weighted: [{provider: a, weight: 1, share: CANARY}, {provider: b, weight: 1}]}", "send.weighted[0].share: is no field; there are: provider, weight (line 4)"},
	{"a share of nobody", twoInsiders + "send: {weighted: [{provider: a, weight: 1}, {provider: CANARY, weight: 1}]}", "send.weighted[1].provider: is no provider; there are: a, b (line 4)"},
	{"learning of a mapping", twoInsiders + "send: {learning: {a: CANARY}}", "send.learning: must be a list, not a mapping (line 4)"},
	{"learning from nobody", twoInsiders + "send: {learning: [a, {provider: CANARY}, b]}", "send.learning[1]: is no provider; there are: a, b (line 4)"},
	{"bad fields of learning", twoInsiders + "send:\n  learning: [a, b]\n  memory: 1m\n  compare: 2\n  price_margin: CANARY", "send.price_margin: must be a number, not text (line 8)"},
	{"bad values of learning", twoInsiders + "send:\n  learning: [a, b]\n  memory: 1m\n  result_window: 1h\n  compare: 2\n  price_margin: -1", "send.memory: must be 1h to 90 days (line 6)\nsend.result_window: must be 1m to 15m (line 7)\nsend.compare: must be 0 to 0.5 (line 8)\nsend.price_margin: must be 0 to 0.2 (line 9)"},
	{"a bad price", twoInsiders + "send: {learning: [{provider: a, price: CANARY}, {provider: b, price: -1}]}", "send.learning[0].price: must be a number of 0 or more (line 4)\nsend.learning[1].price: must be a number of 0 or more (line 4)"},
	{"an unknown field of a price", twoInsiders + "send: {learning: [{provider: a, prize: CANARY}, b]}", "send.learning[0].prize: is no field; did you mean price? (line 4)"},
	{"an unknown field of learning", twoInsiders + "send: {learning: [a, b], memery: CANARY}", "send.memery: is no field; did you mean memory? (line 4)"},
	{"fields of learning elsewhere", twoInsiders + "send: {failover: [a, b], memory: CANARY}", "send.memory: is no field; there are: failover, weighted, by_prefix, learning, name (line 4)"},
	{"learning twice from one", twoInsiders + "send: {learning: [a, b, {provider: a}]}", "send.learning[2]: must not name a a second time (line 4)"},
	{"prefixes in a list", twoInsiders + "send: {by_prefix: [a, b]}", "send.by_prefix: must be a mapping, not a list (line 4)"},
	{"a bad prefix", twoInsiders + "send: {by_prefix: {33: a, CANARY: b, '': b}}", "send.by_prefix.?: must be \"+\" and 1 to 15 digits, the first not 0, or \"\" for all others (line 4)\nsend.by_prefix.?: must be"},
	{"a name that is taken, under a number", "providers:\n  send.prefix-0: {vendor: insider, api_key: CANARY}\nsend: {by_prefix: {+905321234567: {failover: [send.prefix-0]}}}", `send.by_prefix["+905*****67"].name: must be given, because send.prefix-0 is the name of something else (line 3)`},
	{"a number as a prefix", twoInsiders + "send: {by_prefix: {+905321234567: CANARY, '': {failover: [a, b]}}}", `send.by_prefix["+905*****67"]: is no provider; there are: a, b (line 4)`},
	{"a bad name of a router", twoInsiders + "send: {name: CANARY key, failover: [a, b]}", `send.name: must be 1 to 64 letters, digits, "-", "_" or ".", the first a letter or digit (line 4)`},
	{"a router with a provider's name", twoInsiders + "send: {name: a, failover: [a, b]}", "send.name: must be given, because a is the name of something else (line 4)"},
	{"a provider with a router's name", "providers:\n  send: {vendor: insider, api_key: CANARY}\nsend: {failover: [send]}", "send.name: must be given, because send is the name of something else (line 3)"},
	{"nothing to send by", "providers:\n  a: {vendor: insider, api_key: CANARY}\nverify_only: [a]", "send: is missing; with 0 providers to send by it must be a provider's name"},
	{"sending and only verifying", twoInsiders + "send: {failover: [a, b]}\nverify_only: [b]", "verify_only[0]: must not name b, which send uses (line 3)"},
	{"only verifying twice", twoInsiders + "send: a\nverify_only: [b, b]", "verify_only[1]: must not name b a second time (line 5)"},
	{"only verifying as text", twoInsiders + "send: a\nverify_only: b", "verify_only: must be a list, not text (line 5)"},

	// All of it.
	{
		"everything at once", "send: CANARY\nproviders:\n  a: {vendor: insidr, api_key: CANARY}\n  b: {vendor: insider}\nx: CANARY",
		"send: is no provider; there are: a, b (line 1)\n" +
			"providers.a.vendor: is no vendor; did you mean insider? (line 3)\n" +
			"providers.b.api_key: is missing; give it, or api_key_file (line 4)\n" +
			"x: is no field; there are: providers, send, verify_only, guard, test_numbers, $schema (line 5)",
	},
}

func kaleyraWith(flow string) string {
	return "providers:\n  main: {vendor: kaleyra, sid: HX, api_key: CANARY, flow: {" + flow + "}}"
}

// bomb is a file of some lines that would be a billion values.
func bomb() string {
	b := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 9 {
		b += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
	}
	return b
}

// brokenRegistry has the variables of the broken files.
func brokenRegistry() *otpconfig.Registry {
	registry := otpconfig.Vendors()
	registry.LookupEnv = variables(map[string]string{
		"SECRET": "CANARY-secret", "EMPTY": "", "LINES": "sms\n    api_key: CANARY", "LONG": canary + strings.Repeat("x", 1000),
	})
	return registry
}

func TestWhatIsBrokenIsNamedAndNotShown(t *testing.T) {
	registry := brokenRegistry()
	for _, test := range broken {
		t.Run(test.name, func(t *testing.T) {
			cfg, err := registry.Parse([]byte(test.file), "yaml")
			require.Error(t, err)
			assert.Nil(t, cfg)
			wantProblems(t, test.want, err)
			hidesCanary(t, err)
		})
	}
}

// wantProblems compares the problems that err reports, line by line. The text wanted may be the
// beginning of a line.
func wantProblems(t *testing.T, want string, err error) {
	t.Helper()
	require.ErrorIs(t, err, otp.ErrMisconfigured)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	got := strings.Split(err.Error(), "\n")
	wanted := strings.Split(want, "\n")
	require.Len(t, got, len(wanted), "%v", err)
	for i, line := range got {
		line = strings.TrimPrefix(line, "config: misconfigured: ")
		assert.Truef(t, strings.HasPrefix(line, wanted[i]), "problem %d\nwant %s\ngot  %s", i, wanted[i], line)
	}
	var first *otp.Error
	require.ErrorAs(t, err, &first)
	if path, _, found := strings.Cut(wanted[0], ": "); found && !strings.Contains(path, " ") {
		assert.Equal(t, path, first.Field)
	}
}

// hidesCanary looks at every error in the tree, in every form in which it could be printed.
func hidesCanary(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	encoded, _ := json.Marshal(err)
	for _, form := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), fmt.Sprintf("%q", err), string(encoded)} {
		assert.NotContains(t, form, canary)
		assert.NotContains(t, form, "905321234567")
	}
	switch e := err.(type) { //nolint:errorlint // this walks the tree itself
	case interface{ Unwrap() error }:
		hidesCanary(t, e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			hidesCanary(t, inner)
		}
	}
}

// brokenJSON is what JSON alone can get wrong.
var brokenJSON = []struct{ name, file, want string }{
	{"empty", " \n", "must not be empty"},
	{"not JSON", "{CANARY", "must be one JSON value, without comments or trailing commas (line 1)"},
	{"not JSON either", "{\"providers\": {\n\"main\": CANARY", "must be one JSON value, without comments or trailing commas (line 2)"},
	{"cut off", `{"providers": {"main": {"api_key": "CANARY"`, "must be one JSON value, without comments or trailing commas (line 1)"},
	{"two values", "{}\n{}", "must be one JSON value, without comments or trailing commas (line 2)"},
	{"a comment", "{} // CANARY", "must be one JSON value, without comments or trailing commas (line 1)"},
	{"no text", "{\"providers\": \"\xffCANARY\"}", "must be UTF-8"},
	{"a field twice", "{\"providers\": {\"main\": {\"vendor\": \"insider\",\n\"api_key\": \"CANARY\",\n\"api_key\": \"CANARY\"}}}", "providers.main.api_key: must be given only once (line 3)"},
	{"a number as text", `{"providers": {"main": {"vendor": "kaleyra", "sid": 1234567, "api_key": "CANARY"}}}`, "providers.main.sid: must be text, not a number (line 1)"},
	{"a number as a time-out", `{"providers": {"main": {"vendor": "insider", "timeout": 5, "api_key": "CANARY"}}}`, `providers.main.timeout: must be a duration such as "5s" or "2m30s" (line 1)`},
	{"null", `{"providers": {"main": {"vendor": "insider", "api_key": null}}}`, "providers.main.api_key: has no value; it must be text, or be left out (line 1)"},
	{"true as text", `{"providers": {"main": {"vendor": "insider", "api_key": true}}}`, "providers.main.api_key: must be text, not true or false (line 1)"},
	{"too deep", strings.Repeat("[", 100), "must not hold more than 10000 values, or more than 24 inside of one another (line 1)"},
	{"too much", "[" + strings.Repeat("0,", 20000) + "0]", "must not hold more than 10000 values, or more than 24 inside of one another (line 1)"},
}

func TestWhatIsBrokenInJSON(t *testing.T) {
	for _, test := range brokenJSON {
		t.Run(test.name, func(t *testing.T) {
			_, err := otpconfig.Parse([]byte(test.file), "json")
			require.Error(t, err)
			wantProblems(t, test.want, err)
			hidesCanary(t, err)
		})
	}
}

func TestFormatsAreYAMLAndJSON(t *testing.T) {
	for _, format := range []string{"", "toml", "YAML!", canary} {
		_, err := otpconfig.Parse([]byte("{}"), format)
		require.EqualError(t, err, "config: misconfigured: must be of the format yaml, yml or json")
		hidesCanary(t, err)
	}
}

func TestManyProblemsAreCut(t *testing.T) {
	_, err := otpconfig.Parse([]byte("providers: {a: {vendor: insider, api_key: k}}\n"+strings.Repeat("? x\n: y\n", 100)), "yaml")
	require.Error(t, err)
	lines := strings.Split(err.Error(), "\n")
	assert.Len(t, lines, 51)
	assert.Equal(t, "config: misconfigured: there are 50 more problems", lines[50])
}

func TestErrorsOfAFileSayWhereItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "otp.yaml")
	_, err := otpconfig.Load(path)
	require.EqualError(t, err, "config: misconfigured: must be a file that exists ("+path+")")

	require.NoError(t, os.WriteFile(path, []byte("providers:\n  main: {vendor: CANARY}\n"), 0o600))
	_, err = otpconfig.Load(path)
	require.ErrorContains(t, err, "providers.main.vendor: is no vendor; there are: hypersender, insider, kaleyra, octopush, owncode, smsfactor ("+path+":2)")
	hidesCanary(t, err)

	_, err = otpconfig.Load(filepath.Dir(path))
	require.ErrorContains(t, err, "must be a regular file")

	large := filepath.Join(t.TempDir(), "large.yaml")
	require.NoError(t, os.WriteFile(large, make([]byte, 2<<20), 0o600))
	_, err = otpconfig.Load(large)
	require.ErrorContains(t, err, "must not be larger than 256 KiB")
}

func TestASecretFileIsBounded(t *testing.T) {
	folder := t.TempDir()
	config := func(secret string) error {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "key"), []byte(secret), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "otp.yml"), []byte("providers: {main: {vendor: insider, api_key_file: key}}"), 0o600))
		_, err := otpconfig.Load(filepath.Join(folder, "otp.yml"))
		return err
	}
	for secret, rule := range map[string]string{
		"":                             "providers.main.api_key: must not be empty",
		"\n":                           "providers.main.api_key: must not be empty",
		"CANARY\nCANARY":               "providers.main.api_key: must be printable ASCII without space or line breaks at its ends",
		strings.Repeat(canary, 64<<10): "providers.main.api_key_file: must not be larger than 64 KiB",
	} {
		err := config(secret)
		require.ErrorContains(t, err, rule)
		hidesCanary(t, err)
	}
	require.NoError(t, os.Remove(filepath.Join(folder, "key")))
	_, err := otpconfig.Load(filepath.Join(folder, "otp.yml"))
	require.ErrorContains(t, err, "providers.main.api_key_file: must be a file that exists")
	var failure *otp.Error
	require.True(t, errors.As(err, &failure))
	assert.Equal(t, "providers.main.api_key_file", failure.Field)
}

// asJSON is a YAML file as JSON, with each field on a line of its own.
func asJSON(file string) (data []byte, ok bool) {
	var tree any
	if yaml.Unmarshal([]byte(file), &tree) != nil {
		return nil, false
	}
	data, err := json.MarshalIndent(tree, "", " ")
	return data, err == nil
}

// inJSON are the files about which JSON says something else: they are one document of the right
// size there, or a number is not text.
var inJSON = map[string]string{
	"empty": "", "only a comment": "", "two documents": "", "a second document that is broken": "", "too large": "",
	"a limit that is a number": "providers.main.verify_limit: must be text, not a number",
}

var (
	atLine    = regexp.MustCompile(` \(line (\d+)\)`)
	notThere  = regexp.MustCompile(`missing|must hold|must have names|must be given,`) // so that it has no line of its own
	lastField = regexp.MustCompile(`([a-z_]+)[^a-z]*$`)
)

// What is wrong with a file does not depend on its format.
func TestBrokenFilesAsJSON(t *testing.T) {
	registry := brokenRegistry()
	checked := 0
	for _, test := range broken {
		data, ok := asJSON(test.file)
		want, differs := inJSON[test.name]
		if !differs {
			want = test.want
		}
		if !ok || want == "" {
			continue
		}
		checked++
		t.Run(test.name, func(t *testing.T) {
			_, err := registry.Parse(data, "json")
			require.Error(t, err)
			hidesCanary(t, err)
			got := strings.Split(strings.ReplaceAll(err.Error(), "config: misconfigured: ", ""), "\n")
			require.Len(t, got, strings.Count(want, "\n")+1)
			for _, line := range strings.Split(want, "\n") {
				line = atLine.ReplaceAllString(line, "")
				assert.True(t, slices.ContainsFunc(got, func(found string) bool { return strings.HasPrefix(found, line) }), "%s\n%v", line, got)
			}
			for _, found := range got {
				standsWhereItSays(t, data, found)
			}
		})
	}
	assert.Greater(t, checked, 90)
}

// standsWhereItSays looks for the field of a problem on the line of JSON that the problem names.
func standsWhereItSays(t *testing.T, data []byte, problem string) {
	t.Helper()
	path, _, hasPath := strings.Cut(problem, ": ")
	at, field := atLine.FindStringSubmatch(problem), lastField.FindStringSubmatch(path)
	if !hasPath || at == nil || field == nil || strings.ContainsAny(path, "]?") || notThere.MatchString(problem) {
		return
	}
	n, err := strconv.Atoi(at[1])
	require.NoError(t, err)
	lines := strings.Split(string(data), "\n")
	assert.Contains(t, lines[n-1], field[1], problem)
}
