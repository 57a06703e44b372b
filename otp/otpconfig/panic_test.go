package otpconfig_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// rudeConfig is the Config of somebody else's vendor that panics.
type rudeConfig struct {
	Token string   `json:"-"    yaml:"token"`
	Rude  rudeText `json:"rude" yaml:"rude,omitempty"`
}

type rudeText string

func (*rudeText) UnmarshalText([]byte) error { panic(canary) }

// rudeClient panics when it is asked what it can do, and on demand when it is asked its name.
type rudeClient struct {
	*otptest.Provider
	nameless *bool
}

func (*rudeClient) Capabilities() otp.Capabilities { panic(canary) }

func (c *rudeClient) Name() string {
	if *c.nameless {
		panic(canary)
	}
	return c.Provider.Name()
}

func rudeRegistry(t *testing.T, nameless *bool) *otpconfig.Registry {
	t.Helper()
	r := otpconfig.Vendors()
	r.LookupEnv = func(string) (string, bool) { panic(canary) }
	require.NoError(t, otpconfig.Register(r, "rude", func(_ rudeConfig, opts ...otp.Option) (*rudeClient, error) {
		set, err := otp.Apply(opts...)
		return &rudeClient{otptest.NewProvider(otptest.WithName(set.Name)), nameless}, err
	}))
	return r
}

type rudeJSON struct {
	Token string `yaml:"token"`
}

func (rudeJSON) MarshalJSON() ([]byte, error) { panic(canary) }

// wantPanic holds that a panic became an error that does not tell what it said.
func wantPanic(t *testing.T, err error) {
	t.Helper()
	require.EqualError(t, err, "config: misconfigured: a registered vendor, or the lookup of a variable, panicked")
	require.ErrorIs(t, err, otp.ErrMisconfigured)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	hidesCanary(t, err)
}

func TestAPanicOfOthersIsAnError(t *testing.T) {
	var nameless bool
	registry := rudeRegistry(t, &nameless)
	parse := func(fields string) (*otpconfig.Config, error) {
		return registry.Parse([]byte("providers: {main: {vendor: rude, "+fields+"}}"), "yaml")
	}
	cfg, err := parse("token: t")
	require.NoError(t, err)
	providerOf(t, cfg)

	nameless = true
	for name, try := range map[string]func() error{
		"UnmarshalText":         func() error { _, err := parse("token: t, rude: x"); return err },
		"Registry.LookupEnv":    func() error { _, err := parse("token: '${T}'"); return err },
		"the lookup of FromEnv": func() error { _, err := otpconfig.FromEnv(registry.LookupEnv); return err },
		"Name, when read":       func() error { _, err := parse("token: t"); return err },
		"Name, when made":       func() error { _, err := cfg.Provider(); return err },
		"MarshalJSON":           func() error { return register[rudeJSON](new(otpconfig.Registry)) },
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			require.NotPanics(t, func() { err = try() })
			wantPanic(t, err)
		})
	}
}

func TestAPanicOfOthersDoesNotEndAWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := follow(t, rudeRegistry(t, new(bool)), "providers: {main: {vendor: rude, token: t}}")
		before := w.Unwrap()
		for i, fields := range []string{"token: t, rude: x", "token: other"} { // the second panics when it is put to use
			w.write("providers: {main: {vendor: rude, " + fields + "}}")
			w.wait(time.Minute)
			require.Len(t, w.reports(), i+1, "once")
			wantPanic(t, w.reports()[i])
			assert.Equal(t, before, w.Unwrap(), "everything is as before")
		}
		w.write("providers: {backup: {vendor: insider, api_key: k}}")
		w.wait(time.Minute)
		require.Len(t, w.reports(), 3)
		require.NoError(t, w.reports()[2])
		assert.Equal(t, "backup", w.Unwrap()[0].Name())
	})
}
