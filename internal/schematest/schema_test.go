// Package schematest holds otp/otpconfig/schema.json against a validator that others have written.
// It is a module of its own, so that users of the SDK do not inherit the validator.
package schematest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const root = "../.."

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().Compile(filepath.Join(root, "otp/otpconfig/schema.json"))
	require.NoError(t, err)
	return compiled
}

// fits is what the schema says of a YAML file.
func fits(t *testing.T, file []byte) error {
	t.Helper()
	var value any
	require.NoError(t, yaml.Unmarshal(file, &value))
	return schema(t).Validate(value)
}

func TestExamplesFit(t *testing.T) {
	var files []string
	for _, pattern := range []string{"otp/otpconfig/testdata/*.yaml", "examples/*/*.yaml", "examples/*/*/*.yaml"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		files = append(files, found...)
	}
	require.NotEmpty(t, files)
	for _, path := range files {
		if filepath.Base(path) == "compose.yaml" {
			continue // of Docker
		}
		file, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.NoError(t, fits(t, file), path)
	}
}

const insider = "providers: {main: {vendor: insider, api_key: k}}"

func TestWhatFits(t *testing.T) {
	for _, file := range []string{
		insider,
		"$schema: x\n" + insider,
		insider + "\nsend: main",
		insider + "\nsend: {name: top, by_prefix: {'+33': {failover: [main]}, '': {weighted: [{provider: main, weight: 3}]}}}",
		insider + "\nverify_only: [main]",
		"providers: {main: {vendor: insider, api_key_file: k, channel: whatsapp, send_limit: 250/1m, verify_limit: unlimited}}",
		"providers: {main: {vendor: insider, api_key: k, channel: '${C}', send_limit: '${L}', timeout: '${T:-5s}', retry: {max_attempts: '${N}'}}}",
		"providers: {main: {vendor: insider, api_key: k, timeout: 1m30s, send_limit: 750/s, breaker: {faults: 3, open_for: 1.5s}}}",
		"providers: {main: {vendor: kaleyra, sid: HX, api_key: k, flow: {code_length: 6, ttl: 5m, channels: [sms, voice], alphanumeric: true}}}",
		"providers: {main: {vendor: octopush, api_login: l, api_key: k}}",
		"providers: {main: {vendor: hypersender, instance: i, token_file: t, app_name: a}}",
		"x-common: &c {vendor: insider, api_key: k}\nproviders: {main: {<<: *c, plain_http: true, ca_file: c, proxy_file: p, send_limiter: redis}}",
		"providers: {main: {vendor: owncode, sender: x, key_file: k, store: redis}, x: {vendor: octopush, api_login: l, api_key: k, client_cert_file: c, client_key_file: k}}",
		insider + "\nsend: {learning: [main]}",
		insider + "\nsend: {name: n, learning: [{provider: main, price: 0.05}, {failover: [main]}], memory: 72h, compare: 0.2, price_margin: 0, store: redis}",
		insider + "\nguard: {}",
		insider + "\nguard: {store: redis, key_file: k, allow_countries: [FR], exempt: [192.0.2.0/24], cooldown: [30s], number: [5/10m], reserve: 0.3, attempts: 5}",
		insider + "\nguard: {floor: {country: [40/10m, '${RATE}']}, without: [session], record_only: [all], fail_open: true, trust_verified: 720h}",
	} {
		assert.NoError(t, fits(t, []byte(file)), file)
	}
}

func TestWhatDoesNotFit(t *testing.T) {
	for _, file := range []string{
		"{}",
		"[]",
		"providers: {}",
		"providers: {'a b': {vendor: insider, api_key: k}}",
		"providers: {main: {api_key: k}}",
		"providers: {main: {vendor: acme}}",
		"providers: {main: {vendor: insider}}",
		"providers: {main: {vendor: insider, api_key: ''}}",
		"providers: {main: {vendor: insider, api_key: k, api_key_file: f}}",
		"providers: {main: {vendor: insider, api_key: k, sid: HX}}",
		"providers: {main: {vendor: insider, api_key: k, base_url_file: f}}",
		"providers: {main: {vendor: insider, api_key: k, channel: carrier pigeon}}",
		"providers: {main: {vendor: insider, api_key: k, send_limit: 250}}",
		"providers: {main: {vendor: insider, api_key: k, send_limit: 0/1m}}",
		"providers: {main: {vendor: insider, api_key: k, timeout: 5}}",
		"providers: {main: {vendor: insider, api_key: k, timeout: 5 seconds}}",
		"providers: {main: {vendor: insider, api_key: k, retry: {attempts: 3}}}",
		"providers: {main: {vendor: insider, api_key: k, retry: {max_attempts: '3'}}}",
		"providers: {main: {vendor: insider, api_key: k, breaker: true}}",
		"providers: {main: {vendor: kaleyra, api_key: k}}",
		"providers: {main: {vendor: kaleyra, sid: HX, api_key: k, flow: {channels: sms}}}",
		"providers: {main: {vendor: kaleyra, sid: HX, api_key: k, flow: {alphanumeric: 'yes'}}}",
		"providers: {main: {vendor: octopush, api_key: k}}",
		insider + "\nretries: 3",
		insider + "\nguard: {attempts: many}",
		insider + "\nguard: {allow_countries: FR}",
		insider + "\nguard: {cooldown: [30]}",
		insider + "\nguard: {floor: {planet: [1/1h]}}",
		insider + "\nguard: {key: k, key_file: f}",
		"providers: {main: {vendor: insider, api_key: k, plain_http: 'yes'}}",
		"providers: {main: {vendor: insider, api_key: k, proxy: p, proxy_file: f}}",
		insider + "\nsend: [main]",
		insider + "\nsend: {failover: []}",
		insider + "\nsend: {failover: main}",
		insider + "\nsend: {failover: [main], memory: 72h}",
		insider + "\nsend: {learning: [{price: 0.05}]}",
		insider + "\nsend: {learning: [main], compare: much}",
		insider + "\nsend: {failover: [main], weighted: [{provider: main, weight: 1}]}",
		insider + "\nsend: {weighted: [main]}",
		insider + "\nsend: {weighted: [{provider: main}]}",
		insider + "\nsend: {weighted: [{provider: main, weight: 0}]}",
		insider + "\nsend: {by_prefix: {'33': main}}",
		insider + "\nverify_only: main",
		insider + "\nverify_only: [main, main]",
	} {
		assert.Error(t, fits(t, []byte(file)), file)
	}
}
