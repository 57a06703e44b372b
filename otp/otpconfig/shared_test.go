package otpconfig_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/route"
)

// counted is a vendor that answers every request alike, and counts them.
type counted struct {
	n      atomic.Int32
	status int
	header http.Header
}

func (c *counted) RoundTrip(*http.Request) (*http.Response, error) {
	c.n.Add(1)
	return &http.Response{StatusCode: c.status, Header: c.header, Body: http.NoBody}, nil
}

func through(c *counted) otp.Option { return otp.WithHTTPClient(&http.Client{Transport: c}) }

const twoNames = `
providers:
  a: {vendor: insider, api_key: one-key-4711, send_limit: 3/1h, retry: {max_attempts: 1}}
  b: {vendor: insider, api_key: one-key-4711, send_limit: 3/1h, retry: {max_attempts: 1}}
  c: {vendor: insider, api_key: another-key-1, send_limit: 3/1h, retry: {max_attempts: 1}}
send: {failover: [a, b, c]}
`

func TestOneAccountUnderTwoNamesHasOneLimit(t *testing.T) {
	cfg, err := otpconfig.Parse([]byte(twoNames), "yaml")
	require.NoError(t, err)
	vendor := &counted{status: 401}
	p, err := cfg.Provider(through(vendor))
	require.NoError(t, err)
	for range 6 {
		_, _ = p.Send(t.Context(), otp.SendRequest{To: phone})
	}
	assert.EqualValues(t, 6, vendor.n.Load(), "three of each account")
}

func TestOneAccountUnderTwoNamesPausesOnce(t *testing.T) {
	cfg, err := otpconfig.Parse([]byte(twoNames), "yaml")
	require.NoError(t, err)
	vendor := &counted{status: 429, header: http.Header{"Retry-After": {"50"}}}
	p, err := cfg.Provider(through(vendor))
	require.NoError(t, err)
	for range 6 {
		_, _ = p.Send(t.Context(), otp.SendRequest{To: phone})
	}
	assert.EqualValues(t, 2, vendor.n.Load(), "one of each account")
}

// reloaded is a configuration in which one text has taken the place of another, after sends through
// the first.
func reloaded(t *testing.T, file, before, after string, vendor *counted, sends int) otp.Provider {
	t.Helper()
	path := filepath.Join(t.TempDir(), "otp.yaml")
	require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
	cfg, err := otpconfig.Load(path)
	require.NoError(t, err)
	p, err := cfg.Provider(through(vendor))
	require.NoError(t, err)
	into, err := route.NewSwitch("main", p, 0)
	require.NoError(t, err)
	for range sends {
		_, _ = into.Send(t.Context(), otp.SendRequest{To: phone})
	}
	changed := make(chan error, 1)
	go func() {
		_ = cfg.Watch(t.Context(), into, otpconfig.WatchEvery(5*time.Millisecond), otpconfig.WatchWith(through(vendor)),
			otpconfig.WatchReport(func(err error) { changed <- err }))
	}()
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(file, before, after, 1)), 0o600))
	require.NoError(t, <-changed)
	return into
}

func TestReloadKeepsWhatItDoesNotChange(t *testing.T) {
	const start = "providers:\n  a: {vendor: insider, api_key: one-key-4711, timeout: 3s, retry: {max_attempts: 1}"
	for name, test := range map[string]struct {
		rest   string
		vendor *counted
		sends  int
		most   int32
	}{
		"a limit":   {", send_limit: 3/1h}\n", &counted{status: 401}, 3, 3},
		"a pause":   {"}\n", &counted{status: 429, header: http.Header{"Retry-After": {"50"}}}, 1, 1},
		"a breaker": {", breaker: {faults: 2, open_for: 1h}}\n", &counted{status: 500}, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			p := reloaded(t, start+test.rest, "timeout: 3s", "timeout: 4s", test.vendor, test.sends)
			for range 5 {
				_, err := p.Send(t.Context(), otp.SendRequest{To: phone})
				assert.Error(t, err)
			}
			assert.Equal(t, test.most, test.vendor.n.Load())
		})
	}
}

func TestNewKeyKeepsTheLimitOfItsAccount(t *testing.T) {
	for _, account := range []string{
		"vendor: kaleyra, sid: SID1, flow_id: f", "vendor: insider", // which knows accounts by their keys alone
	} {
		file := "providers: {a: {" + account + ", api_key: key-1111, send_limit: 3/1h, retry: {max_attempts: 1}}}\n"
		vendor := &counted{status: 401}
		p := reloaded(t, file, "key-1111", "key-2222", vendor, 3)
		_, err := p.Send(t.Context(), otp.SendRequest{To: phone})
		require.ErrorIs(t, err, otp.ErrRateLimited, account)
		assert.EqualValues(t, 3, vendor.n.Load(), account)
	}
}
