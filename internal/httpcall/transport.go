package httpcall

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"
)

const (
	longestDial      = 3 * time.Second
	longestHandshake = 3 * time.Second
	idleTimeout      = 30 * time.Second // below what vendors' front ends keep a connection for
	idleConnections  = 128
	maxHeaderBytes   = 64 << 10
)

// transportOf returns the transport to use for a caller's client, which may be nil, and whether it is our own: one on
// which a trace is a proof. The caller's transport is never changed.
func transportOf(client *http.Client) (transport http.RoundTripper, own bool) {
	if client == nil || client.Transport == nil {
		return harden(newTransport()), true
	}
	if t, ok := client.Transport.(*http.Transport); ok {
		if t == nil {
			t = newTransport()
		}
		return harden(t.Clone()), true
	}
	return client.Transport, false
}

func newTransport() *http.Transport {
	return &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: idleConnections}
}

// harden holds a transport to HTTP/1.1, whose requests can be traced and are never replayed once a byte is written, to
// bounded headers and dialling, and to TLS 1.2.
func harden(t *http.Transport) *http.Transport {
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.ForceAttemptHTTP2 = false
	t.TLSNextProto = make(map[string]func(string, *tls.Conn) http.RoundTripper) // where one that spoke HTTP/2 keeps it

	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{}
	}
	t.TLSClientConfig.NextProtos = nil
	t.TLSClientConfig.MinVersion = max(t.TLSClientConfig.MinVersion, tls.VersionTLS12)

	t.DisableCompression = true
	t.MaxResponseHeaderBytes = atMost(t.MaxResponseHeaderBytes, maxHeaderBytes)
	t.TLSHandshakeTimeout = atMost(t.TLSHandshakeTimeout, longestHandshake) // through a proxy; otherwise see dialTLS
	t.IdleConnTimeout = atMost(t.IdleConnTimeout, idleTimeout)              // nobody can close what the copy keeps
	boundDials(t)
	return t
}

// atMost is value, or limit if that is shorter or value is no limit at all.
func atMost[T int64 | time.Duration](value, limit T) T {
	if value <= 0 {
		return limit
	}
	return min(value, limit)
}

// boundDials bounds every way in which t comes to a connection, the TLS handshake included.
func boundDials(t *http.Transport) {
	dial := t.DialContext
	switch {
	case dial != nil:
	case t.Dial != nil: //nolint:staticcheck // callers may still have it
		old := t.Dial //nolint:staticcheck // likewise; it cannot be interrupted, but it can be left behind
		dial = func(_ context.Context, network, address string) (net.Conn, error) { return old(network, address) }
	default:
		dial = (&net.Dialer{}).DialContext
	}
	dialTLS := t.DialTLSContext
	if dialTLS == nil {
		dialTLS = handshaking(dial, t.TLSClientConfig)
	}
	t.DialContext, t.Dial = boundDial(dial), nil                     //nolint:staticcheck // likewise
	t.DialTLSContext, t.DialTLS = boundDial(onlyHTTP1(dialTLS)), nil //nolint:staticcheck // likewise
}

// handshaking dials and makes the TLS handshake in the same context. net/http would make it in one that the request's
// deadline does not reach.
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
		conn := tls.Client(plain, own)
		if err := conn.HandshakeContext(ctx); err != nil {
			_ = plain.Close()
			return nil, err
		}
		return conn, nil
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

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// boundDial makes dial end with the attempt that asked for it, after three seconds, or when half of what is left to the
// attempt has passed, so that a dead vendor leaves time for another. net/http detaches a dial from its request's
// deadline and keeps only the context's values.
func boundDial(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		limit := longestDial
		if attempt := boundedFrom(ctx); attempt != nil {
			if deadline, ok := attempt.Deadline(); ok {
				limit = min(limit, time.Until(deadline)/2)
			}
			var stop func()
			ctx, stop = cancelWith(ctx, attempt)
			defer stop()
		}
		ctx, cancel := context.WithTimeoutCause(ctx, limit, tooSlow("no connection", limit))
		defer cancel()
		conn, err := dialled(ctx, dial, network, address)
		if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, &net.OpError{Op: "dial", Net: network, Err: context.Cause(ctx)}
		}
		return conn, err
	}
}

// dialled turns a panic in a caller's dialer into an error: net/http dials on a goroutine of its own, where a panic ends
// the process.
func dialled(ctx context.Context, dial dialFunc, network, address string) (conn net.Conn, err error) {
	defer noPanic(&err)
	return dial(ctx, network, address)
}

// cancelWith returns a context with the values of ctx that ends with either.
func cancelWith(ctx, other context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	detach := context.AfterFunc(other, cancel)
	return ctx, func() { detach(); cancel() }
}

// timeoutError is a time-out of ours. Unlike those of net and net/http it is not context.DeadlineExceeded, which means
// that the caller's own deadline has passed.
type timeoutError string

func tooSlow(what string, limit time.Duration) error {
	return timeoutError(what + " within " + limit.Round(time.Millisecond).String())
}

func (e timeoutError) Error() string { return string(e) }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }
