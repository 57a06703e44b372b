package route

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// Settings that nobody needs to change: the results hardly depend on them.
const (
	priorRate, priorCodes = 0.8, 2.0 // what is assumed of a provider before there are results
	ownCodes              = 10.0     // the weight of all calling codes in a single one
	leadBy, ownLeadBy     = 0.8, 0.4 // standard deviations
	fallTo                = 0.7      // of what usually comes back: a breakdown
	alarmMargin           = 1.5
	newsWithin            = 24 * time.Hour
	codesToReturn         = 3 // in a row
	leastProbe, mostProbe = 0.001, 0.1
	downLeadBy, downShare = 0.3, 0.1
	lastCodes             = 12.0
)

// cell is what is known of all providers for one calling code and channel.
type cell struct {
	place
	all  *cell // of all calling codes by this channel; nil = this is it
	arms []arm // by provider

	since, at time.Time // of the first result, and up to when memories are discounted
	traffic   float64   // results, discounted over a day
	leader    int       // by the slow memory
	acting    int       // gets most of the sends: the leader, unless it has fallen
	shares    []float64 // of the sends, by provider
	order     []int     // providers by their shares
	version   int       // of the learner, when the shares were computed
}

// arm is what is known of one provider in a cell.
type arm struct {
	good, bad float64 // the slow memory: codes that came back or not, discounted
	recent    float64 // the part of the last dozen codes that came back

	alarm             float64 // the evidence of a breakdown
	fallGood, fallBad float64 // results since there is some
	raised            float64 // what this cell has added to the evidence of all codes

	fallen bool
	fell   time.Time
	lead   float64 // by what part of the codes it was better than the others
	inARow int     // codes that have come back since it fell

	minutes []minute // sends that are not settled
}

func newCell(at place, all *cell, providers, first int) *cell {
	c := &cell{
		place: at, all: all, arms: make([]arm, providers), shares: make([]float64, providers), leader: first, acting: first,
	}
	for i := range c.arms {
		c.arms[i].recent = priorRate
		c.order = append(c.order, i)
	}
	return c
}

// age discounts what is known.
func (c *cell) age(now time.Time, memory time.Duration) {
	if c.since.IsZero() {
		c.since, c.at = now, now
	}
	passed := max(now.Sub(c.at), 0)
	factor := math.Exp2(-float64(passed) / float64(memory))
	for i := range c.arms {
		c.arms[i].good *= factor
		c.arms[i].bad *= factor
	}
	c.traffic *= math.Exp2(-passed.Hours() / 24)
	c.at = c.at.Add(passed)
}

// perDay estimates the results of a day.
func (c *cell) perDay() float64 {
	days := max(c.at.Sub(c.since), time.Hour).Hours() / 24
	return max(c.traffic*math.Ln2/(1-math.Exp2(-days)), 10)
}

// rate is the part of the codes of a provider that come back, and its variance.
func (c *cell) rate(i int) (mean, variance float64) {
	prior, codes := priorRate, priorCodes
	if c.all != nil {
		prior, _ = c.all.rate(i)
		codes = ownCodes
	}
	n := c.arms[i].good + c.arms[i].bad + codes
	mean = (c.arms[i].good + prior*codes) / n
	return mean, max(mean*(1-mean), 0.03) / (n + 1)
}

// better is by how many standard deviations j is better than i.
func (l *learner) better(c *cell, j, i int) float64 {
	rateJ, varianceJ := c.rate(j)
	rateI, varianceI := c.rate(i)
	switch {
	case l.price[j] > l.price[i]:
		rateJ -= l.margin
	case l.price[j] < l.price[i]:
		rateJ += l.margin
	}
	return (rateJ - rateI) / math.Sqrt(varianceJ+varianceI)
}

func (c *cell) hasFallen(i int) bool { return c.arms[i].fallen || c.all != nil && c.all.arms[i].fallen }

