package vendorkit_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// What comes from outside, a transport, its hooks, a logger, a limiter, may panic, and must not end
// the process or change what is known of a send.

type panicking struct{ slog.Handler }

func (panicking) Enabled(context.Context, slog.Level) bool  { return true }
func (panicking) Handle(context.Context, slog.Record) error { panic("the disk is full") }

type neverEnabled struct{ slog.Handler }

func (neverEnabled) Enabled(context.Context, slog.Level) bool { panic("no handler") }

func TestALoggerThatPanicsDisturbsNobody(t *testing.T) {
	for _, handler := range []slog.Handler{panicking{}, neverEnabled{}} {
		option, _ := vendor(t, status(202, ""))
		c := newClient(t, base, option, otp.WithLogger(slog.New(handler)))
		assert.NoError(t, c.Do(t.Context(), call(vendorkit.Send)))
	}
}

func through(transport http.RoundTripper) otp.Option {
	return otp.WithHTTPClient(&http.Client{Transport: transport})
}

func TestATransportThatPanicsIsAnErrorOfUnknownOutcome(t *testing.T) {
	c := newClient(t, base, through(roundTripper(func(*http.Request) (*http.Response, error) { panic("the key is " + canary) })))
	failure := requireFailure(t, c.Do(t.Context(), call(vendorkit.Send)))
	assert.Equal(t, otp.OutcomeUnknown, failure.Outcome)
	assert.Equal(t, otp.ErrUnavailable, failure.Kind)
}

func TestHookThatPanicsIsAnErrorAndNothingWasSent(t *testing.T) {
	for name, transport := range map[string]*http.Transport{
		"dial":     {DialContext: func(context.Context, string, string) (net.Conn, error) { panic("no network") }},
		"dial TLS": {DialTLSContext: func(context.Context, string, string) (net.Conn, error) { panic("no network") }},
		"proxy":    {Proxy: func(*http.Request) (*url.URL, error) { panic("no proxy") }},
	} {
		t.Run(name, func(t *testing.T) {
			at := base
			if name == "dial" {
				at = "http://127.0.0.1:1"
			}
			c := newClient(t, at, fast(), through(transport))
			assert.Equal(t, otp.OutcomeNotSent, requireFailure(t, c.Do(t.Context(), call(vendorkit.Send))).Outcome)
		})
	}
}

type reader func([]byte) (int, error)

func (r reader) Read(p []byte) (int, error) { return r(p) }
func (reader) Close() error                 { return nil }

func TestBodyThatPanicsIsAnAnswerCutShort(t *testing.T) {
	for name, body := range map[string]reader{
		"panics":              func([]byte) (int, error) { panic("bad gzip") },
		"less than nothing":   func([]byte) (int, error) { return -1, nil },
		"more than there is":  func(p []byte) (int, error) { return len(p) + 1<<30, io.EOF },
		"nothing, for ever":   func([]byte) (int, error) { return 0, nil },
		"nothing, and slowly": func([]byte) (int, error) { time.Sleep(time.Millisecond); return 0, nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, base, otp.WithTimeout(50*time.Millisecond), through(roundTripper(
				func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: 202, Header: http.Header{}, Body: body}, nil
				})))
			assert.Equal(t, otp.OutcomeUnknown, requireFailure(t, c.Do(t.Context(), call(vendorkit.Send))).Outcome)
		})
	}
}

type hostile struct{}

func (hostile) Error() string                { panic("no text") }
func (hostile) Unwrap() error                { panic("no cause") }
func (hostile) MarshalJSON() ([]byte, error) { panic("no JSON") }

func TestAnErrorWhoseMethodsPanicIsStillAnError(t *testing.T) {
	c := newClient(t, base, through(roundTripper(func(*http.Request) (*http.Response, error) { return nil, hostile{} })))
	assert.Equal(t, otp.OutcomeUnknown, requireFailure(t, c.Do(t.Context(), call(vendorkit.Send))).Outcome)

	send := call(vendorkit.Send)
	send.Limiter = limiter(func(context.Context) error { return hostile{} })
	assert.Equal(t, otp.OutcomeNotSent, requireFailure(t, c.Do(t.Context(), send)).Outcome)
}

func TestABodyThatCannotBeWrittenIsRefused(t *testing.T) {
	send := call(vendorkit.Send)
	send.Body = hostile{}
	failure := requireFailure(t, newClient(t, base).Do(t.Context(), send))
	assert.Equal(t, otp.ErrInvalidRequest, failure.Kind)
	assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
}

