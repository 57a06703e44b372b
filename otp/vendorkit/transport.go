package vendorkit

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
)

const (
	longestConnect  = 3 * time.Second
	idleTimeout     = 30 * time.Second // below what vendors' front ends keep a connection for
	idleConnections = 128
	maxHeaderBytes  = 64 << 10
)

// transports gives the transport for an attempt, and says whether it is our own: one on which a trace is
// a proof.
type transports func() (transport http.RoundTripper, own bool)

// transportsOf holds what it can of a caller's client, which may be nil. The client is never changed.
//
// A transport of net/http is copied with all that the caller has set, and hardened. One for which other
// protocols are registered cannot be copied, and any other RoundTripper is not known: both are used as
// they are.
func transportsOf(client *http.Client) transports {
	if client == nil || client.Transport == nil {
		return new(standard).transport
	}
	t, ok := client.Transport.(*http.Transport)
	if ok && t == nil {
		return new(standard).transport
	}
	if ok {
		if own := hardened(t); own != nil {
			return func() (http.RoundTripper, bool) { return own, true }
		}
	}
	return func() (http.RoundTripper, bool) { return client.Transport, false }
}

// standard follows http.DefaultTransport, as clients without a transport do everywhere in Go: when a test
// has replaced it, the replacement is used.
type standard struct{ last atomic.Pointer[copied] }

type copied struct{ of, own *http.Transport }

func (s *standard) transport() (http.RoundTripper, bool) {
	current := http.DefaultTransport //nolint:forbidigo // only looked at: see above
	t, ok := current.(*http.Transport)
	if !ok || t == nil {
		return current, false
	}
	last := s.last.Load()
	if last == nil || last.of != t {
		last = &copied{of: t, own: hardened(t)}
		if last.own != nil && last.own.MaxIdleConnsPerHost == 0 {
			last.own.MaxIdleConnsPerHost = idleConnections // net/http keeps two
		}
		s.last.Store(last)
	}
	if last.own == nil {
		return current, false
	}
	return last.own, true
}

// hardened is a copy of a transport that is held to HTTP/1.1, whose requests can be traced and are never
// replayed once a byte is written, to bounded headers and connecting, and to TLS 1.2. It is nil for a
// transport that cannot be copied whole.
func hardened(of *http.Transport) *http.Transport {
	t := of.Clone()
	if hasProtocols(of) {
		return nil
	}
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.ForceAttemptHTTP2 = false
	t.TLSNextProto = make(map[string]func(string, *tls.Conn) http.RoundTripper) // where one that spoke HTTP/2 keeps it

	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{}
	}
	t.TLSClientConfig.NextProtos = nil
	t.TLSClientConfig.MinVersion = max(t.TLSClientConfig.MinVersion, tls.VersionTLS12)
	guardHandshake(t.TLSClientConfig)

	t.DisableCompression = true
	t.MaxResponseHeaderBytes = atMost(t.MaxResponseHeaderBytes, maxHeaderBytes)
	t.TLSHandshakeTimeout = atMost(t.TLSHandshakeTimeout, longestConnect)
	t.IdleConnTimeout = atMost(t.IdleConnTimeout, idleTimeout) // nobody can close what the copy keeps
	boundDials(t)
	boundProxy(t)
	return t
}

// hasProtocols reports whether a caller has registered a RoundTripper of its own for http or https. Clone
// drops those, and net/http does not show them. net/http's own for HTTP/2 does not count.
func hasProtocols(t *http.Transport) (found bool) {
	return !safely.Do(func() { found = hasProtocol(t) }) || found // another net/http than this was written for
}

func hasProtocol(t *http.Transport) bool {
	registered := reflect.ValueOf(t).Elem().FieldByName("altProto").FieldByName("v").Elem()
	if !registered.IsValid() {
		return false
	}
	for all := registered.MapRange(); all.Next(); {
		scheme, kind := all.Key().String(), all.Value().Elem().Type().String()
		if (scheme == "http" || scheme == "https") && !strings.HasPrefix(kind, "http.http2") {
			return true
		}
	}
	return false
}

// atMost is value, or limit if that is shorter or value is no limit at all.
func atMost[T int64 | time.Duration](value, limit T) T {
	if value <= 0 {
		return limit
	}
	return min(value, limit)
}

