package otp

import (
	"container/list"
	"context"
	"errors"
	"math"
	"time"
)

// acquire takes a slot, or returns why the caller gets none in time.
func (s *slots) acquire(ctx context.Context) (id uint64, err error) {
	if err := contextError(ctx); err != nil {
		return 0, err
	}
	s.mu.Lock()
	now := s.now()
	if s.waiters.Len() == 0 {
		if id, taken := s.take(now); taken {
			s.mu.Unlock()
			return id, nil
		}
	}
	patience := s.patience(ctx)
	if wait := s.forecast(now, s.waiters.Len()); wait > patience {
		s.mu.Unlock()
		return 0, overLimit(s.rate, wait, nil)
	}
	place := s.waiters.PushBack(make(chan struct{}, 1))
	s.mu.Unlock()
	return s.wait(ctx, place, now+min(patience, forever-now))
}

// forever is longer than anybody waits.
const forever time.Duration = math.MaxInt64

// patience is how long a caller can wait and still has time to use its slot.
func (s *slots) patience(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return forever
	}
	left := time.Until(deadline)
	return left - min(s.reserve, left/2)
}

func (s *slots) wait(ctx context.Context, place *list.Element, end time.Duration) (uint64, error) {
	awake := place.Value.(chan struct{})
	timer := time.NewTimer(forever)
	defer timer.Stop()
	for {
		id, taken, next := s.look(place)
		if taken {
			return id, nil
		}
		left := end - s.now()
		if left <= 0 {
			return 0, s.giveUp(ctx, place, nil)
		}
		timer.Reset(min(next, left))
		select {
		case <-awake:
		case <-timer.C:
		case <-ctx.Done():
			return 0, s.giveUp(ctx, place, ctx.Err())
		}
	}
}

// look is how the caller at place looks for a slot, and when it should look again. Until it is the
// first, it has only to wait. Anyone who frees a slot earlier wakes it.
func (s *slots) look(place *list.Element) (id uint64, taken bool, next time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiters.Front() != place {
		return 0, false, forever
	}
	now := s.now()
	if id, taken = s.take(now); taken {
		s.waiters.Remove(place)
		s.wakeFirst()
	} else if len(s.cooling) > 0 {
		return 0, false, s.cooling[0].until - now
	}
	return id, taken, forever
}

// giveUp leaves the queue: because ctx is over, or, where cause is nil, because a slot would come
// too late.
func (s *slots) giveUp(ctx context.Context, place *list.Element, cause error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiters.Remove(place)
	s.wakeFirst()
	if errors.Is(cause, context.Canceled) {
		return contextError(ctx)
	}
	return overLimit(s.rate, s.forecast(s.now(), 0), cause)
}

// wakeFirst is called with the lock held.
func (s *slots) wakeFirst() {
	if first := s.waiters.Front(); first != nil {
		select {
		case first.Value.(chan struct{}) <- struct{}{}:
		default: // it is awake already
		}
	}
}
