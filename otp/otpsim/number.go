package otpsim

import (
	"net/http"
	"slices"
	"time"
)

// Age makes every message to one phone older by d, as if d had passed for this phone alone: its
// codes expire, and those of other phones do not. [Clock.Advance] is for all of them.
func (b *Inbox) Age(to string, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.phones[international(to)] {
		e.SentAt = e.SentAt.Add(-d)
		if !e.ExpiresAt.IsZero() {
			e.ExpiresAt = e.ExpiresAt.Add(-d)
		}
		b.notify(e)
	}
}

// Forget drops the messages to one phone, and with them its codes. Watchers do not see that.
func (b *Inbox) Forget(to string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	to = international(to)
	ofPhone := func(e *envelope) bool { return e.To == to }
	b.all = slices.DeleteFunc(b.all, ofPhone)
	for _, e := range b.phones[to] {
		if b.ids[e.ID] = slices.DeleteFunc(b.ids[e.ID], ofPhone); len(b.ids[e.ID]) == 0 {
			delete(b.ids, e.ID)
		}
	}
	delete(b.phones, to)
}

// Divert lets other do the vendor's work for one phone number, or with "" for every number that has
// no other of its own: a simulator of the same vendor with the same credentials, but with other
// Quirks. Nil ends that. Call it before other serves a request: other gets the Clock and the Inbox
// of s, so that codes stay good that were sent before. Faults, limits and the record of requests
// stay those of s; what else an account has, such as templates, is other's own.
func (s *Server) Divert(to string, other *Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to = international(to)
	if other == nil {
		delete(s.diverted, to)
		return
	}
	other.Clock, other.Inbox = s.Clock, s.Inbox
	if s.diverted == nil {
		s.diverted = make(map[string]*Server)
	}
	s.diverted[to] = other
}

// actor is the simulator that does the work of a request about a number, and its operation for it.
func (s *Server) actor(op Operation, r *http.Request, to string) (*Server, Operation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	other := s.diverted[to]
	if other == nil {
		other = s.diverted[""]
	}
	if other == nil || op.refused {
		return s, op
	}
	return other, other.route(r)
}
