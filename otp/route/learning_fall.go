package route

import (
	"math"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// Settings of the fast memory.
const (
	fallTo        = 0.75 // of what usually comes back: a breakdown
	alarmMargin   = 1.0  // over the logarithm of the results of a day: how sure it has to be
	newsWithin    = 24 * time.Hour
	codesToReturn = 3 // in a row
)

// learn counts n results of provider i in a calling code.
func (l *learner) learn(c *cell, i int, good bool, n int) {
	for range n {
		for _, level := range [...]*cell{c, c.all} {
			level.age(l.now, l.memory)
			level.traffic++
		}
		switch {
		case c.all.arms[i].fallen:
			l.retry(c.all, i, good)
		case c.arms[i].fallen:
			l.retry(c, i, good)
		default:
			l.watch(c, i, good)
		}
	}
	if n <= 0 {
		return
	}
	if l.lead(c.all) {
		l.version++
	}
	l.divide(c)
	c.all.version = 0
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// watch takes a result into the slow memory, and into the evidence of a breakdown: a cumulative sum
// of how much likelier the result is after a fall than as usual.
func (l *learner) watch(c *cell, i int, good bool) {
	usual, _ := c.rate(i)
	usual = min(max(usual, 0.05), 0.95)
	step := math.Log(fallTo)
	if !good {
		step = math.Log((1 - fallTo*usual) / (1 - usual))
	}
	own, all := &c.arms[i], &c.all.arms[i]
	limit := math.Log(c.all.perDay()) + alarmMargin
	own.count(good, step)
	if step > 0 { // one calling code alone cannot condemn a provider everywhere
		step = min(step, max(limit/2-own.raised, 0))
	}
	own.raised = max(own.raised+step, 0)
	all.count(good, step)
	switch {
	case all.alarm >= limit:
		l.fall(c.all, i)
	case own.alarm >= math.Log(c.perDay())+alarmMargin:
		l.fall(c, i)
	}
}

func (a *arm) count(good bool, step float64) {
	a.good += one(good)
	a.bad += one(!good)
	if a.alarm = max(a.alarm+step, 0); a.alarm == 0 {
		a.fallGood, a.fallBad = 0, 0
		return
	}
	a.fallGood += one(good)
	a.fallBad += one(!good)
}

func (a *arm) calm() { a.alarm, a.raised, a.fallGood, a.fallBad = 0, 0, 0, 0 }

// fall sets a provider aside, unless all others are worse than what it shows now.
func (l *learner) fall(c *cell, i int) {
	a := &c.arms[i]
	shows := a.fallGood / (a.fallGood + a.fallBad)
	somebody, better := false, false
	for j := range c.arms {
		if j != i && !c.hasFallen(j) {
			rate, variance := c.rate(j)
			somebody, better = true, better || rate+math.Sqrt(variance) > shows
		}
	}
	if somebody && !better {
		a.calm()
		return
	}
	isAccident := !somebody || l.now.Sub(a.fell) > newsWithin // what happens again is remembered
	if c.all != nil {
		all := &c.all.arms[i]
		all.alarm = max(all.alarm-a.raised, 0)
		if isAccident {
			all.forget(a.fallGood, a.fallBad)
		}
	}
	for _, part := range l.cells {
		if part == c || part.all == c {
			p := &part.arms[i]
			if isAccident {
				p.forget(p.fallGood, p.fallBad)
			}
			p.calm()
		}
		if part.all == c { // what has fallen there is found again
			for j := range part.arms {
				part.arms[j].fallen = false
			}
		}
	}
	a.fallen, a.fell, a.inARow = true, l.now, 0
	l.version++
	l.note(c, i, otp.LearningSetAside)
}

// forget takes results out of the slow memory.
func (a *arm) forget(good, bad float64) {
	a.good, a.bad = max(a.good-good, 0), max(a.bad-bad, 0)
}

// retry counts a result of a provider that has fallen.
func (l *learner) retry(c *cell, i int, good bool) {
	a := &c.arms[i]
	if a.inARow++; !good {
		a.inARow = 0
	}
	if a.inARow >= codesToReturn {
		a.fallen, a.inARow = false, 0
		l.note(c, i, otp.LearningTakenBack)
	}
	l.version++
}
