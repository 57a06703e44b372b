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
	mostJudged = 256 // waiters that Redis is asked for at once, when one of them is new
	mostServed = 32  // the same, when all of them know how long they have to wait
)

// question is one call of limit.lua.
type question struct {
	judge   bool            // whether waiters are to learn how long they have to wait
	own     bool            // whether the slots that are wanted are the process's own
	wanted  []*slot         // for the first waiters
	holds   []time.Duration // how long their requests may be under way
	told    []*slot
	suspect bool  // whether the server's clock has jumped
	away    int64 // the server's time of the last answer before an outage; 0 = there was none, -1 = no answer
	args    []any
	sent    time.Duration
}

// answer is what limit.lua returns. Times are in microseconds, and Now is the server's.
type answer struct {
	Granted              int
	Generation, Sequence int64
	ID                   string
	Now                  int64 `json:",string"`
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
	case now-k.received < awayAfter: // What is told in a call that fails may have been heard all the same.
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

// want chooses the slots that the first waiters are to have: new ones, or those that the process has,
// while Redis gives no others. A process that goes on by itself only tries whether Redis is back.
func (l *Limiter) want(q *question, now time.Duration) {
	most := mostServed
	if q.judge {
		most = mostJudged
	}
	if l.link.isDown(now) {
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
			if json.Unmarshal([]byte(text), &a) != nil {
				return errReply
			}
			return nil
		},
	})
	l.mu.Lock()
	defer l.unlock()
	now := l.now()
	k.asking = false
	if err != nil {
		l.failed(q, err, now)
	} else {
		l.answered(q, a, now)
	}
	l.step(now)
	if err == nil && l.logger != nil && !k.inspected {
		k.inspected = true
		go logWarnings(l.logger, l.server, l.keys[0])
	}
}

// failed takes in that Redis has not answered.
func (l *Limiter) failed(q *question, err error, now time.Duration) {
	k := &l.link
	l.stats.Failures++
	if k.cause == nil {
		k.failing = now
		l.slots.kept = min(l.slots.kept, now)
		l.note(slog.LevelWarn, "otp limiter: redis is down", slog.Any("error", err))
	}
	k.cause = err
	k.next = now + againAfter/2 + rand.N(againAfter)
	if k.isDown(now) {
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
	if k.cause != nil {
		k.cause, k.judge = nil, true
		l.note(slog.LevelInfo, "otp limiter: redis is back")
	}
	lost := 0 < k.seen.Generation && k.seen.Generation < a.Generation
	if lost {
		l.note(slog.LevelWarn, "otp limiter: redis has lost its data, waiting a window")
	}
	if lost || q.away != 0 {
		l.slots.changed(l.slots.all...)
		k.tell = now
	}
	k.seen, k.suspect, k.silent = a, false, 0
	if a.Silent > 0 {
		k.silent = now + time.Duration(a.Silent)*time.Microsecond
		l.slots.kept = min(l.slots.kept, k.silent-l.window-l.lease)
	} else {
		l.slots.kept = forever
	}
	l.grant(q, a.Granted, now)
	l.plan(q, a, now)
}

// hasJumped reports whether the server's clock has run ahead of this process's since the last answer,
// and nobody has told the server so yet.
func (k *link) hasJumped(q *question, a answer, now time.Duration) bool {
	elapsed := now - k.sent
	tolerance := elapsed/1000 + 50*time.Millisecond
	return k.seen.Now > 0 && !q.suspect && a.Generation == k.seen.Generation &&
		a.Now-k.seen.Now > micros(elapsed+tolerance)
}
