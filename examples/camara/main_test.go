package camara_test

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/otp-sdk/otp-go/examples/camara"
	"github.com/otp-sdk/otp-go/otp"
)

func TestMain(m *testing.M) {
	// It ends by itself.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

const (
	phone  = "+905321234567"
	secret = "canary-secret-4711"
	id     = "ea0840f3-3663-4149-bd10-c7c6b8912105"
	grant  = `{"access_token":"canary-token-1","token_type":"Bearer","expires_in":300}`
)

func config() camara.Config {
	return camara.Config{
		BaseURL: "https://api.operator.example/one-time-password-sms/v1", TokenURL: "https://api.operator.example/oauth2/token",
		ClientID: "my-shop", ClientSecret: secret,
	}
}

// exchange is one mocked request.
type exchange struct {
	path, body string
	header     http.Header
}

// reply is a mocked answer; err is instead of one.
type reply struct {
	status int
	body   string
	header http.Header
	err    error
}

// operator is a mocked transport: it answers the nth request to a path with the nth of its replies
// there, and every further one with the last. Without any the token endpoint grants, and the others
// succeed.
type operator struct {
	mu       sync.Mutex
	replies  map[string][]reply
	requests []exchange
}

const tokenPath, sendPath, validatePath = "/oauth2/token", "/one-time-password-sms/v1/send-code", "/one-time-password-sms/v1/validate-code"

func answering(path string, replies ...reply) *operator {
	o := &operator{replies: map[string][]reply{
		tokenPath:    {{status: 200, body: grant}},
		sendPath:     {{status: 200, body: `{"authenticationId":"` + id + `"}`}},
		validatePath: {{status: 204}},
	}}
	if len(replies) > 0 {
		o.replies[path] = replies
	}
	return o
}

func (o *operator) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	left := o.replies[req.URL.Path]
	if len(left) > 1 {
		o.replies[req.URL.Path] = left[1:]
	}
	o.requests = append(o.requests, exchange{req.URL.Path, string(body), req.Header.Clone()})
	r := left[0]
	if r.err != nil {
		return nil, r.err
	}
	header := http.Header{"X-Correlator": req.Header.Values("X-Correlator")}
	for name, values := range r.header {
		header[name] = values
	}
	return &http.Response{StatusCode: r.status, Header: header, Body: io.NopCloser(bytes.NewBufferString(r.body)), Request: req}, nil
}

// count is how many requests a path has had.
func (o *operator) count(path string) int { return len(o.of(path)) }

func (o *operator) of(path string) []exchange {
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []exchange
	for _, x := range o.requests {
		if x.path == path {
			found = append(found, x)
		}
	}
	return found
}

func newClient(t *testing.T, cfg camara.Config, o http.RoundTripper, opts ...otp.Option) *camara.Client {
	t.Helper()
	opts = append([]otp.Option{
		otp.WithHTTPClient(&http.Client{Transport: o}), otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}),
	}, opts...)
	c, err := camara.New(cfg, opts...)
	require.NoError(t, err)
	return c
}

func verification() otp.Verification {
	return otp.Verification{Provider: "camara", ID: id, To: phone, Channel: otp.SMS}
}

func requireFailure(t *testing.T, err error) *otp.Error {
	t.Helper()
	var failure *otp.Error
	require.ErrorAs(t, err, &failure)
	return failure
}
