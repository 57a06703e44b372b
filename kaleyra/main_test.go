package kaleyra_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/otp"
)

const (
	sid      = "HXXXXXXX071US"
	key      = "canary-key-4711"
	phone    = "+905321234567"
	email    = "canary.person@mail.example"
	flowID   = "f55b8994-7b69-47af-9ef2-1fdee4295e2b"
	verifyID = "4d3d0959-805e-43fa-bece-5815ce0795a2"
	host     = "https://api.kaleyra.io"
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
	status   int
	body     string
	requests []exchange
}

func answering(status int, body string) *vendor {
	v := &vendor{MockTransport: httpmock.NewMockTransport(), status: status, body: body}
	v.RegisterNoResponder(func(req *http.Request) (*http.Response, error) {
		var sent []byte
		if req.Body != nil {
			sent, _ = io.ReadAll(req.Body)
		}
		v.requests = append(v.requests, exchange{req.Method, req.URL.String(), string(sent), req.Header})
		return httpmock.NewStringResponse(v.status, v.body), nil
	})
	return v
}

func config() kaleyra.Config { return kaleyra.Config{SID: sid, APIKey: key} }

// client is an account behind a mocked transport, without retries unless opts bring them.
func client(t testing.TB, v http.RoundTripper, opts ...otp.Option) *kaleyra.Client {
	t.Helper()
	return clientOf(t, config(), v, opts...)
}

func clientOf(t testing.TB, cfg kaleyra.Config, v http.RoundTripper, opts ...otp.Option) *kaleyra.Client {
	t.Helper()
	opts = append([]otp.Option{
		otp.WithHTTPClient(&http.Client{Transport: v}),
		otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}),
	}, opts...)
	c, err := kaleyra.New(cfg, opts...)
	require.NoError(t, err)
	return c
}

func verification() otp.Verification {
	return otp.Verification{Provider: "kaleyra", ID: verifyID, To: phone}
}
