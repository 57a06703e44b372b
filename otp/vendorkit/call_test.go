package vendorkit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// sent is what a request looked like.
type sent struct {
	method, url, body string
	header            http.Header
}

// recorder answers 202 with an object, or with what answer says, and keeps the requests.
type recorder struct {
	requests []sent
	answer   func(n int) *http.Response
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	s := sent{method: req.Method, url: req.URL.String(), header: req.Header}
	if req.Body != nil {
		b, _ := io.ReadAll(req.Body)
		s.body = string(b)
	}
	r.requests = append(r.requests, s)
	if r.answer != nil {
		return r.answer(len(r.requests)), nil
	}
	return response(202, `{"ok":true}`, nil), nil
}

func TestPathSegmentsAreEscapedOnce(t *testing.T) {
	for _, test := range []struct{ base, path, segment, want string }{
		{base, "/v2/verify/{id}", "abc", base + "/v2/verify/abc"},
		{base, "/v2/verify/{id}/cancel", "a b", base + "/v2/verify/a%20b/cancel"},
		{base, "/v2/{id}", "a/b", base + "/v2/a%2Fb"},
		{base, "/v2/{id}", "a%2Fb", base + "/v2/a%252Fb"},
		{base, "/v2/{id}", "a?b#c", base + "/v2/a%3Fb%23c"},
		{base, "/v2/{id}", "…", base + "/v2/%E2%80%A6"},
		{base + "/api/x%2Fy/", "/v2/{id}", "a/b", base + "/api/x%2Fy/v2/a%2Fb"},
		{base + "/api/x%2Fy/", "/v2/{id}", "ab", base + "/api/x%2Fy/v2/ab"},
	} {
		r := &recorder{}
		send := call(vendorkit.Send)
		send.Path, send.Segments = test.path, []string{test.segment}
		require.NoError(t, newClient(t, test.base, through(r)).Do(t.Context(), send))
		assert.Equal(t, test.want, r.requests[0].url)
	}
}

func TestPathSegmentsThatLeadElsewhereAreRefused(t *testing.T) {
	for _, segment := range []string{"", ".", ".."} {
		r := &recorder{}
		send := call(vendorkit.Send)
		send.Path, send.Segments = "/v2/verify/{id}", []string{segment}
		failure := requireFailure(t, newClient(t, base, through(r)).Do(t.Context(), send))
		assert.Equal(t, otp.ErrInvalidRequest, failure.Kind)
		assert.Equal(t, "id", failure.Field)
		assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
		assert.Empty(t, r.requests)
	}
}

func TestMistakesOfAVendorsAuthorAreRefused(t *testing.T) {
	for field, change := range map[string]func(*vendorkit.Call){
		"success":  func(c *vendorkit.Call) { c.Success = nil },
		"form":     func(c *vendorkit.Call) { c.Form = url.Values{"a": {"b"}} },
		"class":    func(c *vendorkit.Call) { c.Class = 9 },
		"path":     func(c *vendorkit.Call) { c.Path = "/v1/%2e%2e" },
		"segments": func(c *vendorkit.Call) { c.Path = "/v1/{id}" },
	} {
		r := &recorder{}
		send := call(vendorkit.Send)
		change(&send)
		failure := requireFailure(t, newClient(t, base, through(r)).Do(t.Context(), send))
		assert.Equal(t, otp.ErrMisconfigured, failure.Kind)
		assert.Equal(t, field, failure.Field)
		assert.Empty(t, r.requests)
	}
	for name, change := range map[string]func(*vendorkit.Call){
		"Success": func(c *vendorkit.Call) { c.Success = func(vendorkit.Answer) bool { panic(canary) } },
		"Failure": func(c *vendorkit.Call) {
			c.Success = func(vendorkit.Answer) bool { return false }
			c.Failure = func(vendorkit.Answer) vendorkit.Failure { panic(canary) }
		},
		"Sign": func(c *vendorkit.Call) {
			c.Success = func(vendorkit.Answer) bool { return false }
			c.Sign = func(vendorkit.Object) bool { panic(canary) }
		},
	} {
		send := call(vendorkit.Verify)
		change(&send)
		failure := requireFailure(t, newClient(t, base, through(&recorder{})).Do(t.Context(), send))
		assert.Equal(t, otp.OutcomeUnknown, failure.Outcome, name)
	}
}

