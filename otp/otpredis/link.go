package otpredis

import (
	"log/slog"
	"time"
)

const (
	// shareAfter is how long Redis has to fail before a process goes on with its own slots.
	shareAfter = 3 * time.Second

	// awayAfter is the longest outage in which no process can have done so, whichever noticed it first.
	awayAfter = 2 * time.Second

	againAfter = 100 * time.Millisecond // when a call that failed is repeated
	probeAfter = time.Second            // the same, once the process goes on by itself
	pollAfter  = time.Second            // how long an answer is believed, if an eighth of a window is not less
	tellAfter  = time.Second            // how long Redis is not told what became of a request
)

// link is what the process knows of Redis.
type link struct {
	asking bool        // whether a call is under way
	judge  bool        // whether a waiter has yet to learn how long it has to wait
	next   time.Time   // when the waiters are asked for again
	tell   time.Time   // when Redis is told of slots; zero = there is nothing to tell
	timer  *time.Timer // for what is due next

	seen           answer      // the last one
	sent, received time.Time   // when its call began and ended
	silent         time.Time   // until then Redis lets nothing go; zero = it does
	waits          []time.Time // when further slots are free

	cause     error     // why the last call failed; nil = it did not
	failing   time.Time // since when calls fail
	suspect   bool      // whether the server's clock has jumped
	inspected bool      // whether the server's settings were looked at
}

// isDown reports whether Redis has failed for so long that the process goes on by itself.
func (k *link) isDown(now time.Time) bool { return k.cause != nil && now.Sub(k.failing) >= shareAfter }

// step does what can be done now: it asks Redis, and serves or refuses waiters while Redis is down. It
// is called with the lock held, after every change.
func (l *Limiter) step(now time.Time) {
	k := &l.link
	wake := l.due(now)
	if k.asking {
		wake = time.Time{} // there is a step when the answer has arrived
	} else if !wake.IsZero() && !wake.After(now) {
		k.asking, wake = true, time.Time{}
		go l.ask(l.newQuestion(now))
	}
	switch {
	case k.isDown(now):
		wake = earlier(wake, l.goAlone(now))
	case k.cause != nil && l.waiters.Len() > 0:
		wake = earlier(wake, k.failing.Add(shareAfter))
	}
	switch {
	case wake.IsZero():
	case k.timer == nil:
		k.timer = time.AfterFunc(wake.Sub(now), l.wake)
	default:
		k.timer.Reset(wake.Sub(now))
	}
}

func (l *Limiter) wake() {
	l.mu.Lock()
	defer l.unlock()
	l.step(time.Now())
}

// due is when Redis has to be asked; zero = there is no need to.
func (l *Limiter) due(now time.Time) (due time.Time) {
	k := &l.link
	waiting := l.waiters.Len() > 0
	switch {
	case k.cause != nil && !waiting:
		return time.Time{} // the next caller tries whether it is back
	case k.cause != nil:
		return k.next
	case waiting && k.judge:
		return now
	case waiting:
		due = k.next
	}
	return earlier(due, k.tell)
}

// earlier returns the earlier of two times, of which zero means never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// note is a line of the log that is written when the lock is released.
type note struct {
	level slog.Level
	msg   string
	err   error
}

func (l *Limiter) note(level slog.Level, msg string, err error) {
	l.notes = append(l.notes, note{level, msg, err})
}

// unlock releases the lock and logs what has happened while it was held.
func (l *Limiter) unlock() {
	notes := l.notes
	l.notes = nil
	l.mu.Unlock()
	for _, n := range notes {
		attrs := []slog.Attr{slog.String("limiter", l.name)}
		if n.err != nil {
			attrs = append(attrs, slog.Any("error", n.err))
		}
		logSafely(l.logger, n.level, n.msg, attrs...)
	}
}
