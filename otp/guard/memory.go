package guard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"time"
)

// DefaultEntries is how many counters and values a [Memory] holds, unless told otherwise.
const DefaultEntries = 1_000_000

// ErrFull is in the error of a [Store] that has no room: it refuses new keys rather than forget what it has counted.
// [FailOpen] lets nothing pass for it, because whoever has filled the store must not be let through for that.
var ErrFull = errors.New("guard: the store is full")

// Memory is a [Store] for one process. Make one with [NewMemory]. It is bounded. When it is full, it makes room by
// forgetting what is expendable: what was counted of strangers, and who is known, of a few looked at the one that would
// have ended first. It fails with [ErrFull] when a look finds nothing of that kind. It starts no goroutines; what it holds
// is gone when the process ends.
type Memory struct {
	mu      sync.Mutex
	start   time.Time
	now     int64 // of the last change, in microseconds
	most    int
	parts   int
	records map[record]*part // the first part of each
	free    *part
	changes uint
}

// record is the name of a record in a fixed size, so that a key takes the same memory however long it is.
type record [24]byte

// NewMemory returns an empty store for so many entries. 0 = [DefaultEntries]; a negative number is an error.
func NewMemory(entries int) (*Memory, error) {
	if entries < 0 {
		return nil, badOption("entries", "must not be negative")
	}
	if entries == 0 {
		entries = DefaultEntries
	}
	return &Memory{start: time.Now(), most: entries, records: make(map[record]*part)}, nil
}

// Len is how many counters and values the store holds, those that have ended and are not yet reclaimed included.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.parts
}

// Apply makes one change.
func (m *Memory) Apply(ctx context.Context, c Change) (Result, error) {
	if err := c.Check(); err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	result, err := m.apply(&c, nil)
	result.Data = bytes.Clone(result.Data)
	return result, err
}

// apply makes a change that keeps the rules of its fields. It returns the data of a value as it is kept: nobody may write
// to it. What it takes is put into room; nil = a slice of its own.
func (m *Memory) apply(c *Change, room []Taken) (Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	// It never goes back, unlike the wall clock, and gives each change a time of its own.
	m.now = max(m.now+1, int64(time.Since(m.start)/time.Microsecond))
	m.sweep()

	call := call{Memory: m, c: c, result: Result{Refused: RefusedByNone}}
	call.find()
	if call.decide(); call.result.Refused != RefusedByNone {
		call.remember()
		return call.result, nil
	}
	if !call.makeRoom(call.added()) {
		return Result{}, ErrFull
	}
	call.take(room)
	for i := range c.Back {
		m.takeBack(&c.Back[i], false)
	}
	for i := range c.Good {
		m.takeBack(&c.Good[i], true)
	}
	for _, key := range c.Clear {
		m.clear(key)
	}
	for i := range c.Set {
		m.set(&c.Set[i])
	}
	return call.result, nil
}

// takeBack takes back a count. What was good is counted as such where the counter compares with it.
func (m *Memory) takeBack(taken *Taken, good bool) {
	p := m.lookup(taken.Key)
	if p == nil || taken.Mark < p.born || p.flags&isValue != 0 {
		return
	}
	h := p.history()
	if h != nil && !good {
		h.today.sent = max(0, h.today.sent-1)
	}
	if h != nil && good {
		h.today.typed++
	}
	sent, n := p.takeBack(kindSent, taken.Mark, m.now)
	var passed [mostWindows]uint32
	k := 0
	if taken.Passed > 0 {
		passed, k = p.takeBack(kindPassed, taken.Mark, m.now)
	}
	if !good || p.flags&grows == 0 {
		return
	}
	for _, per := range sent[:n] {
		p.add(kindTyped, per, false, m.now)
	}
	for _, per := range passed[:k] {
		p.add(kindPassedTyped, per, false, m.now)
	}
	if p.flags&trusts != 0 {
		p.trust(taken.Kind, m.now)
	}
}

func (m *Memory) clear(key string) {
	record, all := strings.CutSuffix(key, "/")
	if !all {
		switch p := m.lookup(key); {
		case p == nil:
		case p.history() != nil:
			p.cells, p.born = p.cells[:0], m.now
		default:
			m.remove(key, p)
		}
		return
	}
	id := recordOf(record)
	for p := m.records[id]; p != nil; {
		next := p.next
		m.recycle(p)
		p = next
	}
	delete(m.records, id)
}

