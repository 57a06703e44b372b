package insidertest_test

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

	"github.com/otp-sdk/otp-go/insider/insidertest"
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

func TestBodyTooLong(t *testing.T) {
	a := start(t)
	resp, got := a.send("POST", "/v1/generate", strings.Repeat(" ", 1<<20)+"{}")
	assert.Equal(t, 413, resp.StatusCode)
	assert.Equal(t, failure("request entity too large"), got)
}

func TestRepliesAreJSON(t *testing.T) {
	a := start(t)
	for _, body := range []string{smsBody, "{}"} {
		resp, _ := a.send("POST", "/v1/generate", body, "Content-Type", "text/plain") // any type is taken
		assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	}
}

func TestRequestsAreRecorded(t *testing.T) {
	a := start(t)
	code := a.generateSMS()
	a.checked(wrong(code), 401, wrongOnSMS)
	a.expect("/v1/check/", `{"to":"+905321234567","code":"`+code+`"}`, 202, success)
	a.send("POST", "/v1/nowhere", "")
	assert.Equal(t, []insidertest.Request{
		{At: noon, Operation: "generate", Method: "POST", Path: "/v1/generate", Accepted: true, Status: 202},
		{At: noon, Operation: "check", Method: "POST", Path: "/v1/check", Status: 401},
		{At: noon, Operation: "check", Method: "POST", Path: "/v1/check/", Accepted: true, Status: 202},
		{At: noon, Method: "POST", Path: "/v1/nowhere", Status: 404},
	}, a.Requests())
	assert.NotContains(t, fmt.Sprintf("%+v", a.Requests()), a.APIKey)
	assert.NotContains(t, fmt.Sprintf("%+v", a.Requests()), code)
}

func TestMountedUnderAPrefix(t *testing.T) {
	srv := insidertest.NewHandler()
	defer srv.Close()
	assert.Empty(t, srv.URL)
	mux := http.NewServeMux()
	mux.Handle("/insider/", http.StripPrefix("/insider", srv))
	outer := httptest.NewServer(mux)
	defer outer.Close()

	a := &account{Server: srv, t: t, client: outer.Client()}
	srv.URL = outer.URL + "/insider"
	a.checked(a.generateSMS(), 202, success)
	resp, got := a.send("GET", "/v1/nowhere", "")
	assert.Equal(t, 404, resp.StatusCode)
	assert.Equal(t, failure("not found"), got)
}

func TestCloseTwice(t *testing.T) {
	srv := insidertest.NewServer()
	srv.Close()
	srv.Close()
	_, err := http.Get(srv.URL)
	assert.Error(t, err)
}

// fill lets n numbers hold the codes 0000 to n-1, straight into the handler: over a port it would take long.
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

func TestInboxNext(t *testing.T) {
	a := start(t)
	code := a.generateSMS()
	m, err := a.Inbox.Next(t.Context(), phone)
	require.NoError(t, err)
	assert.Equal(t, code, m.Code)
}

func TestClockRunsByDefault(t *testing.T) {
	srv := insidertest.NewServer(insidertest.WithClock(nil))
	defer srv.Close()
	assert.WithinDuration(t, time.Now(), srv.Clock.Now(), time.Second)
}
