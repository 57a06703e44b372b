package guard

import (
	"errors"
	"time"
)

// Load is a rule about codes that do not come back. It asks for a challenge from a floor on, to
// which what is usual is added, and refuses those who have passed one from a multiple of that on.
//
// What counts is untyped: sent, and neither taken back nor good. With Latch, what was asked and has
// not passed counts as well for an hour, so that the rule keeps asking for as long as an attack
// goes on.
//
// The threshold of a window is Floor + Grow × max(H, R × V): V is what was good in the window; R
// the highest share of untyped to typed on a day, and H the most untyped codes in such a window,
// both of the 14 days before, without those on which the rule asked, and without the highest fifth
// of the others. Without Learn, H is 0 and R is that of the first limit in the change that learns.
// R is 3 until three days are known that had Known good codes or more. Once three days are known, H
// and R grow by a twentieth a day at most.
type Load struct {
	// Windows are 1 to 4, the shortest first.
	Windows []Window `json:"windows"`

	Grow float64 `json:"grow"`

	// Top times the threshold of the longest window is where those are refused who have passed. 0 =
	// never.
	Top float64 `json:"top"`

	Latch bool `json:"latch"`

	// Learn remembers days. It says that a limit is about many people, so what it asks counts, where
	// that latches, at the limits of the change that do not learn.
	Learn bool `json:"learn"`

	// Known is how many codes of one day must be good before the limit has seen what is usual. A limit
	// that is OnlyYoung is skipped when an earlier one of the change that learns has.
	Known     int  `json:"known"`
	OnlyYoung bool `json:"only_young"`

	// Second are windows of what was sent to those who had passed a challenge. From its floor on the
	// rule asks for the second challenge, and for the third from twice that on.
	Second []Window `json:"second,omitempty"`

	// Kinds asks for the next kind when in the longest window there are so many different ones that
	// had nothing good, and one more for every five good ones of any kind. 0 = any number.
	Kinds int `json:"kinds"`

	// TrustBelow: for 30 days after something good, limits of the same change that learn have nothing
	// against a call, as long as this one has fewer untyped codes in its longest window. 0 = no trust.
	TrustBelow int `json:"trust_below"`
}

// Window is one time in which a [Load] counts.
type Window struct {
	// Per is how long a count stays.
	Per time.Duration `json:"per"`

	// Floor is from how many untyped codes on the rule asks. 0 = never.
	Floor int `json:"floor"`

	// Max refuses everybody who would be more, whatever is usual. 0 = nobody.
	Max int `json:"max"`
}

// What no option changes.
const (
	mostWindows  = 4
	latchTime    = time.Hour
	trustTime    = 30 * 24 * time.Hour
	firstRatio   = 3.0
	daysKnown    = 14
	daysUntilOwn = 3
	dayGrowth    = 1.05
	oddDays      = 5 // one in so many days is left out of what is usual
	goodPerKind  = 5
)

func (l *Load) check() error {
	if len(l.Windows) == 0 || len(l.Windows) > mostWindows || len(l.Second) > mostWindows {
		return errors.New("guard: a Load has 1 to 4 Windows and at most 4 in Second")
	}
	for _, windows := range [][]Window{l.Windows, l.Second} {
		for i, w := range windows {
			if err := checkLife("Per", w.Per); err != nil {
				return err
			}
			if w.Floor < 0 || w.Max < 0 || i > 0 && w.Per <= windows[i-1].Per {
				return errors.New("guard: Floor and Max must not be negative, and Windows be sorted")
			}
		}
	}
	if !(l.Grow >= 0 && l.Grow < 1000 && l.Top >= 0 && l.Top < 1000) || l.Kinds < 0 || l.Known < 0 || l.TrustBelow < 0 {
		return errors.New("guard: the numbers of a Load must not be negative, or above 1000 for Grow and Top")
	}
	return nil
}

