package guard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
)

// DefaultEntries is how many counters and values a [Memory] holds, unless told otherwise.
const DefaultEntries = 1_000_000

// ErrFull is in the error of a [Store] that has no room: it refuses new keys rather than forget
// what it has counted. [FailOpen] lets nothing pass for it, because anyone who has filled the store
// must not be let through for that.
var ErrFull = errors.New("guard: the store is full")

// Memory is a [Store] for one process. Make one with [NewMemory]. It is bounded. When it is full,
// it makes room by forgetting what is expendable: what was counted of strangers, and who is known,
// of a few looked at the one that would have ended first. It fails with [ErrFull] when a look finds
// nothing of that kind. It starts no goroutines; what it holds is gone when the process ends.
type Memory struct {
	mu      sync.Mutex
	start   time.Time
	now     int64 // of the last change, in microseconds
	mark    int64 // of the last change: its time, and how many changes there were before in the same microsecond
	most    int
	parts   int
	index   index
	changes uint
	call    call // the change that is made
}

// markBits are those of a mark that tell apart what happens in the same microsecond.
const markBits = 10

// record is the name of a record in a fixed size, so that a key takes the same memory however long
// it is.
type record [24]byte

// NewMemory returns an empty store for so many entries. 0 = [DefaultEntries]; a negative number is
// an error.
func NewMemory(entries int) (*Memory, error) {
	if entries < 0 {
		return nil, check.Misconfigured("entries", "must not be negative")
	}
	if entries == 0 {
		entries = DefaultEntries
	}
	return &Memory{start: time.Now(), most: entries, index: newIndex()}, nil
}

// Len is how many counters and values the store holds, those that have ended and are not yet
// reclaimed included.
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
	c.Set = slices.Clone(c.Set)
	for i := range c.Set {
		c.Set[i].Data = bytes.Clone(c.Set[i].Data)
	}
	result, err := m.apply(&c, nil)
	result.Data = bytes.Clone(result.Data)
	return result, err
}

// apply makes a change that keeps the rules of its fields. It keeps the data of values as it is,
// and returns it as it is kept: nobody may write to it. What it takes is put into room; nil = a
// slice of its own.
func (m *Memory) apply(c *Change, room []Taken) (Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = int64(time.Since(m.start) / time.Microsecond) // it never goes back, unlike the wall clock
	m.mark = max(m.mark+1, m.now<<markBits)
	m.sweep()

	m.call = call{Memory: m, c: c, result: Result{Refused: RefusedByNone}}
	call := &m.call
	call.find()
	if call.decide(); call.result.Refused != RefusedByNone {
		call.remember()
		return call.result, nil
	}
	if m.parts+len(c.Take)+len(c.Set) > m.most && !call.makeRoom(call.added()) {
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
	at := taken.Mark >> markBits
	sent, n := p.takeBack(kindSent, at, m.now)
	var passed [mostWindows]uint32
	k := 0
	if taken.Passed > 0 {
		passed, k = p.takeBack(kindPassed, at, m.now)
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
	record, name, found := strings.Cut(key, "/")
	if !found || name != "" {
		switch p := m.lookup(key); {
		case p == nil:
		case p.history() != nil:
			p.cells, p.born = p.cells[:0], m.mark
		default:
			m.remove(p)
		}
		return
	}
	id := recordOf(record)
	for p := m.index.at(m.index.first(&id)); p != nil; p = m.index.at(m.index.first(&id)) {
		m.remove(p)
	}
}

func (m *Memory) set(v *Value) {
	p := m.lookup(v.Key)
	data := v.Data
	if p == nil {
		p = m.add(v.Key)
		p.flags = isValue
	} else if v.Append && p.extra != nil && len(p.extra.data)+len(data) <= longestData {
		data = append(p.extra.data, data...) // nobody has seen what is behind the old data
	}
	if !v.Append {
		p.until = 0
	}
	p.until = max(p.until, m.now+micros(v.For))
	if v.Expendable {
		p.flags |= expendable
	}
	switch {
	case len(data) == 0:
		p.extra = nil
	case p.extra == nil:
		p.extra = &extra{data: data}
	default:
		p.extra.data = data
	}
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
	for n := m.index.first(&id); n != 0; {
		p := m.index.at(n)
		if p.name == name {
			if p.until <= m.now {
				return nil
			}
			return p
		}
		n = p.next
	}
	return nil
}

// add returns a new part. One that has ended may still be there.
func (m *Memory) add(key string) *part {
	id, name := split(key)
	for n := m.index.first(&id); n != 0; {
		p := m.index.at(n)
		n = p.next
		if p.name == name {
			m.remove(p)
		}
	}
	p := m.index.add(id)
	p.name, p.born = name, m.mark
	m.parts++
	return p
}

func (m *Memory) remove(p *part) {
	m.index.remove(p)
	m.parts--
}

const (
	sweepEvery = 16 // changes
	sweepLooks = 64 // at slots: more than so many changes add parts
	roomLooks  = 64 // at slots, for each part that is to make room, and as often again as it takes to see
	roomParts  = 24 // of which one goes
	roomRounds = 32
)

// sweep reclaims what has ended, in a part of the store.
func (m *Memory) sweep() {
	if m.changes++; m.changes%sweepEvery == 0 {
		m.index.look(sweepLooks, func(p *part) {
			if p.until <= m.now {
				m.remove(p)
			}
		})
	}
}

// makeRoom reports whether so many parts more fit in.
func (m *Memory) makeRoom(added int) bool {
	for m.parts+added > m.most {
		var oldest *part
		seen := 0
		look := func(p *part) {
			seen++
			if (p.flags&expendable != 0 || p.until <= m.now) && (oldest == nil || p.until < oldest.until) {
				oldest = p
			}
		}
		for round := 0; round < roomRounds && seen < roomParts; round++ {
			m.index.look(roomLooks, look)
		}
		if oldest == nil {
			return added == 0
		}
		m.remove(oldest)
	}
	return true
}
