package otpredis

import (
	"slices"
	"time"
)

// slot is one of the rate's that Redis has given to this process.
type slot struct {
	token string
	free  time.Duration // when it is free again; while it is in use, at the latest
	inUse bool
	news  bool // whether Redis has to be told when it is free
	uses  int  // tells its uses apart, so that done counts once
}

// ownSlots are the slots that this process has taken. While Redis gives them to nobody, the process that
// had them last goes on with them.
type ownSlots struct {
	all   []*slot
	sweep int           // how many there may be before those are dropped that are somebody else's by now
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

// available returns those that the process may go on with now, and when it may have more, soonest first.
// A slot in use may be answered at any moment; then it needs another window.
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