// guardHandshake makes errors of panics in a caller's functions: behind a proxy, net/http makes the
// handshake on a goroutine of its own, where a panic ends the process.
func guardHandshake(c *tls.Config) {
	if verify := c.VerifyPeerCertificate; verify != nil {
		c.VerifyPeerCertificate = func(raw [][]byte, chains [][]*x509.Certificate) error {
			return safely.Err(func() error { return verify(raw, chains) })
		}
	}
	if verify := c.VerifyConnection; verify != nil {
		c.VerifyConnection = func(state tls.ConnectionState) error {
			return safely.Err(func() error { return verify(state) })
		}
	}
	if get := c.GetClientCertificate; get != nil {
		c.GetClientCertificate = func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return safely.Value(func() (*tls.Certificate, error) { return get(info) })
		}
	}
	if verify := c.EncryptedClientHelloRejectionVerify; verify != nil {
		c.EncryptedClientHelloRejectionVerify = func(state tls.ConnectionState) error {
			return safely.Err(func() error { return verify(state) })
		}
	}
	if now := c.Time; now != nil {
		c.Time = func() time.Time {
			t := time.Time{}.Add(1) // at which no certificate is valid; at zero, those of today are
			safely.Do(func() { t = now() })
			return t
		}
	}
	if c.KeyLogWriter != nil {
		c.KeyLogWriter = guardedWriter{c.KeyLogWriter}
	}
	if c.Rand != nil {
		c.Rand = guardedReader{c.Rand}
	}
	if c.ClientSessionCache != nil {
		c.ClientSessionCache = guardedCache{c.ClientSessionCache}
	}
}

type guardedWriter struct{ from io.Writer }

func (g guardedWriter) Write(p []byte) (int, error) {
	return safely.Value(func() (int, error) { return g.from.Write(p) })
}

type guardedReader struct{ from io.Reader }

func (g guardedReader) Read(p []byte) (int, error) {
	return safely.Value(func() (int, error) { return g.from.Read(p) })
}

type guardedCache struct{ from tls.ClientSessionCache }

func (g guardedCache) Get(key string) (session *tls.ClientSessionState, ok bool) {
	ran := safely.Do(func() { session, ok = g.from.Get(key) })
	return session, ok && ran
}

func (g guardedCache) Put(key string, session *tls.ClientSessionState) {
	safely.Do(func() { g.from.Put(key, session) })
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// boundDials bounds every way in which t comes to a connection, the TLS handshake included.
func boundDials(t *http.Transport) {
	dial := t.DialContext
	switch {
	case dial != nil:
	case t.Dial != nil: //nolint:staticcheck // callers may still have it
		dial = withoutContext(t.Dial) //nolint:staticcheck // likewise
	default:
		dial = (&net.Dialer{}).DialContext
	}
	dialTLS := t.DialTLSContext
	switch {
	case dialTLS != nil:
	case t.DialTLS != nil: //nolint:staticcheck // likewise
		dialTLS = withoutContext(t.DialTLS) //nolint:staticcheck // likewise
	default:
		dialTLS = handshaking(dial, t.TLSClientConfig)
	}
	t.DialContext, t.Dial = connecting(dial), nil                     //nolint:staticcheck // likewise
	t.DialTLSContext, t.DialTLS = connecting(onlyHTTP1(dialTLS)), nil //nolint:staticcheck // likewise
}

func withoutContext(dial func(network, address string) (net.Conn, error)) dialFunc {
	return func(_ context.Context, network, address string) (net.Conn, error) { return dial(network, address) }
}

// handshaking dials and makes the TLS handshake in the same context. net/http would make it in one that
// the request's deadline does not reach.
func handshaking(dial dialFunc, config *tls.Config) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		plain, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		own := config.Clone()
		if own.ServerName == "" {
			own.ServerName, _, _ = net.SplitHostPort(address)
		}
		secure := tls.Client(guarded{plain}, own)
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = guarded{plain}.Close()
			return nil, err
		}
		return secure, nil
	}
}

var errHTTP2 = errors.New("the client's own TLS dialer has agreed on HTTP/2, and only HTTP/1.1 can be spoken")

