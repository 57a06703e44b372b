package otphttp

import (
	"context"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// sends knows the latest send of each session: a browser that has hung up did not get its cookie.
type sends struct {
	mu  sync.Mutex
	all map[string]*latest
}

type latest struct {
	busy chan struct{} // is full while a send is under way
	pending
}

const (
	mostRecent = 10_000
	recentTime = 10 * time.Minute
)

// begin waits until no other send of the session is under way.
func (s *sends) begin(ctx context.Context, session string) (end func(), err error) {
	s.mu.Lock()
	one := s.all[session]
	if one == nil {
		s.makeRoom()
		one = &latest{busy: make(chan struct{}, 1)}
		s.all[session] = one
	}
	s.mu.Unlock()
	select {
	case one.busy <- struct{}{}:
		return func() { <-one.busy }, nil
	case <-ctx.Done():
		return nil, &otp.Error{Op: "send", Kind: otp.ErrCanceled, Outcome: otp.OutcomeNotSent, Err: ctx.Err()}
	}
}

// makeRoom drops the old ones when there are too many, and any one if none is old.
func (s *sends) makeRoom() {
	for _, age := range []time.Duration{recentTime, 0} {
		for id, one := range s.all {
			if len(s.all) >= mostRecent && len(one.busy) == 0 && time.Since(one.SentAt) >= age {
				delete(s.all, id)
			}
		}
	}
}

// newest is p, or what came of a later send of the session.
func (s *sends) newest(session string, p pending) pending {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.all[session]; one != nil && one.SentAt.After(p.SentAt) && time.Since(one.SentAt) < recentTime {
		return one.pending
	}
	return p
}

// keep remembers what came of a send that is under way. Nothing = it is forgotten.
func (s *sends) keep(session string, p pending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.all[session]; one != nil {
		one.pending = p
	}
}
