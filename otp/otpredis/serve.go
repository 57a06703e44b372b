package otpredis

import (
	"container/list"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// grant serves waiters with the slots that Redis has given.
func (l *Limiter) grant(q *question, granted int, now time.Time) {
	for i, s := range q.wanted[:granted] {
		if !q.own {
			l.slots.add(s, now)
		}
		s.free = now
		if first := l.waiters.Front(); first != nil {
			l.serve(first, s, now)
			l.stats.Shared++
		}
		if !s.inUse || s.free.After(now.Add(q.holds[i]+l.window)) { // Redis thinks otherwise
			l.slots.changed(s)
			l.link.tell = now
		}
	}
}

// serve gives a slot to a waiter.
func (l *Limiter) serve(place *list.Element, s *slot, now time.Time) {
	w := l.waiters.Remove(place).(*waiter)
	s.inUse, s.free = true, now.Add(w.hold+l.window)
	s.uses++
	w.turn <- turn{slot: s, use: s.uses}
}

// plan says when Redis is asked again, and refuses those who would wait for too long.
func (l *Limiter) plan(q *question, a answer, now time.Time) {
	k := &l.link
	k.waits = nil
	for _, wait := range a.waits { // a slot in use may be answered at any moment
		k.waits = append(k.waits, now.Add(min(wait, l.window)))
	}
	if a.silent > 0 {
		var free []*slot
		free, k.waits = l.slots.available(now, l.share.Events, l.window)
		k.waits = append(make([]time.Time, len(free)), k.waits...)
	}
	if q.judge {
		l.refuseLate(now, nil)
	}
	k.next = now.Add(min(pollAfter, l.window/8)) // to notice early when Redis is down
	if len(k.waits) > 0 {
		soonest := now.Add(min(10*time.Millisecond, l.rate.Per/500))
		k.next = earlier(k.next, later(soonest, k.waits[0]))
	}
	if n := len(q.wanted); n > 0 && int(a.granted) == n {
		k.next = now // there may be more
	}
}

// forecast is when the waiter with so many ahead of it can have a slot at the earliest.
func (l *Limiter) forecast(now time.Time, ahead int) time.Time {
	k := &l.link
	n := len(k.waits)
	at := now
	switch {
	case n > ahead:
		at = k.waits[ahead]
	case n == l.rate.Events || n > 0 && (k.cause != nil || !k.silent.IsZero()): // each slot again a window later
		at = k.waits[ahead%n].Add(time.Duration(ahead/n) * l.window)
	case n > 0: // only the first ones are known
		at = k.waits[n-1]
	case !k.silent.IsZero():
		return k.silent
	}
	if !k.silent.IsZero() && k.cause == nil && k.silent.Before(at) {
		return k.silent
	}
	return at
}

// refuseLate refuses the waiters who would get a slot too late to use it.
func (l *Limiter) refuseLate(now time.Time, cause error) {
	ahead := 0
	for place := l.waiters.Front(); place != nil; {
		w, next := place.Value.(*waiter), place.Next()
		if at := l.forecast(now, ahead); at.After(w.since.Add(w.patience)) {
			l.refuse(place, overLimit(l.rate, at.Sub(now), cause))
		} else {
			ahead++
		}
		place = next
	}
}

func (l *Limiter) refuse(place *list.Element, err error) {
	l.waiters.Remove(place).(*waiter).turn <- turn{err: err}
}

// goAlone serves waiters with the process's own slots, since Redis cannot be asked. It returns when to
// try again; zero = nobody waits.
func (l *Limiter) goAlone(now time.Time) time.Time {
	k := &l.link
	free, _ := l.slots.available(now, l.share.Events, l.window)
	for _, s := range free {
		if first := l.waiters.Front(); first != nil {
			l.serve(first, s, now)
			l.slots.changed(s)
			l.stats.Local++
		}
	}
	if l.waiters.Len() == 0 {
		return time.Time{}
	}
	if _, k.waits = l.slots.available(now, l.share.Events, l.window); len(k.waits) > 0 {
		l.refuseLate(now, k.cause)
		return k.waits[0]
	}
	for l.waiters.Len() > 0 && !k.asking { // otherwise Redis may be back
		l.refuse(l.waiters.Front(), unavailable(otp.OutcomeNotSent, k.cause))
	}
	return time.Time{}
}
