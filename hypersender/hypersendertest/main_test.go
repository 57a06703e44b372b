package hypersendertest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
)

func TestMain(m *testing.M) { simtest.Main(m) }

const (
	chat  = "20123456789@c.us"
	phone = "+20123456789"

	// codeBody holds what the server requires unless a quirk says otherwise.
	codeBody = `{"chatId":"` + chat + `","allCapital":false,"name":"hypersender"}`

	linkBody = `{"chatId":"20123456789@c.us","expires":1800,"name":"7enkesh","message":{"prompt":"Give me link to login at 7enkesh",` +
		`"success":"Here is your login link: {link}","failed":"Login failed, please try again later.",` +
		`"expired":"The link has been expired, please try another one."},"callback":{` +
		`"success":"https://yourdomain.com/callback/success","failed":"https://yourdomain.com/callback/failed"}}`
)

// noon is when the code of the vendor's sample was made.
var noon = time.Date(2025, 12, 29, 17, 39, 38, 0, time.UTC)

// account is a server with a client that has its token.
type account struct {
	*hypersendertest.Server
	t      *testing.T
	client *http.Client
}

// start starts a server whose clock stands still.
func start(t *testing.T, opts ...hypersendertest.Option) *account {
	t.Helper()
	srv := hypersendertest.NewServer(opts...)
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

func quirk(q hypersendertest.Quirks) hypersendertest.Option { return hypersendertest.WithQuirks(q) }

// send makes a request to a path and returns the response with its whole body. Each header is
// "Name: value".
func (a *account) send(method, path, body string, headers ...string) (*http.Response, string) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.URL+path, strings.NewReader(body))
	require.NoError(a.t, err)
	req.Header.Set("Authorization", "Bearer "+a.Token)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	resp, err := a.client.Do(req)
	require.NoError(a.t, err)
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	require.NoError(a.t, err)
	return resp, string(got)
}

func (a *account) path(operation string) string { return "/" + a.Instance + "/" + operation }

// post sends a body to an operation.
func (a *account) post(operation, body string, headers ...string) (*http.Response, string) {
	a.t.Helper()
	return a.send("POST", a.path(operation), body, headers...)
}

// expect posts and compares status and the whole body, byte for byte.
func (a *account) expect(operation, body string, status int, want string) {
	a.t.Helper()
	resp, got := a.post(operation, body)
	assert.Equal(a.t, status, resp.StatusCode, "%s %s: %s", operation, body, got)
	assert.Equal(a.t, want, got, "%s %s", operation, body)
}

// reply is what the tests look at in an answer.
type reply struct {
	UUID   string `json:"uuid"`
	ChatID string `json:"chat_id"`
	Code   string `json:"code"`
	Status string `json:"status"`
	Link   string `json:"whatsapp_link"`
}

// succeed posts what has to succeed and returns the answer's data.
func (a *account) succeed(operation, body string) reply {
	a.t.Helper()
	resp, got := a.post(operation, body)
	require.Equal(a.t, http.StatusOK, resp.StatusCode, "%s: %s", body, got)
	var answer struct {
		Success bool  `json:"success"`
		Data    reply `json:"data"`
	}
	require.NoError(a.t, json.Unmarshal([]byte(got), &answer))
	require.True(a.t, answer.Success)
	return answer.Data
}

// code sends a code to the chat and returns it.
func (a *account) code() string { a.t.Helper(); return a.succeed("request-code", codeBody).Code }

// link makes a link for the chat.
func (a *account) link() reply { a.t.Helper(); return a.succeed("generate-link", linkBody) }

func typed(code string) string { return `{"chatId":"` + chat + `","code":"` + code + `"}` }

// validates posts a code that has to be accepted.
func (a *account) validates(code string) {
	a.t.Helper()
	assert.Equal(a.t, "validated", a.succeed("validate-code", typed(code)).Status)
}

// rejects posts a code that has to be rejected.
func (a *account) rejects(code string, status int, message string) {
	a.t.Helper()
	a.expect("validate-code", typed(code), status, failure(message))
}

// failure is the body for a code that is not accepted, message that of an error, invalid that of a
// field.
func failure(text string) string { return `{"success":false,"message":"` + text + `"}` }
func message(text string) string { return `{"message":"` + text + `"}` }
func invalid(field, text string) string {
	return `{"message":"The given data was invalid.","errors":{"` + field + `":["` + text + `"]}}`
}

// wrong is a code of the same length that differs in its last digit.
func wrong(code string) string {
	last := code[len(code)-1]
	return code[:len(code)-1] + string('0'+(last-'0'+1)%10)
}

const (
	wrongCode   = "Invalid OTP code"
	expiredCode = "OTP code has expired"
	usedCode    = "OTP code has already been used"
	noCode      = "No active OTP found for this chat"
)
