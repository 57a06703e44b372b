package main

import (
	"crypto/rand"
	"sync"
	"time"
)

const mostSessions, sessionLength = 10_000, 12 * time.Hour

// sessions is who is signed in, where a real program has a table.
type sessions struct {
	mu   sync.Mutex
	byID map[string]session
}

type session struct {
	number string
	until  time.Time
}

// start makes a session with a new id, so that nobody can have put it into the person's browser before.
func (s *sessions) start(number string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, held := range s.byID { // when there are too many, somebody has to sign in again
		if len(s.byID) >= mostSessions || !time.Now().Before(held.until) {
			delete(s.byID, id)
		}
	}
	id := rand.Text()
	s.byID[id] = session{number, time.Now().Add(sessionLength)}
	return id
}

// number is whose session it is, "" = nobody's.
func (s *sessions) number(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if held := s.byID[id]; time.Now().Before(held.until) {
		return held.number
	}
	return ""
}

func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, id)
}