func TestFormQueryAndHeaders(t *testing.T) {
	r := &recorder{}
	send := call(vendorkit.Send)
	send.Body, send.Form = nil, url.Values{"To": {number}, "Channel": {"sms"}}
	send.Query = url.Values{"locale": {"pt BR"}}
	send.Header = http.Header{"x-correlator": {"4711"}}
	require.NoError(t, newClient(t, base, through(r)).Do(t.Context(), send))
	got := r.requests[0]
	assert.Equal(t, base+"/send?locale=pt+BR", got.url)
	assert.Equal(t, "Channel=sms&To=%2B905321234567", got.body)
	assert.Equal(t, "application/x-www-form-urlencoded", got.header.Get("Content-Type"))
	assert.Equal(t, "4711", got.header.Get("X-Correlator"))
	assert.Equal(t, "identity", got.header.Get("Accept-Encoding"))
}

// A failure that carries a sign of the vendor's success may have been one, whatever its status.
func TestSignOfASuccessMakesAFailureUnknown(t *testing.T) {
	for _, class := range []vendorkit.Class{vendorkit.Send, vendorkit.Verify} {
		for _, status := range []int{307, 400, 401, 404, 422, 429} {
			for body, sign := range map[string]bool{
				`{"ok":true}`:                true,
				`{"id":"4711"}`:              true,
				`{"id":"4711","errors":[1]}`: true,
				`{"id":"4711","ID":"1"}`:     true,
				`{"message":"no"}`:           false,
				``:                           false,
			} {
				r := &recorder{answer: func(int) *http.Response { return response(status, body, nil) }}
				c := call(class)
				c.Status = []int{202}
				c.Success = func(a vendorkit.Answer) bool {
					answer, err := a.Object()
					return err == nil && answer.Get("ok") != nil
				}
				c.Sign = func(o vendorkit.Object) bool { return o.Get("id") != nil }
				c.Failure = func(vendorkit.Answer) vendorkit.Failure {
					return vendorkit.Failure{Outcome: vendorkit.Known(otp.OutcomeNotSent)}
				}
				failure := requireFailure(t, newClient(t, base, fast(), through(r)).Do(t.Context(), c))
				if status == 307 && class == vendorkit.Verify {
					sign = true // a redirect is never documented
				}
				if sign {
					assert.Equal(t, otp.OutcomeUnknown, failure.Outcome, "%d %s", status, body)
					assert.Len(t, r.requests, 1, "%d %s: it was repeated", status, body)
				} else {
					assert.Equal(t, otp.OutcomeNotSent, failure.Outcome, "%d %s", status, body)
				}
			}
		}
	}
}

func TestVerdictOnASendIsIgnored(t *testing.T) {
	for class, want := range map[vendorkit.Class]otp.Kind{
		vendorkit.Send: otp.ErrInvalidRequest, vendorkit.Read: otp.ErrInvalidRequest, vendorkit.Verify: otp.ErrWrongCode,
	} {
		r := &recorder{answer: func(int) *http.Response { return response(400, `{"no":1}`, nil) }}
		c := call(class)
		c.Failure = func(vendorkit.Answer) vendorkit.Failure { return vendorkit.Failure{Kind: otp.ErrWrongCode} }
		failure := requireFailure(t, newClient(t, base, through(r)).Do(t.Context(), c))
		assert.Equal(t, want, failure.Kind)
	}
}

func TestIdempotentIsRepeatedAfterAnyPassingFailure(t *testing.T) {
	s := serve(t, answers(503, 500, 202))
	require.NoError(t, newClient(t, s.URL, fast()).Do(t.Context(), call(vendorkit.Idempotent)))
	assert.EqualValues(t, 3, s.taken.Load())
}

