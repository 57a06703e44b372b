package camaratest_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/otp-sdk/otp-go/examples/camara/camaratest"
)

func TestMain(m *testing.M) {
	// It ends by itself.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

const (
	phone      = "+905321234567"
	correlator = "b4333c46-49c0-4f62-80d7-f0ef930f1c46"
	scope      = "one-time-password-sms:send-validate"
	message    = "{{code}} is your code"
)

func newServer(t *testing.T, quirks camaratest.Quirks) *camaratest.Server {
	t.Helper()
	srv := camaratest.NewServer(quirks)
	t.Cleanup(srv.Close)
	return srv
}

// caller is a program that uses the API without any library.
type caller struct {
	*testing.T

	srv    *camaratest.Server
	header http.Header
}

func newCaller(t *testing.T, srv *camaratest.Server) *caller {
	t.Helper()
	c := &caller{t, srv, http.Header{"Content-Type": {"application/json"}, "X-Correlator": {correlator}}}
	status, body := c.token(credentials(srv))
	require.Equal(t, 200, status, body)
	token, _, _ := strings.Cut(strings.SplitAfter(body, `"access_token":"`)[1], `"`)
	c.header.Set("Authorization", "Bearer "+token)
	return c
}

func credentials(srv *camaratest.Server) url.Values {
	return url.Values{
		"grant_type": {"client_credentials"}, "scope": {scope},
		"client_id": {srv.ClientID}, "client_secret": {srv.ClientSecret},
	}
}

func (c *caller) token(form url.Values) (status int, body string) {
	c.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	status, body, _ = c.post(c.srv.TokenURL, header, form.Encode())
	return status, body
}

func (c *caller) post(at string, header http.Header, sent string) (status int, body string, got http.Header) {
	c.Helper()
	req, err := http.NewRequestWithContext(c.Context(), http.MethodPost, at, strings.NewReader(sent))
	require.NoError(c, err)
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	require.NoError(c, err)
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	require.NoError(c, err)
	return resp.StatusCode, string(read), resp.Header
}

// send returns the id of a code that was sent.
func (c *caller) send(to string) string {
	c.Helper()
	status, body, _ := c.post(c.srv.BaseURL+"/send-code", c.header, `{"phoneNumber":"`+to+`","message":"`+message+`"}`)
	require.Equal(c, 200, status, body)
	return strings.TrimSuffix(strings.TrimPrefix(body, `{"authenticationId":"`), `"}`)
}

func (c *caller) validate(id, code string) (status int, body string) {
	c.Helper()
	status, body, _ = c.post(c.srv.BaseURL+"/validate-code", c.header, `{"authenticationId":"`+id+`","code":"`+code+`"}`)
	return status, body
}

func (c *caller) code() string {
	c.Helper()
	code, ok := c.srv.Code(phone)
	require.True(c, ok)
	return code
}
