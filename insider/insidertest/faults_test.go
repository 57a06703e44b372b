package insidertest_test

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

	"github.com/otp-sdk/otp-go/insider/insidertest"
)

const acceptedBody = `{"channel":"sms","dateCreated":"2023-07-28T14:40:41Z","dateUpdated":"2023-07-28T14:40:41Z","locale":"en","maxAttempts":3,"ttl":180}`

func TestFaultsThatAnswer(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fault  insidertest.Fault
		status int
		body   string
		header string // "Name: value"
		texts  int
	}{
		{"status with the vendor's body", insidertest.Status(500), 500, failure("server error"), "", 0},
		{"unauthorized", insidertest.Status(401), 401, failure("unauthorized"), "", 0},
		{"status without one", insidertest.Status(503), 503, "", "", 0},
		{"after accepting", insidertest.AfterAccepting(500), 500, failure("server error"), "", 1},
		{"gateway timeout after accepting", insidertest.AfterAccepting(504), 504, "", "", 1},
		{"too many", insidertest.TooMany(30 * time.Second), 429, tooManyRequests, "Retry-After: 30", 0},
		{"too many, no pause named", insidertest.TooMany(0), 429, tooManyRequests, "Retry-After: ", 0},
		{"reply", insidertest.Reply(418, `{"tea":true}`), 418, `{"tea":true}`, "Content-Type: application/json", 0},
		{"html", insidertest.HTML(502), 502, "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>\n", "Content-Type: text/html; charset=utf-8", 0},
		{"redirect", insidertest.Redirect(308, "https://elsewhere.example/"), 308, "", "Location: https://elsewhere.example/", 0},
		{"delay", insidertest.Delay(5 * time.Millisecond), 202, acceptedBody, "", 1},
		{"truncated", insidertest.Truncated(), 202, acceptedBody[:len(acceptedBody)/2], "Content-Type: application/json", 1},
		{"empty", insidertest.Empty(), 202, "", "", 1},
		{"drip", insidertest.Drip(50 * time.Microsecond), 202, acceptedBody, "", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t)
			a.Fail(tt.fault)
			resp, got := a.send("POST", "/v1/generate", smsBody)
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

func TestFaultsThatDoNotAnswer(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault insidertest.Fault
		err   error
		texts int
	}{
		{"cut", insidertest.Cut(), io.EOF, 0},
		{"cut after accepting", insidertest.Cut().Accepted(), io.EOF, 1},
		{"reset", insidertest.Reset(), syscall.ECONNRESET, 0},
		{"reset after accepting", insidertest.Reset().Accepted(), syscall.ECONNRESET, 1},
		{"hang", insidertest.Hang(), context.Canceled, 0},
		{"hang after accepting", insidertest.Hang().Accepted(), context.Canceled, 1},
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
			req, err := http.NewRequestWithContext(ctx, "POST", a.URL+"/v1/generate", strings.NewReader(smsBody))
			require.NoError(t, err)
			req.Header.Set("X-INS-AUTH-KEY", a.APIKey)
			_, err = a.client.Do(req)
			assert.ErrorIs(t, err, tt.err)
			assert.Len(t, a.Inbox.All(), tt.texts)
			assert.Zero(t, a.Requests()[0].Status)
		})
	}
}

func TestEndlessFault(t *testing.T) {
	a := start(t)
	a.Fail(insidertest.Endless())
	resp, err := a.client.Post(a.URL+"/v1/generate", "", strings.NewReader(smsBody))
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	n, err := io.CopyN(io.Discard, resp.Body, 4<<20)
	assert.NoError(t, err)
	assert.EqualValues(t, 4<<20, n)
}

func TestFaultOnCheckSpendsTheCode(t *testing.T) {
	a := start(t)
	code := a.generateSMS()
	a.Fail(insidertest.AfterAccepting(500).On("check"))
	a.checked(code, 500, failure("server error"))
	a.checked(code, 404, notFound) // it was right, and is used up
}

func TestFaultsByOperationAndTimes(t *testing.T) {
	a := start(t)
	a.Fail(insidertest.Status(500).On("check").Times(2), insidertest.HTML(502).Always().On("/v1/channel/create"))
	code := a.generateSMS()
	a.checked(code, 500, failure("server error"))
	a.checked(code, 500, failure("server error"))
	a.checked(code, 202, success)
	assert.Len(t, a.Faults(), 1)
	a.Heal()
	assert.Empty(t, a.Faults())
	a.expect("/v1/channel/create", `{"channel":"whatsapp"}`, 201, success)
}
