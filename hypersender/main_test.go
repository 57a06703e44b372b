package hypersender_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
)

const (
	token    = "12|canary-token-4711"
	instance = "9feef20d-744e-4bcc-8fdd-e5531e0474f0"
	phone    = "+20123456789"
	chat     = "20123456789@c.us"
	host     = "https://app.hypersender.com/api/otp/v2"
	secret   = "439713" // the code in the vendor's answer
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

func config() hypersender.Config {
	return hypersender.Config{Instance: instance, Token: token, AppName: "Example Shop"}
}

// client is an account behind a mocked transport, without retries unless opts bring them.
func client(t testing.TB, v http.RoundTripper, opts ...otp.Option) *hypersender.Client {
	t.Helper()
	opts = append([]otp.Option{
		otp.WithHTTPClient(&http.Client{Transport: v}),
		otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}),
	}, opts...)
	c, err := hypersender.New(config(), opts...)
	require.NoError(t, err)
	return c
}

func verification() otp.Verification {
	return otp.Verification{Provider: "hypersender", ID: "a0b5df6a-b491-4190-80a5-38d85a2a4836", To: phone}
}
