package kaleyratest_test

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

	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
)

func TestWrongKey(t *testing.T) {
	a := start(t)
	for _, key := range []string{"", "wrong", a.APIKey + "x", strings.ToLower(a.APIKey)} {
		for _, path := range []string{a.generatePath(), a.validatePath()} {
			resp, got := a.send("POST", path, "not even JSON", "api-key", key)
			assert.Equal(t, 401, resp.StatusCode, path)
			assert.Equal(t, rbc001, got, path)
		}
	}
	resp, _ := a.send("POST", a.generatePath(), sendBody, "api-key", "", "Authorization", "Bearer "+a.APIKey)
	assert.Equal(t, 401, resp.StatusCode, "the key has one header")
	assert.Empty(t, a.Inbox.All())
}

func TestWrongSID(t *testing.T) {
	a := start(t)
	for _, sid := range []string{"HXXXXXXX071US", strings.ToLower(a.SID), a.SID + "X", a.APIKey, "%20" + a.SID} {
		a.expect("/v1/"+sid+"/verify", "not even JSON", 401, rbc001)
		a.expect("/v1/"+sid+"/verify/validate", "not even JSON", 401, rbc001)
	}
}

func TestSIDAndKeyBelongTogether(t *testing.T) {
	a, b := start(t), start(t)
	a.expect(b.generatePath(), sendBody, 401, rbc001)
	resp, got := a.send("POST", a.generatePath(), sendBody, "api-key", b.APIKey)
	assert.Equal(t, 401, resp.StatusCode)
	assert.Equal(t, rbc001, got)
}

func TestCredentialsOfOnesOwn(t *testing.T) {
	a := start(t, kaleyratest.WithSID("HXXXXXXX071US"), kaleyratest.WithAPIKey("Ac4XXXXX21f"))
	assert.Equal(t, "HXXXXXXX071US", a.SID)
	assert.Equal(t, "Ac4XXXXX21f", a.APIKey)
	resp, got := a.send("POST", "/v1/HXXXXXXX071US/verify", sendBody, "API-Key", "Ac4XXXXX21f")
	assert.Equal(t, 200, resp.StatusCode, got)
	a.SID, a.APIKey = "other", "other" // the fields are for reading
	a.expect(a.generatePath(), sendBody, 401, rbc001)
}

func TestCredentialsAreRandom(t *testing.T) {
	a, b := start(t), start(t, kaleyratest.WithAPIKey(""), kaleyratest.WithSID(""))
	for _, srv := range []*account{a, b} {
		assert.Regexp(t, `^HX[0-9A-Z]{8}[0-9]{3}IN$`, srv.SID)
		assert.NotEmpty(t, srv.APIKey)
		assert.Regexp(t, uuidV4, srv.FlowID)
		assert.Regexp(t, `^http://127\.0\.0\.1:[0-9]+$`, srv.URL)
	}
	assert.NotEqual(t, a.SID, b.SID)
	assert.NotEqual(t, a.APIKey, b.APIKey)
	assert.NotEqual(t, a.FlowID, b.FlowID)
}

func TestUnknownPathsAndMethods(t *testing.T) {
	a := start(t)
	for _, path := range []string{
		"/", "/v1", "/verify", "/v1/verify", "/v1//verify", "/v2/" + a.SID + "/verify", "/v1/" + a.SID,
		a.generatePath() + "/", a.validatePath() + "/", a.generatePath() + "/otp", a.generatePath() + "/resend",
	} {
		a.expect(path, sendBody, 404, `{"message":"not found"}`)
	}
	for _, path := range []string{a.generatePath(), a.validatePath()} {
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			resp, got := a.send(method, path, "")
			assert.Equal(t, 405, resp.StatusCode, path)
			assert.Equal(t, `{"message":"method not allowed"}`, got, path)
			assert.Equal(t, "POST", resp.Header.Get("Allow"), path)
		}
	}
}

func TestBodyTooLong(t *testing.T) {
	a := start(t)
	a.expect(a.generatePath(), strings.Repeat(" ", 1<<20)+"{}", 413, `{"message":"request entity too large"}`)
}

func TestRepliesAreJSON(t *testing.T) {
	a := start(t)
	for _, body := range []string{sendBody, "{}", "nonsense"} {
		resp, _ := a.send("POST", a.generatePath(), body, "Content-Type", "text/plain") // any type is taken
		assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	}
}

