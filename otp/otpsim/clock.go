package otpsim

import (
	"context"
	"sync"
	"time"
)

// Clock is the time a simulator lives in, so that a test can let a code expire without waiting. The
// zero Clock shows the real time. It is safe for concurrent use; do not copy it.
type Clock struct {
	mu      sync.Mutex
	offset  time.Duration // how far a running clock is from the real time
	stopped time.Time     // where a stopped clock stands; zero = it runs
	moved   chan struct{} // closed when the clock is moved; nil while nobody waits
}

// Now is the time on the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if !c.stopped.IsZero() {
		return c.stopped
	}
	return time.Now().Add(c.offset)
}

// wait waits until the time of due, asked again after each move; false = ctx or due has ended it.
func (c *Clock) wait(ctx context.Context, due func() (t time.Time, ok bool)) bool {
	for {
		c.mu.Lock()
		if c.moved == nil {
			c.moved = make(chan struct{})
		}
		moved, now, stands := c.moved, c.now(), !c.stopped.IsZero()
		c.mu.Unlock()
		t, ok := due()
		left := t.Sub(now)
		if left <= 0 || !ok || ctx.Err() != nil {
			return ok && ctx.Err() == nil
		}
		timer := time.NewTimer(left)
		if stands {
			timer.Stop()
		}
		select {
		case <-timer.C:
		case <-moved:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

func (c *Clock) nudge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wake()
}

func (c *Clock) wake() {
	if c.moved != nil {
		close(c.moved)
		c.moved = nil
	}
}

// Advance moves the clock by d. A stopped clock stays stopped.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.wake()
	if !c.stopped.IsZero() {
		c.stopped = c.stopped.Add(d)
		return
	}
	c.offset += d
}

// Set stops the clock at t. The zero time sets it running again, at the real time.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.wake()
	c.stopped, c.offset = t, 0
}
