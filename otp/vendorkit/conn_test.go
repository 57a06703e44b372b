package vendorkit_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// bytesServer answers every request on a connection with the bytes that answer gives; "" = close
// it.
func bytesServer(t *testing.T, answer func(n int) string) (address string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var wait sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); wait.Wait() })
	wait.Go(func() {
		var n atomic.Int32
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wait.Go(func() {
				defer conn.Close() //nolint:errcheck // a test's
				stop := context.AfterFunc(t.Context(), func() { _ = conn.Close() })
				defer stop()
				in := bufio.NewReader(conn)
				for {
					req, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, req.Body)
					text := answer(int(n.Add(1)))
					if _, err := io.WriteString(conn, text); err != nil || text == "" {
						return
					}
				}
			})
		}
	})
	return listener.Addr().String()
}

func headed(body string, headers ...string) string {
	return "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n" + strings.Join(append(headers, ""), "\r\n") +
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
}

func chunks(end string) string {
	const body = `{"ok":true}`
	return "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n", len(body), body) + end
}

// net/http prints what follows an answer to the standard logger, and may take it for the next
// answer.
func TestSurplusOfAnAnswerIsNeverPrinted(t *testing.T) {
	const ok, surplus = `{"ok":true}`, `the code of +905321234567 is 839174`
	next := headed(`{"ok":"` + surplus + `"}`)
	for name, answer := range map[string]string{
		"text":              headed(ok) + surplus,
		"an answer":         headed(ok) + next,
		"empty":             headed("") + surplus,
		"no content":        "HTTP/1.1 204 No Content\r\n\r\n" + surplus,
		"chunks":            chunks("0\r\n\r\n") + surplus,
		"a trailer":         chunks("0\r\nX-Sum: 1\r\n\r\n") + surplus,
		"an extension":      chunks("0;a=b\r\n\r\n") + next,
		"zeros":             chunks("000\r\n\r\n") + surplus,
		"bare line feeds":   strings.ReplaceAll(headed(ok), "\r", "") + surplus,
		"a folded line":     strings.Replace(headed(ok), "Content-Length: ", "Content-Length:\r\n ", 1) + surplus,
		"after a continue":  "HTTP/1.1 100 Continue\r\n\r\n" + headed(ok) + surplus,
		"odd letters":       strings.Replace(headed(ok), "Content-Length", "CONTENT-length", 1) + surplus,
		"a failure":         strings.Replace(headed(ok), "202 Accepted", "500 Failed", 1) + surplus,
		"a kept connection": headed(ok, "Keep-Alive: timeout=5, max=100") + surplus,
	} {
		for _, secure := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, TLS: %t", name, secure), func(t *testing.T) {
				printed := capture(t)
				c := newClient(t, base, through(dialling(t, bytesServer(t, func(int) string { return answer }), secure)))
				for range 3 {
					_ = c.Do(t.Context(), call(vendorkit.Send))
					time.Sleep(2 * time.Millisecond) // for net/http to look at the connection
				}
				assert.Empty(t, printed.String())
			})
		}
	}
}

// TestSurplusIsNoAnswer makes sure that nobody is let in by what an earlier answer held.
func TestSurplusIsNoAnswer(t *testing.T) {
	address := bytesServer(t, func(n int) string {
		if n%2 == 1 {
			return headed(`{"no":true}`) + headed(`{"ok":true}`)
		}
		return headed(`{"no":true}`)
	})
	capture(t)
	c := newClient(t, "http://"+address)
	for range 20 {
		require.Error(t, c.Do(t.Context(), call(vendorkit.Verify)))
	}
}

// capture is what goes to the standard logger during a test.
func capture(t *testing.T) *buffer {
	t.Helper()
	printed := &buffer{}
	before := log.Writer()
	log.SetOutput(printed)
	t.Cleanup(func() { log.SetOutput(before) })
	return printed
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// dialling reaches address whatever the host, by a dialer that hands plain bytes out as TLS where
// secure.
func dialling(t *testing.T, address string, secure bool) *http.Transport {
	t.Helper()
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	if secure {
		return &http.Transport{DialTLSContext: dial}
	}
	return &http.Transport{DialTLSContext: dial, DialContext: dial}
}

func TestIdleConnectionIsGivenUpBeforeTheServerDoes(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for real time-outs")
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Keep-Alive", "timeout=1")
		answers(202)(w, r)
	}))
	s.Config.IdleTimeout = time.Second
	s.Start()
	t.Cleanup(s.Close)
	c := newClient(t, s.URL, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 2 {
				assert.NoError(t, c.Do(t.Context(), call(vendorkit.Send)))
				time.Sleep(time.Second - time.Millisecond)
			}
		})
	}
	wait.Wait()
}

