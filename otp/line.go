package otp

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// allowance is what the waiters of a [line] wait for. It is only asked while the line's lock is held.
type allowance interface {
	// take takes one if there is one, and numbers it.
	take(now time.Time) (id uint64, taken bool)

	// next is when to try again at the latest; whoever changes that earlier wakes the line's first.
	next(now time.Time) time.Duration

	// forecast is the shortest time in which one can come free for somebody with so many ahead in the line.
	forecast(now time.Time, ahead int) time.Duration
}

// line serves those who want an allowance in the order in which they came. Only the first of them looks for it, so that
// one who gives up leaves nothing behind.
type line struct {
	rate Rate

	mu      sync.Mutex
	waiters list.List // of chan struct{}
}

// pass returns when the caller has taken one, or cannot in time.
func (l *line) pass(ctx context.Context, a allowance) (id uint64, err error) {
	if err := ended(ctx); err != nil {
		return 0, err
	}
	l.mu.Lock()
	now := time.Now()
	if l.waiters.Len() == 0 {
		if id, taken := a.take(now); taken {
			l.mu.Unlock()
			return id, nil
		}
	}
	if wait := a.forecast(now, l.waiters.Len()); endsTooSoon(ctx, wait) {
		l.mu.Unlock()
		return 0, overLimit(l.rate, wait, nil)
	}
	place := l.waiters.PushBack(make(chan struct{}, 1))
	l.mu.Unlock()
	return l.wait(ctx, a, place)
}

func (l *line) wait(ctx context.Context, a allowance, place *list.Element) (uint64, error) {
	awake := place.Value.(chan struct{})
	for ctx.Err() == nil {
		id, taken, next := l.try(a, place)
		if taken {
			return id, nil
		}
		timer := time.NewTimer(next)
		select {
		case <-awake:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	l.leave(place)
	return 0, gaveUp(l.rate, ctx.Err())
}

// try is one look of the waiter at place, who is served when all before it are.
func (l *line) try(a allowance, place *list.Element) (id uint64, taken bool, next time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.waiters.Front() != place {
		return 0, false, l.rate.Per // it is woken before
	}
	if id, taken = a.take(now); !taken {
		return 0, false, a.next(now)
	}
	l.waiters.Remove(place)
	l.wakeFirst()
	return id, true, 0
}

func (l *line) leave(place *list.Element) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiters.Remove(place)
	l.wakeFirst()
}

// wakeFirst is called with the lock held.
func (l *line) wakeFirst() {
	if first := l.waiters.Front(); first != nil {
		select {
		case first.Value.(chan struct{}) <- struct{}{}:
		default: // it is awake already
		}
	}
}