// verdict is what a limit has against one more count.
type verdict struct {
	level   int           // the challenge that lifts it; 0 = it has nothing against it, or no challenge lifts it
	refuses bool          // no challenge lifts it
	wait    time.Duration // until it has nothing against one
	asks    bool          // level is above what the caller has passed
}

// asked is what is known of a call when its limits are read.
type question struct {
	now     int64
	passed  int
	marks   MarkSet
	ratio   float64
	trusted bool
}

// decide reads a plain limit or one with a Load.
func (q *question) decide(p *part, l *Limit) verdict {
	if l.Load != nil {
		return q.judgeLoad(p, l)
	}
	most := q.max(l)
	if l.Max > 0 && most == 0 { // all is kept for others; a Max of 0 is something else, any number
		return verdict{refuses: true, wait: toDuration(roundUp(l.Window))}
	}
	if p == nil {
		return verdict{}
	}
	if len(l.Gaps) > 0 {
		wait := p.gap(l, q.now)
		if most > 0 && p.count(l, q.now) >= most {
			wait = max(wait, p.lastAt()+micros(l.Window)-q.now)
		}
		return verdict{refuses: wait > 0, wait: toDuration(wait)}
	}
	if most == 0 {
		return verdict{}
	}
	n := p.within(l.Window, q.now)
	if n < most {
		return verdict{}
	}
	return verdict{refuses: true, wait: toDuration(p.leaves(unitsOf(l.Window), n-most+1, true, q.now))}
}

// max is the limit's Max for this call.
func (q *question) max(l *Limit) int {
	if l.ReserveFor != 0 && q.marks&l.ReserveFor == 0 {
		return l.Max - l.Reserve
	}
	return l.Max
}

func (q *question) judgeLoad(p *part, l *Limit) verdict {
	load := l.Load
	s := p.read(load, q.now)
	u := p.usual(load, q)
	if s.trusted && s.sent[len(load.Windows)-1] < load.TrustBelow {
		q.trusted = true
	}
	var v verdict
	last := len(load.Windows) - 1
	for i, w := range load.Windows {
		per := unitsOf(w.Per)
		if n := s.sent[i]; w.Max > 0 && n >= w.Max {
			v.refuses = true
			v.wait = max(v.wait, toDuration(p.leaves(per, n-w.Max+1, false, q.now)))
		}
		if w.Floor == 0 || load.Learn && q.trusted {
			continue
		}
		threshold := float64(w.Floor) + load.Grow*max(float64(u.peak[i]), u.ratio*float64(s.typed[i]))
		n := s.sent[i]
		if load.Latch && (w.Per <= latchTime || !load.Learn) {
			n += s.asked[i]
		}
		if over := float64(n) - threshold; over >= 0 {
			v.level = max(v.level, 1)
			v.wait = max(v.wait, toDuration(p.leaves(per, int(over)+1, false, q.now)))
		}
		if top := load.Top * threshold; i == last && top > 0 && float64(s.sent[i]) >= top {
			v.refuses = true
			v.wait = max(v.wait, toDuration(p.leaves(per, s.sent[i]-int(top)+1, false, q.now)))
		}
	}
	if load.Kinds > 0 && !s.hasKind(p, l.Kind) && s.kinds >= load.Kinds+s.typed[last]/goodPerKind {
		v.level = max(v.level, 1)
		v.wait = max(v.wait, load.Windows[last].Per)
	}
	if v.level > 0 {
		v.level = max(v.level, s.second(load, u.ratio))
	}
	v.asks = v.level > q.passed
	return v
}

// second is the level that what those got who have passed makes necessary.
func (s *sums) second(load *Load, ratio float64) int {
	level := 1
	for i, w := range load.Second {
		threshold := float64(w.Floor) + load.Grow*ratio*float64(s.passedTyped[i])
		switch n := float64(s.passed[i]); {
		case n >= 2*threshold:
			level = max(level, 3)
		case n >= threshold:
			level = max(level, 2)
		}
	}
	return level
}
