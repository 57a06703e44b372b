package otpconfig_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// acme is somebody else's vendor, with a field of every type, which keeps what its clients were
// made of.
type acme struct {
	mu      sync.Mutex
	configs []acmeConfig
	set     []otp.Settings
	clients []*otptest.Provider
	refuse  error
}

type acmeConfig struct {
	Token   string            `json:"token"   yaml:"token"`
	Account string            `json:"account" yaml:"account,omitempty"`
	Note    string            `json:"-"       yaml:"-"`
	Count   int               `json:"count"   yaml:"count,omitempty"`
	Small   uint8             `json:"small"   yaml:"small,omitempty"`
	Ratio   float64           `json:"ratio"   yaml:"ratio,omitempty"`
	On      bool              `json:"on"      yaml:"on,omitempty"`
	Wait    time.Duration     `json:"wait"    yaml:"wait,omitempty"`
	Rate    otp.Rate          `json:"rate"    yaml:"rate,omitempty"`
	Color   color             `json:"color"   yaml:"color,omitempty"`
	List    []string          `json:"list"    yaml:"list,omitempty"`
	Numbers []int             `json:"numbers" yaml:"numbers,omitempty"`
	Inner   *acmeInner        `json:"inner"   yaml:"inner,omitempty"`
	hidden  map[string]string //nolint:unused // nothing reads it: that is what it is for
}

type acmeInner struct {
	Depth int    `json:"depth" yaml:"depth"`
	Text  string `json:"text"  yaml:"text,omitempty"`
}

// MarshalJSON masks the token, which makes it a secret.
func (c acmeConfig) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"token": "***", "account": c.Account})
}

// color is a type that reads itself.
type color string

func (c *color) UnmarshalText(text []byte) error {
	if string(text) != "red" {
		return fmt.Errorf("%s is no color", text)
	}
	*c = color(text)
	return nil
}

func (a *acme) new(cfg acmeConfig, opts ...otp.Option) (*otptest.Provider, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	set, err := otp.Apply(opts...)
	if err != nil {
		return nil, err
	}
	if a.refuse != nil {
		return nil, a.refuse
	}
	set.Limiter(nil, otp.SendLimiter)
	set.Limiter(nil, otp.VerifyLimiter)
	a.configs, a.set = append(a.configs, cfg), append(a.set, set)
	client := otptest.NewProvider(otptest.WithName(set.Name))
	a.clients = append(a.clients, client)
	return client, nil
}

// last is the client that was made last, and of what.
func (a *acme) last() (acmeConfig, otp.Settings, *otptest.Provider) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := len(a.clients) - 1
	return a.configs[n], a.set[n], a.clients[n]
}

// registry has acme beside the others.
func (a *acme) registry(t *testing.T, env map[string]string) *otpconfig.Registry {
	t.Helper()
	r := otpconfig.Vendors()
	r.LookupEnv = variables(env)
	require.NoError(t, otpconfig.Register(r, "acme", a.new))
	return r
}

// read is what acme was configured with by one provider with these lines.
func (a *acme) read(t *testing.T, env map[string]string, fields string) acmeConfig {
	t.Helper()
	cfg, err := a.registry(t, env).Parse([]byte("providers:\n  main: {vendor: acme, "+fields+"}"), "yaml")
	require.NoError(t, err)
	providerOf(t, cfg)
	config, _, _ := a.last()
	return config
}
