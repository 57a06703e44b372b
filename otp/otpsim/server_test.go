package otpsim_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const echoed = `{"status":"success"}`

// vendor is a small made-up API: it counts how often it did its work.
type vendor struct {
	*otpsim.Server
	done atomic.Int32
}

func newVendor(t *testing.T) *vendor {
	t.Helper()
	v := &vendor{}
	v.Server = otpsim.New(otpsim.Config{
		Operations: []otpsim.Operation{
			{Name: "send", Method: "POST", Path: "/v1/{sid}/send", Recipient: recipientOf, Do: func(r *http.Request, body []byte) otpsim.Answer {
				if string(body) == "bad" {
					return otpsim.JSON(400, map[string]string{"error": r.PathValue("sid")})
				}
				v.done.Add(1)
				return otpsim.JSON(202, map[string]string{"status": "success"})
			}},
			{Name: "list", Method: "GET", Path: "/v1/list", Do: func(*http.Request, []byte) otpsim.Answer {
				return otpsim.Answer{Status: 200, Body: []byte(`{"success":false}`), Refused: true}
			}},
			{Name: "drop", Method: "DELETE", Path: "/v1/list", Do: func(*http.Request, []byte) otpsim.Answer {
				return otpsim.Answer{Status: 204}
			}},
		},
		Authorize: func(r *http.Request) int {
			if r.Header.Get("Key") == "wrong" {
				return 401
			}
			return 0
		},
		Refuse: func(status int) otpsim.Answer { return otpsim.JSON(status, http.StatusText(status)) },
	})
	v.Clock.Set(noon)
	v.Start()
	t.Cleanup(v.Close)
	return v
}

func recipientOf(_ *http.Request, body []byte) string {
	object, err := otpsim.ParseObject(body)
	if err != nil {
		return ""
	}
	return object.String("to")
}

// reply is an answer as a client sees it.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
}

func (v *vendor) do(t *testing.T, method, path, body string, header ...string) reply {
	t.Helper()
	return do(t, &http.Client{Transport: new(http.Transport)}, method, v.URL+path, body, header...)
}

func do(t *testing.T, client *http.Client, method, url, body string, header ...string) reply {
	t.Helper()
	defer client.CloseIdleConnections()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return reply{status: resp.StatusCode, header: resp.Header, body: string(got), err: err}
}

func TestRouting(t *testing.T) {
	v := newVendor(t)
	for _, tt := range []struct {
		method, path string
		status       int
		body, allow  string
	}{
		{"POST", "/v1/AB/send", 202, echoed, ""},
		{"POST", "/v1/AB/send?secret=1", 202, echoed, ""},
		{"GET", "/v1/list", 200, `{"success":false}`, ""},
		{"DELETE", "/v1/list", 204, "", ""},
		{"GET", "/v1/AB/send", 405, `"Method Not Allowed"`, "POST"},
		{"PUT", "/v1/list", 405, `"Method Not Allowed"`, "DELETE, GET"},
		{"POST", "/v1//send", 404, `"Not Found"`, ""},
		{"POST", "/v1/AB/send/", 404, `"Not Found"`, ""},
		{"POST", "//v1/AB/send", 404, `"Not Found"`, ""},
		{"POST", "/", 404, `"Not Found"`, ""},
	} {
		got := v.do(t, tt.method, tt.path, "{}")
		require.NoError(t, got.err)
		assert.Equal(t, tt.status, got.status, "%s %s", tt.method, tt.path)
		assert.Equal(t, tt.body, got.body, "%s %s", tt.method, tt.path)
		assert.Equal(t, tt.allow, got.header.Get("Allow"))
		if tt.body != "" {
			assert.Equal(t, "application/json", got.header.Get("Content-Type"))
		}
	}
}

func TestPathValues(t *testing.T) {
	v := newVendor(t)
	assert.Equal(t, `{"error":"A B"}`, v.do(t, "POST", "/v1/A%20B/send", "bad").body)
}

func TestBodyTooLong(t *testing.T) {
	v := newVendor(t)
	got := v.do(t, "POST", "/v1/AB/send", strings.Repeat("x", 1<<20+1))
	assert.Equal(t, 413, got.status)
	assert.Zero(t, v.done.Load())
}

