package vendorkit_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// raw answers every connection with these bytes, and then holds it.
func raw(t *testing.T, answer string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			go func() {
				_, _ = conn.Read(make([]byte, 4096))
				_, _ = io.WriteString(conn, answer)
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

func TestSwitchingProtocolsDoesNotHang(t *testing.T) {
	base := raw(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
	start := time.Now()
	failure := requireFailure(t, newClient(t, base, otp.WithTimeout(5*time.Second)).Do(t.Context(), call(vendorkit.Send)))
	assert.Equal(t, otp.OutcomeUnknown, failure.Outcome)
	assert.Equal(t, otp.ErrProtocol, failure.Kind)
	assert.Less(t, time.Since(start), 4*time.Second)
}

func TestRefusalOfAVerifyCutShortProvesNothing(t *testing.T) {
	for _, status := range []string{"401 Unauthorized", "429 Too Many Requests"} {
		base := raw(t, "HTTP/1.1 "+status+"\r\nContent-Length: 500\r\n\r\n{\"errors\":")
		failure := requireFailure(t, newClient(t, base, fast(), otp.WithTimeout(200*time.Millisecond)).Do(t.Context(), call(vendorkit.Verify)))
		assert.Equal(t, otp.OutcomeUnknown, failure.Outcome, status)
		assert.Equal(t, otp.ErrUnavailable, failure.Kind, status)
	}
}

func TestATimeOutWhileReadingIsNoProtocolError(t *testing.T) {
	base := raw(t, "HTTP/1.1 202 Accepted\r\nContent-Length: 500\r\n\r\n{")
	failure := requireFailure(t, newClient(t, base, otp.WithTimeout(100*time.Millisecond)).Do(t.Context(), call(vendorkit.Send)))
	assert.Equal(t, otp.ErrUnavailable, failure.Kind)
	assert.Equal(t, otp.OutcomeUnknown, failure.Outcome)

	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	failure = requireFailure(t, newClient(t, base).Do(ctx, call(vendorkit.Send)))
	assert.Equal(t, otp.ErrCanceled, failure.Kind)
}

func TestAnAnswerIsReadToAMegabyteAndNoFurther(t *testing.T) {
	for name, test := range map[string]struct {
		size int
		ok   bool
	}{"a megabyte": {1 << 20, true}, "one byte more": {1<<20 + 1, false}} {
		var read atomic.Int64
		padded := `{"ok":"` + strings.Repeat("x", test.size-9) + `"}`
		require.Len(t, padded, test.size)
		c := newClient(t, base, otp.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			resp := response(202, "", nil)
			resp.Body = io.NopCloser(io.TeeReader(io.MultiReader(strings.NewReader(padded), zeros{}), counting{&read}))
			if test.ok {
				resp.Body = io.NopCloser(strings.NewReader(padded))
			}
			return resp, nil
		})}))
		err := c.Do(t.Context(), call(vendorkit.Send))
		if test.ok {
			require.NoError(t, err, name)
			continue
		}
		assert.Contains(t, requireFailure(t, err).Error(), "longer than 1 MiB")
		assert.LessOrEqual(t, read.Load(), int64(1<<20+1))
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

type counting struct{ n *atomic.Int64 }

func (c counting) Write(p []byte) (int, error) { c.n.Add(int64(len(p))); return len(p), nil }

func TestEveryBodyIsClosed(t *testing.T) {
	for name, respond := range map[string]func(body io.ReadCloser) (*http.Response, error){
		"a success":               func(b io.ReadCloser) (*http.Response, error) { return with(202, b), nil },
		"a refusal":               func(b io.ReadCloser) (*http.Response, error) { return with(400, b), nil },
		"a redirect":              func(b io.ReadCloser) (*http.Response, error) { return with(302, b), nil },
		"an upgrade":              func(b io.ReadCloser) (*http.Response, error) { return with(101, b), nil },
		"a response and an error": func(b io.ReadCloser) (*http.Response, error) { return with(202, b), io.EOF },
	} {
		var closed atomic.Int32
		c := newClient(t, base, otp.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			return respond(&closing{strings.NewReader(`{"ok":true}`), &closed})
		})}))
		_ = c.Do(t.Context(), call(vendorkit.Send))
		assert.EqualValues(t, 1, closed.Load(), name)
	}
}

func with(status int, body io.ReadCloser) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: body}
}

type closing struct {
	io.Reader
	closed *atomic.Int32
}

func (c *closing) Close() error { c.closed.Add(1); return nil }

