package vendorkit_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// What a caller has set on a transport is kept.

func TestLegacyDialTLSIsKept(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(answers(202)))
	t.Cleanup(s.Close)
	pinned := errors.New("not the pinned certificate")
	transport := s.Client().Transport.(*http.Transport).Clone()
	transport.DialTLS = func(string, string) (net.Conn, error) { return nil, pinned } //nolint:staticcheck // callers have it
	failure := requireFailure(t, newClient(t, s.URL, fast(), through(transport)).Do(t.Context(), call(vendorkit.Send)))
	assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
	assert.ErrorIs(t, failure, pinned)

	dialled := false
	transport.DialTLS = func(network, address string) (net.Conn, error) { //nolint:staticcheck // likewise
		dialled = true
		return tls.Dial(network, address, transport.TLSClientConfig)
	}
	require.NoError(t, newClient(t, s.URL, through(transport)).Do(t.Context(), call(vendorkit.Send)))
	assert.True(t, dialled)
}

func TestRegisteredProtocolIsKept(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		asked := 0
		transport := &http.Transport{}
		transport.RegisterProtocol(scheme, roundTripper(func(*http.Request) (*http.Response, error) {
			asked++
			return response(202, `{"ok":true}`, nil), nil
		}))
		require.NoError(t, newClient(t, scheme+"://127.0.0.1:1", through(transport)).Do(t.Context(), call(vendorkit.Send)))
		assert.Equal(t, 1, asked, scheme)
	}
	// One that is about another scheme, and what net/http registers for HTTP/2, are no reason.
	s := serve(t, answers(500))
	transport := &http.Transport{ForceAttemptHTTP2: true}
	transport.RegisterProtocol("file", http.NewFileTransport(http.Dir(".")))
	transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get("file:///nothing")
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, resp.Body)
	require.NoError(t, resp.Body.Close())
	c := newClient(t, s.URL, fast(), through(transport))
	s.Close()
	failure := requireFailure(t, c.Do(t.Context(), call(vendorkit.Send)))
	assert.Equal(t, otp.OutcomeNotSent, failure.Outcome, "it is a transport on which a failure is a proof")
}

func TestReplacedDefaultTransportIsUsed(t *testing.T) {
	original := http.DefaultTransport                      //nolint:forbidigo // to see what a test's mock does
	t.Cleanup(func() { http.DefaultTransport = original }) //nolint:forbidigo // likewise
	s := serve(t, answers(202))
	for name, opts := range map[string][]otp.Option{
		"no client":         nil,
		"the default":       {otp.WithHTTPClient(http.DefaultClient)},
		"no transport":      {otp.WithHTTPClient(&http.Client{})},
		"a nil transport":   {through((*http.Transport)(nil))},
		"with other limits": {otp.WithHTTPClient(&http.Client{Timeout: time.Second})},
	} {
		mocked := 0
		mock := roundTripper(func(*http.Request) (*http.Response, error) {
			mocked++
			return response(202, `{"ok":true}`, nil), nil
		})
		before := newClient(t, s.URL, opts...)
		require.NoError(t, before.Do(t.Context(), call(vendorkit.Send)), name)
		http.DefaultTransport = mock //nolint:forbidigo // likewise
		sent := s.taken.Load()
		require.NoError(t, before.Do(t.Context(), call(vendorkit.Send)), name)
		require.NoError(t, newClient(t, s.URL, opts...).Do(t.Context(), call(vendorkit.Send)), name)
		assert.Equal(t, 2, mocked, name)
		assert.Equal(t, sent, s.taken.Load(), "%s: a request has reached the network", name)
		http.DefaultTransport = original //nolint:forbidigo // likewise
		require.NoError(t, before.Do(t.Context(), call(vendorkit.Send)), name)
		assert.Equal(t, sent+1, s.taken.Load(), name)
	}
}

func TestDefaultTransportKeepsItsSettings(t *testing.T) {
	original := http.DefaultTransport.(*http.Transport)    //nolint:forbidigo // to change a copy
	t.Cleanup(func() { http.DefaultTransport = original }) //nolint:forbidigo // likewise
	changed := original.Clone()
	var dials atomic.Int32
	changed.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		dials.Add(1)
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	http.DefaultTransport = changed //nolint:forbidigo // likewise
	s := serve(t, answers(202))
	require.NoError(t, newClient(t, s.URL).Do(t.Context(), call(vendorkit.Send)))
	assert.EqualValues(t, 1, dials.Load())
}

// After a call, the kept connection still has what was written in its buffer.
func TestNothingShowsThroughAClient(t *testing.T) {
	s := serve(t, answers(202))
	c := newClient(t, s.URL)
	send := call(vendorkit.Send)
	send.Body = map[string]string{"to": number, "code": "839174"}
	require.NoError(t, c.Do(t.Context(), send))
	for _, v := range []any{c, *c, []any{c}} {
		for _, text := range simtest.PrintedDeep(v) {
			for _, secret := range []string{canary, number[1:], "839174"} {
				assert.NotContains(t, text, secret)
			}
		}
	}
	assert.Equal(t, "vendor at "+s.Listener.Addr().String(), c.String())
}

