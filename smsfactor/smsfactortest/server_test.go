package smsfactortest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

func TestUnauthorized(t *testing.T) {
	for _, tt := range []struct {
		quirks smsfactortest.Quirks
		status int
		body   string
	}{
		{smsfactortest.Quirks{}, 401, `{"code":101,"message":"Unauthorized."}`},
		{smsfactortest.Quirks{CredentialShape: smsfactortest.ShapeMessage}, 401, `{"message":"Unauthorized."}`},
		{smsfactortest.Quirks{CredentialShape: smsfactortest.ShapeNoBody}, 401, ``},
		{smsfactortest.Quirks{CredentialStatus: 403}, 403, `{"code":101,"message":"Forbidden."}`},
		{smsfactortest.Quirks{CredentialStatus: 403, CredentialShape: smsfactortest.ShapeMessage}, 403, `{"message":"Forbidden."}`},
		{smsfactortest.Quirks{CredentialStatus: 403, CredentialShape: smsfactortest.ShapeNoBody}, 403, ``},
		{smsfactortest.Quirks{ErrorStatus: 200, Strict: true, RequireJSON: true}, 401, `{"code":101,"message":"Unauthorized."}`},
	} {
		a := start(t, quirk(tt.quirks))
		for method, path := range map[string]string{"POST": generatePath, "PUT": validatePath} {
			for _, wrong := range [][]string{
				{"api-login", ""},
				{"api-login", "someone@example.org"},
				{"api-key", ""},
				{"api-key", "wrong"},
				{"api-key", a.APIKey + "x"},
				{"api-key", strings.ToLower(a.APIKey)},
				{"api-login", a.APIKey, "api-key", a.APILogin},
				{"api-login", "", "api-key", "", "Authorization", "Bearer " + a.APIKey},
			} {
				resp, got := a.send(method, path, "not even JSON", wrong...)
				assert.Equal(t, tt.status, resp.StatusCode, "%s %v", path, wrong)
				assert.Equal(t, tt.body, got, "%s %v", path, wrong)
			}
		}
		assert.Empty(t, a.Inbox.All())
	}
}

func TestCredentials(t *testing.T) {
	a := start(t, smsfactortest.WithAPILogin("me@email.org"), smsfactortest.WithAPIKey("1a2b3c4d5e6f"))
	assert.Equal(t, "me@email.org", a.APILogin)
	assert.Equal(t, "1a2b3c4d5e6f", a.APIKey)
	resp, _ := a.send("POST", generatePath, bareBody, "API-LOGIN", "me@email.org", "Api-Key", "1a2b3c4d5e6f")
	assert.Equal(t, 200, resp.StatusCode)
}

func TestCredentialsAreRandom(t *testing.T) {
	a, b := start(t), start(t, smsfactortest.WithAPIKey(""), smsfactortest.WithAPILogin(""))
	assert.NotEmpty(t, b.APIKey)
	assert.Contains(t, b.APILogin, "@")
	assert.NotEqual(t, a.APIKey, b.APIKey)
	assert.NotEqual(t, a.APILogin, b.APILogin)
}

func TestUnknownPathsAndMethods(t *testing.T) {
	a := start(t)
	for _, path := range []string{
		"/", "/service", "/service/otp", "/generate", "/otp/generate", generatePath + "/", "/v1/public" + generatePath,
		"/post_public_apiotp_requestcreate", "/service/otp/resend",
	} {
		resp, got := a.send("POST", path, bareBody)
		assert.Equal(t, 404, resp.StatusCode, path)
		assert.Equal(t, `{"message":"Not Found."}`, got, path)
	}
	for _, tt := range []struct{ method, path, allow string }{
		{"GET", generatePath, "POST"}, {"PUT", generatePath, "POST"}, {"POST", validatePath, "PUT"}, {"PATCH", validatePath, "PUT"},
	} {
		resp, got := a.send(tt.method, tt.path, bareBody)
		assert.Equal(t, 405, resp.StatusCode, tt)
		assert.Equal(t, `{"message":"Method Not Allowed."}`, got, tt)
		assert.Equal(t, tt.allow, resp.Header.Get("Allow"), tt)
	}
	assert.Empty(t, a.Inbox.All())
}

func TestBodyTooLong(t *testing.T) {
	a := start(t)
	resp, got := a.send("POST", generatePath, strings.Repeat(" ", 1<<20)+"{}")
	assert.Equal(t, 413, resp.StatusCode)
	assert.Equal(t, `{"message":"Request Entity Too Large."}`, got)
}

func TestAnyContentTypeIsTaken(t *testing.T) {
	a := start(t)
	for _, contentType := range []string{"", "text/plain", "application/json; charset=utf-8"} {
		resp, _ := a.send("POST", generatePath, bareBody, "Content-Type", contentType)
		assert.Equal(t, 200, resp.StatusCode)
		assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	}
}

