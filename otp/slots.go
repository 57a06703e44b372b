package otp

import (
	"container/list"
	"context"
	"slices"
	"sync"
	"time"
)

// slots keeps a [Rate] on the vendor's clock. Each of its slots is idle, busy with a request, or
// cooling for the rate's window after the answer. A request reaches the vendor between the moment
// its slot is taken and the moment its answer arrives, so two requests of one slot are at least a
// window apart there, and Events slots never fit more than Events requests into a window.
type slots struct {
	mu sync.Mutex
	// waiters are callers in the order in which they came: of chan struct{}, which wakes its owner.
	// Only the first one looks for a slot, so that one who gives up leaves nothing behind.
	waiters list.List

	rate    Rate
	window  time.Duration // the rate's, and a little more: the vendor's clock may be faster
	reserve time.Duration

	made    time.Time
	uses    []uint32  // of every slot: how often it came free, so that done counts once
	idle    []uint32  // slots that are free again
	cooling []cooling // soonest first
}

// cooling is a slot after its request. Times are counted from when the limiter was made.
type cooling struct {
	until time.Duration
	slot  uint32
}

func (s *slots) now() time.Duration { return time.Since(s.made) }

func (s *slots) Wait(ctx context.Context) error {
	id, err := s.acquire(ctx)
	if err == nil {
		s.release(id, OutcomeAccepted)
	}
	return err
}

func (s *slots) Acquire(ctx context.Context) (func(Outcome), error) {
	id, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	return func(o Outcome) { s.release(id, o) }, nil
}

func (s *slots) free() int { return len(s.idle) + s.rate.Events - len(s.uses) }

// take makes a slot busy. It is called with the lock held.
func (s *slots) take(now time.Duration) (id uint64, taken bool) {
	cooled := 0
	for cooled < len(s.cooling) && s.cooling[cooled].until <= now {
		s.idle = append(s.idle, s.cooling[cooled].slot)
		cooled++
	}
	s.cooling = s.cooling[cooled:]
	if s.free() == 0 {
		return 0, false
	}
	slot := uint32(len(s.uses)) //nolint:gosec // no more than Events
	if last := len(s.idle) - 1; last >= 0 {
		slot, s.idle = s.idle[last], s.idle[:last]
	} else {
		s.uses = append(s.uses, 0)
	}
	return uint64(slot)<<32 | uint64(s.uses[slot]), true
}

// release ends a use of a slot. When the slot is free again depends on what became of the request.
func (s *slots) release(id uint64, outcome Outcome) {
	slot, use := uint32(id>>32), uint32(id) //nolint:gosec // the two halves
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.uses[slot] != use {
		return
	}
	s.uses[slot]++
	switch outcome {
	case OutcomeNotSent:
		s.idle = append(s.idle, slot)
	case OutcomeAccepted:
		s.cool(slot, s.now()+s.window)
	default:
		s.cool(slot, s.now()+longestFlight+s.window)
	}
	s.wakeFirst()
}

func (s *slots) cool(slot uint32, until time.Duration) {
	at := len(s.cooling)
	for at > 0 && s.cooling[at-1].until > until {
		at--
	}
	s.cooling = slices.Insert(s.cooling, at, cooling{until, slot})
}

// forecast is the shortest time in which a caller gets a slot who has so many ahead of it. A busy
// slot takes another whole window, at least.
func (s *slots) forecast(now time.Duration, ahead int) time.Duration {
	ahead -= s.free()
	busy := len(s.uses) - len(s.idle) - len(s.cooling)
	last := now + s.window // the busy ones may be free before those that cool for longer
	switch {
	case ahead < 0:
		return 0
	case ahead < len(s.cooling) && (busy == 0 || s.cooling[ahead].until <= last):
		return s.cooling[ahead].until - now
	case ahead >= busy && ahead-busy < len(s.cooling) && s.cooling[ahead-busy].until > last:
		return s.cooling[ahead-busy].until - now
	}
	windows := 1 + max(0, ahead-len(s.cooling))/s.rate.Events
	return time.Duration(windows) * s.rate.Per
}