// onlyHTTP1 refuses a connection on which a caller's dialer has agreed on another protocol.
func onlyHTTP1(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if secure, ok := conn.(*tls.Conn); ok && err == nil && secure.ConnectionState().NegotiatedProtocol == "h2" {
			_ = conn.Close()
			return nil, errHTTP2
		}
		return conn, err
	}
}

// connecting makes dial end with the attempt that asked for it, after three seconds, or when half of what
// is left to the attempt has passed, so that a dead vendor leaves time for another. net/http detaches a
// dial from its request's deadline and keeps only the context's values. Through a proxy, what net/http
// does after the dial counts as well: CONNECT, SOCKS and the TLS handshake.
func connecting(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		attempt := boundedFrom(ctx)
		limit := connectLimit(attempt)
		until := time.Now().Add(limit)
		if attempt != nil {
			var stop func()
			ctx, stop = cancelWith(ctx, attempt)
			defer stop()
		}
		ctx, cancel := context.WithTimeoutCause(ctx, limit, tooSlow("no connection", limit))
		defer cancel()
		dialled, err := dialInTime(ctx, dial, network, address)
		if err != nil {
			return nil, err
		}
		c := &conn{guarded: guarded{dialled}}
		if attempt != nil && attempt.proxied.Load() {
			c.begin(attempt, until)
		}
		return c, nil
	}
}

// connectLimit is how long connecting may take on behalf of an attempt.
func connectLimit(attempt *bounded) time.Duration {
	if attempt == nil {
		return longestConnect
	}
	return min(longestConnect, time.Until(attempt.deadline)/2)
}

// result is what a function from outside returned.
type result[T any] struct {
	value T
	err   error
}

// inBackground calls what may not look at its context, and may panic, on a goroutine of its own.
func inBackground[T any](call func() (T, error)) <-chan result[T] {
	results := make(chan result[T], 1)
	go func() {
		value, err := safely.Value(call)
		results <- result[T]{value, err}
	}()
	return results
}

// dialInTime dials. What a dialer brings too late is closed.
func dialInTime(ctx context.Context, dial dialFunc, network, address string) (net.Conn, error) {
	results := inBackground(func() (net.Conn, error) { return dial(ctx, network, address) })
	var r result[net.Conn]
	select {
	case r = <-results:
	case <-ctx.Done():
		go func() {
			if late := <-results; late.value != nil {
				_ = guarded{late.value}.Close()
			}
		}()
		r.err = ctx.Err()
	}
	switch {
	case r.err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, &net.OpError{Op: "dial", Net: network, Err: context.Cause(ctx)}
	case r.err == nil && r.value == nil:
		return nil, errors.New("the client's own dialer returned neither a connection nor an error")
	}
	return r.value, r.err
}

// boundProxy holds a caller's functions for proxies to the time of connecting, makes errors of their
// panics, and tells a proxy's refusal from an outage.
func boundProxy(t *http.Transport) {
	if choose := t.Proxy; choose != nil {
		if reflect.ValueOf(choose).Pointer() != reflect.ValueOf(http.ProxyFromEnvironment).Pointer() {
			choose = choosingInTime(choose) // net/http's own only looks at what it has read once
		}
		t.Proxy = func(req *http.Request) (*url.URL, error) {
			attempt := boundedFrom(req.Context())
			proxy, err := choose(req)
			if attempt != nil {
				attempt.proxied.Store(proxy != nil)
			}
			return proxy, err
		}
	}
	if header := t.GetProxyConnectHeader; header != nil {
		t.GetProxyConnectHeader = func(ctx context.Context, proxy *url.URL, target string) (http.Header, error) {
			return safely.Value(func() (http.Header, error) { return header(ctx, proxy, target) })
		}
	}
	check := t.OnProxyConnectResponse
	t.OnProxyConnectResponse = func(ctx context.Context, proxy *url.URL, req *http.Request, resp *http.Response) error {
		if check != nil {
			if err := safely.Err(func() error { return check(ctx, proxy, req, resp) }); err != nil {
				return err
			}
		}
		if resp.StatusCode != http.StatusOK {
			return proxyRefusal(resp.StatusCode)
		}
		return nil
	}
}