func TestRequestsAreRecorded(t *testing.T) {
	a := start(t)
	code, token := a.generate(bareBody)
	a.validated(byToken(wrong(code), token), 400, wrongCode(2))
	a.validated(byToken(code, token), 200, success)
	a.send("POST", "/nowhere", "")
	assert.Equal(t, []smsfactortest.Request{
		{At: noon, Operation: "generate", Method: "POST", Path: generatePath, Accepted: true, Status: 200},
		{At: noon, Operation: "validate", Method: "PUT", Path: validatePath, Status: 400},
		{At: noon, Operation: "validate", Method: "PUT", Path: validatePath, Accepted: true, Status: 200},
		{At: noon, Method: "POST", Path: "/nowhere", Status: 404},
	}, a.Requests())
	for _, secret := range []string{a.APIKey, a.APILogin, token, phone} {
		assert.NotContains(t, fmt.Sprintf("%+v", a.Requests()), secret)
	}
}

func TestMountedUnderAPrefix(t *testing.T) {
	srv := smsfactortest.NewHandler()
	defer srv.Close()
	assert.Empty(t, srv.URL)
	mux := http.NewServeMux()
	mux.Handle("/v1/public/", http.StripPrefix("/v1/public", srv))
	outer := httptest.NewServer(mux)
	defer outer.Close()

	a := &account{Server: srv, t: t, client: outer.Client()}
	srv.URL = outer.URL + "/v1/public"
	code, token := a.generate(bareBody)
	a.validated(byToken(code, token), 200, success)
	resp, got := a.send("GET", "/nowhere", "")
	assert.Equal(t, 404, resp.StatusCode)
	assert.Equal(t, `{"message":"Not Found."}`, got)

	srv.Close()
	resp, got = a.send("POST", generatePath, bareBody)
	assert.Equal(t, 503, resp.StatusCode)
	assert.Equal(t, `{"message":"Service Unavailable."}`, got)
}

func TestCloseTwice(t *testing.T) {
	srv := smsfactortest.NewServer()
	srv.Close()
	srv.Close()
	_, err := new(http.Client).Post(srv.URL, "", nil)
	assert.Error(t, err)
}

func TestConcurrentSends(t *testing.T) {
	a := start(t)
	a.client.Transport = &http.Transport{MaxConnsPerHost: 20}
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			to := fmt.Sprintf("+3361122%04d", i)
			a.quietly("POST", generatePath, `{"phone_number":"`+to+`"}`)
			code, ok := a.Code(to)
			assert.True(t, ok)
			sending, ok := a.Sent(to)
			assert.True(t, ok)
			a.quietly("PUT", validatePath, byToken(wrong(code), sending.Token))
			a.quietly("PUT", validatePath, byToken(code, sending.Token))
		})
	}
	wg.Wait()
	assert.Len(t, a.Inbox.All(), 100)
	assert.Equal(t, 200, a.accepted())
	assert.Len(t, a.Requests(), 300)
}

func TestConcurrentValidationsSucceedOnce(t *testing.T) {
	a := start(t)
	a.client.Transport = &http.Transport{MaxConnsPerHost: 20}
	code, token := a.generate(bareBody)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { a.quietly("PUT", validatePath, byToken(code, token)) })
	}
	wg.Wait()
	assert.Equal(t, 2, a.accepted(), "the send, and one validation")
}

func TestConcurrentAttemptsAreCounted(t *testing.T) {
	a := start(t)
	a.client.Transport = &http.Transport{MaxConnsPerHost: 20}
	code, token := a.generate(with(`"max_wrong_attempts":101`))
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { a.quietly("PUT", validatePath, byToken(wrong(code), token)) })
	}
	wg.Wait()
	a.validated(byToken(wrong(code), token), 400, wrongCode(0))
	a.validated(byToken(code, token), 400, usedUp)
}

// quietly is for goroutines, which must not end a test.
func (a *account) quietly(method, path, body string) {
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.URL+path, strings.NewReader(body))
	if !assert.NoError(a.t, err) {
		return
	}
	req.Header.Set("api-login", a.APILogin)
	req.Header.Set("api-key", a.APIKey)
	resp, err := a.client.Do(req)
	if assert.NoError(a.t, err) {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}

// accepted counts the requests that did what they asked for.
func (a *account) accepted() (n int) {
	for _, r := range a.Requests() {
		if r.Accepted {
			n++
		}
	}
	return n
}

func TestInboxNext(t *testing.T) {
	a := start(t)
	code, _ := a.generate(`{"phone_number":"0033 6 11 22 33 44"}`)
	m, err := a.Inbox.Next(t.Context(), phone)
	require.NoError(t, err)
	assert.Equal(t, code, m.Code)
}

func TestClockRunsByDefault(t *testing.T) {
	srv := smsfactortest.NewServer(smsfactortest.WithClock(nil))
	defer srv.Close()
	assert.WithinDuration(t, time.Now(), srv.Clock.Now(), time.Second)
}
