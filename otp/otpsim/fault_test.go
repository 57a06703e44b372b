package otpsim_test

import (
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func TestFaultsThatAnswer(t *testing.T) {
	for _, tt := range []struct {
		name        string
		fault       otpsim.Fault
		status      int
		body        string
		contentType string
		header      string // "Name: value"
		processed   bool
	}{
		{"reply", otpsim.Reply(503, `{"a":1}`), 503, `{"a":1}`, "application/json", "", false},
		{"reply with text", otpsim.Reply(502, `upstream`), 502, `upstream`, "text/plain; charset=utf-8", "", false},
		{"reply accepted", otpsim.Reply(500, `{}`).Accepted(), 500, `{}`, "application/json", "", true},
		{"reply with header", otpsim.Reply(418, ``).WithHeader("x-trace", "7"), 418, ``, "", "X-Trace: 7", false},
		{"own content type", otpsim.Reply(200, `{}`).WithHeader("content-type", "text/json"), 200, `{}`, "text/json", "", false},
		{"no such status", otpsim.Reply(42, ``), 500, ``, "", "", false},
		{"html", otpsim.HTML(502), 502, "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>\n", "text/html; charset=utf-8", "", false},
		{"html accepted", otpsim.HTML(200).Accepted(), 200, "<html><head><title>200 OK</title></head><body><center><h1>200 OK</h1></center></body></html>\n", "text/html; charset=utf-8", "", true},
		{"status", otpsim.Status(403), 403, `"Forbidden"`, "application/json", "", false},
		{"after accepting", otpsim.AfterAccepting(500), 500, `"Internal Server Error"`, "application/json", "", true},
		{"redirect", otpsim.Redirect(307, "https://elsewhere.example/x"), 307, ``, "", "Location: https://elsewhere.example/x", false},
		{"too many", otpsim.TooMany(1500 * time.Millisecond), 429, `"Too Many Requests"`, "application/json", "Retry-After: 2", false},
		{"too many, without a pause", otpsim.TooMany(0), 429, `"Too Many Requests"`, "application/json", "Retry-After: ", false},
		{"any Retry-After", otpsim.TooMany(0).WithHeader("retry-after", "soon"), 429, `"Too Many Requests"`, "application/json", "Retry-After: soon", false},
		{"truncated", otpsim.Truncated(), 202, `{"status":`, "application/json", "", true},
		{"empty", otpsim.Empty(), 202, ``, "", "", true},
		{"delay", otpsim.Delay(5 * time.Millisecond), 202, echoed, "application/json", "", true},
		{"drip", otpsim.Drip(time.Millisecond), 202, echoed, "application/json", "", true},
		{"byte order mark", otpsim.WithBOM(), 202, "\uFEFF" + echoed, "application/json", "", true},
		{"change", otpsim.Change("errors", func(a otpsim.Answer) otpsim.Answer {
			a.Body = []byte(strings.Replace(string(a.Body), "{", `{"errors":null,`, 1))
			return a
		}), 202, `{"errors":null,` + echoed[1:], "application/json", "", true},
		{"success as", otpsim.SuccessAs(500), 500, echoed, "application/json", "", true},
		{"the zero Fault", otpsim.Fault{}, 202, echoed, "application/json", "", true},
		{"header on the own answer", otpsim.Delay(0).WithHeader("X-Id", "1"), 202, echoed, "application/json", "X-Id: 1", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := newVendor(t)
			v.Fail(tt.fault)
			got := v.do(t, "POST", "/v1/AB/send", "{}")
			require.NoError(t, got.err)
			assert.Equal(t, tt.status, got.status)
			assert.Equal(t, tt.body, got.body)
			assert.Equal(t, tt.contentType, got.header.Get("Content-Type"))
			if name, value, ok := strings.Cut(tt.header, ": "); ok {
				assert.Equal(t, value, got.header.Get(name))
			}
			assert.Equal(t, tt.processed, v.done.Load() == 1)
			assert.Equal(t, tt.processed, v.Requests()[0].Accepted)

			assert.Equal(t, echoed, v.do(t, "POST", "/v1/AB/send", "{}").body, "a fault is for one request")
		})
	}
}