func TestFinalFailureIsNotRepeated(t *testing.T) {
	r := &recorder{answer: func(int) *http.Response { return response(429, `{}`, nil) }}
	send := call(vendorkit.Send)
	send.Failure = func(vendorkit.Answer) vendorkit.Failure { return vendorkit.Failure{Final: true} }
	_ = requireFailure(t, newClient(t, base, fast(), through(r)).Do(t.Context(), send))
	assert.Len(t, r.requests, 1)
}

func TestPauseAboutOneRecipientStopsNobodyElse(t *testing.T) {
	r := &recorder{answer: func(n int) *http.Response {
		if n == 1 {
			return response(429, `{}`, http.Header{"Retry-After": {"30"}})
		}
		return response(202, `{"ok":true}`, nil)
	}}
	c := newClient(t, base, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}), through(r))
	send := call(vendorkit.Send)
	send.Failure = func(vendorkit.Answer) vendorkit.Failure { return vendorkit.Failure{OneRecipient: true} }
	failure := requireFailure(t, c.Do(t.Context(), send))
	assert.Equal(t, 30*time.Second, failure.RetryAfter)
	require.NoError(t, c.Do(t.Context(), send))
}

func TestPausesAreByOperationAndChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{answer: func(n int) *http.Response {
			if n == 1 {
				return response(429, `{}`, http.Header{"Retry-After": {"30"}})
			}
			return response(202, `{"ok":true}`, nil)
		}}
		c := newClient(t, base, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}), through(r))
		to := func(id string, channel otp.Channel) vendorkit.Call {
			send := call(vendorkit.Send)
			send.Path, send.Segments, send.Channel = "/send/{id}", []string{id}, channel
			return send
		}
		_ = requireFailure(t, c.Do(t.Context(), to("1", otp.SMS)))
		require.NoError(t, c.Do(t.Context(), to("1", otp.WhatsApp)), "another channel")
		assert.ErrorIs(t, c.Do(t.Context(), to("2", otp.SMS)), otp.ErrRateLimited, "the same operation with another ID")
		time.Sleep(30 * time.Second)
		require.NoError(t, c.Do(t.Context(), to("2", otp.SMS)))
	})
}

func TestWaitersOfAPauseComeBackSpreadOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var times []time.Time
		r := roundTripper(func(*http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			times = append(times, time.Now())
			if len(times) == 1 {
				return response(429, `{}`, http.Header{"Retry-After": {"4"}}), nil
			}
			return response(202, `{"ok":true}`, nil), nil
		})
		c := newClient(t, base, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}), through(r))
		_ = requireFailure(t, c.Do(t.Context(), call(vendorkit.Send)))
		for range 100 {
			go func() { assert.NoError(t, c.Do(t.Context(), call(vendorkit.Send))) }()
		}
		time.Sleep(10 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		require.Len(t, times, 101)
		assert.Greater(t, times[100].Sub(times[1]), time.Second)
	})
}

// made is a client whose credential is made for each attempt.
func made(t *testing.T, create func(context.Context, string) (string, error), opts ...otp.Option) *vendorkit.Client {
	t.Helper()
	c, err := vendorkit.New(vendorkit.Config{
		Vendor: "vendor", BaseURL: base,
		Credentials: []vendorkit.Credential{{Field: "token", Header: "Authorization", Prefix: "Bearer ", Make: create}},
	}, append(opts, fast())...)
	require.NoError(t, err)
	return c
}

func TestCredentialIsMadeForEachAttempt(t *testing.T) {
	r := &recorder{answer: func(n int) *http.Response {
		if n < 3 {
			return response(429, `{"token":"canary-key-4711-`+string(rune('0'+n))+`"}`, nil)
		}
		return response(202, `{"ok":true}`, nil)
	}}
	n := 0
	c := made(t, func(ctx context.Context, refused string) (string, error) {
		_, bounded := ctx.Deadline()
		assert.True(t, bounded)
		assert.Empty(t, refused)
		n++
		return canary + "-" + string(rune('0'+n)), nil
	}, through(r))
	require.NoError(t, c.Do(t.Context(), call(vendorkit.Send)))
	assert.Equal(t, "Bearer canary-key-4711-3", r.requests[2].header.Get("Authorization"))
}