func TestRequestsAreRecorded(t *testing.T) {
	a := start(t)
	id, code := a.generate(sendBody)
	a.validated(id, wrong(code), 400, e912)
	a.validated(id, code, 200, verifiedBody(id))
	a.send("POST", "/v1/nowhere", "")
	assert.Equal(t, []kaleyratest.Request{
		{At: noon, Operation: "generate", Method: "POST", Path: a.generatePath(), Accepted: true, Status: 200},
		{At: noon, Operation: "validate", Method: "POST", Path: a.validatePath(), Status: 400},
		{At: noon, Operation: "validate", Method: "POST", Path: a.validatePath(), Accepted: true, Status: 200},
		{At: noon, Method: "POST", Path: "/v1/nowhere", Status: 404},
	}, a.Requests())
	for _, secret := range []string{a.APIKey, code, digits} {
		assert.NotContains(t, fmt.Sprintf("%+v", a.Requests()), secret)
	}
}

func TestMountedUnderAPrefix(t *testing.T) {
	srv := kaleyratest.NewHandler()
	defer srv.Close()
	assert.Empty(t, srv.URL)
	mux := http.NewServeMux()
	mux.Handle("/kaleyra/", http.StripPrefix("/kaleyra", srv))
	outer := httptest.NewServer(mux)
	defer outer.Close()

	a := &account{Server: srv, t: t, client: outer.Client()}
	srv.URL = outer.URL + "/kaleyra"
	id, code := a.generate(sendBody)
	a.validated(id, code, 200, verifiedBody(id))
	a.expect("/v1/nowhere", "", 404, `{"message":"not found"}`)
}

func TestHandlerAfterClose(t *testing.T) {
	srv := kaleyratest.NewHandler()
	srv.Close()
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, httptest.NewRequest("POST", "/v1/x/verify", nil))
	assert.Equal(t, 503, w.Code)
	assert.Equal(t, `{"message":"service unavailable"}`, w.Body.String())
}

func TestCloseTwice(t *testing.T) {
	a := start(t)
	a.Close()
	a.Close()
	_, err := a.client.Get(a.URL)
	assert.Error(t, err)
}

func TestClockRunsByDefault(t *testing.T) {
	srv := kaleyratest.NewServer(kaleyratest.WithClock(nil))
	defer srv.Close()
	assert.WithinDuration(t, time.Now(), srv.Clock.Now(), time.Second)
}

func TestConcurrentVerifications(t *testing.T) {
	a := start(t)
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			to := fmt.Sprintf("+1202555%04d", i)
			post(a, a.generatePath(), `{"to":{"mobile":"`+to+`"}}`)
			m, ok := a.Inbox.Last(to)
			assert.True(t, ok)
			assert.Contains(t, post(a, a.validatePath(), validateBody(m.ID, wrong(m.Code))), "E912")
			assert.Equal(t, verifiedBody(m.ID), post(a, a.validatePath(), validateBody(m.ID, m.Code)))
		})
	}
	wg.Wait()
	ids := map[string]bool{}
	for _, m := range a.Inbox.All() {
		ids[m.ID] = true
	}
	assert.Len(t, ids, 100)
	assert.Len(t, a.Requests(), 300)
}

func TestConcurrentValidationsSucceedOnce(t *testing.T) {
	a := start(t)
	id, code := a.generate(sendBody)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { post(a, a.validatePath(), validateBody(id, code)) })
	}
	wg.Wait()
	assert.Equal(t, 1, acceptedValidations(a))
}

func TestConcurrentWrongCodesAreCounted(t *testing.T) {
	a := start(t, withFlow(kaleyratest.Flow{Default: true, MaxAttempts: 10}))
	id, code := a.generate(sendBody)
	var mu sync.Mutex
	answers := map[string]int{}
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			answer := post(a, a.validatePath(), validateBody(id, wrong(code)))
			mu.Lock()
			defer mu.Unlock()
			answers[answer]++
		})
	}
	wg.Wait()
	assert.Equal(t, map[string]int{e912: 10, e911: 90}, answers)
}

func acceptedValidations(a *account) int {
	n := 0
	for _, r := range a.Requests() {
		if r.Operation == "validate" && r.Accepted {
			n++
		}
	}
	return n
}

// post is for goroutines, which must not end a test.
func post(a *account, path, body string) string {
	req, err := http.NewRequestWithContext(a.t.Context(), "POST", a.URL+path, strings.NewReader(body))
	if !assert.NoError(a.t, err) {
		return ""
	}
	req.Header.Set("api-key", a.APIKey)
	resp, err := a.client.Do(req)
	if !assert.NoError(a.t, err) {
		return ""
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	assert.NoError(a.t, err)
	return string(answer)
}
