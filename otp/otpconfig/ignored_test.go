package otpconfig_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

type carelessConfig struct {
	Token string `json:"-" yaml:"token"`
}

// carelessly registers a vendor whose New is this.
func carelessly(t *testing.T, build func(opts []otp.Option) (name string)) *otpconfig.Registry {
	t.Helper()
	var r otpconfig.Registry
	require.NoError(t, otpconfig.Register(&r, "careless",
		func(_ carelessConfig, opts ...otp.Option) (*otptest.Provider, error) {
			return otptest.NewProvider(otptest.WithName(build(opts))), nil
		}))
	return &r
}

// applied reads opts and asks for these limiters.
func applied(opts []otp.Option, limiters ...string) (name string) {
	set, err := otp.Apply(opts...)
	if err != nil {
		panic(err)
	}
	for _, limiter := range limiters {
		set.Limiter(nil, limiter)
	}
	return set.Name
}

const carelessFile = "providers:\n  main:\n    vendor: careless\n    token: t\n    send_limit: 5/1m\n    verify_limit: 5/1m\n"

func TestAVendorThatIgnoresOptionsIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		build func(opts []otp.Option) string
		want  string
	}{
		"all options": {
			func([]otp.Option) string { return "main" },
			"providers.main: has a vendor whose New ignores its options; it has to read them with otp.Apply (line 3)",
		},
		"its name": {
			func(opts []otp.Option) string { applied(opts, "send", "verify"); return "careless" },
			"providers.main: has a vendor whose New ignores otp.WithName (line 3)",
		},
		"the limit of sends": {
			func(opts []otp.Option) string { return applied(opts, "verify") },
			"providers.main.send_limit: is ignored by this vendor's New; it has to ask otp.Settings.Limiter for it (line 5)",
		},
		"the limit of verifications": {
			func(opts []otp.Option) string { return applied(opts, "send", "setup") },
			"providers.main.verify_limit: is ignored by this vendor's New; it has to ask otp.Settings.Limiter for it (line 6)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := carelessly(t, c.build).Parse([]byte(carelessFile), "yaml")
			require.EqualError(t, err, "config: misconfigured: "+c.want)
		})
	}
}

func TestAVendorThatReadsItsOptionsIsTaken(t *testing.T) {
	for name, build := range map[string]func(opts []otp.Option) string{
		"at once":                      func(opts []otp.Option) string { return applied(opts, "send", "verify") },
		"under names of its own first": func(opts []otp.Option) string { return applied(opts, "careless.text", "send", "verify") },
		"twice, here and in its core":  func(opts []otp.Option) string { applied(opts, "send", "verify"); return applied(opts) },
		"twice, in its core and here":  func(opts []otp.Option) string { applied(opts); return applied(opts, "send", "verify") },
		"twice, half of them each time": func(opts []otp.Option) string {
			applied(opts, "send")
			return applied(opts, "verify")
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := carelessly(t, build).Parse([]byte(carelessFile), "yaml")
			require.NoError(t, err)
		})
	}
}

func TestWhatTheProgramSetsIsNotIgnoredEither(t *testing.T) {
	cfg, err := carelessly(t, func(opts []otp.Option) string { return applied(opts) }).
		Parse([]byte("providers: {main: {vendor: careless, token: t}}"), "yaml")
	require.NoError(t, err)
	limiter := otp.Rate{Events: 1, Per: time.Hour}.Limiter()
	set := func(name string) otp.Option {
		return func(s *otp.Settings) error { return s.SetLimiter(name, limiter) }
	}
	for _, name := range []string{"send", "setup", "careless.text"} {
		_, err = cfg.Provider(set(name))
		require.EqualError(t, err, "config: misconfigured: providers.main."+name+"_limit: is ignored by this vendor's New; "+
			"it has to ask otp.Settings.Limiter for it (line 1)")
	}
	_, err = cfg.Provider(set("insider.setup"))
	require.NoError(t, err, "it is for the clients of another vendor")
}
