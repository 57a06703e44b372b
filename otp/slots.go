package otp

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// slots keeps a [Rate] on the vendor's clock. Each of its slots is idle, busy with a request, or cooling for the rate's
// window after the answer. A request reaches the vendor between the moment its slot is taken and the moment its answer
// arrives, so two requests of one slot are at least a window apart there, and Events slots never fit more than Events
// requests into a window.
type slots struct {
	rate Rate

	mu      sync.Mutex
	idle    int
	busy    map[uint64]struct{} // by lease
	cooling []time.Time         // when each is idle again, soonest first
	lastID  uint64
	queue   list.List // of chan struct{}, one per waiter, first come first; only the front one looks for a slot
}

func newSlots(r Rate) *slots {
	return &slots{rate: r, idle: r.Events, busy: make(map[uint64]struct{})}
}

func (s *slots) Wait(ctx context.Context) error {
	done, err := s.Acquire(ctx)
	if err != nil {
		return err
	}
	done()
	return nil
}

func (s *slots) Acquire(ctx context.Context) (func(), error) {
	if ctx.Err() != nil {
		return nil, interrupted(s.rate, ctx)
	}
	s.mu.Lock()
	now := time.Now()
	if s.queue.Len() == 0 && s.available(now) {
		done := s.take()
		s.mu.Unlock()
		return done, nil
	}
	if wait := s.forecast(now); endsTooSoon(ctx, wait) {
		s.mu.Unlock()
		return nil, overLimit(s.rate, wait, nil)
	}
	place := s.queue.PushBack(make(chan struct{}, 1))
	s.mu.Unlock()
	return s.wait(ctx, place)
}

// wait returns once the waiter at place is the first in the queue and a slot is available.
func (s *slots) wait(ctx context.Context, place *list.Element) (func(), error) {
	awake := place.Value.(chan struct{})
	for {
		done, untilNext := s.tryTake(place)
		if done != nil {
			return done, nil
		}
		timer := time.NewTimer(untilNext)
		select {
		case <-awake:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			s.leave(place)
			return nil, interrupted(s.rate, ctx)
		}
		timer.Stop()
	}
}

// tryTake takes a slot for the waiter at place if it is its turn. Otherwise it says when to look again at the latest; a
// waiter whose turn comes earlier is woken.
func (s *slots) tryTake(place *list.Element) (done func(), untilNext time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	switch {
	case s.queue.Front() != place || len(s.cooling) == 0 && s.idle == 0:
		return nil, s.rate.Per
	case !s.available(now):
		return nil, s.cooling[0].Sub(now)
	}
	s.queue.Remove(place)
	s.wakeFirst()
	return s.take(), 0
}

func (s *slots) leave(place *list.Element) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.Remove(place)
	s.wakeFirst()
}

func (s *slots) wakeFirst() {
	if first := s.queue.Front(); first != nil {
		select {
		case first.Value.(chan struct{}) <- struct{}{}:
		default: // it is awake already
		}
	}
}

// available makes the slots idle that have cooled, and reports whether any slot is idle.
func (s *slots) available(now time.Time) bool {
	for len(s.cooling) > 0 && !s.cooling[0].After(now) {
		s.cooling = s.cooling[1:]
		s.idle++
	}
	return s.idle > 0
}

// take makes an idle slot busy; done makes it cool.
func (s *slots) take() (done func()) {
	s.idle--
	s.lastID++
	id := s.lastID
	s.busy[id] = struct{}{}
	return func() { s.release(id) }
}

func (s *slots) release(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, held := s.busy[id]; !held {
		return
	}
	delete(s.busy, id)
	s.cooling = append(s.cooling, time.Now().Add(s.rate.Per+slack))
	s.wakeFirst()
}

// forecast is the shortest time in which a slot can be available to one who joins the queue now. It is exact while
// enough slots are cooling; a busy slot needs at least another whole window.
func (s *slots) forecast(now time.Time) time.Duration {
	ahead := s.queue.Len() - s.idle // an idle slot is on its way to a waiter that is waking up
	if ahead < 0 {
		return 0
	}
	if ahead < len(s.cooling) {
		return s.cooling[ahead].Sub(now)
	}
	windows := 1 + (ahead-len(s.cooling))/s.rate.Events
	return time.Duration(windows) * s.rate.Per
}
