package guard

import (
	"slices"
	"time"
)

// mostTaken is how many limits fit on the stack.
const mostTaken = 24

// call is one change of a [Memory] on its way.
type call struct {
	*Memory

	c        *Change
	question question
	result   Result
	found    [mostTaken]counter // those of Take
	more     []counter          // those that do not fit
}

// counter is that of a limit.
type counter struct {
	*part // nil = it does not exist yet

	skipped bool // whether the limit is
}

func (c *call) at(i int) *counter {
	if i < mostTaken {
		return &c.found[i]
	}
	return &c.more[i-mostTaken]
}

// find looks up what the change is about.
func (c *call) find() {
	c.question = question{now: c.now, passed: c.c.Passed, ratio: firstRatio}
	if n := len(c.c.Take) - mostTaken; n > 0 {
		c.more = make([]counter, n)
	}
	for i, key := range c.c.Marks {
		if c.lookup(key) != nil {
			c.result.Marks |= 1 << i
		}
	}
	c.question.marks = c.result.Marks
	known, learns := false, false
	for i := range c.c.Take {
		l := &c.c.Take[i]
		skip := l.With != 0 && l.With&c.result.Marks == 0 || l.Without&c.result.Marks != 0
		if skip = skip || l.Load != nil && l.Load.OnlyYoung && known; skip {
			c.at(i).skipped = true
			continue
		}
		p := c.lookup(l.Key)
		c.at(i).part = p
		if l.Load != nil && l.Load.Learn {
			u := p.usual(l.Load, &c.question)
			known = known || u.known
			if !learns {
				learns, c.question.ratio = true, u.ratio
			}
		}
	}
}

// decide answers without changing anything.
func (c *call) decide() {
	if c.c.Get != "" {
		if p := c.lookup(c.c.Get); p != nil {
			c.result.Data = []byte{}
			if p.extra != nil {
				c.result.Data = p.extra.data
			}
		}
	}
	refused, asks, level := RefusedByNone, RefusedByNone, 0
	var wait, askWait time.Duration
	for i := range c.c.Take {
		if c.at(i).skipped {
			continue
		}
		limit := &c.c.Take[i]
		v := c.question.decide(c.at(i).part, limit)
		switch {
		case !v.refuses && !v.asks:
		case limit.RecordOnly:
			c.result.Over = append(c.result.Over, i)
		case v.refuses:
			if refused == RefusedByNone {
				refused = i
			}
			wait = max(wait, v.wait)
		default:
			if asks == RefusedByNone {
				asks = i
			}
			level, askWait = max(level, v.level), max(askWait, v.wait)
		}
	}
	r := &c.result
	switch {
	case slices.ContainsFunc(c.c.Unless, func(key string) bool { return c.lookup(key) != nil }):
		r.Refused = RefusedByUnless
	case refused != RefusedByNone:
		r.Refused, r.RetryAfter = refused, max(wait, time.Microsecond)
	case asks != RefusedByNone:
		r.Refused, r.RetryAfter, r.Challenge = asks, max(askWait, time.Microsecond), level
	}
}

// remember keeps that a limit asked: at itself, and, when it is about many people, at those that
// are about few. So these take over, and the many are let go.
func (c *call) remember() {
	if c.result.Challenge == 0 {
		return
	}
	asked := &c.c.Take[c.result.Refused]
	if p := c.at(c.result.Refused); p.history() != nil {
		p.extra.history.today.asked = true
	}
	if !asked.Load.Latch || !c.makeRoom(len(c.c.Take)) {
		return
	}
	for i := range c.c.Take {
		l := &c.c.Take[i]
		if c.at(i).skipped || l.Load == nil || !l.Load.Latch || l.RecordOnly {
			continue
		}
		if i == c.result.Refused || asked.Load.Learn && !l.Load.Learn {
			c.part(i).add(kindAsked, unitsOf(latchTime), false, c.now)
		}
	}
}

