package guard

import (
	"slices"
	"time"
)

// cell is what was counted in one bucket of one window. It counts until its last count is older
// than the window, so that no count is ever forgotten early, however wide the buckets are.
type cell struct {
	at   int64  // when its last count was, in microseconds on the store's clock
	per  uint32 // the window, in units of ten milliseconds
	n    uint16
	kind kind
}

// kind is what a cell counts.
type kind uint8

const (
	kindSent        kind = iota // minus what was given back
	kindTyped                   // good
	kindAsked                   // asked, and not passed since
	kindPassed                  // sent to those who had passed a challenge
	kindPassedTyped             // of these, good
	kindKind                    // n is a kind that Load.Kinds tells apart
	kindTrust                   // something was good
)

const (
	unit    = 10 * time.Millisecond
	buckets = 12 // of a window
	exactly = 16 // up to this Max, each count has a cell of its own
	fullest = 1<<16 - 1
)

func micros(d time.Duration) int64 {
	return int64((d + time.Microsecond - 1) / time.Microsecond)
}

func toDuration(micros int64) time.Duration {
	return max(0, time.Duration(micros)*time.Microsecond)
}

func unitsOf(d time.Duration) uint32 {
	return uint32((d + unit - 1) / unit) //nolint:gosec // at most 366 days
}

func roundUp(d time.Duration) int64 { return int64(unitsOf(d)) * micros(unit) }

func (c *cell) ends() int64 { return c.at + int64(c.per)*micros(unit) }

// part is one counter or value of a [Memory].
type part struct {
	name  [7]byte
	flags flags
	born  int64 // the mark of its first count
	until int64 // when it is forgotten
	cells []cell
	extra *extra // what few parts have
	next  uint32 // number of the next one of the same record

	record record
	inline [2]cell // most parts need no more
}

type flags uint8

const (
	expendable flags = 1 << iota
	isValue
	grows  // good counts are of interest
	trusts // and when the last one was
)

type extra struct {
	data    []byte
	history *history
}

// prune drops the cells that have ended.
func (p *part) prune(now int64) {
	p.cells = slices.DeleteFunc(p.cells, func(c cell) bool { return c.ends() <= now })
}

// add counts one more: in the last cell of its kind and window, where that is the same bucket, else
// in a new one.
func (p *part) add(kind kind, per uint32, exact bool, now int64) {
	if !exact {
		width := int64(per) * micros(unit) / buckets
		for i := len(p.cells) - 1; i >= 0; i-- {
			c := &p.cells[i]
			if c.kind != kind || c.per != per {
				continue
			}
			if c.at/width == now/width && c.n < fullest {
				c.n++
				c.at = now
				return
			}
			break
		}
	}
	p.cells = append(p.cells, cell{at: now, per: per, n: 1, kind: kind})
}

// takeBack takes back what was counted at a time, in each window that has not ended, and returns
// these windows. Cells of one kind and window are in the order of their times, so a count is in the
// first one that is not older.
func (p *part) takeBack(kind kind, at, now int64) (from [mostWindows]uint32, n int) {
	var seen [2 * mostWindows]uint32
	k := 0
	for i := range p.cells {
		c := &p.cells[i]
		ended := at+int64(c.per)*micros(unit) <= now
		again := c.at == at && c.n == 0 // another one of the same time may be left
		if c.kind != kind || c.at < at || ended || again || k == len(seen) || slices.Contains(seen[:k], c.per) {
			continue
		}
		seen[k] = c.per
		k++
		if c.n > 0 && n < len(from) {
			c.n--
			from[n] = c.per
			n++
		}
	}
	return from, n
}

// takeBackNewest takes back the newest count of a kind.
func (p *part) takeBackNewest(kind kind) {
	for i := len(p.cells) - 1; i >= 0; i-- {
		if c := &p.cells[i]; c.kind == kind && c.n > 0 {
			c.n--
			return
		}
	}
}

