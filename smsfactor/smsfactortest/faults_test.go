package smsfactortest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

func TestFaultsThatAnswer(t *testing.T) {
	const page = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>\n"
	const tokenless = `{"code":0,"message":"success"}`
	for _, tt := range []struct {
		name   string
		fault  smsfactortest.Fault
		status int
		body   string
		header string // "Name: value"
		texts  int
	}{
		{"status", smsfactortest.Status(500), 500, "", "", 0},
		{"unauthorized", smsfactortest.Status(401), 401, failure(101, "Unauthorized."), "", 0},
		{"forbidden", smsfactortest.Status(403), 403, failure(101, "Forbidden."), "", 0},
		{"after accepting", smsfactortest.AfterAccepting(500), 500, "", "", 1},
		{"refusal", smsfactortest.Refusal(104), 400, failure(104, "Not enough credit."), "Content-Type: application/json", 0},
		{"refusal of the login", smsfactortest.Refusal(101), 400, failure(101, "Wrong login details."), "", 0},
		{"refusal with a message of the page", smsfactortest.Refusal(199), 400, failure(199, "Wrong OTP code."), "", 0},
		{"too many", smsfactortest.TooMany(30 * time.Second), 429, tooManyRequests, "Retry-After: 30", 0},
		{"too many, no pause named", smsfactortest.TooMany(0), 429, tooManyRequests, "Retry-After: ", 0},
		{"success without a token", smsfactortest.Reply(200, tokenless).Accepted(), 200, tokenless, "", 1},
		{"html", smsfactortest.HTML(502), 502, page, "Content-Type: text/html; charset=utf-8", 0},
		{"redirect", smsfactortest.Redirect(308, "https://elsewhere.example/"), 308, "", "Location: https://elsewhere.example/", 0},
		{"empty", smsfactortest.Empty(), 200, "", "", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t)
			a.Fail(tt.fault)
			resp, got := a.send("POST", generatePath, bareBody)
			assert.Equal(t, tt.status, resp.StatusCode)
			assert.Equal(t, tt.body, got)
			if header, value, ok := strings.Cut(tt.header, ": "); ok {
				assert.Equal(t, value, resp.Header.Get(header))
			}
			assert.Len(t, a.Inbox.All(), tt.texts)
			assert.Equal(t, tt.status, a.Requests()[0].Status)
			assert.Equal(t, tt.texts == 1, a.Requests()[0].Accepted)
		})
	}
}

func TestFaultsThatSpoilTheAnswer(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault smsfactortest.Fault
		want  string
	}{
		{"delay", smsfactortest.Delay(5 * time.Millisecond), success},
		{"drip", smsfactortest.Drip(50 * time.Microsecond), success},
		{"truncated", smsfactortest.Truncated(), success[:len(success)/2]},
		{"empty", smsfactortest.Empty(), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t)
			code, token := a.generate(bareBody)
			a.Fail(tt.fault.On("validate"))
			a.validated(byToken(code, token), 200, tt.want)
			a.validated(byToken(code, token), 400, notFound)
		})
	}
}

func TestFaultsThatDoNotAnswer(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault smsfactortest.Fault
		err   error
		texts int
	}{
		{"cut", smsfactortest.Cut(), io.EOF, 0},
		{"cut after accepting", smsfactortest.Cut().Accepted(), io.EOF, 1},
		{"reset", smsfactortest.Reset(), syscall.ECONNRESET, 0},
		{"reset after accepting", smsfactortest.Reset().Accepted(), syscall.ECONNRESET, 1},
		{"hang", smsfactortest.Hang(), context.Canceled, 0},
		{"hang after accepting", smsfactortest.Hang().Accepted(), context.Canceled, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t)
			a.Fail(tt.fault)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if errors.Is(tt.err, context.Canceled) {
				go func() {
					assert.Eventually(t, func() bool { return len(a.Requests()) == 1 && len(a.Inbox.All()) == tt.texts }, 5*time.Second, time.Millisecond)
					cancel()
				}()
			}
			req, err := http.NewRequestWithContext(ctx, "POST", a.URL+generatePath, strings.NewReader(bareBody))
			require.NoError(t, err)
			req.Header.Set("api-login", a.APILogin)
			req.Header.Set("api-key", a.APIKey)
			_, err = a.client.Do(req)
			assert.ErrorIs(t, err, tt.err)
			assert.Len(t, a.Inbox.All(), tt.texts)
			assert.Zero(t, a.Requests()[0].Status)
		})
	}
}

func TestEndlessFault(t *testing.T) {
	a := start(t)
	a.Fail(smsfactortest.Endless())
	resp, err := a.client.Post(a.URL+generatePath, "", strings.NewReader(bareBody))
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	n, err := io.CopyN(io.Discard, resp.Body, 4<<20)
	assert.NoError(t, err)
	assert.EqualValues(t, 4<<20, n)
}

func TestFaultOnValidateSpendsTheCode(t *testing.T) {
	a := start(t)
	code, token := a.generate(bareBody)
	a.Fail(smsfactortest.AfterAccepting(500).On("validate"))
	a.validated(byToken(code, token), 500, "")
	a.validated(byToken(code, token), 400, notFound) // it was right, and is used up
}

func TestFaultsByOperationAndTimes(t *testing.T) {
	a := start(t)
	a.Fail(smsfactortest.Status(503).On("validate").Times(2), smsfactortest.HTML(502).Always().On(generatePath+"/"))
	code, token := a.generate(bareBody)
	a.validated(byToken(code, token), 503, "")
	a.validated(byToken(code, token), 503, "")
	a.validated(byToken(code, token), 200, success)
	assert.Len(t, a.Faults(), 1)
	a.Heal()
	assert.Empty(t, a.Faults())
}
