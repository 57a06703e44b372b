package smsfactortest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

func TestMain(m *testing.M) { simtest.Main(m) }

const (
	phone        = "+33611223344"
	generatePath = "/service/otp/generate"
	validatePath = "/service/otp/validate"
	bareBody     = `{"phone_number":"` + phone + `"}`

	success  = `{"code":0,"message":"success"}`
	neither  = `{"code":194,"message":"At least phone number or request token is mandatory."}`
	noCode   = `{"code":195,"message":"OTP code is mandatory."}`
	usedUp   = `{"code":196,"message":"Maximum number of wrong attempts reached."}`
	expired  = `{"code":197,"message":"OTP request expired."}`
	notFound = `{"code":198,"message":"OTP request not found."}`
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// account is a server with a client that has its credentials.
type account struct {
	*smsfactortest.Server
	t      *testing.T
	client *http.Client
}

// start starts a server whose clock stands still.
func start(t *testing.T, opts ...smsfactortest.Option) *account {
	t.Helper()
	srv := smsfactortest.NewServer(opts...)
	srv.Clock.Set(noon)
	a := &account{Server: srv, t: t, client: &http.Client{
		Transport:     new(http.Transport),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	t.Cleanup(func() {
		srv.Close()
		a.client.CloseIdleConnections()
	})
	return a
}

func quirk(q smsfactortest.Quirks) smsfactortest.Option { return smsfactortest.WithQuirks(q) }

// settings sets up the account.
func settings(st smsfactortest.Settings) smsfactortest.Option { return smsfactortest.WithSettings(st) }

// send makes a request and returns the response with its whole body.
func (a *account) send(method, path, body string, header ...string) (*http.Response, string) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.URL+path, strings.NewReader(body))
	require.NoError(a.t, err)
	req.Header.Set("api-login", a.APILogin)
	req.Header.Set("api-key", a.APIKey)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := a.client.Do(req)
	require.NoError(a.t, err)
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	require.NoError(a.t, err)
	return resp, string(got)
}

// reply is the answer of generate.
type reply struct {
	Code    any    `json:"code"`
	Message string `json:"message"`
	Ticket  string `json:"ticket_number"`
	Token   string `json:"otp_request_token"`
}

// generate sends a code; it returns the code as it stands in the inbox, and the token.
func (a *account) generate(body string) (code, token string) {
	a.t.Helper()
	resp, got := a.send("POST", generatePath, body)
	require.Equal(a.t, 2, resp.StatusCode/100, "%s: %s", body, got)
	var answer reply
	require.NoError(a.t, json.Unmarshal([]byte(got), &answer))
	require.NotEmpty(a.t, answer.Token, got)
	code, ok := a.Code(phone)
	require.True(a.t, ok)
	return code, answer.Token
}

// sent generates and returns the message.
func (a *account) sent(body string) otpsim.Message {
	a.t.Helper()
	a.generate(body)
	m, ok := a.Inbox.Last(phone)
	require.True(a.t, ok)
	return m
}

// refused expects generate to fail, and compares status and body.
func (a *account) refused(body string, status int, want string) {
	a.t.Helper()
	before := len(a.Inbox.All())
	resp, got := a.send("POST", generatePath, body)
	assert.Equal(a.t, status, resp.StatusCode, "%s: %s", body, got)
	assert.Equal(a.t, want, got, body)
	assert.Len(a.t, a.Inbox.All(), before, "a refused request sends nothing: %s", body)
}

// validated puts a body and compares status and answer, byte for byte.
func (a *account) validated(body string, status int, want string) {
	a.t.Helper()
	resp, got := a.send("PUT", validatePath, body)
	assert.Equal(a.t, status, resp.StatusCode, "%s: %s", body, got)
	assert.Equal(a.t, want, got, body)
}

func byToken(code, token string) string {
	return `{"code":` + strconv.Quote(code) + `,"otp_request_token":"` + token + `"}`
}

func byNumber(code string) string {
	return `{"code":` + strconv.Quote(code) + `,"phone_number":"` + phone + `"}`
}

// with is a generate body with more fields.
func with(fields string) string { return `{"phone_number":"` + phone + `",` + fields + `}` }

func wrongCode(remaining int) string {
	return `{"code":199,"message":"Wrong OTP code.","remaining_number_of_attempts":` + strconv.Itoa(remaining) + `}`
}

func failure(code int, message string) string {
	return `{"code":` + strconv.Itoa(code) + `,"message":"` + message + `"}`
}

// wrong is a code of the same length and alphabet that differs in its last character.
func wrong(code string) string {
	if strings.HasSuffix(code, "3") {
		return code[:len(code)-1] + "4"
	}
	return code[:len(code)-1] + "3"
}
