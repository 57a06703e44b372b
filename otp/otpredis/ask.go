package otpredis

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"time"
)

const (
	mostJudged = 256 // waiters that Redis is asked for at once, when one of them is new
	mostServed = 32  // the same, when all of them know how long they have to wait
	mostTold   = 1000
)

// question is one call of limit.lua.
type question struct {
	judge   bool            // whether waiters are to learn how long they have to wait
	own     bool            // whether the slots that are wanted are the process's own
	wanted  []*slot         // for the first waiters
	holds   []time.Duration // how long their requests may be under way
	told    []*slot
	unsure  []string
	suspect bool  // whether the server's clock has jumped
	away    int64 // the server's time of the last answer before an outage; 0 = there was none, -1 = no answer
	args    []any
	sent    time.Time
}

// answer is what limit.lua returns.
type answer struct {
	granted    int64
	generation int64
	id         string
	sequence   int64
	now        int64 // on the server's clock, in microseconds
	silent     time.Duration
	waits      []time.Duration
}

// newQuestion collects what Redis is asked and told next.
func (l *Limiter) newQuestion(now time.Time) *question {
	k := &l.link
	q := &question{judge: k.judge, suspect: k.suspect}
	k.judge, k.tell = false, time.Time{}
	l.want(q, now)
	switch {
	case k.cause == nil:
		told := min(len(l.slots.news), mostTold)
		q.told, l.slots.news = l.slots.news[:told:told], l.slots.news[told:]
		q.unsure, l.slots.unsure = l.slots.unsure, nil
		if len(l.slots.news) > 0 {
			k.tell = now
		}
	// What is told in a call that fails may have been heard. So nothing is, until Redis is back.
	case now.Sub(k.received) < awayAfter:
	case k.seen.now == 0:
		q.away = -1
	default:
		q.away = k.seen.now
	}

	q.args = []any{
		l.newToken(), l.rate.Events, micros(l.window), micros(l.window + l.lease),
		k.seen.generation, k.seen.id, k.seen.sequence, 0, q.suspect, q.away, q.own,
		len(q.told) + len(q.unsure),
	}
	for _, s := range q.told {
		s.news = false
		q.args = append(q.args, s.token, micros(max(0, s.free.Sub(now))))
	}
	for _, token := range q.unsure {
		q.args = append(q.args, token, 0)
	}
	for i, s := range q.wanted {
		q.args = append(q.args, s.token, micros(q.holds[i]))
	}
	return q
}

// want chooses the slots that the first waiters are to have: new ones, or those that the process has,
// while Redis gives no others. A process that goes on by itself only tries whether Redis is back.
func (l *Limiter) want(q *question, now time.Time) {
	most := mostServed
	if q.judge {
		most = mostJudged
	}
	if l.link.isDown(now) {
		most = 0
	}
	var free []*slot
	if q.own = now.Before(l.link.silent); q.own {
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
	q.sent = time.Now()
	if k.seen.now > 0 && !q.suspect {
		q.args[7] = k.seen.now + micros(q.sent.Sub(k.received)+l.timeout)
	}
	var a answer
	err := l.server.run(context.Background(), call{
		script: l.script, keys: l.keys, args: q.args,
		read: func(reply any) (err error) { a, err = readAnswer(reply); return err },
	})
	l.mu.Lock()
	defer l.unlock()
	now := time.Now()
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

// failed takes in that Redis has not answered. It may have done what it was asked to all the same.
func (l *Limiter) failed(q *question, err error, now time.Time) {
	k := &l.link
	l.stats.Failures++
	if k.cause == nil {
		k.failing = now
		l.slots.kept = earlier(l.slots.kept, now)
		l.note(slog.LevelWarn, "otp limiter: redis is down", err)
	}
	k.cause = err
	k.next = now.Add(againAfter/2 + rand.N(againAfter))
	if k.isDown(now) {
		k.next = now.Add(probeAfter)
	}
	l.undo(q, now)
}

// undo puts back what Redis was told, and remembers the slots that it may have given.
func (l *Limiter) undo(q *question, now time.Time) {
	l.link.judge = l.link.judge || q.judge
	for _, s := range q.told {
		l.slots.changed(s)
	}
	for _, token := range q.unsure {
		l.slots.lost(token)
	}
	for _, s := range q.wanted {
		if q.own {
			l.slots.changed(s)
		} else {
			l.slots.lost(s.token)
		}
	}
	l.link.tell = now
}

// answered takes in what Redis has answered.
func (l *Limiter) answered(q *question, a answer, now time.Time) {
	k := &l.link
	if k.hasJumped(q, a, now) {
		k.suspect = true
		l.undo(q, now)
		return
	}
	k.sent, k.received, k.seen.now = q.sent, now, a.now
	if a.granted < 0 { // the call has taken too long
		l.undo(q, now)
		return
	}
	if k.cause != nil {
		l.note(slog.LevelInfo, "otp limiter: redis is back", nil)
		k.cause, k.judge = nil, true
	}
	lost := 0 < k.seen.generation && k.seen.generation < a.generation
	if lost {
		l.note(slog.LevelWarn, "otp limiter: redis has lost its data, waiting a window", nil)
	}
	if lost || q.away != 0 {
		l.slots.changedAll()
		k.tell = now
	}
	k.seen, k.suspect, k.silent = a, false, time.Time{}
	if a.silent > 0 {
		k.silent = now.Add(a.silent)
		l.slots.kept = earlier(l.slots.kept, k.silent.Add(-l.window-l.lease))
	} else {
		l.slots.kept = time.Time{}
	}
	l.grant(q, int(a.granted), now)
	l.plan(q, a, now)
}

// hasJumped reports whether the server's clock has run ahead of this process's since the last answer,
// and nobody has told the server so yet.
func (k *link) hasJumped(q *question, a answer, now time.Time) bool {
	elapsed := now.Sub(k.sent)
	tolerance := elapsed/1000 + 50*time.Millisecond
	return k.seen.now > 0 && !q.suspect && a.generation == k.seen.generation &&
		a.now-k.seen.now > micros(elapsed+tolerance)
}

func readAnswer(reply any) (a answer, err error) {
	fields, _ := reply.([]any)
	d := decoder{fields: fields}
	a.granted, a.generation = d.int64(), d.int64()
	a.id, a.sequence, a.now = d.text(), d.int64(), d.int64()
	a.silent = time.Duration(d.int64()) * time.Microsecond
	for len(d.fields) > 0 {
		a.waits = append(a.waits, time.Duration(d.int64())*time.Microsecond)
	}
	if d.bad {
		return answer{}, errReply
	}
	return a, nil
}
