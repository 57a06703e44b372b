package otp

import (
	"context"
	"time"
)

// slots keeps a [Rate] on the vendor's clock. Each of its slots is idle, busy with a request, or cooling for the rate's
// window after the answer. A request reaches the vendor between the moment its slot is taken and the moment its answer
// arrives, so two requests of one slot are at least a window apart there, and Events slots never fit more than Events
// requests into a window.
type slots struct {
	line

	uses    []uint32  // of every slot that was ever used: how often it came free
	idle    []uint32  // slots that are free again
	cooling []cooling // soonest first
}

// cooling is a slot after its answer.
type cooling struct {
	slot  uint32
	until time.Time
}

func newSlots(r Rate) *slots { return &slots{line: line{rate: r}} }

func (s *slots) Wait(ctx context.Context) error {
	done, err := s.Acquire(ctx)
	if err != nil {
		return err
	}
	done(OutcomeAccepted)
	return nil
}

func (s *slots) Acquire(ctx context.Context) (func(Outcome), error) {
	id, err := s.pass(ctx, s)
	if err != nil {
		return nil, err
	}
	return func(Outcome) { s.release(id) }, nil
}

// take makes a slot busy. The id tells its uses apart, so that done counts once.
func (s *slots) take(now time.Time) (id uint64, taken bool) {
	for len(s.cooling) > 0 && !s.cooling[0].until.After(now) {
		s.idle = append(s.idle, s.cooling[0].slot)
		s.cooling = s.cooling[1:]
	}
	var slot uint32
	switch last := len(s.idle) - 1; {
	case last >= 0:
		slot, s.idle = s.idle[last], s.idle[:last]
	case len(s.uses) < s.rate.Events:
		slot, s.uses = uint32(len(s.uses)), append(s.uses, 0) //nolint:gosec // no more than Events
	default:
		return 0, false
	}
	return uint64(slot)<<32 | uint64(s.uses[slot]), true
}

// release makes a slot cool.
func (s *slots) release(id uint64) {
	slot, use := uint32(id>>32), uint32(id) //nolint:gosec // the two halves
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.uses[slot] != use {
		return
	}
	s.uses[slot]++
	s.cooling = append(s.cooling, cooling{slot, time.Now().Add(s.rate.Per + slack)})
	s.wakeFirst()
}

// next is when the first slot has cooled. A busy one wakes the line when it comes free.
func (s *slots) next(now time.Time) time.Duration {
	if len(s.cooling) == 0 {
		return s.rate.Per
	}
	return s.cooling[0].until.Sub(now)
}

// forecast is exact while enough slots are cooling; a busy slot needs at least another whole window.
func (s *slots) forecast(now time.Time, ahead int) time.Duration {
	ahead -= len(s.idle) + s.rate.Events - len(s.uses) // those are on their way to waiters that are waking up
	switch {
	case ahead < 0:
		return 0
	case ahead < len(s.cooling):
		return s.cooling[ahead].until.Sub(now)
	}
	windows := 1 + (ahead-len(s.cooling))/s.rate.Events
	return time.Duration(windows) * s.rate.Per
}
