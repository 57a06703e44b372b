package guard

import (
	"container/heap"
	"time"
)

// expiry finds the entries of a [Memory] that have run out, without looking at the others: one list for each second in
// which entries run out, and a heap of these seconds.
type expiry struct {
	lists   map[int64]*entry
	seconds seconds
}

func newExpiry() expiry { return expiry{lists: make(map[int64]*entry)} }

// place notes when e runs out, in place of what was noted before.
func (x *expiry) place(e *entry, expires time.Duration) {
	e.expires = expires
	second := int64(expires/time.Second) + 1 // by then all of the list have run out
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