func TestRecord(t *testing.T) {
	v := newVendor(t)
	v.do(t, "POST", "/v1/AB/send?secret=1", "{}")
	v.do(t, "POST", "/v1/AB/send", "bad")
	v.do(t, "GET", "/v1/list", "")
	v.do(t, "GET", "/nowhere", "")
	v.Fail(otpsim.Reply(500, "").Accepted())
	v.do(t, "POST", "/v1/AB/send", "{}")
	v.Fail(otpsim.Cut())
	v.do(t, "POST", "/v1/AB/send", "{}")

	assert.Equal(t, []otpsim.Request{
		{At: noon, Operation: "send", Method: "POST", Path: "/v1/AB/send", Accepted: true, Status: 202},
		{At: noon, Operation: "send", Method: "POST", Path: "/v1/AB/send", Status: 400},
		{At: noon, Operation: "list", Method: "GET", Path: "/v1/list", Status: 200},
		{At: noon, Method: "GET", Path: "/nowhere", Status: 404},
		{At: noon, Operation: "send", Method: "POST", Path: "/v1/AB/send", Accepted: true, Status: 500},
		{At: noon, Operation: "send", Method: "POST", Path: "/v1/AB/send"},
	}, v.Requests())
}

func TestRecordIsBounded(t *testing.T) {
	v := newVendor(t)
	req := httptest.NewRequest("GET", "/v1/list", nil)
	v.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/first", nil))
	for range 10_000 {
		v.ServeHTTP(httptest.NewRecorder(), req)
	}
	requests := v.Requests()
	assert.Len(t, requests, 10_000)
	assert.Equal(t, "/v1/list", requests[0].Path)
}

// sendMany posts n requests at once, which all have to succeed.
func sendMany(t *testing.T, url string, n int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 20}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			resp, err := client.Post(url, "", strings.NewReader("{}"))
			if assert.NoError(t, err) {
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				assert.Equal(t, 2, resp.StatusCode/100)
			}
		})
	}
	wg.Wait()
}

func TestConcurrentRequests(t *testing.T) {
	v := newVendor(t)
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 20}}
	defer client.CloseIdleConnections()
	v.Fail(otpsim.Reply(500, "").Times(30))
	var failed atomic.Int32
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			resp, err := client.Post(v.URL+"/v1/AB/send", "", strings.NewReader("{}"))
			if !assert.NoError(t, err) {
				return
			}
			defer func() { _ = resp.Body.Close() }()
			_, _ = io.Copy(io.Discard, resp.Body)
			if resp.StatusCode == 500 {
				failed.Add(1)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 30, failed.Load())
	assert.EqualValues(t, 70, v.done.Load())
	assert.Len(t, v.Requests(), 100)
}

func TestMountedUnderAPrefix(t *testing.T) {
	v := newVendor(t)
	mux := http.NewServeMux()
	mux.Handle("/vendor/", http.StripPrefix("/vendor", v))
	server := httptest.NewServer(mux)
	defer server.Close()
	got := do(t, server.Client(), "POST", server.URL+"/vendor/v1/AB/send", "{}")
	assert.Equal(t, 202, got.status)
	assert.Equal(t, echoed, got.body)

	v.Close()
	got = do(t, server.Client(), "POST", server.URL+"/vendor/v1/AB/send", "{}")
	assert.Equal(t, 503, got.status, "after Close a mounted handler refuses")
}

func TestCloseIsIdempotentAndConcurrent(t *testing.T) {
	v := newVendor(t)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(v.Close)
	}
	wg.Wait()
	v.Close()
	assert.Error(t, v.do(t, "POST", "/v1/AB/send", "{}").err)

	otpsim.New(otpsim.Config{Operations: []otpsim.Operation{operation("send", "POST", "/send")}}).Close() // never listened
}

func TestCloseReleasesASlowUpload(t *testing.T) {
	v := newVendor(t)
	for _, url := range []string{v.URL, mount(t, v)} {
		conn := halfUpload(t, url)
		defer func() { _ = conn.Close() }()
	}
	require.Eventually(t, func() bool { return len(v.Requests()) == 2 }, 5*time.Second, time.Millisecond)
	closesPromptly(t, v)
	assert.Zero(t, v.done.Load())
}

// halfUpload begins a request whose body does not come to its end.
func halfUpload(t *testing.T, url string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	_, err = io.WriteString(conn, "POST /v1/AB/send HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
	require.NoError(t, err)
	return conn
}

func TestBodyThatNeverEnds(t *testing.T) {
	v := newVendor(t)
	v.SetWithin(50 * time.Millisecond)
	for _, url := range []string{v.URL, mount(t, v)} {
		conn := halfUpload(t, url)
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
		answer, err := io.ReadAll(conn)
		assert.Empty(t, answer)
		assert.NoError(t, err, "the connection is closed in good order")
		_ = conn.Close()
	}
	assert.Zero(t, v.done.Load())

	v.Fail(otpsim.Delay(200 * time.Millisecond))
	assert.Equal(t, 202, v.do(t, "POST", "/v1/AB/send", "{}").status, "an answer may take longer than the request")
}

func mount(t *testing.T, handler http.Handler) (url string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func closesPromptly(t *testing.T, v *vendor) {
	t.Helper()
	closed := make(chan struct{})
	go func() { v.Close(); close(closed) }()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	select {
	case <-closed:
	case <-ctx.Done():
		t.Fatal("Close waits for a request that never ends")
	}
}
