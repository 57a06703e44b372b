package hypersendertest_test

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

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
)

var operations = []string{"request-code", "validate-code", "generate-link"}

func TestUnauthorized(t *testing.T) {
	a := start(t)
	for _, header := range []string{
		"", a.Token, "Bearer", "Bearer ", "Bearer wrong", "Bearer " + a.Token + "x", "Bearer  " + a.Token,
		"Basic " + a.Token, "Bearer " + strings.ToLower(a.Token), "Bearer " + strings.TrimPrefix(a.Token, "1|"),
	} {
		for _, operation := range operations {
			for _, path := range []string{a.path(operation), "/another/" + operation} {
				resp, got := a.send("POST", path, "not even JSON", "Authorization: "+header)
				assert.Equal(t, 401, resp.StatusCode, "%s %q", path, header)
				assert.Equal(t, `{"message":"Unauthenticated."}`, got)
			}
		}
	}
	assert.Empty(t, a.Inbox.All())
}

func TestWrongInstance(t *testing.T) {
	a := start(t)
	for _, operation := range operations {
		for _, instance := range []string{"a0b5df6a-b491-4190-80a5-38d85a2a4836", strings.ToUpper(a.Instance), a.Instance + "x", ".."} {
			resp, got := a.send("POST", "/"+instance+"/"+operation, codeBody)
			assert.Equal(t, 404, resp.StatusCode, instance)
			assert.Equal(t, message("Not Found"), got, instance)
		}
	}
	assert.Empty(t, a.Inbox.All())
}

func TestOptionsForTheAccount(t *testing.T) {
	a := start(t, hypersendertest.WithInstance("instance_1"), hypersendertest.WithToken("123|xxxxxxxx"))
	assert.Equal(t, "instance_1", a.Instance)
	assert.Equal(t, "123|xxxxxxxx", a.Token)
	resp, _ := a.send("POST", "/instance_1/request-code", codeBody, "Authorization: Bearer 123|xxxxxxxx")
	assert.Equal(t, 200, resp.StatusCode)
}

func TestAccountsAreRandom(t *testing.T) {
	a := start(t)
	b := start(t, hypersendertest.WithInstance(""), hypersendertest.WithToken(""), hypersendertest.WithNumber(""))
	assert.Regexp(t, uuidPattern, b.Instance)
	assert.Regexp(t, `^[0-9]+\|[0-9A-Za-z]{20,}$`, b.Token)
	assert.NotEqual(t, a.Instance, b.Instance)
	assert.NotEqual(t, a.Token, b.Token)
	assert.Equal(t, a.Number, b.Number)
}

func TestUnknownPathsAndMethods(t *testing.T) {
	a := start(t)
	for _, path := range []string{
		"/", "/request-code", "//request-code", "/" + a.Instance, a.path(""), a.path("request-code/"), a.path("request_code"),
		a.path("Request-Code"), "/api/otp/v2" + a.path("request-code"), a.path("otp/request-code"), a.path("status"),
	} {
		resp, got := a.send("POST", path, codeBody)
		assert.Equal(t, 404, resp.StatusCode, path)
		assert.Equal(t, message("Not Found"), got, path)
	}
	for _, operation := range operations {
		for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
			resp, got := a.send(method, a.path(operation), codeBody)
			assert.Equal(t, 405, resp.StatusCode, method)
			assert.Equal(t, message("Method Not Allowed"), got, method)
			assert.Equal(t, "POST", resp.Header.Get("Allow"))
		}
	}
	assert.Empty(t, a.Inbox.All())
}

func TestBodyTooLong(t *testing.T) {
	a := start(t)
	a.expect("request-code", strings.Repeat(" ", 1<<20)+codeBody, 413, message("Request Entity Too Large"))
}

func TestAnswersAreJSON(t *testing.T) {
	a := start(t)
	for _, body := range []string{codeBody, "{}", ""} {
		for _, headers := range [][]string{{}, {"Content-Type: text/plain", "Accept: text/html"}} { // any is taken
			resp, _ := a.post("request-code", body, headers...)
			assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
		}
	}
}

func TestRequestsAreRecorded(t *testing.T) {
	a := start(t)
	code := a.code()
	a.rejects(wrong(code), 422, wrongCode)
	a.validates(code)
	a.link()
	a.send("POST", "/nowhere", "")
	assert.Equal(t, []hypersendertest.Request{
		{At: noon, Operation: "request-code", Method: "POST", Path: a.path("request-code"), Accepted: true, Status: 200},
		{At: noon, Operation: "validate-code", Method: "POST", Path: a.path("validate-code"), Status: 422},
		{At: noon, Operation: "validate-code", Method: "POST", Path: a.path("validate-code"), Accepted: true, Status: 200},
		{At: noon, Operation: "generate-link", Method: "POST", Path: a.path("generate-link"), Accepted: true, Status: 200},
		{At: noon, Method: "POST", Path: "/nowhere", Status: 404},
	}, a.Requests())
	for _, secret := range []string{a.Token, code, phone[1:]} {
		assert.NotContains(t, fmt.Sprintf("%+v", a.Requests()), secret)
	}
}

