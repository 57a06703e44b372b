package otpredis

import (
	"container/list"
	"slices"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// slot is one of the rate's that Redis has given to this process.
type slot struct {
	token string
	free  time.Duration // when it is free again; while it is in use, at the latest
	inUse bool
	news  bool // whether Redis has to be told when it is free
	uses  int  // tells its uses apart, so that done counts once
}

// ownSlots are the slots that this process has taken. While Redis gives them to nobody, the process
// that had them last goes on with them.
type ownSlots struct {
	all   []*slot
	sweep int           // how many there may be before those are dropped that are others' by now
	news  []*slot       // those that Redis has to be told of
	kept  time.Duration // since when Redis gives none of them to anybody else; forever = it does
}

func (o *ownSlots) add(s *slot, now time.Duration) {
	if len(o.all) >= o.sweep {
		o.all = slices.DeleteFunc(o.all, func(s *slot) bool {
			return !s.inUse && !s.news && s.free <= min(now, o.kept)
		})
		o.sweep = 2*len(o.all) + 64
	}
	o.all = append(o.all, s)
}

// changed notes that Redis has to be told of slots.
func (o *ownSlots) changed(all ...*slot) {
	for _, s := range all {
		if !s.news {
			s.news = true
			o.news = append(o.news, s)
		}
	}
}

// available returns those that the process may go on with now, and when it may have more, soonest
// first. A slot in use may be answered at any moment; then it needs another window.
func (o *ownSlots) available(now time.Duration, most int, window time.Duration) (free []*slot, later []time.Duration) {
	for _, s := range o.all {
		switch {
		case len(free)+len(later) == most || s.free <= o.kept:
		case s.inUse:
			later = append(later, now+window)
		case s.free > now:
			later = append(later, s.free)
		default:
			free = append(free, s)
		}
	}
	slices.Sort(later)
	return free, later
}

// grant serves waiters with the slots that Redis has given.
func (l *Limiter) grant(q *question, granted int, now time.Duration) {
	for i, s := range q.wanted[:granted] {
		if !q.own {
			l.slots.add(s, now)
		}
		s.free = now
		if first := l.waiters.Front(); first != nil {
			l.serve(first, s, now)
			l.stats.Shared++
		}
		if !s.inUse || s.free > now+q.holds[i]+l.window { // not as Redis thinks
			l.slots.changed(s)
			l.link.tell = now
		}
	}
}

// serve gives a slot to a waiter.
func (l *Limiter) serve(place *list.Element, s *slot, now time.Duration) {
	w := l.waiters.Remove(place).(*waiter)
	s.inUse, s.free = true, now+w.hold+l.window
	s.uses++
	w.granted <- grant{slot: s, use: s.uses}
}

func (l *Limiter) refuse(place *list.Element, err error) {
	l.waiters.Remove(place).(*waiter).granted <- grant{err: err}
}

// plan says when Redis is asked again, and refuses those who would wait for too long.
func (l *Limiter) plan(q *question, a answer, now time.Duration) {
	k := &l.link
	k.waits = nil
	for _, wait := range a.Waits { // a slot in use may be answered at any moment
		k.waits = append(k.waits, now+min(time.Duration(wait)*time.Microsecond, l.window))
	}
	if k.silent > 0 {
		var free []*slot
		free, k.waits = l.slots.available(now, l.share.Events, l.window)
		k.waits = append(make([]time.Duration, len(free)), k.waits...)
	}
	if q.judge {
		l.refuseLate(now, nil)
	}
	k.next = now + min(pollAfter, l.window/8) // so that an outage is soon noticed
	if len(k.waits) > 0 {
		k.next = min(k.next, max(k.waits[0], now+min(10*time.Millisecond, l.window/500)))
	}
	if len(q.wanted) > 0 && a.Granted == len(q.wanted) {
		k.next = now // there may be more
	}
}

// forecast is when the waiter with so many ahead of it can have a slot at the earliest.
func (l *Limiter) forecast(now time.Duration, ahead int) time.Duration {
	k := &l.link
	at, n, silent := now, len(k.waits), k.silent > now && k.cause == nil
	switch {
	case n == 0 && silent:
		at = k.silent
	case n > 0 && ahead >= n && n < l.rate.Events && !silent && k.cause == nil:
		at = k.waits[n-1] // no more are known
	case n > 0: // each slot again after a window
		at = k.waits[ahead%n] + time.Duration(ahead/n)*l.window
	}
	if silent {
		at = min(at, k.silent)
	}
	return max(at, now)
}

// refuseLate refuses the waiters who would get a slot too late to use it.
func (l *Limiter) refuseLate(now time.Duration, cause error) {
	ahead := 0
	for place := l.waiters.Front(); place != nil; {
		w, next := place.Value.(*waiter), place.Next()
		if at := l.forecast(now, ahead); at > w.since+w.patience {
			l.refuse(place, overLimit(l.rate, at-now, cause))
		} else {
			ahead++
		}
		place = next
	}
}

// goAlone serves waiters with the process's own slots, since Redis cannot be asked. It returns when
// to try again.
func (l *Limiter) goAlone(now time.Duration) time.Duration {
	k := &l.link
	free, _ := l.slots.available(now, l.share.Events, l.window)
	for _, s := range free[:min(len(free), l.waiters.Len())] {
		l.serve(l.waiters.Front(), s, now)
		l.slots.changed(s)
		l.stats.Local++
	}
	if _, k.waits = l.slots.available(now, l.share.Events, l.window); len(k.waits) > 0 {
		l.refuseLate(now, k.cause)
	}
	for len(k.waits) == 0 && l.waiters.Len() > 0 && !k.asking { // otherwise Redis may be back
		l.refuse(l.waiters.Front(), unavailable(otp.OutcomeNotSent, k.cause))
	}
	if l.waiters.Len() == 0 || len(k.waits) == 0 {
		return forever
	}
	return k.waits[0]
}