// A code that the vendor has just made is known to nobody here, and its own failures may quote it.
func TestCodeOfTheVendorIsNotShown(t *testing.T) {
	fails := func(class vendorkit.Class, status int, digitsOnly bool) *otp.Error {
		c := newClient(t, base, through(roundTripper(func(*http.Request) (*http.Response, error) {
			return response(status, `{"message":"cannot queue 'your code is 482 913' after 12 s"}`, nil), nil
		})))
		send := call(class)
		send.DigitsOnly = digitsOnly
		send.Failure = func(a vendorkit.Answer) vendorkit.Failure {
			object, err := a.Object()
			require.NoError(t, err)
			text := object.Text("message")
			return vendorkit.Failure{Message: text, Err: errors.New(a.Text(text))}
		}
		return requireFailure(t, c.Do(t.Context(), send))
	}
	for _, status := range []int{200, 408, 409, 500} {
		failure := fails(vendorkit.Send, status, false)
		assert.Equal(t, "[withheld: it may hold the code]", failure.Message)
		assert.Equal(t, failure.Message, failure.Err.Error())
		failure = fails(vendorkit.Send, status, true)
		assert.Equal(t, "cannot queue 'your code is [redacted]' after 12 s", failure.Message)
		assert.Equal(t, failure.Message, failure.Err.Error())
	}
	assert.Contains(t, fails(vendorkit.Send, 400, false).Message, "482 913", "a refusal comes before there is a code")
	assert.NotContains(t, fails(vendorkit.Verify, 500, false).Message, "482 913", "it may be the right code")
}

func TestAVendorsNamesShowNoCodeThatMayBeOnItsWay(t *testing.T) {
	for name, test := range map[string]struct {
		class  vendorkit.Class
		status int
		shown  string
	}{
		"a send that may have worked":    {vendorkit.Send, 500, "[redacted]"},
		"a send that was refused":        {vendorkit.Send, 400, "482913"},
		"a verification, whatever it is": {vendorkit.Verify, 400, "[redacted]"},
	} {
		c := newClient(t, base, through(roundTripper(func(*http.Request) (*http.Response, error) {
			return response(test.status, `{}`, nil), nil
		})))
		failing := call(test.class)
		failing.Failure = func(vendorkit.Answer) vendorkit.Failure { return vendorkit.Failure{Field: "482913", Code: "482913"} }
		failure := requireFailure(t, c.Do(t.Context(), failing))
		assert.Equal(t, []string{test.shown, test.shown}, []string{failure.Field, failure.Code}, name)
	}
}

// fragile is a connection that panics when it is closed, or is given a deadline.
type fragile struct{ net.Conn }

func (f fragile) Close() error                     { _ = f.Conn.Close(); panic("closed") }
func (fragile) SetDeadline(time.Time) error        { panic("no deadlines") }
func (fragile) SetReadDeadline(time.Time) error    { panic("no deadlines") }
func (fragile) SetWriteDeadline(t time.Time) error { panic("no deadlines") }

func TestAConnectionThatPanicsEndsNoProcess(t *testing.T) {
	secure := httptest.NewTLSServer(http.HandlerFunc(cut(false)))
	t.Cleanup(secure.Close)
	for _, at := range []string{serve(t, cut(false)).URL, secure.URL} {
		transport := secure.Client().Transport.(*http.Transport).Clone()
		transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			dialled, err := new(net.Dialer).DialContext(ctx, network, address)
			return fragile{dialled}, err
		}
		failure := requireFailure(t, newClient(t, at, fast(), through(transport)).Do(t.Context(), call(vendorkit.Send)))
		assert.Equal(t, otp.OutcomeUnknown, failure.Outcome)
	}
	nothing := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return (*net.TCPConn)(nil), nil
	}}
	require.Error(t, newClient(t, "http://127.0.0.1:1", fast(), through(nothing)).Do(t.Context(), call(vendorkit.Send)))
}

// lastWords is a connection that panics, from some moment on, once it has written.
type lastWords struct {
	net.Conn
	armed *atomic.Bool
}

func (l lastWords) Write(p []byte) (int, error) {
	n, err := l.Conn.Write(p)
	if l.armed.CompareAndSwap(true, false) {
		panic("after all is said")
	}
	return n, err
}

// net/http sends again what it takes for not written.
func TestConnectionThatPanicsAfterWritingSendsOnce(t *testing.T) {
	for name, at := range map[string]struct{ secure, proxied bool }{"plain": {}, "TLS": {true, false}, "TLS through a proxy": {true, true}} {
		s, start := &server{}, httptest.NewServer
		if at.secure {
			start = httptest.NewTLSServer
		}
		s.Server = start(s.counting(answers(202)))
		t.Cleanup(s.Close)
		var armed atomic.Bool
		transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			dialled, err := new(net.Dialer).DialContext(ctx, network, address)
			return lastWords{dialled, &armed}, err
		}}
		if at.secure {
			transport.TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig
		}
		if at.proxied {
			transport.Proxy = http.ProxyURL(connectProxy(t))
		}
		c := newClient(t, s.URL, through(transport))
		require.NoError(t, c.Do(t.Context(), call(vendorkit.Send)), name)
		armed.Store(true)
		if err := c.Do(t.Context(), call(vendorkit.Send)); err != nil { // else the answer came first
			assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), name)
		}
		time.Sleep(20 * time.Millisecond) // whatever comes late
		assert.LessOrEqual(t, s.taken.Load(), int32(2), name)
		assert.False(t, armed.Load())
	}
}
