package vendorkit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// bounded is a context with a deadline. Its timer starts when somebody first waits for it: a call
// that is answered at once, and an attempt on a transport that does not wait, need none.
type bounded struct {
	context.Context // the parent

	deadline time.Time
	why      error       // the cause of its end when the deadline has passed
	proxied  atomic.Bool // it connects through a proxy

	mu     sync.Mutex
	over   bool // a context has to have a reason once its Done is closed
	timer  context.Context
	cancel context.CancelFunc
}

// Deadline is always known.
func (b *bounded) Deadline() (time.Time, bool) { return b.deadline, true }

// Done is closed when the parent is done, the deadline has passed, or what b was made for is over.
func (b *bounded) Done() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer == nil {
		b.timer, b.cancel = context.WithDeadline(b.Context, b.deadline)
		if b.over {
			b.cancel()
		}
	}
	return b.timer.Done()
}

// Err is why what b was made for has to end; nil = it need not.
func (b *bounded) Err() error {
	if err := b.Context.Err(); err != nil {
		return err
	}
	if !time.Now().Before(b.deadline) {
		return context.DeadlineExceeded
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return context.Canceled
	}
	if b.timer != nil { // a clock that was set back does not undo that it has fired
		return b.timer.Err()
	}
	return nil
}

// Value finds in a started timer what package context needs to pass its end on without a goroutine.
func (b *bounded) Value(key any) any {
	if key == (boundedKey{}) {
		return b
	}
	b.mu.Lock()
	timer := b.timer
	b.mu.Unlock()
	if timer != nil {
		return timer.Value(key)
	}
	return b.Context.Value(key)
}

func (b *bounded) cause() error {
	if b.Context.Err() != nil {
		return context.Cause(b.Context)
	}
	if b.why != nil && !time.Now().Before(b.deadline) {
		return b.why
	}
	return b.Err()
}

// end says that what b was made for is over. Anyone who kept b does not wait on it for ever.
func (b *bounded) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
	if b.cancel != nil {
		b.cancel()
	}
}

type boundedKey struct{}

// boundedFrom returns the nearest bounded context: that of the attempt on whose behalf a connection
// is dialled.
func boundedFrom(ctx context.Context) *bounded {
	b, _ := ctx.Value(boundedKey{}).(*bounded)
	return b
}