type panickingTLS struct{}

func (panickingTLS) Write([]byte) (int, error)                  { panic(canary) }
func (panickingTLS) Get(string) (*tls.ClientSessionState, bool) { panic(canary) }
func (panickingTLS) Put(string, *tls.ClientSessionState)        { panic(canary) }

func TestASessionCacheThatPanicsIsNone(t *testing.T) {
	target := httptest.NewTLSServer(http.HandlerFunc(answers(202)))
	t.Cleanup(target.Close)
	transport := target.Client().Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.ClientSessionCache, transport.DisableKeepAlives = panickingTLS{}, true
	transport.Proxy = http.ProxyURL(connectProxy(t))
	require.NoError(t, newClient(t, target.URL, through(transport)).Do(t.Context(), call(vendorkit.Send)))
}

func TestConnectionsOfTheDefaultTransportAreKept(t *testing.T) {
	original := http.DefaultTransport.(*http.Transport)    //nolint:forbidigo // to change a copy
	t.Cleanup(func() { http.DefaultTransport = original }) //nolint:forbidigo // likewise
	assert.Less(t, connections(t), 2*together, "net/http alone keeps two")
	bounded := original.Clone()
	bounded.MaxIdleConnsPerHost = 1
	http.DefaultTransport = bounded //nolint:forbidigo // likewise
	assert.Greater(t, connections(t), 2*together, "a caller's bound counts")
}

const together = 8

// connections is how many are opened for three times as many sends as go together.
func connections(t *testing.T) int {
	t.Helper()
	var arrive sync.WaitGroup // until all are there, so that each needs a connection
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		arrive.Done()
		arrive.Wait()
		answers(202)(w, r)
	})
	c := newClient(t, s.URL)
	for range 3 {
		arrive.Add(together)
		var sends sync.WaitGroup
		for range together {
			sends.Go(func() { assert.NoError(t, c.Do(t.Context(), call(vendorkit.Send))) })
		}
		sends.Wait()
		time.Sleep(20 * time.Millisecond) // net/http takes a connection back a moment after the answer
	}
	return int(s.opened.Load())
}

func TestAConnectionIsGivenUpBeforeTheServerClosesIt(t *testing.T) {
	for keepAlive, opened := range map[string]int32{"timeout=1": 2, "timeout=1, max=100": 2, "": 1, "timeout=60": 1, "timeout=soon": 1} {
		t.Run(keepAlive, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Keep-Alive", keepAlive)
				answers(202)(w, r)
			})
			c := newClient(t, s.URL)
			require.NoError(t, c.Do(t.Context(), call(vendorkit.Send)))
			time.Sleep(700 * time.Millisecond) // more than half of the server's second
			require.NoError(t, c.Do(t.Context(), call(vendorkit.Send)))
			assert.Equal(t, opened, s.opened.Load())
		})
	}
}

func TestHooksBehindAProxyDoNotEndTheProcess(t *testing.T) {
	target := httptest.NewTLSServer(http.HandlerFunc(answers(202)))
	t.Cleanup(target.Close)
	proxy := connectProxy(t)
	for name, change := range map[string]func(*http.Transport){
		"GetProxyConnectHeader": func(h *http.Transport) {
			h.GetProxyConnectHeader = func(context.Context, *url.URL, string) (http.Header, error) { panic(canary) }
		},
		"OnProxyConnectResponse": func(h *http.Transport) {
			h.OnProxyConnectResponse = func(context.Context, *url.URL, *http.Request, *http.Response) error { panic(canary) }
		},
		"VerifyConnection": func(h *http.Transport) {
			h.TLSClientConfig.VerifyConnection = func(tls.ConnectionState) error { panic(canary) }
		},
		"KeyLogWriter": func(h *http.Transport) { h.TLSClientConfig.KeyLogWriter = panickingTLS{} },
		"Time":         func(h *http.Transport) { h.TLSClientConfig.Time = func() time.Time { panic(canary) } },
		"Proxy": func(h *http.Transport) {
			h.Proxy = func(*http.Request) (*url.URL, error) { panic(canary) }
		},
	} {
		transport := target.Client().Transport.(*http.Transport).Clone()
		transport.Proxy, transport.DisableKeepAlives = http.ProxyURL(proxy), true
		require.NoError(t, newClient(t, target.URL, through(transport)).Do(t.Context(), call(vendorkit.Send)), name)
		change(transport)
		failure := requireFailure(t, newClient(t, target.URL, fast(), through(transport)).Do(t.Context(), call(vendorkit.Send)))
		assert.Equal(t, otp.OutcomeNotSent, failure.Outcome, name)
	}
}
