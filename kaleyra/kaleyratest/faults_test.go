package kaleyratest_test

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

	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
)

// usual stands for the body that the server gives without a fault.
const usual = "usual"

func TestFaultsThatAnswer(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fault  kaleyratest.Fault
		status int
		body   string
		header string // "Name: value"
		texts  int
	}{
		{"status", kaleyratest.Status(500), 500, "", "", 0},
		{"unauthorized", kaleyratest.Status(401), 401, rbc001, "Content-Type: application/json", 0},
		{"after accepting", kaleyratest.AfterAccepting(500), 500, "", "", 1},
		{"an error with a documented body", kaleyratest.Error(400, "E805"), 400, e805, "", 0},
		{"its own order", kaleyratest.Error(400, "E914"), 400, e914, "", 0},
		{"no balance", kaleyratest.Error(402, "E110"), 402, e110, "", 0},
		{"a code nobody knows", kaleyratest.Error(500, "E999"), 500, `{"error":{"code":"E999","type":"validation_error","parameter":"","message":"Request could not be processed","reference":""}}`, "", 0},
		{"an error after accepting", kaleyratest.Error(500, "E110").Accepted(), 500, e110, "", 1},
		{"too many", kaleyratest.TooMany(30 * time.Second), 429, tooManyRequests, "Retry-After: 30", 0},
		{"too many, no pause named", kaleyratest.TooMany(0), 429, tooManyRequests, "Retry-After: ", 0},
		{"reply", kaleyratest.Reply(418, `{"tea":true}`), 418, `{"tea":true}`, "Content-Type: application/json", 0},
		{"html", kaleyratest.HTML(502), 502, "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>\n", "Content-Type: text/html; charset=utf-8", 0},
		{"redirect", kaleyratest.Redirect(308, "https://elsewhere.example/"), 308, "", "Location: https://elsewhere.example/", 0},
		{"delay", kaleyratest.Delay(5 * time.Millisecond), 200, usual, "", 1},
		{"empty", kaleyratest.Empty(), 200, "", "", 1},
		{"drip", kaleyratest.Drip(50 * time.Microsecond), 200, usual, "", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t)
			a.Fail(tt.fault)
			resp, got := a.send("POST", a.generatePath(), sendBody)
			want := tt.body
			if want == usual {
				m, _ := a.Inbox.Last(phone)
				want = acceptedBody(m.ID, a.FlowID)
			}
			assert.Equal(t, tt.status, resp.StatusCode)
			assert.Equal(t, want, got)
			if name, value, ok := strings.Cut(tt.header, ": "); ok {
				assert.Equal(t, value, resp.Header.Get(name))
			}
			assert.Len(t, a.Inbox.All(), tt.texts)
			assert.Equal(t, tt.status, a.Requests()[0].Status)
			assert.Equal(t, tt.texts == 1, a.Requests()[0].Accepted)
		})
	}
}

func TestTruncatedFault(t *testing.T) {
	a := start(t)
	a.Fail(kaleyratest.Truncated())
	resp, got := a.send("POST", a.generatePath(), sendBody)
	m, ok := a.Inbox.Last(phone)
	require.True(t, ok)
	whole := acceptedBody(m.ID, a.FlowID)
	assert.Equal(t, 200, resp.StatusCode)
	assert.Equal(t, whole[:len(whole)/2], got)
	assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
}

func TestFaultsThatDoNotAnswer(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault kaleyratest.Fault
		err   error
		texts int
	}{
		{"cut", kaleyratest.Cut(), io.EOF, 0},
		{"cut after accepting", kaleyratest.Cut().Accepted(), io.EOF, 1},
		{"reset", kaleyratest.Reset(), syscall.ECONNRESET, 0},
		{"reset after accepting", kaleyratest.Reset().Accepted(), syscall.ECONNRESET, 1},
		{"hang", kaleyratest.Hang(), context.Canceled, 0},
		{"hang after accepting", kaleyratest.Hang().Accepted(), context.Canceled, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t)
			a.Fail(tt.fault)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan struct{})
			go func() {
				defer close(done)
				if tt.err != context.Canceled { //nolint:errorlint // the table's own value
					return
				}
				assert.Eventually(t, func() bool { return len(a.Requests()) == 1 && len(a.Inbox.All()) == tt.texts }, 5*time.Second, time.Millisecond)
				cancel()
			}()
			req, err := http.NewRequestWithContext(ctx, "POST", a.URL+a.generatePath(), strings.NewReader(sendBody))
			require.NoError(t, err)
			req.Header.Set("api-key", a.APIKey)
			_, err = a.client.Do(req)
			<-done
			assert.ErrorIs(t, err, tt.err)
			assert.Len(t, a.Inbox.All(), tt.texts)
			assert.Zero(t, a.Requests()[0].Status)
		})
	}
}

func TestEndlessFault(t *testing.T) {
	a := start(t)
	a.Fail(kaleyratest.Endless())
	resp, err := a.client.Post(a.URL+a.generatePath(), "", strings.NewReader(sendBody))
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	n, err := io.CopyN(io.Discard, resp.Body, 4<<20)
	assert.NoError(t, err)
	assert.EqualValues(t, 4<<20, n)
}

func TestFaultOnValidateSpendsTheCode(t *testing.T) {
	a := start(t)
	id, code := a.generate(sendBody)
	a.Fail(kaleyratest.AfterAccepting(500).On("validate"))
	a.validated(id, code, 500, "")
	a.validated(id, code, 400, e910) // it was right, and is used up
}

func TestFaultsByOperationAndTimes(t *testing.T) {
	a := start(t)
	a.Fail(kaleyratest.Status(503).On("validate").Times(2), kaleyratest.HTML(502).Always().On("/v1/elsewhere"))
	id, code := a.generate(sendBody)
	a.validated(id, code, 503, "")
	a.validated(id, code, 503, "")
	a.validated(id, code, 200, verifiedBody(id))
	assert.Len(t, a.Faults(), 1)
	a.Heal()
	assert.Empty(t, a.Faults())
}

func TestCloseEndsAHangingRequest(t *testing.T) {
	a := start(t)
	a.Fail(kaleyratest.Hang())
	done := make(chan error)
	go func() {
		resp, err := a.client.Post(a.URL+a.generatePath(), "application/json", strings.NewReader(sendBody))
		if err == nil {
			_ = resp.Body.Close()
		}
		done <- err
	}()
	require.Eventually(t, func() bool { return len(a.Requests()) == 1 }, 5*time.Second, time.Millisecond)
	a.Close()
	assert.Error(t, <-done)
}
