package vendorkit_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func response(status int, body string, header http.Header) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}
}

// vendor answers the nth request with the nth response, and every further one with the last.
func vendor(t *testing.T, responses ...func() *http.Response) (otp.Option, *[]time.Time) {
	t.Helper()
	var times []time.Time
	client := &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		times = append(times, time.Now())
		return responses[min(len(times), len(responses))-1](), nil
	})}
	return otp.WithHTTPClient(client), &times
}

func status(code int, retryAfter string) func() *http.Response {
	return func() *http.Response {
		header := http.Header{}
		if retryAfter != "" {
			header.Set("Retry-After", retryAfter)
		}
		return response(code, `{"ok":true}`, header)
	}
}

const base = "https://vendor.example"

func TestRetryAfter(t *testing.T) {
	for _, test := range []struct {
		name, value string
		reported    time.Duration
		slept       time.Duration // 0 = not repeated
	}{
		{"seconds", "7", 7 * time.Second, 7 * time.Second},
		{"seconds with space", " 2 ", 2 * time.Second, 2 * time.Second},
		{"a date", "Sat, 01 Jan 2000 00:00:09 GMT", 9 * time.Second, 9 * time.Second},
		{"a date as RFC 850", "Saturday, 01-Jan-00 00:00:09 GMT", 9 * time.Second, 9 * time.Second},
		{"a date as asctime", "Sat Jan  1 00:00:09 2000", 9 * time.Second, 9 * time.Second},
		{"a date that has passed", "Fri, 31 Dec 1999 23:59:59 GMT", 0, 200 * time.Millisecond},
		{"longer than a call may sleep", "61", 61 * time.Second, 0},
		{"a day", "86400", 24 * time.Hour, 0},
		{"a Unix time", "946684809", 946684809 * time.Second, 0},
		{"a time in 2017", "1500000000", time.Unix(1_500_000_000, 0).Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), 0},
		{"more than a duration holds", "99999999999", 1<<63 - 1, 0},
		{"more than an integer holds", "99999999999999999999", 1<<63 - 1, 0},
		{"negative", "-5", 0, 200 * time.Millisecond},
		{"a fraction", "1.5", 2 * time.Second, 2 * time.Second},
		{"a duration", "3s", 0, 200 * time.Millisecond},
		{"a word", "soon", 0, 200 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				option, times := vendor(t, status(429, test.value), status(400, ""))
				start := time.Now()
				err := newClient(t, base, option).Do(ctx, call(vendorkit.Send))
				failure := requireFailure(t, err)
				if test.slept == 0 {
					assert.Len(t, *times, 1)
					assert.Zero(t, time.Since(start))
					require.ErrorIs(t, err, otp.ErrRateLimited)
					assert.Equal(t, test.reported, failure.RetryAfter)
					return
				}
				require.Len(t, *times, 2)
				waited := (*times)[1].Sub((*times)[0])
				assert.GreaterOrEqual(t, waited, test.slept)
				assert.Less(t, waited, test.slept+401*time.Millisecond)
			})
		})
	}
}

func TestOtherHeadersThatTellThePause(t *testing.T) {
	for name, test := range map[string]struct {
		header, value string
		want          time.Duration
	}{
		"RateLimit":                      {"RateLimit", `"default";r=0;t=30`, 30 * time.Second},
		"RateLimit, the spent one":       {"RateLimit", `"minute";r=5;t=50, "hour";r=0;t=1200`, 20 * time.Minute},
		"RateLimit with something left":  {"RateLimit", `"default";r=50;t=30`, 0},
		"RateLimit that is malformed":    {"RateLimit", `"default";r=0;t=-30`, 0},
		"RateLimit with another form":    {"RateLimit", `limit=10, remaining=0, reset=30`, 0},
		"seconds until the reset":        {"X-RateLimit-Reset", "45", 45 * time.Second},
		"the time of the reset":          {"X-RateLimit-Reset", "1000000000", time.Unix(1_000_000_000, 0).Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))},
		"a reset that cannot be read":    {"X-RateLimit-Reset", "soon", 0},
		"a reset that is far too large":  {"X-RateLimit-Reset", "99999999999999999999", 1<<63 - 1},
		"Retry-After goes before either": {"Retry-After", "7", 7 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				option, _ := vendor(t, func() *http.Response {
					header := http.Header{}
					if test.header == "Retry-After" {
						header.Set("X-RateLimit-Reset", "99")
					}
					header.Set(test.header, test.value)
					return response(429, "", header)
				})
				once := otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1})
				failure := requireFailure(t, newClient(t, base, option, once).Do(t.Context(), call(vendorkit.Send)))
				assert.Equal(t, test.want, failure.RetryAfter)
			})
		})
	}
}

func TestAWaitThatDoesNotFitIsNotSlept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		option, times := vendor(t, status(429, "10"))
		start := time.Now()
		failure := requireFailure(t, newClient(t, base, option).Do(ctx, call(vendorkit.Send)))
		assert.Zero(t, time.Since(start))
		assert.Len(t, *times, 1)
		assert.Equal(t, 10*time.Second, failure.RetryAfter)
	})
}

