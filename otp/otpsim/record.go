package otpsim

import (
	"bytes"
	"net/http"
	"sync"
	"time"
)

// maxRequests is how many requests a simulator remembers; the oldest go first.
const maxRequests = 10_000

// Request is what is remembered of a request, without header, query and body: they hold secrets.
type Request struct {
	At        time.Time // on the simulator's clock
	Operation string    // the operation's name; "" = a path or a method the vendor does not have
	Method    string    // "POST"
	Path      string    // without the query
	Accepted  bool      // the vendor did what was asked, whatever answer the client was given
	Status    int       // the status answered; 0 = none (yet): waiting, hanging, or cut off
}

// Exchange is a request and its answer, keys, numbers and codes included: mask those.
type Exchange struct {
	Request
	To     string      // the phone number that the request is about; "" = it does not say
	Fault  string      // the fault that the request met, as Fault.String has it; "" = none
	Header http.Header // of the request
	Body   []byte      // of the request
	Answer Answer      // the zero Answer = none was given: hanging, or cut off
}

// Requests lists the last 10,000 requests in the order they came, refused ones included.
func (s *Server) Requests() []Request { return s.record.list() }

// Watch lets fn see every exchange, just before its answer goes out. fn runs on the goroutine of
// the request, so on many at once. A request whose body could not be read is left out.
func (s *Server) Watch(fn func(Exchange)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = append(s.watch, fn)
}

func (s *Server) notify(entry *Request, x Exchange) {
	s.mu.Lock()
	watch := s.watch
	s.mu.Unlock()
	for _, fn := range watch {
		seen := x
		seen.Request, seen.Header, seen.Body = s.record.copy(entry), x.Header.Clone(), bytes.Clone(x.Body)
		fn(seen)
	}
}

type record struct {
	mu       sync.Mutex
	requests []*Request
}

func (l *record) open(at time.Time, operation string, r *http.Request) *Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry := &Request{At: at, Operation: operation, Method: r.Method, Path: r.URL.Path}
	l.requests = append(l.requests, entry)
	if len(l.requests) > maxRequests {
		l.requests = l.requests[1:]
	}
	return entry
}

func (l *record) accept(entry *Request, accepted bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry.Accepted = accepted
}

func (l *record) answer(entry *Request, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry.Status = status
}

func (l *record) copy(entry *Request) Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return *entry
}

func (l *record) list() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Request, 0, len(l.requests))
	for _, entry := range l.requests {
		list = append(list, *entry)
	}
	return list
}
