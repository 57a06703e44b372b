package otpsim

import (
	"net/http"
	"slices"
	"time"
)

// Age makes every message to one phone older by d, for codes and receipts; see [Clock.Advance].
func (s *Server) Age(to string, d time.Duration) {
	s.Inbox.age(international(to), d)
	s.Clock.nudge()
}

func (b *Inbox) age(to string, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.phones[to] {
		e.SentAt = e.SentAt.Add(-d)
		if !e.ExpiresAt.IsZero() {
			e.ExpiresAt = e.ExpiresAt.Add(-d)
		}
		b.notify(e)
	}
}

// aged is when something is due for a message that may be older since; false = it is gone.
func (b *Inbox) aged(m Message, due time.Time) (time.Time, bool) {
	now, found := b.Find(m.To, func(other Message) bool { return other.ID == m.ID })
	return due.Add(now.SentAt.Sub(m.SentAt)), found
}

// Forget makes one phone number as it was at the start: no messages, faults, receipts.
func (s *Server) Forget(to string) {
	to = international(to)
	s.HealTo(to)
	s.Divert(to, nil)
	s.mu.Lock()
	delete(s.receipts, to)
	s.mu.Unlock()
	s.Inbox.forget(to)
	s.Clock.nudge()
}

func (b *Inbox) forget(to string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ofPhone := func(e *envelope) bool { return e.To == to }
	b.all = slices.DeleteFunc(b.all, ofPhone)
	for _, e := range b.phones[to] {
		if b.ids[e.ID] = slices.DeleteFunc(b.ids[e.ID], ofPhone); len(b.ids[e.ID]) == 0 {
			delete(b.ids, e.ID)
		}
	}
	delete(b.phones, to)
}

// Divert lets other, a simulator of the same vendor and credentials with other Quirks, do the
// vendor's work for one phone number, or with "" for all without another of their own. Nil ends
// that. Call it before other serves: it gets Clock and Inbox of s. Faults, limits and requests stay
// those of s; what else an account has is other's own.
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
