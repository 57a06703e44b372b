package otpredis

import (
	"cmp"
	"container/list"
	"context"
	"crypto/rand"
	_ "embed" // for the script
	"errors"
	"math"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/otp-sdk/otp-go/otp"
)

//go:embed limit.lua
var limitScript string

// Limiter keeps an otp.Rate for all processes that use one vendor account. It is an otp.Limiter and
// an otp.Acquirer, safe for concurrent use, and needs no Close; the client is the caller's to
// close.
type Limiter struct {
	config

	name    string
	rate    otp.Rate
	window  time.Duration // the rate's, and a little more, because clocks do not run at the same speed
	server  server
	script  *redis.Script
	keys    []string
	process string // begins the tokens of this process
	made    time.Time

	mu      sync.Mutex
	tokens  uint64    // how many there were
	waiters list.List // of *waiter, in the order in which they came
	slots   ownSlots
	link    link
	stats   Stats
}

var _ interface {
	otp.Limiter
	otp.Acquirer
} = (*Limiter)(nil)

// Stats is what a [Limiter] of this process has done since it was made.
type Stats struct {
	Shared   uint64 // requests that Redis has let go
	Local    uint64 // requests that the process has let go by itself while Redis was down
	Failures uint64 // calls of Redis that failed
	Down     bool   // whether the last call failed
}

// NewLimiter returns a limiter that keeps rate in Redis, under the name, which is that of the
// account: 1 to 64 letters, digits, "-", "_" or ".", the first a letter or digit. All its processes
// must be given the same name, rate and lease. It makes no call; a bad argument or option is
// refused with an *otp.Error of kind otp.ErrMisconfigured that names the field. The zero rate,
// which is no limit, is refused, too.
//
// The promise is that of [otp.Rate.Limiter].
func NewLimiter(client redis.Scripter, name string, rate otp.Rate, opts ...Option) (*Limiter, error) {
	c, err := configure(client, name, opts)
	if err != nil {
		return nil, err
	}
	switch {
	case c.refuse:
		c.share = otp.Rate{Per: rate.Per}
	case c.share == (otp.Rate{}):
		c.share = rate
	}
	if err = cmp.Or(
		check(isLimit(rate), "rate", limitRule),
		check(c.share.Per == rate.Per && c.share.Events <= rate.Events, "local_share",
			"must have the limiter's window, and at most its events"),
	); err != nil {
		return nil, err
	}
	prefix := "otp:limit:{" + name + "}:"
	l := &Limiter{
		config: c, name: name, rate: rate,
		window:  rate.Per + min(5*time.Millisecond, rate.Per/200),
		server:  server{client: client, timeout: c.timeout},
		script:  redis.NewScript(limitScript),
		keys:    []string{prefix + "slots", prefix + "record"},
		process: rand.Text()[:16],
		made:    time.Now(),
		slots:   ownSlots{kept: forever},
		link:    link{tell: forever, sent: -1},
	}
	l.link.timer = time.AfterFunc(forever, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.step(l.now())
	})
	l.link.timer.Stop()
	return l, nil
}

func (l *Limiter) now() time.Duration { return time.Since(l.made) }

// Stats returns how the limiter has fared.
func (l *Limiter) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	stats := l.stats
	stats.Down = l.link.cause != nil
	return stats
}

// Wait is Acquire and done at once.
func (l *Limiter) Wait(ctx context.Context) error {
	done, err := l.Acquire(ctx)
	if err == nil {
		done(otp.OutcomeAccepted)
	}
	return err
}

// Acquire waits for a slot. Callers of one process are served in the order in which they come. A
// wait that would leave too little of the caller's deadline, see [WithReserve], fails at once, as
// otp.ErrRateLimited with RetryAfter. When Redis cannot be asked, the error is otp.ErrUnavailable.
// Every error has otp.OutcomeNotSent.
//
// The request must end when ctx does. Done makes no call: Redis learns of it with the next one, and
// a second later at the latest.
func (l *Limiter) Acquire(ctx context.Context) (done func(otp.Outcome), err error) {
	if err = ended(ctx); err != nil {
		return nil, err
	}
	w := l.newWaiter(ctx)
	l.mu.Lock()
	place := l.waiters.PushBack(w)
	l.link.judge = true
	l.step(w.since)
	l.mu.Unlock()

	timer := time.NewTimer(w.patience)
	defer timer.Stop()
	var t grant
	select {
	case t = <-w.granted:
	case <-ctx.Done():
		t = l.leave(ctx, w, place)
	case <-timer.C:
		t = l.leave(ctx, w, place)
	}
	if t.err != nil {
		return nil, t.err
	}
	return func(o otp.Outcome) { l.end(t, o) }, nil
}

// waiter is a caller who waits for a slot.
type waiter struct {
	hold     time.Duration // how long its request may be under way
	since    time.Duration // when it came
	patience time.Duration // how long it can wait and still has time to use a slot
	granted  chan grant    // how the wait has ended
}

// grant is a slot and the number of its use, or why there is none.
type grant struct {
	slot *slot
	use  int
	err  error
}

const (
	forever       time.Duration = math.MaxInt64 / 4 // longer than anybody waits
	longestFlight               = 24 * time.Hour    // a deadline may be thousands of years away
)

func (l *Limiter) newWaiter(ctx context.Context) *waiter {
	w := &waiter{hold: l.lease, since: l.now(), patience: forever, granted: make(chan grant, 1)}
	if deadline, ok := ctx.Deadline(); ok {
		left := min(time.Until(deadline), forever)
		w.hold = max(w.hold, min(left, longestFlight))
		w.patience = left - min(l.reserve, left/2)
	}
	return w
}

// leave ends a wait for which ctx or the time has run out.
func (l *Limiter) leave(ctx context.Context, w *waiter, place *list.Element) grant {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case t := <-w.granted: // at the last moment
		return t
	default:
		l.waiters.Remove(place)
	}
	switch k := &l.link; {
	case errors.Is(ctx.Err(), context.Canceled):
		return grant{err: ended(ctx)}
	case k.cause != nil:
		return grant{err: unavailable(otp.OutcomeNotSent, k.cause)}
	case k.sent < w.since:
		return grant{err: unavailable(otp.OutcomeNotSent, errSlow)}
	}
	now := l.now()
	return grant{err: overLimit(l.rate, max(l.forecast(now, 0)-now, againAfter), ctx.Err())}
}

// end ends the use of a slot. It does nothing the second time.
func (l *Limiter) end(t grant, outcome otp.Outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.slot.uses != t.use || !t.slot.inUse {
		return
	}
	now := l.now()
	t.slot.inUse = false
	tell := now + min(tellAfter, l.window/4)
	switch outcome {
	case otp.OutcomeNotSent:
		t.slot.free, tell = now, now
	case otp.OutcomeAccepted:
		t.slot.free = now + l.window
	default:
		t.slot.free = now + l.lease + l.window
	}
	l.slots.changed(t.slot)
	l.link.tell = min(l.link.tell, tell)
	l.step(now)
}
