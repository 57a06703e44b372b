package otpconfig_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

func TestMain(m *testing.M) { simtest.Main(m) }

const phone = "+905321234567"

// variables is an environment.
func variables(pairs map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, set := pairs[name]
		return value, set
	}
}

// parsing reads a YAML configuration in an environment.
func parsing(t *testing.T, file string, env map[string]string) *otpconfig.Config {
	t.Helper()
	registry := otpconfig.Vendors()
	registry.LookupEnv = variables(env)
	cfg, err := registry.Parse([]byte(file), "yaml")
	require.NoError(t, err)
	return cfg
}

func providerOf(t *testing.T, cfg *otpconfig.Config, opts ...otp.Option) otp.Provider {
	t.Helper()
	p, err := cfg.Provider(opts...)
	require.NoError(t, err)
	return p
}