func TestCredentialThatCannotBeMade(t *testing.T) {
	for name, test := range map[string]struct {
		make func(context.Context, string) (string, error)
		kind otp.Kind
	}{
		"an error":      {func(context.Context, string) (string, error) { return "", errors.New("no " + number) }, otp.ErrUnavailable},
		"a kind":        {func(context.Context, string) (string, error) { return "", &otp.Error{Kind: otp.ErrUnauthorized} }, otp.ErrUnauthorized},
		"a verdict":     {func(context.Context, string) (string, error) { return "", &otp.Error{Kind: otp.ErrWrongCode} }, otp.ErrUnavailable},
		"a panic":       {func(context.Context, string) (string, error) { panic(canary) }, otp.ErrUnavailable},
		"nothing":       {func(context.Context, string) (string, error) { return "", nil }, otp.ErrUnavailable},
		"two lines":     {func(context.Context, string) (string, error) { return "a\nb", nil }, otp.ErrUnavailable},
		"until the end": {func(ctx context.Context, _ string) (string, error) { <-ctx.Done(); return "", ctx.Err() }, otp.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{}
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			failure := requireFailure(t, made(t, test.make, through(r), otp.WithTimeout(50*time.Millisecond)).Do(ctx, call(vendorkit.Send)))
			assert.Equal(t, test.kind, failure.Kind)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.Empty(t, r.requests)
		})
	}
}

