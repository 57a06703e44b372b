package otpsim

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Rate is at most Events in any stretch of Per, on the simulator's Clock. Zero = no limit.
type Rate struct {
	Events int
	Per    time.Duration
}

// Limit limits an operation to a rate: no stretch of Per ever sees more than Events. Further
// requests get the vendor's 429 and a Retry-After. A wrong key does not count. The zero Rate ends
// the limit. Limit panics if the vendor has no such operation.
//
//	srv.Limit("generate", otpsim.Rate{Events: 250, Per: time.Minute})
func (s *Server) Limit(operation string, rate Rate) {
	if !slices.ContainsFunc(s.config.Operations, func(op Operation) bool { return op.Name == operation }) {
		panic(fmt.Sprintf("otpsim: Limit: there is no operation %q", operation))
	}
	s.limits.set(operation, rate)
}

type limits struct {
	mu      sync.Mutex
	windows map[string]*window // by operation
}

func (l *limits) set(operation string, rate Rate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.windows == nil {
		l.windows = make(map[string]*window)
	}
	l.windows[operation] = &window{rate: rate}
}

// take counts one request. Over the limit it says how long it takes until there is space.
func (l *limits) take(operation string, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.windows[operation]
	if w == nil || w.rate.Events <= 0 || w.rate.Per <= 0 {
		return 0, true
	}
	w.forget(now)
	if len(w.taken) >= w.rate.Events {
		return w.taken[0].Add(w.rate.Per).Sub(now), false
	}
	w.taken = append(w.taken, now)
	return 0, true
}

type window struct {
	rate  Rate
	taken []time.Time // oldest first, at most rate.Events
}

// forget drops what has left the window, and what a clock that was set back left in the future.
func (w *window) forget(now time.Time) {
	w.taken = slices.DeleteFunc(w.taken, func(t time.Time) bool {
		age := now.Sub(t)
		return age < 0 || age >= w.rate.Per
	})
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(math.Ceil(d.Seconds())), 10) }