func TestMountedUnderAPrefix(t *testing.T) {
	srv := hypersendertest.NewHandler()
	defer srv.Close()
	assert.Empty(t, srv.URL)
	mux := http.NewServeMux()
	mux.Handle("/hypersender/", http.StripPrefix("/hypersender", srv))
	outer := httptest.NewServer(mux)
	defer outer.Close()

	a := &account{Server: srv, t: t, client: outer.Client()}
	srv.URL = outer.URL + "/hypersender"
	a.validates(a.code())
	_, err := a.OpenLink(a.link().Link, "")
	require.NoError(t, err)
	resp, got := a.send("POST", "/nowhere", "")
	assert.Equal(t, 404, resp.StatusCode)
	assert.Equal(t, message("Not Found"), got)

	srv.Close()
	resp, got = a.post("request-code", codeBody)
	assert.Equal(t, 503, resp.StatusCode)
	assert.Equal(t, message("Server Error"), got)
}

func TestCloseTwice(t *testing.T) {
	a := start(t)
	a.code()
	a.Close()
	a.Close()
	req, err := http.NewRequestWithContext(t.Context(), "POST", a.URL, http.NoBody)
	require.NoError(t, err)
	_, err = a.client.Do(req)
	assert.Error(t, err)
}

func TestConcurrentChats(t *testing.T) {
	a := start(t)
	a.client.Transport = &http.Transport{MaxConnsPerHost: 20}
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			to := fmt.Sprintf("202000000%02d", i)
			hurry(t, a, "request-code", strings.Replace(codeBody, "20123456789", to, 1))
			hurry(t, a, "generate-link", strings.Replace(linkBody, "20123456789", to, 1))
			code, ok := a.Code(to)
			assert.True(t, ok)
			m, _ := a.Inbox.Last("+" + to)
			hurry(t, a, "validate-code", strings.Replace(typed(code), "20123456789", to, 1))
			status, _ := a.StatusOf(m.ID)
			assert.Equal(t, "validated", status)
		})
	}
	wg.Wait()
	assert.Len(t, a.Inbox.All(), 100)
	assert.Len(t, a.Requests(), 300)
}

func TestConcurrentValidationsSucceedOnce(t *testing.T) {
	a := start(t)
	a.client.Transport = &http.Transport{MaxConnsPerHost: 20}
	code := a.code()
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { hurry(t, a, "validate-code", typed(code)) })
	}
	wg.Wait()
	accepted := 0
	for _, r := range a.Requests() {
		if r.Operation == "validate-code" && r.Accepted {
			accepted++
		}
	}
	assert.Equal(t, 1, accepted)
}

func TestConcurrentOpeningsVerifyOnce(t *testing.T) {
	a := start(t)
	link := a.link()
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			_, err := a.OpenLink(link.Link, "")
			assert.NoError(t, err)
			a.Hold()
			a.Release()
			_ = a.Callbacks()
		})
	}
	wg.Wait()
	assert.Len(t, a.Callbacks(), 1)
	assert.Len(t, a.Inbox.All(), 100)
}

// hurry posts from a goroutine, which must not end a test.
func hurry(t *testing.T, a *account, operation, body string) {
	req, err := http.NewRequestWithContext(t.Context(), "POST", a.URL+a.path(operation), strings.NewReader(body))
	if !assert.NoError(t, err) {
		return
	}
	req.Header.Set("Authorization", "Bearer "+a.Token)
	resp, err := a.client.Do(req)
	if assert.NoError(t, err) {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}

func TestInboxNext(t *testing.T) {
	a := start(t)
	code := a.code()
	m, err := a.Inbox.Next(t.Context(), phone)
	require.NoError(t, err)
	assert.Equal(t, code, m.Code)
}

func TestSharedClock(t *testing.T) {
	clock := new(hypersendertest.Clock)
	a := start(t, hypersendertest.WithClock(clock))
	assert.Same(t, clock, a.Clock)
	code := a.code()
	clock.Advance(time.Hour)
	a.rejects(code, 422, expiredCode)
}

func TestClockRunsByDefault(t *testing.T) {
	srv := hypersendertest.NewServer(hypersendertest.WithClock(nil))
	defer srv.Close()
	assert.WithinDuration(t, time.Now(), srv.Clock.Now(), time.Second)
}