func TestOddTransportsAreAnErrorAndNoPanic(t *testing.T) {
	for name, transport := range map[string]http.RoundTripper{
		"nothing at all": roundTripper(func(*http.Request) (*http.Response, error) { return nil, nil }),
		"no body":        roundTripper(func(*http.Request) (*http.Response, error) { return with(202, nil), nil }),
	} {
		failure := requireFailure(t, newClient(t, base, otp.WithHTTPClient(&http.Client{Transport: transport})).Do(t.Context(), call(vendorkit.Send)))
		assert.Equal(t, otp.OutcomeUnknown, failure.Outcome, name)
	}
	s := serve(t, answers(202))
	require.NoError(t, newClient(t, s.URL, otp.WithHTTPClient(&http.Client{Transport: (*http.Transport)(nil)})).Do(t.Context(), call(vendorkit.Send)))
	failure := requireFailure(t, newClient(t, s.URL).Do(nil, call(vendorkit.Send))) //nolint:staticcheck // to see that it does not panic
	assert.Equal(t, "ctx", failure.Field)
}

// acquirer is a limiter that wants to know when the answer has arrived.
type acquirer struct {
	acquired, done, last atomic.Int32
}

func (a *acquirer) Wait(context.Context) error { return errors.New("an Acquirer is used as one") }

func (a *acquirer) Acquire(context.Context) (func(otp.Outcome), error) {
	a.acquired.Add(1)
	return func(o otp.Outcome) { a.done.Add(1); a.last.Store(int32(o)); panic("a limiter of the caller's") }, nil
}

func TestAnAcquirerHearsOfEveryAnswer(t *testing.T) {
	a := &acquirer{}
	c := newClient(t, base, fast(), otp.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		assert.Equal(t, a.acquired.Load()-1, a.done.Load(), "done before the answer")
		return response(429, "", nil), nil
	})}))
	send := call(vendorkit.Send)
	send.Limiter = a
	require.ErrorIs(t, c.Do(t.Context(), send), otp.ErrRateLimited)
	assert.EqualValues(t, 3, a.acquired.Load())
	assert.EqualValues(t, 3, a.done.Load())
	assert.EqualValues(t, otp.OutcomeAccepted, a.last.Load(), "a refusal is an answer, too")
}

func TestALimiterWithANilErrorIsNoPanic(t *testing.T) {
	send := call(vendorkit.Send)
	send.Limiter = limiter(func(context.Context) error { return (*otp.Error)(nil) })
	option, times := vendor(t, status(202, ""))
	failure := requireFailure(t, newClient(t, base, option).Do(t.Context(), send))
	assert.Equal(t, otp.ErrRateLimited, failure.Kind)
	assert.Empty(t, *times)
}

func TestPauseHoldsForEveryCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		option, times := vendor(t, status(429, "30"), status(202, ""))
		c := newClient(t, base, option, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
		start := time.Now()
		require.ErrorIs(t, c.Do(t.Context(), call(vendorkit.Send)), otp.ErrRateLimited)

		failure := requireFailure(t, c.Do(t.Context(), call(vendorkit.Send)))
		assert.Equal(t, otp.ErrRateLimited, failure.Kind)
		assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
		assert.Equal(t, 30*time.Second, failure.RetryAfter)
		assert.Zero(t, failure.HTTPStatus, "the vendor was not asked")
		assert.Len(t, *times, 1)

		other := call(vendorkit.Verify)
		other.Path = "/verify"
		require.NoError(t, c.Do(t.Context(), other), "another operation is not concerned")

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.NoError(t, c.Do(ctx, call(vendorkit.Send)), "one who can wait, waits")
		assert.GreaterOrEqual(t, time.Since(start), 30*time.Second)
		assert.Less(t, time.Since(start), 46*time.Second)
	})
}

func TestPauseEndsWithTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		option, times := vendor(t, status(429, "30"))
		c := newClient(t, base, option, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
		requireKind(t, c.Do(t.Context(), call(vendorkit.Send)), otp.ErrRateLimited)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		time.AfterFunc(5*time.Second, cancel)
		start := time.Now()
		requireKind(t, c.Do(ctx, call(vendorkit.Send)), otp.ErrCanceled)
		assert.Equal(t, 5*time.Second, time.Since(start))
		assert.Len(t, *times, 1)

		option, times = vendor(t, status(429, "86400"))
		c = newClient(t, base, option)
		requireKind(t, c.Do(t.Context(), call(vendorkit.Send)), otp.ErrRateLimited)
		requireKind(t, c.Do(t.Context(), call(vendorkit.Send)), otp.ErrRateLimited)
		assert.Len(t, *times, 1)
		time.Sleep(time.Minute)
		requireKind(t, c.Do(t.Context(), call(vendorkit.Send)), otp.ErrRateLimited)
		assert.Len(t, *times, 2, "after a minute the vendor is asked again, in case the day was a mistake")
	})
}

func requireKind(t *testing.T, err error, kind otp.Kind) {
	t.Helper()
	assert.Equal(t, kind, requireFailure(t, err).Kind)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
}