func (m *Memory) set(v *Value) {
	p := m.lookup(v.Key)
	data := v.Data
	if p == nil {
		p = m.add(v.Key)
		p.flags = isValue
	} else if v.Append && p.extra != nil && len(p.extra.data)+len(data) <= longestData {
		data = append(p.extra.data, data...) // what is appended was not returned yet
	}
	if !v.Append {
		p.until = 0
	}
	p.until = max(p.until, m.now+micros(v.For))
	if v.Expendable {
		p.flags |= expendable
	}
	if len(data) == 0 {
		p.extra = nil
		return
	}
	if len(data) == len(v.Data) {
		data = bytes.Clone(data)
	}
	p.extra = &extra{data: data}
}

// split divides a key into its record and its part.
func split(key string) (id record, name [7]byte) {
	before, after, _ := strings.Cut(key, "/")
	if len(after) < len(name) {
		copy(name[:], after)
	} else {
		sum := sha256.Sum256([]byte(after))
		copy(name[:], sum[:])
		name[0] |= 0x80 // no character of a name
	}
	return recordOf(before), name
}

func recordOf(name string) (id record) {
	if len(name) <= len(id) {
		copy(id[:], name)
		return id
	}
	sum := sha256.Sum256([]byte(name))
	copy(id[:], sum[:])
	id[0] |= 0x80
	return id
}

// lookup returns the part of a key; nil when there is none that has not ended.
func (m *Memory) lookup(key string) *part {
	id, name := split(key)
	return m.live(m.records[id], name)
}

func (m *Memory) live(p *part, name [7]byte) *part {
	for ; p != nil; p = p.next {
		if p.name == name {
			if p.until <= m.now {
				return nil
			}
			return p
		}
	}
	return nil
}

// add returns a new part. One that has ended may still be there, and is used again.
func (m *Memory) add(key string) *part {
	id, name := split(key)
	first := m.records[id]
	for p := first; p != nil; p = p.next {
		if p.name == name {
			*p = part{name: name, born: m.now, next: p.next, cells: p.cells[:0]}
			return p
		}
	}
	if m.free == nil {
		chunk := make([]part, 64)
		for i := range chunk {
			m.free, chunk[i].next = &chunk[i], m.free
		}
	}
	p := m.free
	m.free = p.next
	*p = part{name: name, born: m.now}
	if first == nil {
		m.records[id] = p
	} else {
		p.next, first.next = first.next, p
	}
	m.parts++
	return p
}

func (m *Memory) remove(key string, p *part) {
	id, _ := split(key)
	m.unlink(id, p)
}

func (m *Memory) unlink(id record, gone *part) {
	switch first := m.records[id]; {
	case first != gone:
		p := first
		for p.next != gone {
			p = p.next
		}
		p.next = gone.next
	case gone.next == nil:
		delete(m.records, id)
	default:
		m.records[id] = gone.next
	}
	m.recycle(gone)
}

func (m *Memory) recycle(p *part) {
	*p = part{next: m.free}
	m.free = p
	m.parts--
}

const (
	sweepEvery = 16 // changes
	sweepLooks = 64 // at records: more than so many changes add
	roomLooks  = 32 // at records, for each one that is to make room
)

// sweep reclaims what has ended, of some records: a range over a map begins anywhere.
func (m *Memory) sweep() {
	if m.changes++; m.changes%sweepEvery != 0 {
		return
	}
	looked := 0
	for id, p := range m.records {
		for p != nil {
			next := p.next
			if p.until <= m.now {
				m.unlink(id, p)
			}
			p = next
		}
		if looked++; looked == sweepLooks {
			return
		}
	}
}

// makeRoom reports whether so many parts more fit in.
func (m *Memory) makeRoom(added int) bool {
	for m.parts+added > m.most {
		var oldest *part
		var from record
		looked := 0
		for id, p := range m.records {
			for ; p != nil; p = p.next {
				if (p.flags&expendable != 0 || p.until <= m.now) && (oldest == nil || p.until < oldest.until) {
					oldest, from = p, id
				}
			}
			if looked++; looked == roomLooks {
				break
			}
		}
		if oldest == nil {
			return added == 0
		}
		m.unlink(from, oldest)
	}
	return true
}
