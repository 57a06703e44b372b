package otpredis

import (
	"slices"
	"time"
)

// slot is one of the rate's that Redis has given to this process.
type slot struct {
	token string
	free  time.Time // when it is free again; while it is in use, at the latest
	inUse bool
	uses  int  // tells its uses apart, so that done counts once
	news  bool // whether Redis has to be told when it is free
}

// ownSlots are the slots that this process has taken. While Redis cannot say who may have them next, the
// process that had them last goes on with them. Nobody else can: Redis gave them to nobody.
type ownSlots struct {
	all    []*slot
	sweep  int      // how many of them there may be before those are dropped that are somebody else's by now
	news   []*slot  // of those, the ones that Redis has to be told of
	unsure []string // tokens that Redis may have given, but the answer was lost

	// kept is since when Redis gives none of them to anybody else. Zero = it does when they are free.
	kept time.Time
}

const mostUnsure = 1000 // what is older has run out in Redis

func (o *ownSlots) add(s *slot, now time.Time) {
	if len(o.all) >= o.sweep {
		o.all = slices.DeleteFunc(o.all, func(s *slot) bool {
			return !s.inUse && !s.news && !s.free.After(now) && !o.isKept(s)
		})
		o.sweep = 2*len(o.all) + 64
	}
	o.all = append(o.all, s)
}

func (o *ownSlots) isKept(s *slot) bool { return !o.kept.IsZero() && s.free.After(o.kept) }

// changed notes that Redis has to be told of s.
func (o *ownSlots) changed(s *slot) {
	if !s.news {
		s.news = true
		o.news = append(o.news, s)
	}
}

func (o *ownSlots) changedAll() {
	for _, s := range o.all {
		o.changed(s)
	}
}

func (o *ownSlots) lost(token string) {
	o.unsure = append(o.unsure, token)
	o.unsure = o.unsure[max(0, len(o.unsure)-mostUnsure):]
}

// available returns those that the process may go on with now, and when it may have more, soonest first.
// A slot in use may be answered at any moment; then it needs another window.
func (o *ownSlots) available(now time.Time, most int, window time.Duration) (free []*slot, later []time.Time) {
	for _, s := range o.all {
		switch {
		case len(free)+len(later) == most || !o.isKept(s):
		case s.inUse:
			later = append(later, now.Add(window))
		case s.free.After(now):
			later = append(later, s.free)
		default:
			free = append(free, s)
		}
	}
	slices.SortFunc(later, time.Time.Compare)
	return free, later
}