func TestAnOutageIsNotMultiplied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		option, times := vendor(t, status(429, ""))
		c := newClient(t, base, option, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 3, MinWait: 1, MaxWait: 1}))
		const calls = 1000
		for range calls {
			requireKind(t, c.Do(t.Context(), call(vendorkit.Send)), otp.ErrRateLimited)
		}
		assert.Greater(t, len(*times), calls)
		assert.Less(t, len(*times), calls+60, "the budget is fifty retries at once")
		err := c.Do(t.Context(), call(vendorkit.Send))
		assert.Contains(t, err.Error(), "this client's retry budget is used up")
		time.Sleep(time.Minute)
		before := len(*times)
		requireKind(t, c.Do(t.Context(), call(vendorkit.Send)), otp.ErrRateLimited)
		assert.Equal(t, before+3, len(*times), "it fills up again")
	})
}

func TestWaitsOfAnyLengthAreWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		option, times := vendor(t, status(429, ""))
		policy := otp.RetryPolicy{MaxAttempts: 10, MinWait: 1<<63 - 1}
		requireKind(t, newClient(t, base, option, otp.WithRetry(policy)).Do(t.Context(), call(vendorkit.Send)), otp.ErrRateLimited)
		assert.Len(t, *times, 1, "a wait longer than the deadline is none")
	})
}

func TestADialerThatSpeaksHTTP2IsRefusedWithAReason(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.EnableHTTP2 = true
	s.Config.ErrorLog = quiet()
	s.StartTLS()
	t.Cleanup(s.Close)
	transport := s.Client().Transport.(*http.Transport).Clone()
	config := transport.TLSClientConfig.Clone()
	config.NextProtos = []string{"h2"}
	transport.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		return (&tls.Dialer{Config: config}).DialContext(ctx, network, address)
	}
	failure := requireFailure(t, newClient(t, s.URL, fast(), otp.WithHTTPClient(&http.Client{Transport: transport})).Do(t.Context(), call(vendorkit.Send)))
	assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
	assert.Contains(t, failure.Error(), "only HTTP/1.1 can be spoken")
}

func TestADeadVendorLeavesHalfOfTheTime(t *testing.T) {
	for name, dial := range map[string]func(*http.Transport, func(context.Context, string, string) (net.Conn, error)){
		"a dialer": func(t *http.Transport, d func(context.Context, string, string) (net.Conn, error)) { t.DialContext = d },
		"a TLS dialer": func(t *http.Transport, d func(context.Context, string, string) (net.Conn, error)) {
			t.DialTLSContext = d
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transport := &http.Transport{}
				dial(transport, func(ctx context.Context, _, _ string) (net.Conn, error) {
					<-ctx.Done()
					return nil, ctx.Err()
				})
				once := otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1})
				c := newClient(t, base, once, otp.WithHTTPClient(&http.Client{Transport: transport}))
				for deadline, want := range map[time.Duration]time.Duration{
					time.Minute: 3 * time.Second, 4 * time.Second: 2 * time.Second, time.Second: 500 * time.Millisecond,
				} {
					ctx, cancel := context.WithTimeout(t.Context(), deadline)
					start := time.Now()
					requireKind(t, c.Do(ctx, call(vendorkit.Send)), otp.ErrUnavailable)
					assert.Equal(t, want, time.Since(start), deadline)
					cancel()
				}
			})
		})
	}
}

func TestADialEndsWithItsAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan time.Duration, 1)
		start := time.Now()
		transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			ended <- time.Since(start)
			return nil, ctx.Err()
		}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		requireKind(t, newClient(t, base, otp.WithHTTPClient(&http.Client{Transport: transport})).Do(ctx, call(vendorkit.Send)), otp.ErrCanceled)
		assert.Equal(t, time.Second, <-ended)
	})
}

func TestTheCallersHeadersAreTheirs(t *testing.T) {
	seen := 0
	c := newClient(t, base, otp.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		seen++
		assert.Empty(t, r.Header.Get("X-Trace"), "a header of one request must not reach the next")
		r.Header.Set("X-Trace", "1")
		r.Header.Add("Accept", "text/html")
		assert.Nil(t, r.GetBody, "a foreign transport must not read the body again")
		return response(202, `{"ok":true}`, nil), nil
	})}))
	for range 2 {
		require.NoError(t, c.Do(t.Context(), call(vendorkit.Send)))
	}
	assert.Equal(t, 2, seen)
}

func TestPlainHTTPIsForLoopback(t *testing.T) {
	for _, at := range []string{"http://127.0.0.1:1", "http://[::1]:1", "http://localhost"} {
		_, err := vendorkit.New(vendorkit.Config{Vendor: "vendor", BaseURL: at})
		require.NoError(t, err, at)
	}
	for _, at := range []string{"http://192.0.2.1", "http://[2001:db8::1]", "http://0.0.0.0", "http://vendor.example", "http://localhost.example"} {
		_, err := vendorkit.New(vendorkit.Config{Vendor: "vendor", BaseURL: at})
		require.ErrorIs(t, err, otp.ErrMisconfigured, at)
	}
}
