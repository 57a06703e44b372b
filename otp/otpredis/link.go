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

// link is what the process knows of Redis. Times are counted from when the limiter was made.
type link struct {
	asking bool          // whether a call is under way
	judge  bool          // whether a waiter has yet to learn how long it has to wait
	next   time.Duration // when the waiters are asked for again
	tell   time.Duration // when Redis is told of slots
	timer  *time.Timer   // for what is due next

	seen           answer          // the last one
	sent, received time.Duration   // when its call began and ended
	silent         time.Duration   // until when Redis lets nothing go; 0 = it does
	waits          []time.Duration // when further slots are free, soonest first

	cause     error         // why the last call failed; nil = it did not
	failing   time.Duration // since when calls fail
	suspect   bool          // whether the server's clock has jumped
	inspected bool          // whether the server's settings were looked at
}

// isDown reports whether Redis has failed for so long that the process goes on by itself.
func (k *link) isDown(now time.Duration) bool { return k.cause != nil && now-k.failing >= shareAfter }

// step does what can be done now: it asks Redis, and serves or refuses waiters while Redis is down. It
// is called with the lock held, after every change.
func (l *Limiter) step(now time.Duration) {
	k := &l.link
	wake := l.due(now)
	if k.asking {
		wake = forever // there is a step when the answer has arrived
	} else if wake <= now {
		k.asking, wake = true, forever
		go l.ask(l.newQuestion(now))
	}
	switch {
	case k.isDown(now):
		wake = min(wake, l.goAlone(now))
	case k.cause != nil && l.waiters.Len() > 0:
		wake = min(wake, k.failing+shareAfter)
	}
	if wake < forever {
		k.timer.Reset(wake - now)
	}
}

// due is when Redis has to be asked. While it fails, only callers who wait have it asked again.
func (l *Limiter) due(now time.Duration) time.Duration {
	k := &l.link
	due := forever
	if l.waiters.Len() > 0 {
		due = k.next
		if k.judge && k.cause == nil {
			due = now
		}
	}
	if k.cause == nil {
		due = min(due, k.tell)
	}
	return due
}

// note is a line of the log that is written when the lock is released.
type note struct {
	level slog.Level
	msg   string
	attrs []slog.Attr
}

func (l *Limiter) note(level slog.Level, msg string, attrs ...slog.Attr) {
	l.notes = append(l.notes, note{level, msg, append(attrs, slog.String("limiter", l.name))})
}

// unlock releases the lock and logs what has happened while it was held.
func (l *Limiter) unlock() {
	notes := l.notes
	l.notes = nil
	l.mu.Unlock()
	for _, n := range notes {
		logSafely(l.logger, n.level, n.msg, n.attrs...)
	}
}
