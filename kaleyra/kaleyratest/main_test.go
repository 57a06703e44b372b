package kaleyratest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
)

func TestMain(m *testing.M) { simtest.Main(m) }

const (
	phone    = "+12025550123"
	digits   = "12025550123"
	address  = "user@example.com"
	flowID   = "f55b8994-7b69-47af-9ef2-1fdee4295e2b"
	noSuchID = "4d3d0959-805e-43fa-bece-5815ce0795a2"
	sendBody = `{"to":{"mobile":"` + phone + `"}}`
)

var noon = time.Date(2023, 7, 28, 14, 40, 41, 0, time.UTC)

// The error bodies, each as a whole.
const (
	e600 = `{"error":{"code":"E600","type":"VALIDATION_ERROR","parameter":"to","message":"to field is mandatory","reference":""}}`
	e802 = `{"error":{"code":"E802","type":"VALIDATION_ERROR","parameter":"email","message":"Please enter a valid email","reference":""}}`
	e803 = `{"error":{"code":"E803","type":"VALIDATION_ERROR","parameter":"OTP","message":"OTP can contain only alphanumeric values.","reference":""}}`
	e804 = `{"error":{"code":"E804","type":"VALIDATION_ERROR","parameter":"mobile","message":"Mobile number is mandatory.","reference":""}}`
	e805 = `{"error":{"code":"E805","type":"VALIDATION_ERROR","parameter":"mobile","message":"Please enter a valid mobile number.","reference":""}}`
	e903 = `{"error":{"code":"E903","type":"validation_error","parameter":"OTP","message":"Given OTP length does not match the given Flow ID OTP Length","reference":""}}`
	e905 = `{"error":{"code":"E905","type":"validation_error","parameter":"flow_id","message":"Flow Id not approved or not found","reference":""}}`
	e910 = `{"error":{"code":"E910","type":"validation_error","parameter":"","message":"OTP already verified","reference":""}}`
	e914 = `{"error":{"code":"E914","parameter":"","type":"VALIDATION_ERROR","message":"Flow does not support alphanumeric OTP.","reference":""}}`

	// Only the codes of these are known.
	e800 = `{"error":{"code":"E800","type":"VALIDATION_ERROR","parameter":"verify_id","message":"Verify Id is mandatory.","reference":""}}`
	e801 = `{"error":{"code":"E801","type":"VALIDATION_ERROR","parameter":"otp","message":"OTP is mandatory.","reference":""}}`
	e909 = `{"error":{"code":"E909","type":"validation_error","parameter":"verify_id","message":"Verify Id not found","reference":""}}`
	e911 = `{"error":{"code":"E911","type":"validation_error","parameter":"","message":"Maximum attempts exceeded","reference":""}}`
	e912 = `{"error":{"code":"E912","type":"validation_error","parameter":"otp","message":"Invalid OTP","reference":""}}`
	e913 = `{"error":{"code":"E913","type":"validation_error","parameter":"otp","message":"OTP expired","reference":""}}`

	rbc001 = `{"error":{"code":"RBC001","type":"authentication_error","parameter":"","message":"Incorrect SID or API key","reference":""}}`
	e110   = `{"error":{"code":"E110","type":"account_error","parameter":"","message":"Insufficient balance","reference":""}}`

	badBody = `{"message":"invalid request body"}`
)

// account is a server with a client that has its key.
type account struct {
	*kaleyratest.Server
	t      *testing.T
	client *http.Client
}

// start starts a server whose clock stands still.
func start(t *testing.T, opts ...kaleyratest.Option) *account {
	t.Helper()
	srv := kaleyratest.NewServer(opts...)
	srv.Clock.Set(noon)
	a := &account{Server: srv, t: t, client: &http.Client{
		Transport:     &http.Transport{MaxConnsPerHost: 20},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	t.Cleanup(func() {
		srv.Close()
		a.client.CloseIdleConnections()
	})
	return a
}

func quirk(q kaleyratest.Quirks) kaleyratest.Option  { return kaleyratest.WithQuirks(q) }
func withFlow(f kaleyratest.Flow) kaleyratest.Option { return kaleyratest.WithFlow(f) }

func (a *account) generatePath() string { return "/v1/" + a.SID + "/verify" }
func (a *account) validatePath() string { return "/v1/" + a.SID + "/verify/validate" }

func validateBody(verifyID, otp string) string {
	return `{"verify_id":"` + verifyID + `","otp":"` + otp + `"}`
}

// accepted and verified are the data of the two successes, acceptedBody and verifiedBody the whole
// bodies.
func accepted(verifyID, flowID string) string {
	return `"verify_id":"` + verifyID + `","to":{"mobile":"` + digits + `"},"flow_id":"` + flowID + `"`
}

func verified(verifyID string) string {
	return `"verify_id":"` + verifyID + `","message":"OTP verified successfully."`
}

func acceptedBody(verifyID, flowID string) string {
	return `{"data":{` + accepted(verifyID, flowID) + `}}`
}

func verifiedBody(verifyID string) string { return `{"data":{` + verified(verifyID) + `}}` }

// send makes a request and returns the response with its whole body.
func (a *account) send(method, path, body string, header ...string) (*http.Response, string) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.URL+path, strings.NewReader(body))
	require.NoError(a.t, err)
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

// expect posts and compares status and the whole body, byte for byte.
func (a *account) expect(path, body string, status int, want string) {
	a.t.Helper()
	resp, got := a.send("POST", path, body)
	assert.Equal(a.t, status, resp.StatusCode, "%s %s: %s", path, body, got)
	assert.Equal(a.t, want, got, "%s %s", path, body)
}

// generate sends a code and returns it as it stands in the inbox, with its verify_id.
func (a *account) generate(body string) (verifyID, code string) {
	a.t.Helper()
	resp, got := a.send("POST", a.generatePath(), body)
	require.Equal(a.t, http.StatusOK, resp.StatusCode, "%s: %s", body, got)
	var reply struct {
		Data struct {
			VerifyID string `json:"verify_id"`
		} `json:"data"`
	}
	require.NoError(a.t, json.Unmarshal([]byte(got), &reply))
	code, ok := a.Code(phone)
	require.True(a.t, ok)
	return reply.Data.VerifyID, code
}

// refused posts to generate and compares the error; validated posts a code to validate and compares
// the answer.
func (a *account) refused(body, want string) {
	a.t.Helper()
	a.expect(a.generatePath(), body, 400, want)
}

func (a *account) validated(verifyID, otp string, status int, want string) {
	a.t.Helper()
	a.expect(a.validatePath(), validateBody(verifyID, otp), status, want)
}

// wrong is a code of the same length that differs in its last character, which is then a digit.
func wrong(code string) string {
	last := code[len(code)-1]
	return code[:len(code)-1] + string('0'+(last-'0'+1)%10)
}
