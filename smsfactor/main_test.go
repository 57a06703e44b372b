package smsfactor_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/smsfactor"
)

const (
	login = "canary-login@shop.example"
	key   = "canary-key-4711"
	phone = "+33611223344"
	token = "otp_111111dab2222222aaa33333"
	base  = "https://api.octopush.com/v1/public"
)

func TestMain(m *testing.M) { simtest.Main(m) }

// exchange is what one mocked request asked.
type exchange struct {
	method, path, body string
	header             http.Header
}

// vendor is a mocked transport that answers every request alike and keeps what was asked.
type vendor struct {
	*httpmock.MockTransport
	requests []exchange
}

func answering(status int, body string) *vendor {
	v := &vendor{MockTransport: httpmock.NewMockTransport()}
	v.RegisterNoResponder(func(req *http.Request) (*http.Response, error) {
		var sent []byte
		if req.Body != nil {
			sent, _ = io.ReadAll(req.Body)
		}
		v.requests = append(v.requests, exchange{req.Method, req.URL.String(), string(sent), req.Header})
		return httpmock.NewStringResponse(status, body), nil
	})
	return v
}

func config() smsfactor.Config { return smsfactor.Config{APILogin: login, APIKey: key} }

// client is an account behind a mocked transport, without retries unless opts bring them.
func client(t testing.TB, v http.RoundTripper, opts ...otp.Option) *smsfactor.Client {
	t.Helper()
	return clientOf(t, config(), v, opts...)
}

func clientOf(t testing.TB, cfg smsfactor.Config, v http.RoundTripper, opts ...otp.Option) *smsfactor.Client {
	t.Helper()
	opts = append([]otp.Option{
		otp.WithHTTPClient(&http.Client{Transport: v}),
		otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}),
	}, opts...)
	c, err := smsfactor.New(cfg, opts...)
	require.NoError(t, err)
	return c
}

func verification() otp.Verification {
	return otp.Verification{Provider: "smsfactor", ID: token, To: phone}
}
