package guard

import (
	"crypto/sha256"
	"time"
)

// entry is one counter or value of a [Memory].
type entry struct {
	id      ident
	expires time.Duration // on the store's clock

	prev, next *entry // in the list of those that are reclaimed in the same second
	second     int64  // which list that is

	n, good       int
	last, earlier moment // of the counts; of a counter without gaps, last is the first count

	data []byte
}

// moment is when something was counted, and how a caller may name it. The zero moment is none.
type moment struct {
	mark int64
	at   time.Duration
}

// refuses returns how long it takes until limit lets one more pass; 0 = now.
func (e *entry) refuses(limit *Limit, now time.Duration) time.Duration {
	if e == nil || e.n == 0 {
		return 0
	}
	var wait time.Duration
	if len(limit.Gaps) > 0 {
		gap := limit.Gaps[min(e.n, len(limit.Gaps))-1]
		wait = max(0, e.last.at+gap-now)
	}
	bad := e.n - e.good
	if (limit.Max > 0 && e.n >= limit.Max) ||
		(limit.Floor > 0 && bad >= limit.Floor && float64(bad) > limit.Share*float64(e.n)) {
		wait = max(wait, e.expires-now)
	}
	return wait
}

// ident is a key of fixed size, so that a key takes the same memory however long it is: its length and itself, or a mark
// and its hash.
type ident [32]byte

func identOf(key string) ident {
	var id ident
	if len(key) < len(id) {
		id[0] = byte(len(key)) //nolint:gosec // less than 32
		copy(id[1:], key)
		return id
	}
	hash := sha256.Sum256([]byte(key))
	id[0] = 0xff
	copy(id[1:], hash[:])
	return id
}