func TestCredentialIsRenewedOnce(t *testing.T) {
	for _, right := range []bool{true, false} {
		r := &recorder{answer: func(n int) *http.Response {
			if right && n == 2 {
				return response(202, `{"ok":true}`, nil)
			}
			return response(401, `{"code":"UNAUTHENTICATED"}`, nil)
		}}
		var refusals []string
		c := made(t, func(_ context.Context, refused string) (string, error) {
			refusals = append(refusals, refused)
			return "token-" + string(rune('0'+len(refusals))), nil
		}, through(r), otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
		send := call(vendorkit.Send)
		send.Failure = func(vendorkit.Answer) vendorkit.Failure { return vendorkit.Failure{Renew: true} }
		err := c.Do(t.Context(), send)
		assert.Equal(t, right, err == nil)
		assert.Equal(t, []string{"", "token-1"}, refusals)
		assert.Len(t, r.requests, 2)

		// Where it may have been done, it is not repeated, whatever the vendor's author says.
		r.requests, refusals = nil, nil
		verify := call(vendorkit.Verify)
		verify.Failure = send.Failure
		_ = requireFailure(t, c.Do(t.Context(), verify))
		assert.Len(t, r.requests, 1)
	}
}

func TestBasicHidesWhatItIsMadeOf(t *testing.T) {
	const user, password = "AC-canary-user", "canary-password"
	r := &recorder{answer: func(int) *http.Response {
		return response(401, `{"message":"AC-CANARY-USER or canary-password is QUMtY2FuYXJ5LXVzZXI6Y2FuYXJ5LXBhc3N3b3Jk"}`, nil)
	}}
	c, err := vendorkit.New(vendorkit.Config{
		Vendor: "vendor", BaseURL: base, Credentials: []vendorkit.Credential{vendorkit.Basic("auth", user, password)},
	}, through(r))
	require.NoError(t, err)
	send := call(vendorkit.Send)
	send.Failure = func(a vendorkit.Answer) vendorkit.Failure {
		object, _ := a.Object()
		return vendorkit.Failure{Message: object.Text("message")}
	}
	failure := requireFailure(t, c.Do(t.Context(), send))
	assert.Equal(t, "[redacted] or [redacted] is [redacted]", failure.Message)
	request := http.Request{Header: r.requests[0].header}
	gotUser, gotPassword, ok := request.BasicAuth()
	assert.Equal(t, []any{user, password, true}, []any{gotUser, gotPassword, ok})

	for _, bad := range [][2]string{{"", "x"}, {"x", ""}, {"a:b", "x"}, {"a\n", "x"}} {
		_, err := vendorkit.New(vendorkit.Config{
			Vendor: "vendor", BaseURL: base, Credentials: []vendorkit.Credential{vendorkit.Basic("auth", bad[0], bad[1])},
		})
		assert.Equal(t, "auth", requireFailure(t, err).Field)
	}
}

func TestFurtherTextsAreMasked(t *testing.T) {
	r := &recorder{answer: func(int) *http.Response {
		return response(400, `{"message":"no mail to A@B.example, see https://host.example/path?token=x or https:\/\/host.example\/y?z"}`, nil)
	}}
	send := call(vendorkit.Send)
	send.Secrets = []string{"a@b.example"}
	send.Failure = func(a vendorkit.Answer) vendorkit.Failure {
		object, _ := a.Object()
		return vendorkit.Failure{Message: object.Text("message")}
	}
	failure := requireFailure(t, newClient(t, base, through(r)).Do(t.Context(), send))
	assert.Equal(t, "no mail to [redacted], see https://host.example or https://host.example", failure.Message)
}

// A limiter hears what became of the request: what never reached the vendor does not spend the
// allowance.
func TestLimiterHearsWhatBecameOfTheRequest(t *testing.T) {
	cut := serve(t, cut(false))
	for name, test := range map[string]struct {
		url  string
		want otp.Outcome
	}{
		"nothing listens":    {"http://127.0.0.1:1", otp.OutcomeNotSent},
		"no answer came":     {cut.URL, otp.OutcomeUnknown},
		"an answer came":     {serve(t, answers(400)).URL, otp.OutcomeAccepted},
		"an unknown outcome": {serve(t, answers(500)).URL, otp.OutcomeAccepted},
	} {
		a := &acquirer{}
		a.last.Store(-1)
		send := call(vendorkit.Send)
		send.Limiter = a
		_ = requireFailure(t, newClient(t, test.url, fast()).Do(t.Context(), send))
		assert.EqualValues(t, test.want, a.last.Load(), name)
		assert.Equal(t, a.acquired.Load(), a.done.Load(), name)
	}
}

func TestSixSendsToNobodySpendNothing(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1", otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
	send := call(vendorkit.Send)
	send.Limiter = otp.Rate{Events: 2, Per: time.Minute}.Limiter()
	for range 6 {
		assert.ErrorIs(t, c.Do(t.Context(), send), otp.ErrUnavailable)
	}
}

func TestCauseOfACancelledCallIsFound(t *testing.T) {
	for name, cause := range map[string]error{
		"a cause": errors.New("the program ends"), "one with a number": errors.New("no more for " + number),
		"one with quotes": errors.New(`"x" has left`), "two lines": errors.New("a\nb"), "a typed one": &net.OpError{Op: "\n"},
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		c := newClient(t, base, through(roundTripper(func(r *http.Request) (*http.Response, error) {
			cancel(cause)
			<-r.Context().Done()
			return nil, r.Context().Err()
		})))
		failure := requireFailure(t, c.Do(ctx, call(vendorkit.Send)))
		assert.Equal(t, otp.ErrCanceled, failure.Kind, name)
		require.ErrorIs(t, failure, context.Canceled, name)
		require.ErrorIs(t, failure, cause, name)
		var typed *net.OpError
		assert.Equal(t, errors.As(cause, &typed), errors.As(failure, &typed), name)
		for _, verb := range []string{"%v", "%+v", "%#v"} {
			assert.NotContains(t, fmt.Sprintf(verb, failure.Err), number, name)
		}
	}
}

func TestVerdictIsNoDeadlineThatPassedJustThen(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	c := newClient(t, base, through(roundTripper(func(*http.Request) (*http.Response, error) {
		resp := response(400, `{"no":1}`, nil)
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"no"`), late{ctx}, strings.NewReader(`:1}`)))
		return resp, nil
	})))
	verify := call(vendorkit.Verify)
	verify.Failure = func(vendorkit.Answer) vendorkit.Failure { return vendorkit.Failure{Kind: otp.ErrWrongCode} }
	failure := requireFailure(t, c.Do(ctx, verify))
	assert.Equal(t, otp.ErrWrongCode, failure.Kind)
	assert.NotErrorIs(t, failure, context.DeadlineExceeded)
}

type late struct{ ctx context.Context }

func (l late) Read([]byte) (int, error) {
	<-l.ctx.Done()
	return 0, io.EOF
}

func TestClientsOfOneAccountShareLimitsAndPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := new(otp.Shared)
		open := func(name, account, key string, opts ...otp.Option) (*vendorkit.Client, otp.Limiter) {
			c, err := vendorkit.New(vendorkit.Config{
				Vendor: "vendor", BaseURL: base, Account: account,
				Credentials: []vendorkit.Credential{{Field: "api_key", Header: "X-Key", Value: key}},
			}, append(opts, otp.WithShared(shared), otp.WithName(name), otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}), through(
				roundTripper(func(*http.Request) (*http.Response, error) {
					return response(429, `{}`, http.Header{"Retry-After": {"30"}}), nil
				})))...)
			require.NoError(t, err)
			return c, c.Limiter(otp.Rate{Events: 5, Per: time.Minute}, otp.SendLimiter)
		}
		first, limit := open("a", "SID-1", "key-1111")
		again, same := open("b", "SID-1", "key-2222")
		other, another := open("c", "SID-2", "key-1111")
		assert.Same(t, limit, same, "another name and key of the same account")
		assert.NotSame(t, limit, another)
		_, faster := open("d", "SID-1", "key-1111", otp.WithSendRate(otp.Rate{Events: 9, Per: time.Minute}))
		_, asFast := open("e", "SID-1", "key-1111", otp.WithSendRate(otp.Rate{Events: 9, Per: time.Minute}))
		assert.NotSame(t, limit, faster)
		assert.Same(t, faster, asFast)
		_, none := open("f", "SID-1", "key-1111", otp.WithSendLimiter(nil))
		assert.Nil(t, none)

		_ = requireFailure(t, first.Do(t.Context(), call(vendorkit.Send)))
		failure := requireFailure(t, again.Do(t.Context(), call(vendorkit.Send)))
		assert.Zero(t, failure.HTTPStatus, "the pause is the account's")
		failure = requireFailure(t, other.Do(t.Context(), call(vendorkit.Send)))
		assert.Equal(t, 429, failure.HTTPStatus)
	})
}

func TestARateForSeveralOperationsIsOneLimit(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1", otp.WithSendRate(otp.Rate{Events: 1, Per: time.Hour}))
	sms := c.Limiter(otp.Rate{}, "vendor.send.sms", otp.SendLimiter)
	whatsApp := c.Limiter(otp.Rate{}, "vendor.send.whatsapp", otp.SendLimiter)
	assert.Same(t, sms, whatsApp)
}

func TestACredentialThatHangsEndsWithTheCall(t *testing.T) {
	s := serve(t, answers(202))
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	c, err := vendorkit.New(vendorkit.Config{
		Vendor: "vendor", BaseURL: s.URL,
		Credentials: []vendorkit.Credential{{
			Field: "token", Header: "Authorization",
			Make: func(context.Context, string) (string, error) { <-hang; return canary, nil },
		}},
	})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	failure := requireFailure(t, c.Do(ctx, call(vendorkit.Send)))
	assert.Less(t, time.Since(start), 150*time.Millisecond)
	assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
	assert.ErrorIs(t, failure, context.DeadlineExceeded)
}
