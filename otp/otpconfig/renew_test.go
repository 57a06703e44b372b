package otpconfig_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

// gate is a vendor that knows one key at a time. Anyone who comes with another is refused as the
// simulator does it.
type gate struct {
	*insidertest.Server
	url     string
	key     atomic.Pointer[string]
	next    atomic.Pointer[string] // is known before it is in the file
	refused atomic.Int32
}

func newGate(t *testing.T, key string) *gate {
	t.Helper()
	const header = "X-Ins-Auth-Key"
	g := &gate{Server: insidertest.NewServer()}
	t.Cleanup(g.Close)
	g.key.Store(&key)
	g.next.Store(&key)
	to, err := url.Parse(g.URL)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		if key := r.In.Header.Get(header); key == *g.key.Load() || key == *g.next.Load() {
			r.Out.Header.Set(header, g.APIKey)
		} else {
			g.refused.Add(1)
		}
	}, Transport: &http.Transport{MaxIdleConnsPerHost: 300}}
	t.Cleanup(proxy.Transport.(*http.Transport).CloseIdleConnections)
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	g.url = front.URL
	return g
}

// rotate is what an operator does: the vendor makes a new key, it goes into the file, and the old
// one then ends.
func (g *gate) rotate(t *testing.T, path, key string) {
	t.Helper()
	g.next.Store(&key)
	require.NoError(t, os.WriteFile(path+".new", []byte(key+"\n"), 0o600))
	require.NoError(t, os.Rename(path+".new", path))
	g.key.Store(&key)
}

// replace is a new key that is in no file.
func (g *gate) replace(key string) {
	g.next.Store(&key)
	g.key.Store(&key)
}

// keyFile is a configuration of the gate with a key in a file.
func (g *gate) keyFile(t *testing.T, more string) (config, key string) {
	t.Helper()
	folder := t.TempDir()
	config, key = filepath.Join(folder, "otp.yaml"), filepath.Join(folder, "key")
	require.NoError(t, os.WriteFile(key, []byte(*g.key.Load()), 0o600))
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil,
		"providers: {main: {vendor: insider, api_key_file: key, base_url: %s, send_limit: unlimited, verify_limit: unlimited, %s}}\n", g.url, more), 0o600))
	return config, key
}

func TestNewKeyLosesNoCall(t *testing.T) {
	g := newGate(t, "key-0")
	config, key := g.keyFile(t, "breaker: {}")
	p, end, err := otpconfig.Open(t.Context(), config, otpconfig.WithWatch(otpconfig.WatchEvery(20*time.Millisecond)))
	require.NoError(t, err)
	var people sync.WaitGroup
	var calls atomic.Int32
	done := make(chan struct{})
	for person := range 50 {
		people.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				to := fmt.Sprintf("+90532%03d%04d", person, n)
				v, err := p.Send(t.Context(), otp.SendRequest{To: to})
				if !assert.NoError(t, err) {
					return
				}
				code, _ := g.Code(to)
				assert.NoError(t, p.Verify(t.Context(), v, code))
				calls.Add(1)
			}
		})
	}
	for i := range 5 {
		before := calls.Load()
		g.rotate(t, key, fmt.Sprintf("key-%d", i+1))
		require.Eventually(t, func() bool { return calls.Load() > before+60 }, 20*time.Second, time.Millisecond)
	}
	close(done)
	people.Wait()
	require.NoError(t, end())
	assert.Positive(t, g.refused.Load(), "the old key was tried")
}

func TestNewKeyNeedsNoWatch(t *testing.T) {
	g := newGate(t, "CANARY-one")
	config, key := g.keyFile(t, "")
	cfg, err := otpconfig.Load(config)
	require.NoError(t, err)
	p := providerOf(t, cfg)
	assert.Equal(t, "main", p.Name())
	for form, printed := range simtest.PrintedDeep(p) {
		assert.NotContains(t, printed, "CANARY", form)
	}
	assert.Len(t, p.Capabilities().Channels, 2)
	v, err := p.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	code, _ := g.Code(phone)

	g.rotate(t, key, "two")
	require.NoError(t, p.Verify(t.Context(), v, code), "sent with the old key, verified with the new one")

	g.replace("three") // and nobody has written it down
	_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrUnauthorized)
	for _, bad := range []string{"", "\n", "two\n", "line\nbreak"} {
		require.NoError(t, os.WriteFile(key, []byte(bad), 0o600))
		_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
		require.ErrorIs(t, err, otp.ErrUnauthorized, "%q", bad)
	}
	require.NoError(t, os.Remove(key))
	_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrUnauthorized)
	g.rotate(t, key, "three")
	_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
}

func TestRefusedKeyIsTriedOnce(t *testing.T) {
	g := newGate(t, "one")
	config, key := g.keyFile(t, "")
	cfg, err := otpconfig.Load(config)
	require.NoError(t, err)
	p := providerOf(t, cfg)
	g.rotate(t, key, "two")
	g.replace("three")
	_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrUnauthorized)
	assert.EqualValues(t, 2, g.refused.Load(), "the old key and the new one")
	assert.Empty(t, g.Inbox.All())
}

