package guard

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"
)

// DefaultEntries is how many counters and values a [Memory] holds, unless told otherwise.
const DefaultEntries = 1_000_000

// ErrFull is in the error of a [Store] that has no room: it refuses new keys rather than forget what it has counted.
// [FailOpen] lets nothing pass for it, because whoever has filled the store must not be let through for that.
var ErrFull = errors.New("guard: the store is full")

// Memory is a [Store] for one process. Make one with [NewMemory]. It is bounded: a million entries take at most 300 MB, and
// values what their data takes on top; a number that gets a code takes about five entries for a day. When it is full, it
// fails with [ErrFull] for new keys until old ones run out, which it notices within a second, or within a 256th of their
// life if that is longer. It starts no goroutines; what it holds is gone when the process ends.
type Memory struct {
	mu      sync.Mutex
	start   time.Time
	most    int
	entries map[ident]*entry
	expiry  expiry
	free    *entry // unused entries, linked by next
	marks   int64
}

// NewMemory returns an empty store for so many entries. 0 = [DefaultEntries]; a negative number is an error.
func NewMemory(entries int) (*Memory, error) {
	if entries < 0 {
		return nil, badOption("entries", "must not be negative")
	}
	if entries == 0 {
		entries = DefaultEntries
	}
	return &Memory{start: time.Now(), most: entries, entries: make(map[ident]*entry), expiry: newExpiry()}, nil
}

// Len is how many counters and values the store holds, those that have run out and are not yet reclaimed included.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.entries)
}

// Apply makes one change.
func (m *Memory) Apply(ctx context.Context, c Change) (Result, error) {
	if err := c.Check(); err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	c.Set = copiedValues(c.Set)
	result, err := m.apply(c, nil)
	result.Data = bytes.Clone(result.Data)
	return result, err
}

// apply makes a change that keeps the rules of its fields. It keeps the data of values as it is, and returns it as it is
// kept: nobody may write to it. What it takes is put into room; nil = a slice of its own.
func (m *Memory) apply(c Change, room []Taken) (Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Since(m.start) // never goes back, unlike the wall clock
	m.reclaim(now, reclaimAtOnce)

	found := make([]*entry, 0, mostLimits) // on the stack
	for i := range c.Take {
		found = append(found, m.live(c.Take[i].Key, now))
	}
	result := m.decide(&c, found, now)
	if result.Refused != RefusedByNone {
		return result, nil
	}
	if !m.makeRoom(&c, found, now) {
		return Result{}, ErrFull
	}
	result.Taken = m.take(c.Take, found, now, room)
	m.rest(&c, now)
	return result, nil
}

// decide answers without changing anything.
func (m *Memory) decide(c *Change, found []*entry, now time.Duration) Result {
	result := Result{Refused: RefusedByNone}
	if c.Get != "" {
		if e := m.live(c.Get, now); e != nil {
			result.Data = e.data
		}
	}
	for i := range c.Take {
		limit := &c.Take[i]
		wait := found[i].refuses(limit, now)
		switch {
		case wait == 0:
		case limit.RecordOnly:
			result.Over = append(result.Over, i)
		default:
			if result.Refused == RefusedByNone {
				result.Refused = i
			}
			result.RetryAfter = max(result.RetryAfter, wait)
		}
	}
	for _, key := range c.Unless {
		if m.live(key, now) != nil {
			result.Refused, result.RetryAfter = RefusedByUnless, 0
		}
	}
	return result
}

// take counts. The store has room.
func (m *Memory) take(limits []Limit, found []*entry, now time.Duration, room []Taken) []Taken {
	if len(limits) == 0 {
		return nil
	}
	if room == nil {
		room = make([]Taken, 0, len(limits))
	}
	taken := room[:0]
	for i := range limits {
		limit, e := &limits[i], found[i]
		if e == nil {
			e = m.add(limit.Key)
		}
		e.n++
		if e.n == 1 || len(limit.Gaps) > 0 {
			m.marks++
			e.earlier, e.last = e.last, moment{mark: m.marks, at: now}
			m.expiry.place(e, now, limit.Window)
		}
		taken = append(taken, Taken{Key: limit.Key, N: e.n, Mark: e.last.mark})
	}
	return taken
}

// rest does what a change asks for besides its limits.
func (m *Memory) rest(c *Change, now time.Duration) {
	for _, taken := range c.Back {
		m.giveBack(m.live(taken.Key, now), taken.Mark)
	}
	for _, key := range c.Good {
		if e := m.live(key, now); e != nil {
			e.good++
		}
	}
	for _, key := range c.Clear {
		if e := m.live(key, now); e != nil {
			m.remove(e)
		}
	}
	for _, value := range c.Set {
		e := m.live(value.Key, now)
		if e == nil {
			e = m.add(value.Key)
		}
		e.data = value.Data
		m.expiry.place(e, now, value.For)
	}
}

func (m *Memory) giveBack(e *entry, mark int64) {
	switch {
	case e == nil || e.last.mark != mark:
	case e.n == 1:
		m.remove(e)
	default:
		e.n--
		if e.earlier.mark != 0 {
			e.last, e.earlier = e.earlier, moment{mark: -1, at: e.earlier.at} // no mark fits the count before that
		}
	}
}

// live returns the entry of key, nil when there is none that has not run out.
func (m *Memory) live(key string, now time.Duration) *entry {
	e := m.entries[identOf(key)]
	if e == nil || now < e.expires {
		return e
	}
	m.remove(e)
	return nil
}

func (m *Memory) add(key string) *entry {
	if m.free == nil {
		chunk := make([]entry, 64)
		for i := range chunk {
			m.recycle(&chunk[i])
		}
	}
	e := m.free
	m.free = e.next
	*e = entry{id: identOf(key)}
	m.entries[e.id] = e
	return e
}

func (m *Memory) remove(e *entry) {
	delete(m.entries, e.id)
	m.expiry.leave(e)
	m.recycle(e)
}

func (m *Memory) recycle(e *entry) {
	*e = entry{next: m.free}
	m.free = e
}

// reclaimAtOnce bounds how many entries that have run out one change reclaims. It is more than a change adds.
const reclaimAtOnce = 32

func (m *Memory) reclaim(now time.Duration, most int) {
	for range most {
		e := m.expiry.due(now)
		if e == nil {
			return
		}
		m.remove(e)
	}
}

// makeRoom reports whether what the change adds fits in. What a change clears is not counted.
func (m *Memory) makeRoom(c *Change, found []*entry, now time.Duration) bool {
	if len(m.entries)+len(c.Take)+len(c.Set) <= m.most {
		return true
	}
	m.reclaim(now, len(m.entries))
	added := 0
	for _, e := range found {
		if e == nil {
			added++
		}
	}
	for _, value := range c.Set {
		if m.live(value.Key, now) == nil {
			added++
		}
	}
	return added == 0 || len(m.entries)+added <= m.most
}
