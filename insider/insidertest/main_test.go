package insidertest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
)

func TestMain(m *testing.M) { simtest.Main(m) }

const (
	phone   = "+905321234567"
	success = `{"status":"success"}`
)

var noon = time.Date(2023, 7, 28, 14, 40, 41, 0, time.UTC)

// account is a server with a client that has its key.
type account struct {
	*insidertest.Server
	t      *testing.T
	client *http.Client
}

// start starts a server whose clock stands still.
func start(t *testing.T, opts ...insidertest.Option) *account {
	t.Helper()
	srv := insidertest.NewServer(opts...)
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

func quirk(q insidertest.Quirks) insidertest.Option { return insidertest.WithQuirks(q) }

// send makes a request and returns the response with its whole body.
func (a *account) send(method, path, body string, header ...string) (*http.Response, string) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.URL+path, strings.NewReader(body))
	require.NoError(a.t, err)
	req.Header.Set("X-INS-AUTH-KEY", a.APIKey)
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

// expect posts and compares status and the whole body, byte for byte.
func (a *account) expect(path, body string, status int, want string) {
	a.t.Helper()
	resp, got := a.send("POST", path, body)
	assert.Equal(a.t, status, resp.StatusCode, "%s %s: %s", path, body, got)
	assert.Equal(a.t, want, got, "%s %s", path, body)
}

// generate sends a code and returns it as it stands in the inbox.
func (a *account) generate(body string) string {
	a.t.Helper()
	resp, got := a.send("POST", "/v1/generate", body)
	require.Equal(a.t, http.StatusAccepted, resp.StatusCode, "%s: %s", body, got)
	code, ok := a.Code(phone)
	require.True(a.t, ok)
	return code
}

func (a *account) generateSMS() string      { return a.generate(smsBody) }
func (a *account) generateWhatsApp() string { return a.generate(whatsAppBody) }

// checked posts a code as a JSON string and compares the answer.
func (a *account) checked(code string, status int, want string) {
	a.t.Helper()
	a.expect("/v1/check", `{"to":"`+phone+`","code":"`+code+`"}`, status, want)
}

const (
	smsBody      = `{"channel":"sms","to":"` + phone + `"}`
	whatsAppBody = `{"channel":"whatsapp","to":"` + phone + `"}`
)

// failure is an error body without a field, fieldFailure one with.
func failure(message string) string { return `{"errors":[{"message":"` + message + `"}]}` }

func fieldFailure(message, field string) string {
	return `{"errors":[{"message":"` + message + `","field":"` + field + `"}]}`
}

// wrong is a code of the same length that differs in its last digit.
func wrong(code string) string {
	last := code[len(code)-1]
	return code[:len(code)-1] + string('0'+(last-'0'+1)%10)
}

var (
	wrongOnSMS     = failure("invalid code")
	notFound       = fieldFailure("code not found", "code")
	attemptsUsedUp = fieldFailure("maximum attempts exceeded", "code")
	payloadRefused = failure("invalid request payload")
)
