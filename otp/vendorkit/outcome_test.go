package vendorkit_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

func write(status int, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// fast keeps the waits between attempts out of the tests' time.
func fast() otp.Option {
	return otp.WithRetry(otp.RetryPolicy{MaxAttempts: 3, MinWait: time.Millisecond, MaxWait: time.Millisecond})
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func TestWhatTheVendorTookIsNeverSentAgain(t *testing.T) {
	const notSent, unknown = otp.OutcomeNotSent, otp.OutcomeUnknown
	for name, test := range map[string]struct {
		handler func(http.ResponseWriter, *http.Request)
		outcome otp.Outcome
		kind    otp.Kind
		taken   int32
	}{
		"400":                     {answers(400), notSent, otp.ErrInvalidRequest, 1},
		"401":                     {answers(401), notSent, otp.ErrUnauthorized, 1},
		"402":                     {answers(402), notSent, otp.ErrInsufficientFunds, 1},
		"403":                     {answers(403), notSent, otp.ErrUnauthorized, 1},
		"404":                     {answers(404), notSent, otp.ErrMisconfigured, 1},
		"405":                     {answers(405), notSent, otp.ErrMisconfigured, 1},
		"407":                     {answers(407), notSent, otp.ErrMisconfigured, 1},
		"408":                     {answers(408), unknown, otp.ErrUnavailable, 1},
		"409":                     {answers(409), unknown, otp.ErrInvalidRequest, 1},
		"410":                     {answers(410), notSent, otp.ErrMisconfigured, 1},
		"411":                     {answers(411), notSent, otp.ErrInvalidRequest, 1},
		"413":                     {answers(413), notSent, otp.ErrInvalidRequest, 1},
		"414":                     {answers(414), notSent, otp.ErrInvalidRequest, 1},
		"415":                     {answers(415), notSent, otp.ErrInvalidRequest, 1},
		"421":                     {answers(421), notSent, otp.ErrMisconfigured, 1},
		"422":                     {answers(422), notSent, otp.ErrInvalidRequest, 1},
		"425":                     {answers(425), notSent, otp.ErrUnavailable, 3},
		"426":                     {answers(426), notSent, otp.ErrMisconfigured, 1},
		"428":                     {answers(428), notSent, otp.ErrInvalidRequest, 1},
		"431":                     {answers(431), notSent, otp.ErrInvalidRequest, 1},
		"505":                     {answers(505), notSent, otp.ErrUnavailable, 3},
		"429 for ever":            {answers(429), notSent, otp.ErrRateLimited, 3},
		"500":                     {answers(500), unknown, otp.ErrUnavailable, 1},
		"501":                     {answers(501), notSent, otp.ErrUnavailable, 1},
		"502":                     {answers(502), unknown, otp.ErrUnavailable, 1},
		"503":                     {answers(503), unknown, otp.ErrUnavailable, 1},
		"504":                     {answers(504), unknown, otp.ErrUnavailable, 1},
		"524":                     {answers(524), unknown, otp.ErrUnavailable, 1},
		"429 then 500":            {answers(429, 500), unknown, otp.ErrUnavailable, 2},
		"closed after reading":    {cut(false), unknown, otp.ErrUnavailable, 1},
		"reset after reading":     {cut(true), unknown, otp.ErrUnavailable, 1},
		"hangs":                   {hang, unknown, otp.ErrUnavailable, 1},
		"empty 202":               {write(202, ""), unknown, otp.ErrProtocol, 1},
		"HTML 202":                {write(202, "<html>"), unknown, otp.ErrProtocol, 1},
		"half a JSON":             {write(202, `{"ok":tr`), unknown, otp.ErrProtocol, 1},
		"twice the same member":   {write(202, `{"ok":1,"ok":1}`), unknown, otp.ErrProtocol, 1},
		"200 instead of 202":      {write(200, `{"ok":true}`), unknown, otp.ErrProtocol, 1},
		"shorter than announced":  {announce(202, `{"ok":true}`, 100), unknown, otp.ErrProtocol, 1},
		"a refusal cut short":     {announce(400, `{"ok":true}`, 100), notSent, otp.ErrInvalidRequest, 1},
		"endless body":            {endless(202), unknown, otp.ErrProtocol, 1},
		"an endless refusal":      {endless(422), notSent, otp.ErrInvalidRequest, 1},
		"garbage instead of HTTP": {garbage, unknown, otp.ErrUnavailable, 1},
		"a megabyte of header":    {bigHeader, unknown, otp.ErrUnavailable, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.handler)
			err := newClient(t, s.URL, fast(), otp.WithTimeout(time.Second)).Do(t.Context(), call(vendorkit.Send))
			failure := requireFailure(t, err)
			assert.Equal(t, test.outcome.String(), failure.Outcome.String())
			assert.Equal(t, test.kind, failure.Kind)
			assert.Equal(t, test.taken, s.taken.Load())
			assert.NotErrorIs(t, err, context.DeadlineExceeded, "the caller had none")
		})
	}
}

func announce(status int, body string, length int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)[:min(len(body), length)])
	}
}

