package smsfactortest_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

func TestUnauthorized(t *testing.T) {
	for _, tt := range []struct {
		quirks smsfactortest.Quirks
		status int
		body   string
	}{
		{smsfactortest.Quirks{}, 401, `{"code":101,"message":"Unauthorized."}`},
		{smsfactortest.Quirks{CredentialsWithoutCode: true}, 401, `{"message":"Unauthorized."}`},
		{smsfactortest.Quirks{CredentialsWithoutBody: true}, 401, ``},
		{smsfactortest.Quirks{ErrorsAre200: true, Strict: true, RequireJSON: true}, 401, `{"code":101,"message":"Unauthorized."}`},
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

func TestConcurrentSends(t *testing.T) {
	a := start(t)
	a.client.Transport = &http.Transport{MaxConnsPerHost: 20}
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			to := fmt.Sprintf("+3361122%04d", i)
			a.quietly("POST", generatePath, `{"phone_number":"`+to+`"}`)
			m, ok := a.Inbox.Last(to)
			assert.True(t, ok)
			a.quietly("PUT", validatePath, byToken(wrong(m.Code), m.ID))
			a.quietly("PUT", validatePath, byToken(m.Code, m.ID))
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

func TestFaultsWithBodiesOfTheVendor(t *testing.T) {
	for want, fault := range map[string]otpsim.Fault{
		`401 {"code":101,"message":"Unauthorized."}`:         otpsim.Status(401),
		`403 {"code":101,"message":"Forbidden."}`:            otpsim.Status(403),
		`429 {"message":"Too Many Requests."}`:               otpsim.TooMany(0),
		`500 {"message":"Internal Server Error."}`:           otpsim.Status(500),
		"400 " + failure(104, "Not enough credit."):          smsfactortest.Error(400, 104),
		"400 " + failure(106, "The sender is not valid."):    smsfactortest.Error(400, 106),
		"400 " + failure(117, "No correct phone number."):    smsfactortest.Error(400, 117),
		"402 " + failure(150, "No country for this prefix."): smsfactortest.Error(402, 150),
		"200 " + failure(151, "This country is not served."): smsfactortest.Error(200, 151),
		"429 " + failure(438, "Error 438."):                  smsfactortest.Error(429, 438),
	} {
		a := start(t)
		a.Fail(fault)
		resp, got := a.send("POST", generatePath, bareBody)
		assert.Equal(t, want, strconv.Itoa(resp.StatusCode)+" "+got)
		assert.Empty(t, a.Inbox.All())
	}
}

func TestFaultForOneNumber(t *testing.T) {
	a := start(t)
	code, token := a.generate(bareBody)
	a.Fail(smsfactortest.Error(400, 104).Accepted().To(phone).Always())
	resp, _ := a.send("POST", generatePath, `{"phone_number":"+33611223355"}`)
	assert.Equal(t, 200, resp.StatusCode)
	for _, spelling := range []string{phone, "0033611223344", "33 6 11 22 33 44"} {
		resp, got := a.send("POST", generatePath, `{"phone_number":"`+spelling+`"}`)
		assert.Equal(t, 400, resp.StatusCode)
		assert.Equal(t, failure(104, "Not enough credit."), got)
	}
	a.validated(byToken(code, token), 400, failure(104, "Not enough credit."))
	a.Heal()
	a.validated(byToken(code, token), 400, notFound) // it was right, and is used up
}
