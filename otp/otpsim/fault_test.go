package otpsim_test

import (
	"context"
	"io"
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
		{"redirect", otpsim.Redirect(307, "https://elsewhere.example/x"), 307, ``, "", "Location: https://elsewhere.example/x", false},
		{"too many", otpsim.TooMany(1500*time.Millisecond, `{}`), 429, `{}`, "application/json", "Retry-After: 2", false},
		{"too many, no pause named", otpsim.TooMany(0, ``), 429, ``, "", "Retry-After: ", false},
		{"truncated", otpsim.Truncated(), 202, `{"status":`, "application/json", "", true},
		{"empty", otpsim.Empty(), 202, ``, "", "", true},
		{"delay", otpsim.Delay(5 * time.Millisecond), 202, echoed, "application/json", "", true},
		{"drip", otpsim.Drip(time.Millisecond), 202, echoed, "application/json", "", true},
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
			req, err := http.NewRequestWithContext(ctx, "POST", v.url+"/v1/AB/send", strings.NewReader("{}"))
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
			for _, url := range []string{v.url, mount(t, v)} {
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
	v.Fail(otpsim.Cut())
	w := httptest.NewRecorder()
	v.ServeHTTP(w, httptest.NewRequest("POST", "/v1/AB/send", nil))
	assert.Equal(t, 500, w.Code)
	assert.Contains(t, w.Body.String(), "this connection cannot be cut")
}
