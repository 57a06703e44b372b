package httpcall_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/httpcall"
	"github.com/otp-sdk/otp-go/otp"
)

// names lists the names of the members of an object one by one, as a reader does who forgets none.
func names(raw []byte) []string {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return nil
	}
	var all []string
	for decoder.More() {
		name, err := decoder.Token()
		var value json.RawMessage
		if err != nil || decoder.Decode(&value) != nil {
			return nil
		}
		all = append(all, name.(string))
	}
	return all
}

func FuzzObject(f *testing.F) {
	for _, seed := range []string{
		"", "null", "{}", " { } ", "[]", "1", `"{}"`, `{"a":1}`, `{"a":1,"a":2}`, `{"a":1,"A":2}`, `{"a":1,"\u0061":2}`,
		`{"a":[1,2,{"b":3,"b":4}],"c":"},\"{,"}`, `{"a":"\\","b":1}`, `{"a":1}{}`, `{"a":1}x`, "\ufeff{}", `{"":1,"":2}`, `{"a\"":1,",":2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		members, err := httpcall.Object(raw)
		all, seen := names(raw), map[string]bool{}
		for _, name := range all {
			seen[name] = true
		}
		isObject := json.Valid(raw) && bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{"))
		require.Equal(t, isObject && len(seen) == len(all), err == nil, "%s", raw)
		if err == nil {
			require.Len(t, members, len(all))
		}
	})
}

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
		failure := requireFailure(t, c.Do(t.Context(), call(httpcall.Send)))
		require.GreaterOrEqual(t, failure.RetryAfter, time.Duration(0))
		require.Equal(t, otp.OutcomeNotSent, failure.Outcome)
		require.Less(t, time.Since(start), 5*time.Second)
	})
}
