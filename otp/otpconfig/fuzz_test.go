package otpconfig_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

func FuzzParseYAML(f *testing.F) {
	for _, test := range broken {
		if len(test.file) < 10_000 {
			f.Add([]byte(test.file))
		}
	}
	f.Add([]byte(insiderWith()))
	fuzz(f, "yaml")
}

func FuzzParseJSON(f *testing.F) {
	for _, test := range brokenJSON {
		if len(test.file) < 10_000 {
			f.Add([]byte(test.file))
		}
	}
	f.Add([]byte(`{"providers": {"main": {"vendor": "insider", "api_key": "CANARY"}}, "send": {"failover": ["main"]}}`))
	fuzz(f, "json")
}

// named are the places where an error shows the name of a provider, a router or a variable, which
// is no secret.
var named = regexp.MustCompile(`providers\.[A-Za-z0-9._-]+|there are: .*|did you mean .*|must not name .*|must be given, because .*|needs the variable .*`)

// fuzz holds that whatever the file, it is a provider, or an error that shows no value: neither one
// of the file, nor one of the environment.
func fuzz(f *testing.F, format string) {
	registry := otpconfig.Vendors()
	registry.LookupEnv = func(name string) (string, bool) { return "hidden value", name != "NOT_SET" }
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := registry.Parse(data, format)
		if err != nil {
			require.Nil(t, cfg)
			require.ErrorIs(t, err, otp.ErrMisconfigured)
			require.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
			require.NotContains(t, err.Error(), "hidden value")
			require.NotContains(t, named.ReplaceAllString(err.Error(), ""), canary)
			return
		}
		_, err = cfg.Provider(otp.WithPlainHTTP())
		require.NoError(t, err, "what was accepted can be used")
	})
}