func TestAnswersThatNobodyHasAskedFor(t *testing.T) {
	zipped := func(body string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = io.WriteString(w, body)
		_ = w.Close()
		return b.String()
	}
	for name, answer := range map[string]struct {
		text string
		ok   bool
	}{
		"a byte order mark":   {headed("\xEF\xBB\xBF" + `{"ok":true}`), true},
		"gzip":                {headed(zipped(`{"ok":true}`), "Content-Encoding: gzip"), true},
		"gzip and a mark":     {headed(zipped("\xEF\xBB\xBF"+`{"ok":true}`), "Content-Encoding: GZIP"), true},
		"identity":            {headed(`{"ok":true}`, "Content-Encoding: identity"), true},
		"no gzip after all":   {headed(`{"ok":true}`, "Content-Encoding: gzip"), false},
		"half of a gzip":      {headed(zipped(`{"ok":true}`)[:20], "Content-Encoding: gzip"), false},
		"a megabyte and more": {headed(zipped(`{"ok":true,"x":"`+strings.Repeat("x", 2<<20)+`"}`), "Content-Encoding: gzip"), false},
		"another compression": {headed(`{"ok":true}`, "Content-Encoding: br"), false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, "http://"+bytesServer(t, func(int) string { return answer.text }))
			err := c.Do(t.Context(), call(vendorkit.Verify))
			if answer.ok {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
		})
	}
}

// silent takes connections and says nothing; after greeting them, if there is something to greet
// with.
func silent(t *testing.T, greeting string) *url.URL {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var wait sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); wait.Wait() })
	wait.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wait.Go(func() {
				defer conn.Close() //nolint:errcheck // a test's
				stop := context.AfterFunc(t.Context(), func() { _ = conn.Close() })
				defer stop()
				if greeting != "" {
					_, _ = http.ReadRequest(bufio.NewReader(conn))
					_, _ = io.WriteString(conn, greeting)
				}
				_, _ = io.Copy(io.Discard, conn)
			})
		}
	})
	return &url.URL{Scheme: "http", Host: listener.Addr().String()}
}

func TestSilentProxyLeavesTimeForAnotherVendor(t *testing.T) {
	socks := silent(t, "")
	socks.Scheme = "socks5"
	for name, proxy := range map[string]func(*http.Request) (*url.URL, error){
		"CONNECT":           http.ProxyURL(silent(t, "")),
		"SOCKS":             http.ProxyURL(socks),
		"TLS after CONNECT": http.ProxyURL(silent(t, "HTTP/1.1 200 Connection established\r\n\r\n")),
		"a proxy function":  func(r *http.Request) (*url.URL, error) { <-r.Context().Done(); return nil, r.Context().Err() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, "https://vendor.example", through(&http.Transport{Proxy: proxy}), otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
			ctx, cancel := context.WithTimeout(t.Context(), 800*time.Millisecond)
			defer cancel()
			start := time.Now()
			failure := requireFailure(t, c.Do(ctx, call(vendorkit.Send)))
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.Equal(t, otp.ErrUnavailable, failure.Kind)
			assert.Less(t, time.Since(start), 700*time.Millisecond, "nothing is left for another vendor")
		})
	}
}

func TestNothingIsLeftOfACallThatWasCancelled(t *testing.T) {
	proxy := silent(t, "")
	c := newClient(t, "https://vendor.example", through(&http.Transport{Proxy: http.ProxyURL(proxy)}))
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_ = requireFailure(t, c.Do(ctx, call(vendorkit.Send)))
	for deadline := time.Now().Add(time.Second); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "something still runs a second later")
	}
}

func TestProxyThatRefuses(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		for status, kind := range map[int]otp.Kind{407: otp.ErrMisconfigured, 403: otp.ErrMisconfigured, 502: otp.ErrUnavailable} {
			if scheme == "http" && status != 407 { // any other may be the vendor's answer
				continue
			}
			proxy := serve(t, answers(status))
			at, err := url.Parse(proxy.URL)
			require.NoError(t, err)
			for _, class := range []vendorkit.Class{vendorkit.Send, vendorkit.Verify} {
				requests := proxy.taken.Load()
				c := newClient(t, scheme+"://vendor.example", fast(), otp.WithPlainHTTP(), through(&http.Transport{Proxy: http.ProxyURL(at)}))
				failure := requireFailure(t, c.Do(t.Context(), call(class)))
				assert.Equal(t, kind, failure.Kind, "%s %d", scheme, status)
				assert.Equal(t, otp.OutcomeNotSent, failure.Outcome, "%s %d", scheme, status)
				if kind == otp.ErrMisconfigured {
					assert.EqualValues(t, 1, proxy.taken.Load()-requests, "%s %d: it was repeated", scheme, status)
				}
			}
		}
	}
}

// connectProxy connects to whatever it is asked for.
func connectProxy(t *testing.T) *url.URL {
	t.Helper()
	var wait sync.WaitGroup
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wait.Add(1) // while the server still waits for the request
		defer wait.Done()
		target, err := new(net.Dialer).DialContext(r.Context(), "tcp", r.Host)
		if err != nil {
			http.Error(w, "", http.StatusBadGateway)
			return
		}
		client, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
		for _, pair := range [][2]net.Conn{{client, target}, {target, client}} {
			wait.Go(func() {
				_, _ = io.Copy(pair[0], pair[1])
				_ = pair[0].Close()
			})
		}
	}))
	t.Cleanup(func() { s.Close(); wait.Wait() })
	at, err := url.Parse(s.URL)
	require.NoError(t, err)
	return at
}