// learn counts n results of provider i in a calling code.
func (l *learner) learn(c *cell, i int, good bool, n int) {
	for range n {
		for _, level := range [...]*cell{c, c.all} {
			level.age(l.now, l.memory)
			level.traffic++
			level.arms[i].recent += (one(good) - level.arms[i].recent) / lastCodes
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
	if n > 0 {
		l.lead(c.all)
		l.divide(c)
		c.all.version = 0
	}
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
		a.calm()
		return
	}
	a.fallGood += one(good)
	a.fallBad += one(!good)
}

func (a *arm) calm() { a.alarm, a.fallGood, a.fallBad = 0, 0, 0 }

// fall sets a provider aside, unless all others are worse than what it shows now.
func (l *learner) fall(c *cell, i int) {
	a := &c.arms[i]
	shows := a.fallGood / (a.fallGood + a.fallBad)
	best, somebody, better := 0.0, false, false
	for j := range c.arms {
		if j != i && !c.hasFallen(j) {
			rate, variance := c.rate(j)
			best, somebody, better = max(best, rate), true, better || rate+math.Sqrt(variance) > shows
		}
	}
	if somebody && !better {
		a.calm()
		return
	}
	if !somebody || l.now.Sub(a.fell) > newsWithin { // an accident; what happens again is remembered
		l.forget(c, i)
	}
	rate, _ := c.rate(i)
	a.fallen, a.fell, a.inARow, a.lead = true, l.now, 0, rate-best
	for _, part := range l.cells {
		if part == c || part.all == c {
			part.arms[i].calm()
			part.arms[i].raised, part.arms[i].fallen = 0, part == c
		}
	}
	l.version++
	l.note(c, i, otp.LearningSetAside)
}

// forget takes the results of a fall out of the slow memory.
func (l *learner) forget(c *cell, i int) {
	for _, part := range l.cells {
		if part == c || part.all == c {
			part.arms[i].take(part.arms[i].fallGood, part.arms[i].fallBad)
		}
	}
	if c.all != nil {
		c.all.arms[i].take(c.arms[i].fallGood, c.arms[i].fallBad)
	}
}

func (a *arm) take(good, bad float64) {
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

// lead finds the leader of all calling codes.
func (l *learner) lead(all *cell) {
	for j := range all.arms {
		if l.better(all, j, all.leader) > leadBy {
			all.leader = j
			l.version++
		}
	}
}

// leaderOf is the leader of a calling code: that of all codes, unless its own results say otherwise.
func (l *learner) leaderOf(c *cell) int {
	if c.all == nil {
		return c.leader
	}
	leader := c.all.leader
	if l.better(c, c.leader, leader) > 0 {
		leader = c.leader
	}
	for j := range c.arms {
		if l.better(c, j, leader) > ownLeadBy {
			leader = j
		}
	}
	return leader
}

// divide computes what part of the sends each provider gets.
func (l *learner) divide(c *cell) {
	c.leader, c.version = l.leaderOf(c), l.version
	standing := 0
	for i := range c.arms {
		standing += int(one(!c.hasFallen(i)))
	}
	acting := l.act(c, standing)
	if acting != c.acting {
		c.acting = acting
		l.note(c, acting, otp.LearningLeader)
	}
	c.shares[acting] = 1
	for i := range c.arms {
		if i != acting {
			c.shares[i] = l.share(c, i, standing)
			c.shares[acting] -= c.shares[i]
		}
	}
	slices.SortStableFunc(c.order, func(i, j int) int { return cmp.Compare(c.shares[j], c.shares[i]) })
}

// act finds who gets most of the sends. Where all have fallen, it is not the vendors' fault, and
// nothing changes unless somebody is much better.
func (l *learner) act(c *cell, standing int) int {
	acting := c.acting
	if standing > 0 && !c.hasFallen(c.leader) {
		return c.leader
	}
	for j := range c.arms {
		switch {
		case standing == 0 && c.arms[j].recent > c.arms[acting].recent+downLeadBy,
			standing > 0 && !c.hasFallen(j) && (c.hasFallen(acting) || l.better(c, j, acting) > 0):
			acting = j
		}
	}
	return acting
}

// share is the part of the sends of a provider that is not the first.
func (l *learner) share(c *cell, i, standing int) float64 {
	others := float64(len(c.arms) - 1)
	switch {
	case standing == 0:
		return downShare / others
	case c.all != nil && c.all.arms[i].fallen:
		return c.all.probe(i, others)
	case c.arms[i].fallen:
		return c.probe(i, others)
	}
	isBetter := math.Erfc(-l.better(c, i, c.acting)/math.Sqrt2) / 2
	return max(min(l.compare/float64(standing-1), isBetter), probeOf(0, c.perDay())/2)
}

// probe is the share of a provider that has fallen, four times as much for each code that came back.
func (c *cell) probe(i int, others float64) float64 {
	return min(probeOf(c.arms[i].lead, c.perDay())*math.Pow(4, float64(c.arms[i].inARow)), 0.33/others)
}

// probeOf balances what the sends to a broken provider cost and what it costs to notice late that one
// is back which is better by lead.
func probeOf(lead, perDay float64) float64 {
	return min(max(2*math.Sqrt(max(lead, 0.01)/perDay), leastProbe), mostProbe)
}
