package otpsim

import (
	"net/http"
	"sync"
	"time"
)

// maxRequests is how many requests a simulator remembers; the oldest go first.
const maxRequests = 10_000

// Request is what a simulator remembers of a request it received: never a header, a query or a body,
// because those hold keys, numbers and codes.
type Request struct {
	At        time.Time // on the simulator's clock
	Operation string    // the operation's name; "" = a path or a method the vendor does not have
	Method    string
	Path      string // without the query
	Accepted  bool   // the vendor did what was asked, whatever answer the client was given
	Status    int    // the status answered; 0 = none (yet): waiting, hanging, or cut off
}

// record is the bounded list of requests, in order of arrival.
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