func TestFaultsThatDoNotAnswer(t *testing.T) {
	for _, tt := range []struct {
		name      string
		fault     otpsim.Fault
		err       error
		processed bool
	}{
		{"cut", otpsim.Cut(), io.EOF, false},
		{"cut accepted", otpsim.Cut().Accepted(), io.EOF, true},
		{"reset", otpsim.Reset(), syscall.ECONNRESET, false},
		{"reset accepted", otpsim.Reset().Accepted(), syscall.ECONNRESET, true},
		{"cut later", otpsim.Cut().After(5 * time.Millisecond), io.EOF, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := newVendor(t)
			v.Fail(tt.fault)
			got := v.do(t, "POST", "/v1/AB/send", "{}")
			assert.ErrorIs(t, got.err, tt.err)
			assert.Equal(t, tt.processed, v.done.Load() == 1)
			assert.Zero(t, v.Requests()[0].Status)
		})
	}
}

func TestWhatWaitsEndsWhenTheClientLeaves(t *testing.T) {
	for name, fault := range map[string]otpsim.Fault{
		"hang":  otpsim.Hang().Accepted(),
		"delay": otpsim.Delay(time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			v := newVendor(t)
			v.Fail(fault)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				assert.Eventually(t, func() bool { return v.done.Load() == 1 }, 5*time.Second, time.Millisecond)
				cancel()
			}()
			req, err := http.NewRequestWithContext(ctx, "POST", v.URL+"/v1/AB/send", strings.NewReader("{}"))
			require.NoError(t, err)
			_, err = new(http.Transport).RoundTrip(req)
			assert.ErrorIs(t, err, context.Canceled)
			assert.Zero(t, v.Requests()[0].Status)
			closesPromptly(t, v)
		})
	}
}

func TestCloseReleasesWhatWaits(t *testing.T) {
	for name, fault := range map[string]otpsim.Fault{
		"hang":    otpsim.Hang(),
		"delay":   otpsim.Delay(time.Hour),
		"drip":    otpsim.Drip(time.Hour),
		"endless": otpsim.Endless(),
	} {
		t.Run(name, func(t *testing.T) {
			v := newVendor(t)
			v.Fail(fault.Times(2))
			answers := make(chan error, 2)
			for _, url := range []string{v.URL, mount(t, v)} {
				go func() {
					transport := new(http.Transport)
					defer transport.CloseIdleConnections()
					resp, err := (&http.Client{Transport: transport}).Post(url+"/v1/AB/send", "", nil)
					if err == nil {
						_, err = io.Copy(io.Discard, resp.Body)
						_ = resp.Body.Close()
					}
					answers <- err
				}()
			}
			require.Eventually(t, func() bool { return len(v.Requests()) == 2 }, 5*time.Second, time.Millisecond)
			closesPromptly(t, v)
			for range 2 {
				assert.Error(t, <-answers, "a request that was interrupted must not look answered")
			}
		})
	}
}

func TestEndless(t *testing.T) {
	v := newVendor(t)
	v.Fail(otpsim.Endless(), otpsim.Endless().Accepted())
	got := v.do(t, "POST", "/v1/AB/send", "{}")
	assert.NoError(t, got.err)
	assert.Equal(t, 200, got.status)
	assert.Len(t, got.body, 1<<20, "as much as the client wants")
	assert.Empty(t, strings.TrimSpace(got.body))
	assert.Equal(t, "application/json", got.header.Get("Content-Type"))
	assert.Zero(t, v.done.Load())

	assert.Equal(t, 202, v.do(t, "POST", "/v1/AB/send", "{}").status, "the vendor's own status")
	assert.EqualValues(t, 1, v.done.Load())
	closesPromptly(t, v)
}

func TestDripArrivesByteByByte(t *testing.T) {
	v := newVendor(t)
	v.Fail(otpsim.Drip(time.Millisecond))
	start := time.Now()
	v.do(t, "POST", "/v1/AB/send", "{}")
	assert.Greater(t, time.Since(start), time.Duration(len(echoed))*time.Millisecond)
}

func TestFaultsAreForTheRightRequests(t *testing.T) {
	v := newVendor(t)
	v.Fail(
		otpsim.Reply(501, "").On("send").Times(2),
		otpsim.Reply(502, "").On("/v1/list"),
		otpsim.Reply(503, ""),
	)
	status := func(method, path string) int { return v.do(t, method, path, "{}").status }
	assert.Equal(t, 502, status("GET", "/v1/list"))
	assert.Equal(t, 501, status("POST", "/v1/AB/send"))
	assert.Equal(t, 503, status("GET", "/nowhere"), "without On a fault is for any request")
	assert.Equal(t, 501, status("POST", "/v1/AB/send"))
	assert.Equal(t, 202, status("POST", "/v1/AB/send"))
	assert.Empty(t, v.Faults())
}

