package otpsim

import (
	"sync"
	"time"
)

// Rate is a limit in the words of a vendor's page: at most Events in any stretch of Per. The zero Rate is
// no limit.
type Rate struct {
	Events int
	Per    time.Duration
}

// Window holds requests to a Rate the way a strict vendor does: a sliding window, in which no stretch of
// Per ever sees more than Events. It lives on the simulator's Clock.
type Window struct {
	clock *Clock
	rate  Rate

	mu    sync.Mutex
	taken []time.Time // oldest first, at most rate.Events
}

// NewWindow makes an empty window.
func NewWindow(clock *Clock, rate Rate) *Window {
	return &Window{clock: clock, rate: rate}
}

// Take counts one request. Over the limit it counts nothing and says how long it takes until there is room.
func (w *Window) Take() (wait time.Duration, ok bool) {
	if w.rate.Events <= 0 || w.rate.Per <= 0 {
		return 0, true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.clock.Now()
	w.forget(now)
	if len(w.taken) >= w.rate.Events {
		return w.taken[0].Add(w.rate.Per).Sub(now), false
	}
	w.taken = append(w.taken, now)
	return 0, true
}

// forget drops what has left the window. A clock that was set back leaves requests in the future, which
// would block for ever: those go, too.
func (w *Window) forget(now time.Time) {
	kept := w.taken[:0]
	for _, t := range w.taken {
		if age := now.Sub(t); age >= 0 && age < w.rate.Per {
			kept = append(kept, t)
		}
	}
	w.taken = kept
}
