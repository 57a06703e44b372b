package insider_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
)

const (
	key   = "canary-key-4711"
	phone = "+905321234567"
	host  = "https://verify.useinsider.com"
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
	header   http.Header // of the answers
}

func answering(status int, body string) *vendor {
	v := &vendor{MockTransport: httpmock.NewMockTransport()}
	v.RegisterNoResponder(func(req *http.Request) (*http.Response, error) {
		var sent []byte
		if req.Body != nil {
			sent, _ = io.ReadAll(req.Body)
		}
		v.requests = append(v.requests, exchange{req.Method, req.URL.String(), string(sent), req.Header})
		resp := httpmock.NewStringResponse(status, body)
		resp.Header = v.header
		return resp, nil
	})
	return v
}

// client is an account behind a mocked transport, without retries and limits unless opts bring
// them.
func client(t *testing.T, v http.RoundTripper, opts ...otp.Option) *insider.Client {
	t.Helper()
	opts = append([]otp.Option{
		otp.WithHTTPClient(&http.Client{Transport: v}),
		otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}),
	}, opts...)
	c, err := insider.New(insider.Config{APIKey: key}, opts...)
	require.NoError(t, err)
	return c
}

func verification() otp.Verification {
	return otp.Verification{Provider: "insider", ID: "whatsapp-1", To: phone}
}
