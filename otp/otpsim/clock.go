package otpsim

import (
	"sync"
	"time"
)

// Clock is the time a simulator lives in, so that a test can let a code expire without waiting. The
// zero Clock shows the real time. It is safe for concurrent use; do not copy it.
type Clock struct {
	mu      sync.Mutex
	offset  time.Duration // how far a running clock is from the real time
	stopped time.Time     // where a stopped clock stands; zero = it runs
}

// Now is the time on the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stopped.IsZero() {
		return c.stopped
	}
	return time.Now().Add(c.offset)
}

// Advance moves the clock by d. A running clock keeps running from there, a stopped one stays
// stopped.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stopped.IsZero() {
		c.stopped = c.stopped.Add(d)
		return
	}
	c.offset += d
}

// Set stops the clock at t, which makes every date in an answer predictable. The zero time sets it
// running again, at the real time.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped, c.offset = t, 0
}
