package otpsim_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// customer takes the calls of a simulator.
type customer struct {
	*httptest.Server

	mu     sync.Mutex
	bodies []string
	status int
}

func listening(t *testing.T) *customer {
	t.Helper()
	c := &customer{status: http.StatusOK}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.bodies = append(c.bodies, r.Header.Get("X-Status")+" "+r.URL.Path)
		w.WriteHeader(c.status)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *customer) answer(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = status
}

// reporting is a simulator that reports to c, and repeats after one and two minutes.
func reporting(t *testing.T) *otpsim.Server {
	t.Helper()
	s := otpsim.New(otpsim.Config{
		Operations: []otpsim.Operation{{Name: "none", Method: "GET", Path: "/", Do: func(*http.Request, []byte) otpsim.Answer {
			return otpsim.Answer{Status: http.StatusOK}
		}}},
		Receipt: func(_ otpsim.Message, status string) (otpsim.ReceiptCall, bool) {
			return otpsim.ReceiptCall{
				Header: http.Header{"X-Status": {status}}, Retries: []time.Duration{time.Minute, 2 * time.Minute},
			}, status != "read"
		},
	})
	s.Clock.Set(time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC))
	t.Cleanup(s.Close)
	return s
}

// eventually waits for what happens on other goroutines.
func eventually(t *testing.T, want string, got func() any) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) { assert.Equal(c, want, got()) }, 10*time.Second, time.Millisecond)
}

func answersOf(s *otpsim.Server) func() any {
	return func() any {
		text := ""
		for _, a := range s.ReceiptAnswers() {
			text += a.ID + " " + a.Status + " " + http.StatusText(a.Code) + "; "
		}
		return text
	}
}

func deliver(s *otpsim.Server, id, callback string) {
	s.Inbox.Deliver(otpsim.Message{ID: id, To: "+905321234567", Callback: callback})
}

func TestTextsAreSentAndDeliveredAtOnce(t *testing.T) {
	c, s := listening(t), reporting(t)
	deliver(s, "1", c.URL+"/receipts")
	eventually(t, "1 sent OK; 1 delivered OK; ", answersOf(s))
	assert.Equal(t, []string{"sent /receipts", "delivered /receipts"}, c.bodies)
	eventually(t, "delivered", func() any { m, _ := s.Inbox.Get("1"); return m.Delivery })

	deliver(s, "2", "")
	assert.False(t, s.Report("+33611223344", otpsim.Receipt{Status: "sent"}), "that phone has no text")
	m, _ := s.Inbox.Get("2")
	assert.Empty(t, m.Delivery, "without a URL, nothing is reported")
}

func TestReceiptsComeAsTheyWereOrdered(t *testing.T) {
	c, s := listening(t), reporting(t)
	s.Receipts(
		otpsim.Receipt{Status: "delivered"}, otpsim.Receipt{Status: "delivered"}, otpsim.Receipt{Status: "read"},
		otpsim.Receipt{Status: "sent", After: time.Hour}, otpsim.Receipt{Status: "undelivered", Forged: true},
	)
	deliver(s, "1", c.URL+"/receipts/a-long-enough-secret/and-a-longer-reference")
	eventually(t, "1 delivered OK; 1 delivered OK; ", answersOf(s))
	eventually(t, "read", func() any { m, _ := s.Inbox.Get("1"); return m.Delivery }) // it has no word for that
	s.Clock.Advance(time.Hour)
	eventually(t, "1 delivered OK; 1 delivered OK; 1 sent OK; 1 undelivered OK; ", answersOf(s))
	assert.Equal(t, "undelivered /receipts/"+strings.Repeat("x", 20)+"/and-a-longer-reference", c.bodies[3])
	eventually(t, "sent", func() any { m, _ := s.Inbox.Get("1"); return m.Delivery }) // the forged one is not the vendor's

	s.Receipts()
	deliver(s, "2", c.URL)
	require.True(t, s.Report("+905321234567", otpsim.Receipt{Status: "undelivered"}))
	eventually(t, "undelivered", func() any { m, _ := s.Inbox.Get("2"); return m.Delivery })
}

func TestCallsAreRepeatedByTheClock(t *testing.T) {
	c, s := listening(t), reporting(t)
	s.Receipts(otpsim.Receipt{Status: "sent"})
	c.answer(http.StatusServiceUnavailable)
	deliver(s, "1", c.URL)
	eventually(t, "1 sent Service Unavailable; ", answersOf(s))
	s.Clock.Advance(59 * time.Second)
	c.answer(http.StatusOK)
	s.Clock.Advance(time.Second)
	eventually(t, "1 sent Service Unavailable; 1 sent OK; ", answersOf(s))
	s.Clock.Advance(time.Hour)
	deliver(s, "2", "http://127.0.0.1:1/nobody")
	eventually(t, "1 sent Service Unavailable; 1 sent OK; 2 sent ; ", answersOf(s))
	s.Clock.Advance(time.Hour)
	eventually(t, "1 sent Service Unavailable; 1 sent OK; 2 sent ; 2 sent ; 2 sent ; ", answersOf(s))
}

func TestARunningClockLetsReceiptsComeByThemselves(t *testing.T) {
	c, s := listening(t), reporting(t)
	s.Clock.Set(time.Time{})
	s.Receipts(otpsim.Receipt{Status: "sent", After: 10 * time.Millisecond})
	deliver(s, "1", c.URL)
	eventually(t, "1 sent OK; ", answersOf(s))
}

func TestCloseEndsReceiptsThatWait(t *testing.T) {
	s := reporting(t)
	s.Receipts(otpsim.Receipt{Status: "sent", After: time.Hour})
	for range 2_000 { // more than are reported on at a time
		deliver(s, "1", "http://127.0.0.1:1/nobody")
	}
	s.Close()
	deliver(s, "2", "http://127.0.0.1:1/nobody")
	assert.Empty(t, s.ReceiptAnswers())
}

func TestForgedSecretOfAHeader(t *testing.T) {
	seen := make(chan string, 1)
	c := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.Header.Get("Authorization") }))
	defer c.Close()
	s := otpsim.New(otpsim.Config{
		Operations: []otpsim.Operation{{Name: "none", Method: "GET", Path: "/", Do: func(*http.Request, []byte) otpsim.Answer {
			return otpsim.Answer{}
		}}},
		Receipt: func(otpsim.Message, string) (otpsim.ReceiptCall, bool) {
			return otpsim.ReceiptCall{URL: c.URL, Secret: "Authorization", Header: http.Header{"Authorization": {"Bearer right"}}}, true
		},
	})
	defer s.Close()
	s.Receipts(otpsim.Receipt{Status: "sent", Forged: true})
	deliver(s, "1", "")
	assert.Equal(t, "Bearer forged", <-seen)
	assert.Equal(t, http.StatusOK, s.Call(otpsim.ReceiptCall{URL: c.URL}))
}
