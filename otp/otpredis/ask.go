package otpredis

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"time"
)

const (
	// shareAfter is how long Redis has to fail before a process goes on with its own slots.
	shareAfter = 3 * time.Second

	// awayAfter is the longest outage in which no process can have done so, no matter who noticed
	// first.
	awayAfter = 2 * time.Second

	againAfter = 100 * time.Millisecond // when a call that failed is repeated
	probeAfter = time.Second            // the same, once the process goes on by itself
	pollAfter  = time.Second            // how long an answer is believed, or an eighth of a window
	tellAfter  = time.Second            // how long Redis is not told what became of a request
	mostAsked  = 256                    // waiters that Redis is asked for at once
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

	cause   error         // why the last call failed; nil = it did not
	failing time.Duration // since when calls fail, one soon after the other
	failed  time.Duration // when the last one did
	suspect bool          // whether the server's clock has jumped
}

// isDown reports whether Redis has failed for so long that the process goes on by itself.
func (l *Limiter) isDown(now time.Duration) bool {
	return l.link.cause != nil && !l.isOld(now) && now-l.link.failing >= shareAfter
}

// isOld reports whether the last failure says nothing about Redis any more.
func (l *Limiter) isOld(now time.Duration) bool {
	return now-l.link.failed > 2*probeAfter+l.timeout
}

// step does what can be done now: it asks Redis, and serves or refuses waiters while Redis is down.
// It is called with the lock held, after every change.
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
	case l.isDown(now):
		wake = min(wake, l.goAlone(now))
	case k.cause != nil && l.waiters.Len() > 0:
		wake = min(wake, max(k.failing+shareAfter, now+againAfter))
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

// question is one call of limit.lua.
type question struct {
	judge   bool            // whether waiters are to learn how long they have to wait
	own     bool            // whether the slots that are wanted are the process's own
	wanted  []*slot         // for the first waiters
	holds   []time.Duration // how long their requests may be under way
	told    []*slot
	suspect bool  // whether the server's clock has jumped
	away    int64 // the server's time before an outage; 0 = there was none, -1 = it is not known
	args    []any
	sent    time.Duration
}

// answer is what limit.lua returns. Times are in microseconds, and Now is the server's.
type answer struct {
	Granted              int
	Generation, Sequence int64
	ID                   string
	Now                  int64 `json:",string"`
	Held                 int64 `json:",string"` // when all slots were held, because somebody was away
	Silent               int64
	Waits                []int64
}

// newQuestion collects what Redis is asked and told next.
func (l *Limiter) newQuestion(now time.Duration) *question {
	k := &l.link
	q := &question{judge: k.judge, suspect: k.suspect}
	l.want(q, now)
	k.judge = false
	switch {
	case k.cause == nil:
		q.told, l.slots.news, k.tell = l.slots.news, nil, forever
	case now-k.received < awayAfter: // what is told in a call that fails may have been heard
	case k.seen.Now == 0:
		q.away = -1
	default:
		q.away = k.seen.Now
	}
	q.args = []any{
		l.newToken(), l.rate.Events, micros(l.window), micros(l.window + l.lease),
		k.seen.Generation, k.seen.ID, k.seen.Sequence, 0, q.suspect, q.away, q.own, len(q.told),
	}
	for _, s := range q.told {
		s.news = false
		q.args = append(q.args, s.token, micros(max(0, s.free-now)))
	}
	for i, s := range q.wanted {
		q.args = append(q.args, s.token, micros(q.holds[i]))
	}
	return q
}

// want chooses the slots that the first waiters are to have: new ones, or those that the process
// has, while Redis gives no others. A process that goes on by itself only tries whether Redis is
// back.
func (l *Limiter) want(q *question, now time.Duration) {
	most := mostAsked
	if l.isDown(now) {
		most = 0
	}
	var free []*slot
	if q.own = now < l.link.silent; q.own {
		free, _ = l.slots.available(now, l.share.Events, l.window)
		most = min(most, len(free))
	}
	for place := l.waiters.Front(); place != nil && len(q.wanted) < most; place = place.Next() {
		s := &slot{}
		if q.own {
			s = free[len(q.wanted)]
		} else {
			s.token = l.newToken()
		}
		q.wanted = append(q.wanted, s)
		q.holds = append(q.holds, place.Value.(*waiter).hold)
	}
}