// Two hundred people use a provider whose file changes its time-out again and again.
func TestReloadUnderLoadFailsNoCall(t *testing.T) {
	srv := insidertest.NewServer()
	defer srv.Close()
	path := filepath.Join(t.TempDir(), "otp.yaml")
	write := func(seconds int) {
		file := fmt.Appendf(nil, "providers: {main: {vendor: insider, api_key: %s, base_url: %s, timeout: %ds, send_limit: 150/1h}}\n",
			srv.APIKey, srv.URL, seconds)
		require.NoError(t, os.WriteFile(path+".new", file, 0o600))
		require.NoError(t, os.Rename(path+".new", path))
	}
	write(10)
	changed := make(chan error, 1)
	p, end, err := otpconfig.Open(t.Context(), path, otpconfig.WithWatch(otpconfig.WatchEvery(time.Millisecond),
		otpconfig.WatchReport(func(err error) { changed <- err })))
	require.NoError(t, err)
	var people sync.WaitGroup
	var limited atomic.Int32
	for person := range 200 {
		people.Go(func() {
			_, err := p.Send(t.Context(), otp.SendRequest{To: fmt.Sprintf("+90532%07d", person)})
			if err != nil {
				limited.Add(1)
				assert.ErrorIs(t, err, otp.ErrRateLimited)
			}
		})
		if person%20 == 19 {
			write(10 + person)
			require.NoError(t, <-changed)
		}
	}
	people.Wait()
	require.NoError(t, end())
	assert.EqualValues(t, 50, limited.Load(), "no limit was refilled")
	assert.Len(t, srv.Inbox.All(), 150)
}

// texter is a client that can send texts, and is refused unless it has the key of now.
type texter struct {
	*otptest.Provider
	key string
	now *atomic.Pointer[string]
}

func (x texter) SendText(context.Context, otp.Text) error {
	if x.key != *x.now.Load() {
		return &otp.Error{Kind: otp.ErrUnauthorized, Outcome: otp.OutcomeNotSent}
	}
	return nil
}

func TestNewKeyIsForTextsToo(t *testing.T) {
	var now atomic.Pointer[string]
	one, two := "one", "two"
	now.Store(&one)
	var a acme
	registry := otpconfig.Vendors()
	require.NoError(t, otpconfig.Register(registry, "texter", func(cfg acmeConfig, opts ...otp.Option) (texter, error) {
		client, err := a.new(cfg, opts...)
		return texter{client, cfg.Token, &now}, err
	}))
	key := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(key, []byte("one"), 0o600))
	cfg, err := registry.Parse([]byte("providers:\n  codes: {vendor: owncode, sender: texts, key: 0123456789abcdef0123456789abcdef}\n"+
		"  texts: {vendor: texter, token_file: "+key+"}\n"), "yaml")
	require.NoError(t, err)
	p := providerOf(t, cfg)
	_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(key, []byte("two"), 0o600))
	now.Store(&two)
	_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
}

// Two providers get new keys in turn, for years.
func TestReplacedClientsAreForgotten(t *testing.T) {
	var made, gone atomic.Int32
	registry := otpconfig.Vendors()
	require.NoError(t, otpconfig.Register(registry, "acme", func(_ acmeConfig, opts ...otp.Option) (*otptest.Provider, error) {
		set, err := otp.Apply(opts...)
		client := otptest.NewProvider(otptest.WithName(set.Name))
		made.Add(1)
		runtime.AddCleanup(client, func(int) { gone.Add(1) }, 0)
		return client, err
	}))
	folder := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name+".new"), []byte(text), 0o600))
		require.NoError(t, os.Rename(filepath.Join(folder, name+".new"), filepath.Join(folder, name)))
	}
	write("a", "first")
	write("b", "first")
	write("otp.yaml", "providers: {a: {vendor: acme, token_file: a}, b: {vendor: acme, token_file: b}}\nsend: {failover: [a, b]}\n")
	cfg, err := registry.Load(filepath.Join(folder, "otp.yaml"))
	require.NoError(t, err)
	live, err := route.NewSwitch("live", providerOf(t, cfg), time.Millisecond)
	require.NoError(t, err)
	changed := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	watching.Go(func() {
		_ = cfg.Watch(ctx, live, otpconfig.WatchEvery(time.Millisecond), otpconfig.WatchReport(func(err error) { changed <- err }))
	})
	for i := range 10 {
		for _, name := range []string{"a", "b"} {
			write(name, fmt.Sprint("key-", i))
			require.NoError(t, <-changed)
		}
	}
	cancel()
	watching.Wait()
	require.Eventually(t, func() bool {
		runtime.GC()
		return gone.Load() >= made.Load()-4
	}, 3*time.Second, 10*time.Millisecond, "those in use and those before them are left")
	runtime.KeepAlive(live)
}