func TestTheVendorsAnswerIsNotLostToACancelledWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		option, _ := vendor(t, status(429, "10"))
		start := time.Now()
		err := newClient(t, base, option).Do(ctx, call(vendorkit.Send))
		failure := requireFailure(t, err)
		assert.Equal(t, 3*time.Second, time.Since(start), "cancelling ends the wait at once")
		assert.Equal(t, 429, failure.HTTPStatus)
		assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
		require.ErrorIs(t, err, otp.ErrRateLimited)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestWaitsGrowWithJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[time.Duration]bool{}
		for range 100 {
			option, times := vendor(t, status(429, ""))
			policy := otp.RetryPolicy{MaxAttempts: 5, MinWait: 100 * time.Millisecond, MaxWait: time.Second}
			_ = requireFailure(t, newClient(t, base, option, otp.WithRetry(policy)).Do(t.Context(), call(vendorkit.Send)))
			require.Len(t, *times, 5)
			for i := 1; i < 5; i++ {
				wait := (*times)[i].Sub((*times)[i-1])
				require.GreaterOrEqual(t, wait, policy.MinWait)
				require.LessOrEqual(t, wait, min(policy.MaxWait, policy.MinWait<<i))
				seen[wait] = true
			}
		}
		assert.Greater(t, len(seen), 300, "clients do not come back in step")
	})
}

func TestACallWithoutADeadlineEnds(t *testing.T) {
	hanging := otp.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})})
	for name, test := range map[string]struct {
		opts []otp.Option
		want time.Duration
	}{
		"after the default of an attempt": {nil, 10 * time.Second},
		"after an attempt's own time-out": {[]otp.Option{otp.WithTimeout(3 * time.Second)}, 3 * time.Second},
		"a longer attempt is let finish":  {[]otp.Option{otp.WithTimeout(40 * time.Second)}, 40 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				err := newClient(t, base, append(test.opts, hanging)...).Do(context.Background(), call(vendorkit.Send))
				assert.Equal(t, test.want, time.Since(start))
				assert.Equal(t, otp.OutcomeUnknown, requireFailure(t, err).Outcome)
			})
		})
	}
	t.Run("reads stop after fifteen seconds", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			_ = requireFailure(t, newClient(t, base, hanging).Do(context.Background(), call(vendorkit.Read)))
			assert.Equal(t, 15*time.Second, time.Since(start))
		})
	})
}

func TestTheCallersClientTimeoutBoundsAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := &http.Client{Timeout: 2 * time.Second, Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}
		start := time.Now()
		err := newClient(t, base, otp.WithHTTPClient(client)).Do(context.Background(), call(vendorkit.Send))
		assert.Equal(t, 2*time.Second, time.Since(start))
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		assert.Contains(t, err.Error(), "no answer within 2s")
	})
}

// limiter is a caller's own.
type limiter func(context.Context) error

func (l limiter) Wait(ctx context.Context) error { return l(ctx) }

func TestTheLimiterIsWaitedForBeforeEveryAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		option, times := vendor(t, status(429, ""), status(202, ""))
		send := call(vendorkit.Send)
		waits := 0
		send.Limiter = limiter(func(context.Context) error {
			waits++
			time.Sleep(4 * time.Second)
			return nil
		})
		require.NoError(t, newClient(t, base, option, otp.WithTimeout(time.Second)).Do(t.Context(), send))
		assert.Len(t, *times, 2)
		assert.Equal(t, 2, waits, "waiting does not count against the attempt's time")
	})
}

func TestALimiterThatRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		limiter otp.Limiter
		kind    otp.Kind
		is      error
	}{
		"a plain error":      {limiter(func(context.Context) error { return errors.New("would exceed context deadline") }), otp.ErrRateLimited, nil},
		"a panic":            {limiter(func(context.Context) error { panic("nil map") }), otp.ErrRateLimited, nil},
		"an error of otp's":  {otp.Rate{Events: -1}.Limiter(), otp.ErrMisconfigured, nil},
		"a used-up rate":     {usedUp(t), otp.ErrRateLimited, nil},
		"a verdict":          {limiter(func(context.Context) error { return &otp.Error{Kind: otp.ErrTooManyAttempts} }), otp.ErrRateLimited, nil},
		"the caller's end":   {limiter(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }), otp.ErrRateLimited, context.DeadlineExceeded},
		"an acquirer's nil":  {nilDone{}, "", nil},
		"no limiter at all":  {nil, "", nil},
		"an unlimited rate":  {otp.Rate{}.Limiter(), "", nil},
		"a rate that is not": {otp.Rate{Events: 5, Per: time.Minute}.Limiter(), "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			option, times := vendor(t, status(202, ""))
			send := call(vendorkit.Send)
			send.Limiter = test.limiter
			err := newClient(t, base, option).Do(ctx, send)
			if test.kind == "" {
				require.NoError(t, err)
				return
			}
			failure := requireFailure(t, err)
			assert.Equal(t, test.kind, failure.Kind)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.Equal(t, "vendor", failure.Provider)
			assert.Empty(t, *times, "nothing was sent")
			if test.is != nil {
				require.ErrorIs(t, err, test.is)
			}
		})
	}
}

func usedUp(t *testing.T) otp.Limiter {
	t.Helper()
	l := otp.Rate{Events: 1, Per: time.Hour}.Limiter()
	require.NoError(t, l.Wait(t.Context()))
	return l
}

type nilDone struct{}

func (nilDone) Wait(context.Context) error                         { return nil }
func (nilDone) Acquire(context.Context) (func(otp.Outcome), error) { return nil, nil }