// part is the counter of the nth limit, made if there is none.
func (c *call) part(i int) *part {
	l, p := &c.c.Take[i], c.at(i).part
	if p == nil {
		p = c.add(l.Key)
		c.at(i).part = p
		if l.Load != nil && l.Load.Learn {
			p.extra = &extra{history: &history{today: day{number: dayOf(c.now)}, usual: usual{ratio: firstRatio}}}
		}
	}
	if l.Expendable {
		p.flags |= expendable
	}
	life := l.Window
	if l.Load != nil {
		life = l.Load.Windows[len(l.Load.Windows)-1].Per
		if l.Load.Learn {
			life = max(life, (daysKnown+2)*24*time.Hour)
		}
		if l.Load.Grow > 0 {
			p.flags |= grows
		}
	}
	p.until = max(p.until, c.now+roundUp(life))
	return p
}

// makeRoom is that of the store. It may have forgotten a counter that was found.
func (c *call) makeRoom(added int) bool {
	if c.parts+added <= c.most {
		return true
	}
	ok := c.Memory.makeRoom(added)
	for i := range c.c.Take {
		if !c.at(i).skipped {
			c.at(i).part = c.lookup(c.c.Take[i].Key)
		}
	}
	return ok
}

func (c *call) added() int {
	n := 0
	for i := range c.c.Take {
		if !c.at(i).skipped && c.at(i).part == nil {
			n++
		}
	}
	for i := range c.c.Set {
		if c.lookup(c.c.Set[i].Key) == nil {
			n++
		}
	}
	return n
}

// take counts. The store has room.
func (c *call) take(room []Taken) {
	if len(c.c.Take) == 0 {
		return
	}
	if room == nil {
		room = make([]Taken, 0, len(c.c.Take))
	}
	taken := room[:0]
	for i := range c.c.Take {
		l := &c.c.Take[i]
		n := 0
		if !c.at(i).skipped {
			n = c.count(c.part(i), l)
		}
		taken = append(taken, Taken{Key: l.Key, N: n, Mark: c.mark, Passed: c.c.Passed, Kind: l.Kind})
	}
	c.result.Taken = taken
}

// count counts one and returns what the longest window holds.
func (c *call) count(p *part, l *Limit) int {
	switch {
	case l.Load != nil:
		return c.countLoad(p, l)
	case len(l.Gaps) > 0:
		if p.count(l, c.now) == 0 {
			p.cells = p.cells[:0]
		}
		// The oldest of many counts are put together, and are not taken back any more.
		if len(p.cells) >= max(l.Max, len(l.Gaps))+exactly {
			p.cells[1].n += p.cells[0].n
			p.born = (p.cells[1].at + 1) << markBits
			p.cells = append(p.cells[:0], p.cells[1:]...)
		}
		p.add(kindSent, unitsOf(l.Window), true, c.now)
		return p.count(l, c.now)
	}
	p.addPlain(l, c.now)
	return p.within(l.Window, c.now)
}

func (c *call) countLoad(p *part, l *Limit) int {
	load := l.Load
	last := load.Windows[len(load.Windows)-1]
	for _, w := range load.Windows {
		p.add(kindSent, unitsOf(w.Per), w.Max > 0 && w.Max <= exactly, c.now)
	}
	if c.c.Passed > 0 {
		for _, w := range load.Second {
			p.add(kindPassed, unitsOf(w.Per), false, c.now)
		}
		if load.Latch {
			p.takeBackNewest(kindAsked)
		}
	}
	s := p.read(load, c.now)
	if load.Kinds > 0 && !s.hasKind(p, l.Kind) {
		p.cells = append(p.cells, cell{at: c.now, per: unitsOf(last.Per), n: l.Kind, kind: kindKind})
	}
	if load.TrustBelow > 0 {
		p.flags |= trusts
	}
	if h := p.history(); h != nil {
		h.today.sent++
		for i := range load.Windows {
			h.today.peak[i] = max(h.today.peak[i], int32(min(s.sent[i], 1<<30))) //nolint:gosec // bounded
		}
	}
	return s.sent[len(load.Windows)-1]
}
