package faults_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/otp-sdk/otp-go/otp"
)

const attemptsAtMost = 6

// The same holds for verifications, which spend an attempt, and for the vendors' own operations.
func TestNoSequenceOfFaultsTextsTwice(t *testing.T) {
	t.Parallel()
	happens := map[string]event{}
	var names []string
	for _, e := range events(t) {
		happens[e.name] = e
		names = append(names, e.name)
	}
	slices.Sort(names) // a seed has to mean the same in every run
	all := everyCall()
	rapid.Check(t, func(t *rapid.T) {
		c := all[rapid.IntRange(0, len(all)-1).Draw(t, "call")]
		coming := rapid.SliceOfN(rapid.SampledFrom(names), 1, attemptsAtMost).Draw(t, "coming")
		most := rapid.IntRange(1, attemptsAtMost).Draw(t, "attempts at most")
		s := &sequence{call: c, happens: happens, coming: coming, most: most, connected: make(chan string, attemptsAtMost)}
		s.play(t)
		s.check(t)
	})
}

// sequence is one call, whose attempts meet one event after the other, and success when there are none left.
type sequence struct {
	call    call
	happens map[string]event
	coming  []string
	most    int // attempts
	timeout time.Duration

	connected chan string // what the next connection that the server accepts is to meet

	mu    sync.Mutex
	met   []meeting
	asked []string // the events in which the server has seen something of the request

	log          lines
	verification otp.Verification
	err          error
	ended        time.Time
}

type meeting struct {
	event string
	since time.Time
}

func (s *sequence) play(t *rapid.T) {
	server, err := start(s.call, func(int) step { return s.next })
	if err != nil {
		t.Fatal(err)
	}
	defer server.close() // before the check: then all that the server has seen is known
	s.timeout = long
	if slices.ContainsFunc(s.coming, func(name string) bool { return s.happens[name].slow }) {
		s.timeout = short / 2 // a sequence that this is too short for is left out
	}
	transport := trusting()
	transport.DialContext = s.dialer(server.address())
	client, err := s.call.open("https://"+server.address(),
		otp.WithTimeout(s.timeout),
		otp.WithRetry(otp.RetryPolicy{MaxAttempts: s.most, MinWait: 1, MaxWait: 1}),
		otp.WithHTTPClient(&http.Client{Transport: transport}),
		otp.WithLogger(slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
	)
	if err != nil {
		t.Fatal(err)
	}
	s.verification, s.err = s.call.do(context.Background(), client)
	s.ended = time.Now()
}

// dialer lets an attempt meet the next event: at once if there is no connection in it, and at the server otherwise.
func (s *sequence) dialer(server string) dialFunc {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		e := s.meet()
		if e.dial != nil {
			return e.dial(ctx, network, "")
		}
		conn, err := new(net.Dialer).DialContext(ctx, network, server)
		if err == nil {
			s.connected <- e.name // the server has the connection and waits to hear what to do with it
		}
		return conn, err
	}
}

func (s *sequence) meet() event {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := succeeds
	if len(s.met) < len(s.coming) {
		name = s.coming[len(s.met)]
	}
	s.met = append(s.met, meeting{name, time.Now()})
	return s.happens[name]
}

// next is the server's side of it.
func (s *sequence) next(c *connection) {
	select {
	case <-c.server.closing:
	case name := <-s.connected:
		s.happens[name].do(c)
		s.heard(c, name)
	}
}

func (s *sequence) heard(c *connection, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.asked {
		s.asked = append(s.asked, name)
	}
}

func (s *sequence) check(t *rapid.T) {
	if s.tooSlow() {
		t.Skip("this machine was too slow to tell a time-out from a fault")
	}
	if len(s.met) > s.most {
		t.Fatalf("%d attempts: %v", len(s.met), s.met)
	}
	s.checkAsked(t)
	s.checkError(t)
	s.checkSecrets(t)
}

// tooSlow reports whether an event that does not last took so long that a time-out may have come first, or whether a
// time-out came before a request that the event would have left without an answer.
func (s *sequence) tooSlow() bool {
	for i, m := range s.met {
		if e := s.happens[m.event]; e.slow && e.outcome == otp.OutcomeUnknown && !slices.Contains(s.asked, m.event) {
			return true
		}
		until := s.ended
		if i+1 < len(s.met) {
			until = s.met[i+1].since
		}
		if !s.happens[m.event].slow && until.Sub(m.since) > s.timeout/3 {
			return true
		}
	}
	return false
}

// checkAsked is the promise: one request at most that the vendor may have acted on.
func (s *sequence) checkAsked(t *rapid.T) {
	acted := 0
	for _, name := range s.asked {
		switch e := s.happens[name]; {
		case e.unused:
			t.Fatalf("the server was asked in spite of %q", name)
		case !e.refused:
			acted++
		}
	}
	if acted > 1 {
		t.Fatalf("the vendor may have acted %d times: %v", acted, s.asked)
	}
}

func (s *sequence) checkError(t *rapid.T) {
	want := s.leastCertain()
	if got := otp.OutcomeOf(s.err); got != want {
		t.Fatalf("outcome %v, want %v, after %v: %v", got, want, s.met, s.err)
	}
	if success := s.met[len(s.met)-1].event == succeeds; success != (s.err == nil) {
		t.Fatalf("after %v: %v", s.met, s.err)
	}
	if s.err != nil && kindOf(s.err) == "" {
		t.Fatalf("no kind: %v", s.err)
	}
	if s.call.name == "send" && (s.verification.ID != "") != (want != notSent) {
		t.Fatalf("a verification of a send that is %v: %v", want, s.verification)
	}
}

// leastCertain is what is known after all that the attempts have met.
func (s *sequence) leastCertain() otp.Outcome {
	least := notSent
	for _, m := range s.met {
		switch s.happens[m.event].outcome {
		case otp.OutcomeUnknown:
			return otp.OutcomeUnknown
		case accepted:
			least = accepted
		}
	}
	return least
}

func (s *sequence) checkSecrets(t *rapid.T) {
	text := fmt.Sprintf("%v %+v %#v %s %s", s.err, s.err, s.err, s.verification, s.log.String())
	for _, secret := range s.call.secrets {
		if strings.Contains(text, secret) {
			t.Fatalf("%s is shown: %s", secret, text)
		}
	}
}
