package hypersendertest_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
)

// What a refused code is answered is short and always the same, which suits the faults that spoil an answer.
const noCodeBody = `{"success":false,"message":"` + noCode + `"}`

func TestFaultsThatAnswer(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fault  hypersendertest.Fault
		status int
		body   string
		header string // "Name: value"
		texts  int
	}{
		{"unauthenticated", hypersendertest.Status(401), 401, message("Unauthenticated."), "", 0},
		{"forbidden", hypersendertest.Status(403), 403, message("This action is unauthorized."), "", 0},
		{"not found", hypersendertest.Status(404), 404, message("Not Found"), "", 0},
		{"unprocessable", hypersendertest.Status(422), 422, message("The given data was invalid."), "", 0},
		{"server error", hypersendertest.Status(500), 500, message("Server Error"), "", 0},
		{"unavailable", hypersendertest.Status(503), 503, message("Server Error"), "", 0},
		{"success without a body", hypersendertest.Status(200), 200, "", "", 0},
		{"after accepting", hypersendertest.AfterAccepting(500), 500, message("Server Error"), "Content-Type: application/json", 1},
		{"too many", hypersendertest.TooMany(30 * time.Second), 429, tooMany, "Retry-After: 30", 0},
		{"too many, no pause named", hypersendertest.TooMany(0), 429, tooMany, "Retry-After: ", 0},
		{"reply", hypersendertest.Reply(418, `{"tea":true}`), 418, `{"tea":true}`, "Content-Type: application/json", 0},
		{"html", hypersendertest.HTML(502), 502, "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>\n", "Content-Type: text/html; charset=utf-8", 0},
		{"redirect", hypersendertest.Redirect(308, "https://elsewhere.example/"), 308, "", "Location: https://elsewhere.example/", 0},
		{"empty", hypersendertest.Empty(), 200, "", "", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t)
			a.Fail(tt.fault)
			resp, got := a.post("request-code", codeBody)
			assert.Equal(t, tt.status, resp.StatusCode)
			assert.Equal(t, tt.body, got)
			if name, value, ok := strings.Cut(tt.header, ": "); ok {
				assert.Equal(t, value, resp.Header.Get(name))
			}
			assert.Len(t, a.Inbox.All(), tt.texts)
			assert.Equal(t, tt.status, a.Requests()[0].Status)
			assert.Equal(t, tt.texts == 1, a.Requests()[0].Accepted)
		})
	}
}

func TestFaultsThatSpoilTheAnswer(t *testing.T) {
	for fault, want := range map[string]struct {
		hypersendertest.Fault
		body string
	}{
		"delay":     {hypersendertest.Delay(5 * time.Millisecond), noCodeBody},
		"truncated": {hypersendertest.Truncated(), noCodeBody[:len(noCodeBody)/2]},
		"drip":      {hypersendertest.Drip(50 * time.Microsecond), noCodeBody},
	} {
		a := start(t)
		a.Fail(want.Fault)
		resp, got := a.post("validate-code", typed("439713"))
		assert.Equal(t, 422, resp.StatusCode, fault)
		assert.Equal(t, want.body, got, fault)
		assert.Equal(t, "application/json", resp.Header.Get("Content-Type"), fault)
	}
}

func TestFaultsThatDoNotAnswer(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault hypersendertest.Fault
		err   error
		texts int
	}{
		{"cut", hypersendertest.Cut(), io.EOF, 0},
		{"cut after accepting", hypersendertest.Cut().Accepted(), io.EOF, 1},
		{"reset", hypersendertest.Reset(), syscall.ECONNRESET, 0},
		{"reset after accepting", hypersendertest.Reset().Accepted(), syscall.ECONNRESET, 1},
		{"hang", hypersendertest.Hang(), context.DeadlineExceeded, 0},
		{"hang after accepting", hypersendertest.Hang().Accepted(), context.DeadlineExceeded, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t)
			a.Fail(tt.fault)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, "POST", a.URL+a.path("request-code"), strings.NewReader(codeBody))
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+a.Token)
			_, err = a.client.Do(req)
			assert.ErrorIs(t, err, tt.err)
			assert.Len(t, a.Inbox.All(), tt.texts)
			assert.Zero(t, a.Requests()[0].Status)
		})
	}
}

func TestEndlessFault(t *testing.T) {
	a := start(t)
	a.Fail(hypersendertest.Endless())
	resp, err := a.client.Post(a.URL+a.path("request-code"), "", strings.NewReader(codeBody))
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	n, err := io.CopyN(io.Discard, resp.Body, 4<<20)
	require.NoError(t, err)
	assert.EqualValues(t, 4<<20, n)
}

func TestFaultOnValidateSpendsTheCode(t *testing.T) {
	a := start(t)
	code := a.code()
	a.Fail(hypersendertest.AfterAccepting(500).On("validate-code"))
	a.expect("validate-code", typed(code), 500, message("Server Error"))
	a.rejects(code, 422, usedCode) // it was right, and is used up
}

func TestFaultsByOperationAndTimes(t *testing.T) {
	a := start(t)
	a.Fail(hypersendertest.Status(500).On("validate-code").Times(2), hypersendertest.HTML(502).Always().On(a.path("generate-link")))
	code := a.code()
	a.expect("validate-code", typed(code), 500, message("Server Error"))
	a.expect("validate-code", typed(code), 500, message("Server Error"))
	a.validates(code)
	assert.Len(t, a.Faults(), 1)
	resp, _ := a.post("generate-link", linkBody)
	assert.Equal(t, 502, resp.StatusCode)
	a.Heal()
	assert.Empty(t, a.Faults())
	a.link()
}