// within is how many counts of a plain limit are younger than its window.
func (p *part) within(window time.Duration, now int64) int {
	n := 0
	for i := range p.cells {
		if c := &p.cells[i]; c.at+roundUp(window) > now {
			n += int(c.n)
		}
	}
	return n
}

// addPlain counts one more of a plain limit. Cells stay for the longest window that any guard asks
// for.
func (p *part) addPlain(l *Limit, now int64) {
	p.prune(now)
	per := unitsOf(l.Window)
	for i := range p.cells {
		per = max(per, p.cells[i].per)
	}
	p.add(kindSent, per, l.Max > 0 && l.Max <= exactly, now)
}

// leaves is when so many of the oldest counts have left a window, in microseconds from now; the
// whole window where it holds fewer. A plain limit looks at the cells of all windows.
func (p *part) leaves(per uint32, count int, plain bool, now int64) int64 {
	window := int64(per) * micros(unit)
	for i := range p.cells {
		c := &p.cells[i]
		if c.kind != kindSent || c.per != per && !plain || c.at+window <= now {
			continue
		}
		if count -= int(c.n); count <= 0 {
			return c.at + window - now
		}
	}
	return window
}

// count and gap are about limits with gaps: all counts stay until the window after the last one has
// ended.
func (p *part) count(l *Limit, now int64) int {
	n := 0
	if p.lastAt()+micros(l.Window) > now {
		for i := range p.cells {
			n += int(p.cells[i].n)
		}
	}
	return n
}

// lastAt is the time of the last count that is left.
func (p *part) lastAt() int64 {
	for i := len(p.cells) - 1; i >= 0; i-- {
		if p.cells[i].n > 0 {
			return p.cells[i].at
		}
	}
	return -micros(longestLife)
}

func (p *part) gap(l *Limit, now int64) int64 {
	n := p.count(l, now)
	if n == 0 {
		return 0
	}
	return max(0, p.lastAt()+micros(l.Gaps[min(n, len(l.Gaps))-1])-now)
}

// sums is what a part with a Load holds.
type sums struct {
	sent, typed, asked, passed, passedTyped [mostWindows]int

	kinds   int
	trusted bool
}

// read sums up, and drops what has ended.
func (p *part) read(load *Load, now int64) sums {
	var s sums
	if p == nil {
		return s
	}
	p.prune(now)
	for i := range p.cells {
		c := &p.cells[i]
		switch c.kind {
		case kindSent:
			s.sent[windowAt(load.Windows, c.per)] += int(c.n)
		case kindTyped:
			s.typed[windowAt(load.Windows, c.per)] += int(c.n)
		case kindPassed:
			s.passed[windowAt(load.Second, c.per)] += int(c.n)
		case kindPassedTyped:
			s.passedTyped[windowAt(load.Second, c.per)] += int(c.n)
		case kindAsked:
			for w := range load.Windows {
				if c.at+micros(load.Windows[w].Per) > now {
					s.asked[w] += int(c.n)
				}
			}
		case kindKind:
			s.kinds++
		case kindTrust:
			s.trusted = true
		}
	}
	return s
}

// windowAt is the index of the window of that length; the last one, which nothing reads, for
// windows of another version.
func windowAt(windows []Window, per uint32) int {
	for i := range windows {
		if unitsOf(windows[i].Per) == per {
			return i
		}
	}
	return mostWindows - 1
}

// hasKind reports whether a kind is among those of the part.
func (s *sums) hasKind(p *part, kind uint16) bool {
	if s.kinds > 0 {
		for i := range p.cells {
			if p.cells[i].kind == kindKind && p.cells[i].n == kind {
				return true
			}
		}
	}
	return false
}

// trust notes that something of a kind was good.
func (p *part) trust(kind uint16, now int64) {
	p.cells = slices.DeleteFunc(p.cells, func(c cell) bool {
		return c.kind == kindTrust || c.kind == kindKind && c.n == kind
	})
	trusted := cell{at: now, per: unitsOf(trustTime), kind: kindTrust}
	p.cells = append(p.cells, trusted)
	p.until = max(p.until, trusted.ends())
}