func (l *Limiter) newToken() string {
	l.tokens++
	return l.process + strconv.FormatUint(l.tokens, 36)
}

// ask makes the call and takes in what comes of it.
func (l *Limiter) ask(q *question) {
	k := &l.link // nobody else changes seen and received while a call is under way
	q.sent = l.now()
	if k.seen.Now > 0 && !q.suspect {
		q.args[7] = k.seen.Now + micros(q.sent-k.received+l.timeout)
	}
	var a answer
	err := l.server.run(context.Background(), call{
		script: l.script, keys: l.keys, args: q.args,
		read: func(reply any) error {
			text, _ := reply.(string)
			if json.Unmarshal([]byte(text), &a) != nil || a.Granted > len(q.wanted) || a.Now == 0 {
				return errReply
			}
			return nil
		},
	})
	l.mu.Lock()
	now, before := l.now(), *k
	k.asking = false
	if err != nil {
		l.failed(q, err, now)
	} else {
		l.answered(q, a, now)
	}
	l.step(now)
	after := *k
	l.mu.Unlock()
	l.report(&before, &after)
}

// report logs what has changed.
func (l *Limiter) report(before, after *link) {
	name := slog.String("limiter", l.name)
	switch {
	case before.cause == nil && after.cause != nil:
		log(l.logger, slog.LevelWarn, "otp limiter: redis is down", slog.Group("", name, slog.Any("error", after.cause)))
	case before.cause != nil && after.cause == nil:
		log(l.logger, slog.LevelInfo, "otp limiter: redis is back", name)
	}
	switch known := before.seen.Generation; {
	case 0 < known && known < after.seen.Generation:
		log(l.logger, slog.LevelWarn, "otp limiter: redis has lost its data, waiting a window", name)
	case known == 0 && after.seen.Generation > 0 && l.logger != nil:
		go logWarnings(context.Background(), l.logger, l.server, l.keys[0])
	}
}

// failed takes in that Redis has not answered.
func (l *Limiter) failed(q *question, err error, now time.Duration) {
	k := &l.link
	l.stats.Failures++
	if k.cause == nil || l.isOld(now) {
		k.failing = now
		if now >= k.silent {
			l.slots.kept = now
		}
	}
	k.cause, k.failed = err, now
	k.next = now + againAfter/2 + rand.N(againAfter) //nolint:gosec // processes should not ask together
	if l.isDown(now) {
		k.next = now + probeAfter
	}
	l.undo(q, now)
}

// undo has Redis told again what it may not have heard, and given back what it may have given.
func (l *Limiter) undo(q *question, now time.Duration) {
	l.link.judge = l.link.judge || q.judge
	l.slots.changed(q.told...)
	l.slots.changed(q.wanted...)
	l.link.tell = now
}

// answered takes in what Redis has answered.
func (l *Limiter) answered(q *question, a answer, now time.Duration) {
	k := &l.link
	if k.hasJumped(q, a, now) {
		k.suspect = true
		l.undo(q, now)
		return
	}
	k.sent, k.received, k.seen.Now = q.sent, now, a.Now
	if a.Granted < 0 { // the call has taken too long
		l.undo(q, now)
		return
	}
	if 0 < k.seen.Generation && (k.seen.Generation < a.Generation || k.seen.Held != a.Held) {
		l.slots.changed(l.slots.all...)
		k.tell = now
	}
	k.judge = k.judge || k.cause != nil
	k.seen, k.cause, k.suspect, k.silent = a, nil, false, 0
	if a.Silent > 0 {
		k.silent = now + time.Duration(a.Silent)*time.Microsecond
		l.slots.kept = min(l.slots.kept, k.silent-l.window-l.lease)
	} else {
		l.slots.kept = forever
	}
	l.grant(q, a.Granted, now)
	l.plan(q, a, now)
}

// hasJumped reports whether the server's clock has run ahead of this process's since the last
// answer, and nobody has told the server so yet.
func (k *link) hasJumped(q *question, a answer, now time.Duration) bool {
	elapsed := now - k.sent
	tolerance := elapsed/1000 + 50*time.Millisecond
	return k.seen.Now > 0 && !q.suspect && a.Generation == k.seen.Generation &&
		a.Now-k.seen.Now > micros(elapsed+tolerance)
}
