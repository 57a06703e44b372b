package vendorkit

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
)

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

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

// handshaking dials and makes the TLS handshake in the request's context; net/http would not.
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

// connecting makes dial end with its attempt, after three seconds, or when half of what is left to
// the attempt has passed, so that a dead vendor leaves time for another: net/http detaches a dial
// from its request's deadline. Through a proxy, CONNECT, SOCKS and the TLS handshake count as well.
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
		dialled, err := inTime(ctx, func() (net.Conn, error) { return dial(ctx, network, address) }, closeLate)
		switch {
		case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
			return nil, &net.OpError{Op: "dial", Net: network, Err: context.Cause(ctx)}
		case err != nil:
			return nil, err
		case dialled == nil:
			return nil, errors.New("the client's own dialer returned neither a connection nor an error")
		}
		c := &conn{guarded: guarded{dialled}}
		if attempt != nil && attempt.proxied.Load() {
			c.begin(attempt, until)
		}
		return c, nil
	}
}

func connectLimit(attempt *bounded) time.Duration {
	if attempt == nil {
		return longestConnect
	}
	return min(longestConnect, time.Until(attempt.deadline)/2)
}

func closeLate(c net.Conn) {
	if c != nil {
		_ = guarded{c}.Close()
	}
}

// inTime calls what may not look at its context, and may panic. What it brings too late goes to
// drop.
func inTime[T any](ctx context.Context, call func() (T, error), drop func(T)) (value T, err error) {
	type result struct {
		value T
		err   error
	}
	results := make(chan result, 1)
	go func() {
		got, err := safely.Value(call)
		results <- result{got, err}
	}()
	select {
	case r := <-results:
		return r.value, r.err
	case <-ctx.Done():
		if drop != nil {
			go func() { drop((<-results).value) }()
		}
		return value, ctx.Err()
	}
}

// boundProxy bounds a caller's functions for proxies, and tells a proxy's refusal from an outage.
func boundProxy(t *http.Transport) {
	if choose := t.Proxy; choose != nil {
		if !isOfGo(reflect.ValueOf(choose)) { // which only looks at what it has read once
			choose = choosingInTime(choose)
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
		ctx, cancel := context.WithTimeoutCause(req.Context(), limit, tooSlow("no proxy was chosen", limit))
		defer cancel()
		proxy, err := inTime(ctx, func() (*url.URL, error) { return choose(req) }, nil)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return proxy, err
	}
}

type proxyRefusal int

func (p proxyRefusal) Error() string { return fmt.Sprintf("the proxy answers %d", int(p)) }

func (p proxyRefusal) kind() otp.Kind {
	if p/100 == 5 {
		return otp.ErrUnavailable
	}
	return otp.ErrMisconfigured
}

func cancelWith(ctx, other context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	detach := context.AfterFunc(other, cancel)
	return ctx, func() { detach(); cancel() }
}

// timeoutError is a time-out of ours, and not context.DeadlineExceeded, which is the caller's.
type timeoutError string

func tooSlow(what string, limit time.Duration) error {
	return timeoutError(what + " within " + limit.Round(time.Millisecond).String())
}

func (e timeoutError) Error() string { return string(e) }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }
