package vendorkit_test

import (
	"bytes"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

func TestOldTLSIsRefused(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(answers(202)))
	s.Config.ErrorLog = quiet()
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	s.StartTLS()
	t.Cleanup(s.Close)
	transport := s.Client().Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.MinVersion = tls.VersionTLS10

	resp, err := (&http.Client{Transport: transport}).Post(s.URL, "", http.NoBody)
	require.NoError(t, err, "without the rule it would be spoken")
	require.NoError(t, resp.Body.Close())
	failure := requireFailure(t, newClient(t, s.URL, fast(), through(transport)).Do(t.Context(), call(vendorkit.Send)))
	assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
	assert.Zero(t, failure.HTTPStatus)
}

func TestServerNameOfTheCallerCounts(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(answers(202)))
	s.Config.ErrorLog = quiet()
	s.StartTLS()
	t.Cleanup(s.Close)
	for name, want := range map[string]bool{"": true, "example.com": true, "other.invalid": false} {
		transport := s.Client().Transport.(*http.Transport).Clone()
		transport.TLSClientConfig.ServerName = name
		err := newClient(t, s.URL, fast(), through(transport)).Do(t.Context(), call(vendorkit.Send))
		assert.Equal(t, want, err == nil, "%q: %v", name, err)
	}
}

func TestLegacyDialIsKept(t *testing.T) {
	s := serve(t, answers(202))
	dialled := false
	transport := &http.Transport{Dial: func(network, address string) (net.Conn, error) { //nolint:staticcheck // callers have it
		dialled = true
		return net.Dial(network, address)
	}}
	require.NoError(t, newClient(t, s.URL, through(transport)).Do(t.Context(), call(vendorkit.Send)))
	assert.True(t, dialled)
}

func TestTransportIsHardened(t *testing.T) {
	held := vendorkit.Hardened(&http.Transport{})
	assert.Equal(t, 30*time.Second, held.IdleConnTimeout)
	assert.Equal(t, 3*time.Second, held.TLSHandshakeTimeout, "behind a proxy")
	assert.EqualValues(t, 64<<10, held.MaxResponseHeaderBytes)
	assert.True(t, held.DisableCompression)
	assert.EqualValues(t, tls.VersionTLS12, held.TLSClientConfig.MinVersion)
	assert.False(t, held.Protocols.HTTP2())

	stricter := vendorkit.Hardened(&http.Transport{
		IdleConnTimeout: time.Second, TLSHandshakeTimeout: time.Second, MaxResponseHeaderBytes: 100, MaxIdleConns: 7,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13},
	})
	assert.Equal(t, []time.Duration{time.Second, time.Second}, []time.Duration{stricter.IdleConnTimeout, stricter.TLSHandshakeTimeout})
	assert.EqualValues(t, 100, stricter.MaxResponseHeaderBytes)
	assert.Equal(t, 7, stricter.MaxIdleConns)
	assert.EqualValues(t, tls.VersionTLS13, stricter.TLSClientConfig.MinVersion)
}

func TestShorterPauseDoesNotEndALongerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		c := newClient(t, base, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}), through(roundTripper(func(*http.Request) (*http.Response, error) {
			n++
			pause := "50"
			if n == 1 { // it was sent first, and is answered last
				time.Sleep(time.Second)
				pause = "2"
			}
			return response(429, `{}`, http.Header{"Retry-After": {pause}}), nil
		})))
		go func() { _ = c.Do(t.Context(), call(vendorkit.Send)) }()
		synctest.Wait()
		_ = requireFailure(t, c.Do(t.Context(), call(vendorkit.Send)))
		time.Sleep(10 * time.Second)
		failure := requireFailure(t, c.Do(t.Context(), call(vendorkit.Send)))
		assert.Equal(t, 40*time.Second, failure.RetryAfter)
		assert.Equal(t, 2, n)
	})
}

func TestOnlyARateLimitBeginsAPause(t *testing.T) {
	for kind, paused := range map[otp.Kind]bool{
		"": true, otp.ErrRateLimited: true, otp.ErrUnauthorized: false, otp.ErrTooManyAttempts: false, otp.ErrInsufficientFunds: false,
	} {
		r := &recorder{answer: func(int) *http.Response {
			return response(429, `{}`, http.Header{"Retry-After": {"50"}})
		}}
		c := newClient(t, base, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}), through(r))
		verify := call(vendorkit.Verify)
		verify.Failure = func(vendorkit.Answer) vendorkit.Failure { return vendorkit.Failure{Kind: kind} }
		_ = requireFailure(t, c.Do(t.Context(), verify))
		_ = requireFailure(t, c.Do(t.Context(), verify))
		assert.Equal(t, paused, len(r.requests) == 1, kind)
	}
}

func TestBufferOfAnAnswerIsWiped(t *testing.T) {
	for size, kept := range map[int]bool{100: true, 1 << 20: false} {
		b := bytes.NewBuffer(bytes.Repeat([]byte("839174"), size/6))
		whole := b.Bytes()
		vendorkit.Recycle(&vendorkit.Core{}, &vendorkit.Scratch{Buffer: *b})
		assert.Equal(t, kept, !bytes.Contains(whole, []byte("839174")), "one that is not kept is garbage soon")
	}
}

func TestHostOfARedirectIsMasked(t *testing.T) {
	r := &recorder{answer: func(int) *http.Response {
		return response(302, "", http.Header{"Location": {"https://" + canary + ".example/" + number}})
	}}
	failure := requireFailure(t, newClient(t, base, through(r)).Do(t.Context(), call(vendorkit.Send)))
	assert.Contains(t, failure.Err.Error(), "redirects to host [redacted].example")
}
