package vendorkit_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{
		"", "0", "7", " 2 ", "-5", "1.5", "86400", "9223372037", "99999999999999999999", "soon", "0x10", "+7",
		"Sat, 01 Jan 2000 00:00:09 GMT", "Saturday, 01-Jan-00 00:00:09 GMT", "Sat Jan  1 00:00:09 2000",
	} {
		f.Add(seed, `"default";r=0;t=30`, "1893456000")
	}
	f.Fuzz(func(t *testing.T, retryAfter, rateLimit, reset string) {
		header := http.Header{"Retry-After": {retryAfter}, "Ratelimit": {rateLimit}, "X-Ratelimit-Reset": {reset}}
		c := newClient(t, base, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}), otp.WithHTTPClient(&http.Client{
			Transport: roundTripper(func(*http.Request) (*http.Response, error) { return response(429, "", header), nil }),
		}))
		start := time.Now()
		failure := requireFailure(t, c.Do(t.Context(), call(vendorkit.Send)))
		require.GreaterOrEqual(t, failure.RetryAfter, time.Duration(0))
		require.Equal(t, otp.OutcomeNotSent, failure.Outcome)
		require.Less(t, time.Since(start), 5*time.Second)
	})
}
