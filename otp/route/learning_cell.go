package route

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// Settings that nobody needs to change: the measurements hardly depend on them.
const (
	priorRate, priorCodes = 0.8, 2.0 // what is assumed of a provider before there are results
	ownCodes              = 10.0     // the weight of all calling codes in a single one
	leadBy                = 0.8      // standard deviations
	leastProbe, mostProbe = 0.001, 0.1
	downShare             = 0.06 // of the others when all have fallen
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
	good, bad         float64 // the slow memory: codes that came back or not, discounted
	alarm             float64 // the evidence of a breakdown
	fallGood, fallBad float64 // results since there is some
	raised            float64 // what this cell has added to the evidence of all codes

	fallen bool
	fell   time.Time
	inARow int // codes that have come back since it fell

	minutes []minute // sends that are not settled
}

func newCell(at place, all *cell, providers, first int) *cell {
	c := &cell{
		place: at, all: all, arms: make([]arm, providers), shares: make([]float64, providers), leader: first, acting: first,
	}
	for i := range c.arms {
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

// lead finds the leader, and reports whether it is a new one. A calling code has the leader of all
// codes, unless its own results say otherwise.
func (l *learner) lead(c *cell) (isNew bool) {
	was := c.leader
	if c.all != nil && l.better(c, c.leader, c.all.leader) <= 0 {
		c.leader = c.all.leader
	}
	for j := range c.arms {
		if l.better(c, j, c.leader) > leadBy {
			c.leader = j
		}
	}
	return c.leader != was
}

// divide computes what part of the sends each provider gets.
func (l *learner) divide(c *cell) {
	c.version = l.version
	l.lead(c)
	l.act(c)
	c.shares[c.acting] = 1
	for i := range c.arms {
		if i != c.acting {
			c.shares[i] = l.share(c, i)
			c.shares[c.acting] -= c.shares[i]
		}
	}
	slices.SortStableFunc(c.order, func(i, j int) int { return cmp.Compare(c.shares[j], c.shares[i]) })
}

// act finds who gets most of the sends: the leader, or the best that has not fallen. Where all
// have, it is not the vendors' fault, and nothing changes.
func (l *learner) act(c *cell) {
	was := c.acting
	for j := range c.arms {
		if !c.hasFallen(j) && (c.hasFallen(c.acting) || j == c.leader || c.acting != c.leader && l.better(c, j, c.acting) > 0) {
			c.acting = j
		}
	}
	if c.acting != was {
		l.note(c, c.acting, otp.LearningLeader)
	}
}

// share is the part of the sends of a provider that is not the first. One that has fallen gets four
// times as much for each code that comes back.
func (l *learner) share(c *cell, i int) float64 {
	level, others := c, float64(len(c.arms)-1)
	if c.all != nil && c.all.arms[i].fallen {
		level = c.all
	}
	switch {
	case c.hasFallen(c.acting): // so all have
		return downShare / others
	case c.hasFallen(i):
		return min(level.probe(i, c.acting)*math.Pow(4, float64(level.arms[i].inARow)), 0.33/others)
	}
	for j := range c.arms {
		others -= one(c.hasFallen(j))
	}
	isBetter := math.Erfc(-l.better(c, i, c.acting)/math.Sqrt2) / 2
	return max(min(l.compare/others, isBetter), c.probe(i, c.acting)/2)
}

// probe balances what the sends to a worse provider cost, and what it costs to notice late that it
// is better.
func (c *cell) probe(i, acting int) float64 {
	was, _ := c.rate(i)
	is, _ := c.rate(acting)
	return min(max(2*math.Sqrt(max(was-is, 0.01)/c.perDay()), leastProbe), mostProbe)
}
