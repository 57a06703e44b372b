package kaleyratest

import "time"

// remembered is how many verifications are kept even though their codes are dead, so that validate can say
// why. One that is forgotten is not found (E909).
const remembered = 10_000

// verification is a code that was sent, under the verify_id that finds it.
type verification struct {
	id      string
	code    string
	flow    Flow
	phones  []string // with a +
	expires time.Time
	wrong   int // attempts
	used    bool
}

func (v *verification) expired(now time.Time) bool { return !now.Before(v.expires) }

func (v *verification) exhausted() bool { return v.wrong >= v.flow.MaxAttempts }

// verifications are those of the account. The zero value is empty.
type verifications struct {
	all     []*verification // oldest first
	byID    map[string]*verification
	newest  map[string]*verification // by phone
	sweepAt int                      // how many there are when the dead ones are dropped
}

func (l *verifications) add(v *verification, now time.Time) {
	if l.byID == nil {
		l.byID, l.newest = make(map[string]*verification), make(map[string]*verification)
		l.sweepAt = 2 * remembered
	}
	if len(l.all) >= l.sweepAt {
		l.sweep(now)
	}
	l.all = append(l.all, v)
	l.byID[v.id] = v
	for _, phone := range v.phones {
		l.newest[phone] = v
	}
}

// find is nil for an identifier that nobody was given.
func (l *verifications) find(id string) *verification { return l.byID[id] }

// isNewest says whether none of the phones has received another code since.
func (l *verifications) isNewest(v *verification) bool {
	for _, phone := range v.phones {
		if l.newest[phone] != v {
			return false
		}
	}
	return true
}

// sweep keeps a server that runs for long from filling the memory: of all but the newest it drops those whose
// codes are dead.
func (l *verifications) sweep(now time.Time) {
	older := len(l.all) - remembered
	kept := make([]*verification, 0, len(l.all))
	for i, v := range l.all {
		if i < older && (v.used || v.expired(now)) {
			l.forget(v)
			continue
		}
		kept = append(kept, v)
	}
	l.all = kept
	l.sweepAt = 2 * max(remembered, len(kept))
}

func (l *verifications) forget(v *verification) {
	delete(l.byID, v.id)
	for _, phone := range v.phones {
		if l.newest[phone] == v {
			delete(l.newest, phone)
		}
	}
}
