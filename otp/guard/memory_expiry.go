package guard

import (
	"container/heap"
	"time"
)

// expiry finds the entries of a [Memory] that have run out, without looking at the others: one list for each second in
// which entries are reclaimed, and a heap of these seconds. A second stays in the heap when its list is empty, so there must
// not be many of them: see secondOf.
type expiry struct {
	lists   map[int64]*entry
	seconds seconds
}

func newExpiry() expiry { return expiry{lists: make(map[int64]*entry)} }

// place notes that e runs out after so much life from now, in place of what was noted before.
func (x *expiry) place(e *entry, now, life time.Duration) {
	e.expires = now + life
	second := secondOf(e.expires, life)
	if second == e.second {
		return
	}
	x.leave(e)
	e.second = second
	first, listed := x.lists[e.second]
	if !listed {
		heap.Push(&x.seconds, e.second)
	}
	if first != nil {
		first.prev = e
	}
	e.next = first
	x.lists[e.second] = e
}

// secondOf is when an entry is reclaimed: in the first second by which it has run out that is a multiple of a power of two,
// at most a 256th of its life. So there are at most a few hundred at a time for each of these powers, of which a year has 17.
func secondOf(expires, life time.Duration) int64 {
	step := int64(1)
	for step*512 <= int64(life/time.Second) {
		step *= 2
	}
	return (int64(expires/time.Second)/step + 1) * step
}

// leave takes e out of its list, if it is in one.
func (x *expiry) leave(e *entry) {
	switch {
	case e.second == 0:
		return
	case e.prev != nil:
		e.prev.next = e.next
	default:
		x.lists[e.second] = e.next // nil = empty, and still in the heap
	}
	if e.next != nil {
		e.next.prev = e.prev
	}
	e.prev, e.next, e.second = nil, nil, 0
}

// due returns an entry whose second has come; nil = none.
func (x *expiry) due(now time.Duration) *entry {
	for len(x.seconds) > 0 && x.seconds[0] <= int64(now/time.Second) {
		if e := x.lists[x.seconds[0]]; e != nil {
			return e
		}
		delete(x.lists, x.seconds[0])
		heap.Pop(&x.seconds)
	}
	return nil
}

// seconds is a heap, the earliest first.
type seconds []int64

func (s seconds) Len() int           { return len(s) }
func (s seconds) Less(i, j int) bool { return s[i] < s[j] }
func (s seconds) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

// Push adds a second.
func (s *seconds) Push(x any) {
	if second, ok := x.(int64); ok {
		*s = append(*s, second)
	}
}

// Pop removes the last one.
func (s *seconds) Pop() any {
	last := len(*s) - 1
	second := (*s)[last]
	*s = (*s)[:last]
	return second
}
