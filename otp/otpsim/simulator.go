package otpsim

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxBody is the longest request body a simulator reads. No vendor's request comes near it.
const maxBody = 1 << 20

// Operation is one call of a vendor's API.
type Operation struct {
	Name   string // short and the same on every path of the operation: "generate"
	Method string
	Path   string // "/v1/{sid}/verify"; a {name} is one segment, which Do finds with r.PathValue("name")

	// Do does the vendor's work. The body has been read; r.Body is empty. It runs on many goroutines at once.
	Do func(r *http.Request, body []byte) Answer
}

// Config is what a vendor's simulator brings.
type Config struct {
	Clock      *Clock // required; for the record
	Operations []Operation
	// Refuse is the vendor's way to refuse what never reaches an operation: 404 for an unknown path, 405 for
	// another method, 413 for a body over 1 MiB, 503 after Close.
	Refuse func(status int) Answer
}

// Simulator is the HTTP half of a vendor's simulator. It finds the operation, keeps the record, applies the
// faults and sends the answer. It is an http.Handler that may be mounted anywhere; Listen gives it a port of
// its own.
type Simulator struct {
	config Config
	script script
	record record

	closing context.Context // done from Close on: it releases every request that waits
	release context.CancelFunc

	mu       sync.Mutex
	watch    []func(Exchange)
	closed   bool
	inflight sync.WaitGroup // of requests; Add only under mu while not closed
	server   *http.Server   // nil without Listen
	served   chan struct{}  // closed when server has stopped
}

// New makes a simulator that does not listen yet.
func New(config Config) *Simulator {
	s := &Simulator{config: config}
	s.closing, s.release = context.WithCancel(context.Background())
	return s
}

// Fail adds faults to the script. A request meets the first one that is meant for it, and only that.
func (s *Simulator) Fail(faults ...Fault) { s.script.add(faults...) }

// Faults lists the faults that are still to come. A test that ends with some left has not tested what it
// thinks: perhaps the operation's name was misspelled.
func (s *Simulator) Faults() []Fault { return s.script.left() }

// Heal drops all faults.
func (s *Simulator) Heal() { s.script.clear() }

// Requests lists the last 10,000 requests in the order they came.
func (s *Simulator) Requests() []Request { return s.record.list() }

// ServeHTTP takes one request.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		s.config.Refuse(http.StatusServiceUnavailable).write(w)
		return
	}
	defer s.inflight.Done()
	defer s.interruptible(w)()

	op := s.route(r)
	entry := s.record.open(s.config.Clock.Now(), op.Name, r)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		op.Do = s.refusal(http.StatusRequestEntityTooLarge)
	} else if err != nil { // the client left halfway, or the simulator closes
		cutOff(w, false)
		return
	}

	fault, met := s.script.take(op.Name, r.URL.Path) // the zero Fault changes nothing
	label := ""
	if met {
		label = fault.Times(1).String()
	}
	var answer Answer
	if fault.processed() {
		answer = op.Do(r, body)
		s.record.accept(entry, answer.accepted())
	}
	if !s.sleep(r, fault.delay) {
		s.tell(entry, r, body, label, Answer{})
		cutOff(w, false) // to return without an answer would be a 200
		return
	}
	answer = fault.apply(answer)
	s.record.answer(entry, answer.Status) // before the client can see it and ask for the record
	s.tell(entry, r, body, label, answer)
	s.deliver(w, r, fault, answer)
}

// route finds the operation for a request. What no operation takes is refused by one without a name.
func (s *Simulator) route(r *http.Request) Operation {
	var methods []string
	for _, op := range s.config.Operations {
		if !match(op.Path, r) {
			continue
		}
		if op.Method == r.Method {
			return op
		}
		methods = append(methods, op.Method)
	}
	if methods == nil {
		return Operation{Do: s.refusal(http.StatusNotFound)}
	}
	slices.Sort(methods)
	return Operation{Do: func(*http.Request, []byte) Answer {
		answer := s.config.Refuse(http.StatusMethodNotAllowed)
		answer.Header = mergeHeaders(answer.Header, http.Header{"Allow": {strings.Join(slices.Compact(methods), ", ")}})
		return answer
	}}
}

func (s *Simulator) refusal(status int) func(*http.Request, []byte) Answer {
	return func(*http.Request, []byte) Answer { return s.config.Refuse(status) }
}

// match compares a path to a pattern and notes the values of its {names}. It is exact, where http.ServeMux
// would answer an unclean path with a redirect that no vendor sends.
func match(pattern string, r *http.Request) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(r.URL.Path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		name, isName := strings.CutPrefix(want[i], "{")
		switch {
		case isName && got[i] != "":
			r.SetPathValue(strings.TrimSuffix(name, "}"), got[i])
		case want[i] != got[i]:
			return false
		}
	}
	return true
}

// sleep waits d; it says no when there is nobody left to answer.
func (s *Simulator) sleep(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-s.closing.Done():
	}
	return false
}
