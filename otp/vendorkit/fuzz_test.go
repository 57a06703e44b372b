package vendorkit_test

import (
	"bufio"
	"bytes"
	"io"
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

// FuzzSurplus compares where an answer ends with where net/http ends it.
func FuzzSurplus(f *testing.F) {
	for _, answer := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.0 200 OK\nContent-Length:\n 3\n\nabc",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nA: b\r\n\r\n",
		"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n",
		"HTTP/1.1 100 Continue\r\nKeep-Alive: timeout=5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	} {
		f.Add([]byte(answer+"more"), 7, 3)
		f.Add([]byte(answer+"HTTP/1.1 200 OK\r\n\r\n"), 1, 1)
	}
	f.Fuzz(func(t *testing.T, written []byte, first, second int) {
		left := bufio.NewReaderSize(bytes.NewReader(written), 1<<16)
		resp, err := http.ReadResponse(left, nil)
		for err == nil && resp.StatusCode/100 == 1 {
			resp, err = http.ReadResponse(left, nil)
		}
		if err != nil {
			return
		}
		_, err = io.Copy(io.Discard, resp.Body)
		hasEnd := resp.ContentLength >= 0 || len(resp.TransferEncoding) > 0
		if err != nil || !hasEnd || resp.ProtoMajor != 1 {
			return
		}
		surplus, err := io.Copy(io.Discard, left)
		require.NoError(t, err)
		first = min(max(first, 0), len(written))
		second = min(max(first+second, first), len(written))
		require.EqualValues(t, surplus, vendorkit.Surplus(bytes.Clone(written[:first]), bytes.Clone(written[first:second]), bytes.Clone(written[second:])))
	})
}