type proxyFunc = func(*http.Request) (*url.URL, error)

func choosingInTime(choose proxyFunc) proxyFunc {
	return func(req *http.Request) (*url.URL, error) {
		limit := connectLimit(boundedFrom(req.Context()))
		results := inBackground(func() (*url.URL, error) { return choose(req) })
		timer := time.NewTimer(limit)
		defer timer.Stop()
		select {
		case r := <-results:
			return r.value, r.err
		case <-timer.C:
			return nil, tooSlow("no proxy was chosen", limit)
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
}

// proxyRefusal is the status of a proxy that does not connect.
type proxyRefusal int

func (p proxyRefusal) Error() string { return fmt.Sprintf("the proxy answers %d", int(p)) }

// kind tells a proxy that refuses from one that cannot reach the vendor now.
func (p proxyRefusal) kind() otp.Kind {
	if p/100 == 5 {
		return otp.ErrUnavailable
	}
	return otp.ErrMisconfigured
}

// trace watches one attempt for the proof that nothing was sent.
//
// It knows the connection that the request has got. When the transport returns an error, and nothing was
// written to that connection, then nothing of the request has left, and refuse sees to it that nothing
// will: the dial failed, the handshake failed, or the server had closed the connection. Through a proxy,
// TLS writes by itself, so there the proof is that net/http has not begun with the header fields, which it
// reports before they reach the connection's buffer. This holds for HTTP/1.1 on a transport of net/http,
// and for nothing else.
type trace struct {
	hooks     *httptrace.ClientTrace
	foreign   bool        // nothing is known of the transport, or of the connection
	conn      *conn       // that the request has got
	last      *conn       // likewise, or the one below its TLS
	tunnelled bool        // it goes through TLS of net/http's instead
	wrote     atomic.Bool // hooks run on the transport's goroutines
}

func (t *trace) watch(ctx context.Context) context.Context {
	t.hooks = &httptrace.ClientTrace{GotConn: t.gotConn}
	return httptrace.WithClientTrace(ctx, t.hooks)
}

// gotConn is called when the request gets a connection, before any of it is written.
func (t *trace) gotConn(info httptrace.GotConnInfo) {
	t.leave()
	secure, tunnelled := info.Conn.(*tls.Conn)
	if tunnelled {
		info.Conn = secure.NetConn()
	}
	c, ours := info.Conn.(*conn)
	t.last = c
	switch {
	case !ours:
		t.foreign = true
		return
	case !tunnelled:
		c.take()
		t.conn = c
	case !t.tunnelled:
		t.tunnelled = true
		t.watchFields()
	}
	c.connected()
}

func (t *trace) watchFields() {
	callers := t.hooks.WroteHeaderField
	t.hooks.WroteHeaderField = func(name string, values []string) {
		t.wrote.Store(true)
		if callers != nil {
			callers(name, values)
		}
	}
}

// leave takes into account what was written to the connection that the request has got.
func (t *trace) leave() {
	if t.conn != nil && t.conn.refuse() {
		t.wrote.Store(true)
	}
	t.conn = nil
}

// panicked reports whether the connection has panicked while it wrote. net/http then holds the request for not written.
func (t *trace) panicked() bool {
	if t.last == nil {
		return false
	}
	t.last.mu.Lock()
	defer t.last.mu.Unlock()
	return t.last.panicked
}

// outcome is asked once, after the transport has returned an error.
func (t *trace) outcome() otp.Outcome {
	t.leave()
	if t.foreign || t.wrote.Load() {
		return otp.OutcomeUnknown
	}
	return otp.OutcomeNotSent
}

// cancelWith returns a context with the values of ctx that ends with either.
func cancelWith(ctx, other context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	detach := context.AfterFunc(other, cancel)
	return ctx, func() { detach(); cancel() }
}

// timeoutError is a time-out of ours. Unlike those of net and net/http it is not
// context.DeadlineExceeded, which means that the caller's own deadline has passed.
type timeoutError string

func tooSlow(what string, limit time.Duration) error {
	return timeoutError(what + " within " + limit.Round(time.Millisecond).String())
}

func (e timeoutError) Error() string { return string(e) }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }
