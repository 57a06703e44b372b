package insidertest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

var posts = []string{"generate", "check", "channel/create", "channel/update", "template/create", "template/update"}

func TestUnauthorized(t *testing.T) {
	a := start(t)
	for _, key := range []string{"", "wrong", a.APIKey + "x", strings.ToLower(a.APIKey)} {
		for _, op := range append(posts, "template/list") {
			method := "POST"
			if op == "template/list" {
				method = "GET"
			}
			resp, got := a.send(method, "/v1/"+op, "not even JSON", "X-INS-AUTH-KEY", key)
			assert.Equal(t, 401, resp.StatusCode, op)
			assert.Equal(t, `{"errors":[{"message":"unauthorized"}]}`, got, op)
		}
	}
}

func TestKeyHeaderInAnyCase(t *testing.T) {
	a := start(t, insidertest.WithAPIKey("1a2b3c4d5e6f"))
	assert.Equal(t, "1a2b3c4d5e6f", a.APIKey)
	resp, _ := a.send("POST", "/v1/generate", smsBody, "x-ins-auth-key", "1a2b3c4d5e6f")
	assert.Equal(t, 202, resp.StatusCode)
}

func TestKeysAreRandom(t *testing.T) {
	a, b := start(t), start(t, insidertest.WithAPIKey(""))
	assert.NotEmpty(t, b.APIKey)
	assert.NotEqual(t, a.APIKey, b.APIKey)
}

func TestUnknownPathsAndMethods(t *testing.T) {
	a := start(t)
	for _, path := range []string{"/", "/v1", "/v1/generate/", "/generate", "/v1/channel/generate", "/v1/channel/list", "/v1/resend"} {
		resp, got := a.send("POST", path, smsBody)
		assert.Equal(t, 404, resp.StatusCode, path)
		assert.Equal(t, failure("not found"), got, path)
	}
	for _, op := range posts {
		resp, got := a.send("GET", "/v1/"+op, "")
		assert.Equal(t, 405, resp.StatusCode, op)
		assert.Equal(t, failure("method not allowed"), got, op)
		assert.Equal(t, "POST", resp.Header.Get("Allow"), op)
	}
	resp, got := a.send("POST", "/v1/template/list", "{}")
	assert.Equal(t, 405, resp.StatusCode)
	assert.Equal(t, failure("method not allowed"), got)
}

// fill lets n numbers hold the codes 0000 to n-1, straight into the handler: over a port it would
// take long.
func fill(t *testing.T, a *account, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := worker; i < n; i += 8 {
				body := fmt.Sprintf(`{"channel":"whatsapp","to":"+90500000%04d","custom-code":"%04d"}`, i, i)
				r := httptest.NewRequest("POST", "/v1/generate", strings.NewReader(body))
				r.Header.Set("X-INS-AUTH-KEY", a.APIKey)
				w := httptest.NewRecorder()
				a.ServeHTTP(w, r)
				if !assert.Equal(t, 202, w.Code, w.Body.String()) {
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestConcurrentUniqueCodes(t *testing.T) {
	a := start(t)
	a.client.Transport = &http.Transport{MaxConnsPerHost: 20}
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			to := fmt.Sprintf("+9053200000%02d", i)
			post(t, a, "/v1/generate", `{"channel":"whatsapp","to":"`+to+`","code-length":4,"is-unique":true}`)
			code, ok := a.Code(to)
			assert.True(t, ok)
			post(t, a, "/v1/check", `{"to":"`+to+`","code":"`+wrong(code)+`"}`)
		})
	}
	wg.Wait()
	codes := map[string]bool{}
	for _, m := range a.Inbox.All() {
		codes[m.Code] = true
	}
	assert.Len(t, codes, 100)
	assert.Len(t, a.Requests(), 200)
}

func TestConcurrentChecksSucceedOnce(t *testing.T) {
	a := start(t)
	a.client.Transport = &http.Transport{MaxConnsPerHost: 20}
	code := a.generateSMS()
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { post(t, a, "/v1/check", `{"to":"+905321234567","code":"`+code+`"}`) })
	}
	wg.Wait()
	accepted := 0
	for _, r := range a.Requests() {
		if r.Operation == "check" && r.Accepted {
			accepted++
		}
	}
	assert.Equal(t, 1, accepted)
}

// post is for goroutines, which must not end a test.
func post(t *testing.T, a *account, path, body string) {
	req, err := http.NewRequestWithContext(t.Context(), "POST", a.URL+path, strings.NewReader(body))
	if !assert.NoError(t, err) {
		return
	}
	req.Header.Set("X-INS-AUTH-KEY", a.APIKey)
	resp, err := a.client.Do(req)
	if assert.NoError(t, err) {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}

func TestOptionsThatCannotWork(t *testing.T) {
	for want, opt := range map[string]insidertest.Option{
		"insidertest: a key must be printable ASCII, without a space at either end":                  insidertest.WithAPIKey("key\n"),
		"insidertest: WithChannel: must be whatsapp, or sms with a brand name of 3 to 30 characters": insidertest.WithChannel("voice", "Acme"),
		"insidertest: WithTemplate: needs a channel, one of its locales, and a text or name":         insidertest.WithTemplate("sms", "pt_BR", "{code}"),
	} {
		assert.PanicsWithValue(t, want, func() { insidertest.NewServer(opt) })
	}
}

func TestFaultsWithBodiesOfTheVendor(t *testing.T) {
	for want, fault := range map[string]otpsim.Fault{
		"401 " + failure("unauthorized"):                 otpsim.Status(401),
		"429 " + failure("rate limit exceeded"):          otpsim.TooMany(0),
		"500 " + failure("server error"):                 otpsim.Status(500),
		"503 " + failure("service unavailable"):          otpsim.Status(503),
		"418 " + fieldFailure("no tea today", "channel"): insidertest.Error(418, "no tea today", "channel"),
		"400 " + failure("nothing to say"):               insidertest.Error(400, "nothing to say", ""),
	} {
		a := start(t)
		a.Fail(fault)
		resp, got := a.send("POST", "/v1/generate", smsBody)
		assert.Equal(t, want, strconv.Itoa(resp.StatusCode)+" "+got)
		assert.Empty(t, a.Inbox.All())
	}
}

func TestFaultForOneNumber(t *testing.T) {
	a := start(t)
	code := a.generateSMS()
	a.Fail(otpsim.AfterAccepting(500).To(phone).Always())
	a.expect("/v1/generate", `{"channel":"sms","to":"+905321234568","custom-code":"1111"}`, 202, smsAnswer)
	a.expect("/v1/check", `{"to":"+905321234568","code":"1111"}`, 202, success)
	a.checked(code, 500, failure("server error"))
	a.Heal()
	a.checked(code, 404, notFound) // it was right, and is used up
}