func TestAlwaysLastsUntilHeal(t *testing.T) {
	v := newVendor(t)
	v.Fail(otpsim.Reply(500, "").Always())
	for range 5 {
		assert.Equal(t, 500, v.do(t, "POST", "/v1/AB/send", "{}").status)
	}
	assert.Len(t, v.Faults(), 1)
	v.Heal()
	assert.Empty(t, v.Faults())
	assert.Equal(t, 202, v.do(t, "POST", "/v1/AB/send", "{}").status)
}

func TestFaultsDescribeThemselves(t *testing.T) {
	for want, fault := range map[string]otpsim.Fault{
		"cut": otpsim.Cut(),
		"reply 500 after accepting, on generate, 2 times": otpsim.Reply(500, "").Accepted().On("generate").Times(2),
		"delay, after 1s, always":                         otpsim.Delay(time.Second).Always(),
		"html 502":                                        otpsim.HTML(502),
		"gzip, to +905321234567":                          otpsim.Gzip().To("905321234567"),
		"nothing":                                         {},
	} {
		assert.Equal(t, want, fault.String())
	}
}

func TestFaultIsAValue(t *testing.T) {
	base := otpsim.Reply(500, "").WithHeader("A", "1")
	_ = base.WithHeader("A", "2").On("send").Times(3).Accepted()
	v := newVendor(t)
	v.Fail(base)
	got := v.do(t, "GET", "/v1/list", "")
	assert.Equal(t, 500, got.status)
	assert.Equal(t, "1", got.header.Get("A"))
}

func TestConnectionThatCannotBeCut(t *testing.T) {
	v := newVendor(t)
	for _, fault := range []otpsim.Fault{otpsim.Cut(), otpsim.TooLong()} {
		v.Fail(fault)
		w := httptest.NewRecorder()
		v.ServeHTTP(w, httptest.NewRequest("POST", "/v1/AB/send", nil))
		assert.Equal(t, 500, w.Code)
		assert.Contains(t, w.Body.String(), "this connection cannot be taken over")
	}
}

func TestGzipThatNobodyAskedFor(t *testing.T) {
	v := newVendor(t)
	v.Fail(otpsim.Gzip())
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	got := do(t, client, "POST", v.URL+"/v1/AB/send", "{}")
	require.NoError(t, got.err)
	assert.Equal(t, 202, got.status)
	assert.Equal(t, "gzip", got.header.Get("Content-Encoding"))
	assert.Equal(t, "application/json", got.header.Get("Content-Type"))
	reader, err := gzip.NewReader(strings.NewReader(got.body))
	require.NoError(t, err)
	body, err := io.ReadAll(reader)
	require.NoError(t, err)
	assert.Equal(t, echoed, string(body))
}

func TestTooLong(t *testing.T) {
	v := newVendor(t)
	v.Fail(otpsim.TooLong().WithHeader("X-Id", "1"))
	conn, err := net.Dial("tcp", strings.TrimPrefix(v.URL, "http://"))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = io.WriteString(conn, "POST /v1/AB/send HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
	require.NoError(t, err)
	raw, err := io.ReadAll(conn)
	require.NoError(t, err)
	assert.Equal(t, "HTTP/1.1 202 Accepted\r\nContent-Length: 20\r\nContent-Type: application/json\r\nX-Id: 1\r\n\r\n"+echoed+echoed, string(raw))
	assert.EqualValues(t, 1, v.done.Load())
	assert.Equal(t, 202, v.Requests()[0].Status)
}

func TestFaultsForOneNumber(t *testing.T) {
	v := newVendor(t)
	v.Fail(otpsim.Reply(503, "").To("+905321234567").Times(2), otpsim.Reply(504, "").To("14155550123"))
	status := func(body string) int { return v.do(t, "POST", "/v1/AB/send", body).status }
	assert.Equal(t, 202, status(`{"to":"+905321234568"}`))
	assert.Equal(t, 503, status(`{"to":"+905321234567"}`))
	assert.Equal(t, 504, status(`{"to":"+14155550123"}`))
	assert.Equal(t, 503, status(`{"to":"905321234567"}`), "with or without its +")
	assert.Equal(t, 202, status(`{"to":"+905321234567"}`))

	v.Fail(otpsim.Reply(503, "").To("+905321234567").On("send").Always())
	for _, body := range []string{`{}`, `nonsense`, ``} {
		assert.Equal(t, 202, status(body), "a request that does not say is about nobody")
	}
	assert.Equal(t, 200, v.do(t, "GET", "/v1/list", "").status, "an operation that never says")
	assert.Equal(t, 404, v.do(t, "GET", "/nowhere", `{"to":"+905321234567"}`).status)
	assert.Equal(t, 503, status(`{"to":"+905321234567"}`))
}