func endless(status int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		for chunk := []byte(strings.Repeat(" ", 64<<10)); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
}

func garbage(w http.ResponseWriter, _ *http.Request) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		_, _ = conn.Write([]byte("220 mail.example " + canary + "\x1b[31m ESMTP\r\n\r\n"))
		_ = conn.Close()
	}
}

func bigHeader(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Big", strings.Repeat("x", 1<<20))
	w.WriteHeader(http.StatusAccepted)
}

func TestWhatProvablyWasNotSentIsRepeated(t *testing.T) {
	closed := func(t *testing.T) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		require.NoError(t, listener.Close())
		return listener.Addr().String()
	}
	silent := func(t *testing.T) string { // accepts and never says a word
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { _ = listener.Close() })
		return listener.Addr().String()
	}
	plain := func(t *testing.T) string { return serve(t, answers(202)).Listener.Addr().String() }
	untrusted := func(t *testing.T) string {
		s := httptest.NewUnstartedServer(http.NotFoundHandler())
		s.Config.ErrorLog = quiet()
		s.StartTLS()
		t.Cleanup(s.Close)
		return s.Listener.Addr().String()
	}
	for name, test := range map[string]struct {
		scheme   string
		address  func(*testing.T) string
		attempts int32
	}{
		"refused":                {"http", closed, 3},
		"no such host":           {"http", func(*testing.T) string { return "vendor.invalid" }, 3},
		"https to an http port":  {"https", plain, 3},
		"TLS handshake hangs":    {"https", silent, 3},
		"certificate of nobody":  {"https", untrusted, 1},
		"refused, and then TLS?": {"https", closed, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			attempts := &counter{}
			timeout := 10 * time.Second // a busy machine is no time-out
			if name == "TLS handshake hangs" {
				timeout = 300 * time.Millisecond
			}
			c := newClient(t, test.scheme+"://"+test.address(t), fast(), otp.WithTimeout(timeout), otp.WithPlainHTTP())
			send := call(vendorkit.Send)
			send.Limiter = attempts
			failure := requireFailure(t, c.Do(t.Context(), send))
			assert.Equal(t, otp.OutcomeNotSent.String(), failure.Outcome.String())
			assert.Equal(t, otp.ErrUnavailable, failure.Kind)
			assert.Equal(t, test.attempts, attempts.n.Load())
		})
	}
}

// In TLS 1.3 the refusal arrives when the client may already write: what the trace saw decides, and
// either is the truth.
func TestAServerThatRefusesTheClientsCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = quiet()
	s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS13}
	s.StartTLS()
	t.Cleanup(s.Close)
	err := newClient(t, s.URL, fast(), otp.WithHTTPClient(s.Client())).Do(t.Context(), call(vendorkit.Send))
	assert.Equal(t, otp.ErrUnavailable, requireFailure(t, err).Kind)
	assert.Contains(t, []otp.Outcome{otp.OutcomeUnknown, otp.OutcomeNotSent}, otp.OutcomeOf(err))
}

func TestAfter429TheSendIsRepeatedAndSucceeds(t *testing.T) {
	s := serve(t, answers(429, 429, 202))
	require.NoError(t, newClient(t, s.URL, fast()).Do(t.Context(), call(vendorkit.Send)))
	assert.EqualValues(t, 3, s.taken.Load())
}

func TestVerifyOutcomesByStatus(t *testing.T) {
	for status := range 600 {
		if status < 200 {
			continue
		}
		c := newClient(t, "https://vendor.example", otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}), otp.WithHTTPClient(
			&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return response(status, "", nil), nil })},
		))
		failure := requireFailure(t, c.Do(t.Context(), call(vendorkit.Verify)))
		assert.Equal(t, otp.OutcomeUnknown, failure.Outcome, status)
		assert.NotErrorIs(t, failure, otp.ErrCodeRejected, "no status alone is a verdict: %d", status)
		assert.NotEmpty(t, failure.Kind)
	}
}

func TestReadsAreRepeatedLeastCertainOutcomeCounts(t *testing.T) {
	s := serve(t, answers(500, 503, 202))
	require.NoError(t, newClient(t, s.URL, fast()).Do(t.Context(), call(vendorkit.Read)))
	assert.EqualValues(t, 3, s.taken.Load())

	s = serve(t, answers(500, 429, 400))
	failure := requireFailure(t, newClient(t, s.URL, fast()).Do(t.Context(), call(vendorkit.Read)))
	assert.Equal(t, 400, failure.HTTPStatus)
	assert.Equal(t, otp.OutcomeUnknown, failure.Outcome, "a later refusal does not undo the 500")
}

