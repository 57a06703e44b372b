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
	longestHandshake = 5 * time.Second
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
		return harden(t.Clone()), true
	}
	return client.Transport, false
}

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSHandshakeTimeout: longestHandshake,
		MaxIdleConnsPerHost: idleConnections,
		IdleConnTimeout:     idleTimeout,
	}
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
	if t.MaxResponseHeaderBytes <= 0 || t.MaxResponseHeaderBytes > maxHeaderBytes {
		t.MaxResponseHeaderBytes = maxHeaderBytes
	}
	if t.DialContext != nil || t.Dial == nil { //nolint:staticcheck // a caller's old Dial has no context to bound
		t.DialContext = boundDial(t.DialContext)
	}
	if t.DialTLSContext != nil {
		t.DialTLSContext = boundDial(t.DialTLSContext)
	}
	return t
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// boundDial makes dial end with the attempt that asked for it, after three seconds, or when half of what is left to the
// attempt has passed, so that a dead vendor leaves time for another. net/http detaches a dial from its request's
// deadline and keeps only the context's values.
func boundDial(dial dialFunc) dialFunc {
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		limit := longestDial
		if attempt := attemptFrom(ctx); attempt != nil {
			if deadline, ok := attempt.Deadline(); ok {
				limit = min(limit, time.Until(deadline)/2)
			}
			var stop func()
			ctx, stop = cancelWith(ctx, attempt)
			defer stop()
		}
		ctx, cancel := context.WithTimeoutCause(ctx, limit, tooSlow("no connection", limit))
		defer cancel()
		conn, err := dial(ctx, network, address)
		if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, &net.OpError{Op: "dial", Net: network, Err: context.Cause(ctx)}
		}
		return conn, err
	}
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
