package guard

import "hash/maphash"

// index finds the first part of a record, in an open hash table of part numbers. It takes a
// fraction of what a map does, and can be looked through from where the last look has ended.
type index struct {
	seed   maphash.Seed
	chunks [][]part
	slots  []uint32 // numbers of first parts; 0 = free
	used   int
	free   uint32 // the first unused part, linked by next
	looked int    // the slot at which the last look has ended
	last   uint32 // the first part of the record that was asked for last; keys of one record often follow each other
}

const (
	chunkSize = 256 // parts
	fewest    = 64  // slots, a power of two
)

func newIndex() index { return index{seed: maphash.MakeSeed(), slots: make([]uint32, fewest)} }

// at is the part of a number; nil for 0.
func (x *index) at(n uint32) *part {
	if n == 0 {
		return nil
	}
	return &x.chunks[n/chunkSize][n%chunkSize]
}

func (x *index) home(id *record) int {
	return int(maphash.Bytes(x.seed, id[:])) & (len(x.slots) - 1) //nolint:gosec // a hash
}

// slot is where a record is, or would be.
func (x *index) slot(id *record) int {
	for i := x.home(id); ; i = (i + 1) & (len(x.slots) - 1) {
		if n := x.slots[i]; n == 0 || x.at(n).record == *id {
			return i
		}
	}
}

// first is the number of the first part of a record; 0 = there is none.
func (x *index) first(id *record) uint32 {
	if x.last == 0 || x.at(x.last).record != *id {
		x.last = x.slots[x.slot(id)]
	}
	return x.last
}

// add returns a new part of a record.
func (x *index) add(id record) *part {
	if x.free == 0 {
		x.grow()
	}
	n := x.free
	p := x.at(n)
	x.free = p.next
	*p = part{record: id}
	p.cells = p.inline[:0]
	i := x.slot(&id)
	if p.next = x.slots[i]; p.next == 0 {
		x.used++
	}
	x.slots[i], x.last = n, 0
	if 4*x.used > 3*len(x.slots) {
		x.rehash()
	}
	return p
}

// grow makes room for more parts. Number 0 is none.
func (x *index) grow() {
	chunk := make([]part, chunkSize)
	base := uint32(len(x.chunks) * chunkSize) //nolint:gosec // a store has fewer
	x.chunks = append(x.chunks, chunk)
	for i := range chunk {
		if n := base + uint32(i); n != 0 {
			chunk[i].next, x.free = x.free, n
		}
	}
}

func (x *index) rehash() {
	old := x.slots
	x.slots = make([]uint32, 2*len(old))
	for _, n := range old {
		if n != 0 {
			x.slots[x.slot(&x.at(n).record)] = n
		}
	}
}

// remove forgets a part.
func (x *index) remove(gone *part) {
	i := x.slot(&gone.record)
	n := x.slots[i]
	link := &x.slots[i]
	for x.at(n) != gone {
		link = &x.at(n).next
		n = *link
	}
	*link = gone.next
	*gone = part{next: x.free}
	x.free, x.last = n, 0
	if x.slots[i] == 0 {
		x.used--
		x.close(i)
	}
}

// close moves what comes behind a slot that has become free to where it is found.
func (x *index) close(gap int) {
	mask := len(x.slots) - 1
	for i := (gap + 1) & mask; x.slots[i] != 0; i = (i + 1) & mask {
		if home := x.home(&x.at(x.slots[i]).record); (i-home)&mask >= (i-gap)&mask {
			x.slots[gap], x.slots[i] = x.slots[i], 0
			gap = i
		}
	}
}

// look calls f, which may remove it, for each part of the next slots.
func (x *index) look(slots int, f func(p *part)) {
	for range min(slots, len(x.slots)) {
		x.looked = (x.looked + 1) & (len(x.slots) - 1)
		for before := uint32(0); x.slots[x.looked] != before; { // again when another record has moved here
			before = x.slots[x.looked]
			for n := before; n != 0; {
				p := x.at(n)
				n = p.next
				f(p)
			}
		}
	}
}