func TestRedirectsAreNeverFollowed(t *testing.T) {
	elsewhere := serve(t, answers(202))
	for status, outcome := range map[int]otp.Outcome{
		301: otp.OutcomeUnknown, 302: otp.OutcomeUnknown, 303: otp.OutcomeUnknown,
		307: otp.OutcomeNotSent, 308: otp.OutcomeNotSent,
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", elsewhere.URL+"/path?key="+canary)
			w.WriteHeader(status)
		})
		for name, client := range map[string]*http.Client{
			"own": nil, "caller's": {}, "foreign": {Transport: roundTripper(new(http.Transport).RoundTrip)},
		} {
			opts := []otp.Option{fast()}
			if client != nil {
				opts = append(opts, otp.WithHTTPClient(client))
			}
			failure := requireFailure(t, newClient(t, s.URL, opts...).Do(t.Context(), call(vendorkit.Send)))
			assert.Equal(t, outcome, failure.Outcome, "%d %s", status, name)
			assert.Equal(t, otp.ErrMisconfigured, failure.Kind)
			assert.Contains(t, failure.Error(), elsewhere.Listener.Addr().String(), "an operator needs the host")
			assert.NotContains(t, failure.Error(), "path")
		}
		s.CloseClientConnections()
	}
	assert.Zero(t, elsewhere.taken.Load())
}

func TestTheCallersContext(t *testing.T) {
	s := serve(t, hang)
	t.Run("cancelled before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := newClient(t, s.URL).Do(ctx, call(vendorkit.Send))
		failure := requireFailure(t, err)
		assert.Equal(t, otp.ErrCanceled, failure.Kind)
		assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
		require.ErrorIs(t, err, context.Canceled)
		assert.Zero(t, s.taken.Load())
	})
	t.Run("deadline while the vendor works", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		err := newClient(t, s.URL).Do(ctx, call(vendorkit.Send))
		failure := requireFailure(t, err)
		assert.Equal(t, otp.ErrUnavailable, failure.Kind)
		assert.Equal(t, otp.OutcomeUnknown, failure.Outcome)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
	t.Run("cancelled while the vendor works", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		failure := requireFailure(t, newClient(t, s.URL).Do(ctx, call(vendorkit.Send)))
		assert.Equal(t, otp.ErrCanceled, failure.Kind)
		assert.Equal(t, otp.OutcomeUnknown, failure.Outcome)
	})
	t.Run("a silent TLS handshake leaves time for another vendor", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer func() { _ = listener.Close() }()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		err = newClient(t, "https://"+listener.Addr().String()).Do(ctx, call(vendorkit.Send))
		failure := requireFailure(t, err)
		assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
		assert.Equal(t, otp.ErrUnavailable, failure.Kind)
		require.NoError(t, ctx.Err())
	})
}

func TestHTTP2IsNeverSpoken(t *testing.T) {
	var protocols []string
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocols = append(protocols, r.Proto)
		write(202, `{"ok":true}`)(w, r)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)

	callers := s.Client()
	resp, err := callers.Get(s.URL)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())

	require.NoError(t, newClient(t, s.URL, otp.WithHTTPClient(callers)).Do(t.Context(), call(vendorkit.Send)))
	resp, err = callers.Get(s.URL)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, []string{"HTTP/2.0", "HTTP/1.1", "HTTP/2.0"}, protocols, "the caller's own client is unchanged")
}

func TestAForeignTransportProvesNothing(t *testing.T) {
	boom := errors.New("boom")
	var n int
	c := newClient(t, "https://vendor.example", fast(), otp.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			n++
			return nil, boom
		}),
	}))
	err := c.Do(t.Context(), call(vendorkit.Send))
	assert.Equal(t, otp.OutcomeUnknown, requireFailure(t, err).Outcome)
	require.ErrorIs(t, err, boom)
	assert.Equal(t, 1, n)
}

func TestNetHTTPRepeatsNoSend(t *testing.T) {
	for name, change := range map[string]func(*vendorkit.Call){
		"a method for harmless": func(c *vendorkit.Call) { c.Method, c.Body = http.MethodGet, nil },
		"a key in a header":     func(c *vendorkit.Call) { c.Header = http.Header{"Idempotency-Key": {"1"}} },
		"neither":               func(*vendorkit.Call) {},
	} {
		for _, class := range []vendorkit.Class{vendorkit.Send, vendorkit.Verify} {
			var n atomic.Int32
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				assert.Empty(t, r.TransferEncoding)
				if n.Add(1) == 1 {
					answers(202)(w, r)
					return
				}
				cut(false)(w, r)
			})
			c, once := newClient(t, s.URL, fast()), call(class)
			change(&once)
			require.NoError(t, c.Do(t.Context(), once), name)
			failure := requireFailure(t, c.Do(t.Context(), once)) // over the connection that is kept
			assert.Equal(t, otp.OutcomeUnknown, failure.Outcome, name)
			assert.EqualValues(t, 2, s.taken.Load(), name)
		}
	}
}

func TestAReferenceIsASignOfSuccess(t *testing.T) {
	s := serve(t, write(429, `{"id":"vendor-1","error":"slow down"}`))
	send := call(vendorkit.Send) // without a Sign
	send.Success = func(a vendorkit.Answer) bool {
		answer, err := a.Object()
		a.Sent(answer.Text("id"), 0)
		return err == nil && !answer.HasErrors()
	}
	failure := requireFailure(t, newClient(t, s.URL, fast()).Do(t.Context(), send))
	assert.Equal(t, otp.OutcomeUnknown, failure.Outcome)
	assert.EqualValues(t, 1, s.taken.Load())
}
