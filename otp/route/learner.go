package route

import (
	"cmp"
	"context"
	crand "crypto/rand"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/internal/callingcode"
	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/doubt"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// learner chooses providers by what came of the sends before.
type learner struct {
	learningSettings

	router   string
	children []otp.Provider
	names    []string // of the children; by child is what follows, too
	price    []float64
	channels []otp.Channel // the default ones
	breakers []*CircuitBreaker
	mixed    bool                 // there are several default channels
	offered  map[otp.Channel]bool // by any of them when the router was made

	mu      sync.Mutex
	now     time.Time // of the step under way
	random  *rand.PCG
	salt    uint32 // of the hashes in the tables
	version int
	cells   map[place]*cell
	due     []dueMinute
	ranges  table // of numbers: how many codes may fail there
	unusual table // sends that do not count as usual
	blamed  table // sends that have been counted as not arrived
	changes []otp.LearningEvent
	sharing sharing
}

// place is what is learned apart. The calling code "" stands for all of them, the channel "" for
// the default of each provider where they differ.
type place struct {
	code    string
	channel otp.Channel
}

func newLearner(r *Router, s learningSettings) (*learner, error) {
	l := &learner{
		learningSettings: s, router: r.name, children: r.children, version: 1,
		random: rand.NewPCG(s.seed, 0), cells: make(map[place]*cell), offered: make(map[otp.Channel]bool),
		salt:    uint32(s.seed), //nolint:gosec // half of it will do
		sharing: sharing{machine: crand.Text(), known: make(map[string]machine)},
	}
	for i, p := range r.children {
		l.names = append(l.names, p.Name())
		l.price = append(l.price, s.prices[p.Name()])
		caps := p.Capabilities()
		l.channels = append(l.channels, caps.Default)
		for channel := range caps.Channels {
			l.offered[channel] = true
		}
		l.breakers = append(l.breakers, breakerOf(p))
		l.mixed = l.mixed || l.channels[i] != l.channels[0]
	}
	l.offered[""] = l.mixed
	for name := range s.prices {
		if !slices.Contains(l.names, name) {
			return nil, check.Misconfigured(fmt.Sprintf("learning.prices[%q]", name), "must be that of one of the providers")
		}
	}
	if s.from != nil && s.from.learner != nil {
		l.takeOver(s.from.learner)
	}
	return l, nil
}

// cheapest is the provider that leads before there are results.
func (l *learner) cheapest() int { return slices.Index(l.price, slices.Min(l.price)) }

// breakerOf is the breaker that all calls of p pass; nil = there is none.
func breakerOf(p otp.Provider) *CircuitBreaker {
	if b, ok := p.(*CircuitBreaker); ok {
		return b
	}
	if children := tree.Children(p); len(children) == 1 {
		return breakerOf(children[0])
	}
	return nil
}

// step does something with what is known now, and notifies the observer of what has changed.
func (l *learner) step(ctx context.Context, do func()) {
	observer := otp.ObserverFrom(ctx)
	for _, change := range l.locked(do, observer != nil) {
		observer(change)
	}
}

// locked returns the changes if there is an observer for them.
func (l *learner) locked(do func(), isObserved bool) (changes []otp.LearningEvent) {
	l.mu.Lock()
	defer l.mu.Unlock() // also if a provider that is asked for its name panics
	l.now = time.Now()
	l.settle()
	do()
	l.plan()
	if isObserved {
		changes, l.changes = l.changes, nil
	}
	return changes
}

// note keeps a change for the observer of this call, or of the next one.
func (l *learner) note(c *cell, i int, change string) {
	const most = 100
	if len(l.changes) < most {
		l.changes = append(l.changes, otp.LearningEvent{
			Router: l.router, Provider: l.names[i], Change: change, CallingCode: c.code, Channel: c.channel,
		})
	}
}

// cellAt is what is known at a place.
func (l *learner) cellAt(at place) *cell {
	if c := l.cells[at]; c != nil {
		return c
	}
	var all *cell
	if at.code != "" {
		at.code = strings.Clone(at.code) // not the whole number
		all = l.cellAt(place{"", at.channel})
	}
	c := newCell(at, all, len(l.children), l.cheapest())
	l.divide(c)
	l.cells[at] = c
	return c
}

// choices is the cell by which a send is divided.
func (l *learner) choices(at place) *cell {
	if at.channel == "" && !l.mixed {
		at.channel = l.channels[0]
	}
	c := cmp.Or(l.cells[at], l.cells[place{"", at.channel}])
	if c == nil {
		c = l.cellAt(place{"", ""}) // nothing is known yet
	}
	if c.version != l.version {
		l.divide(c)
	}
	return c
}

// send sends, and counts what may have been sent.
func (l *learner) send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	var few [8]otp.Provider
	order := few[:0]
	l.step(ctx, func() {
		c := l.choices(place{callingcode.Of(req.To), req.Channel})
		first := c.order[0]
		if req.Previous == nil {
			first = l.draw(c)
		}
		order = append(order, l.children[first])
		for _, i := range c.order {
			if i != first {
				order = append(order, l.children[i])
			}
		}
	})
	var v otp.Verification
	var err error
	if req.Previous != nil {
		v, err = sendAgain(ctx, l.router, order, req)
	} else {
		v, err = sendFirst(ctx, l.router, order, req)
	}
	if otp.OutcomeOf(err) != otp.OutcomeNotSent {
		l.sent(ctx, req, v)
	}
	return v, err
}

// draw chooses a provider by the shares of those that no breaker stops.
func (l *learner) draw(c *cell) int {
	var few [16]float64
	shares, rest := append(few[:0], c.shares...), 0.0
	for i, b := range l.breakers {
		if b != nil && b.sends.refuses() {
			shares[i] = 0
		}
		rest += shares[i]
	}
	point := rest * float64(l.random.Uint64()>>11) / (1 << 53)
	for i, share := range shares {
		if point < share {
			return i
		}
		point -= share
	}
	return c.order[0]
}

// childOf is the provider through which v was sent; -1 = none.
func (l *learner) childOf(v otp.Verification) int {
	if i := slices.Index(l.names, v.Provider); i >= 0 {
		return i
	}
	return slices.IndexFunc(l.children, func(p otp.Provider) bool { return tree.Holds(p, v.Provider) })
}

// sent counts a send.
func (l *learner) sent(ctx context.Context, req otp.SendRequest, v otp.Verification) {
	isDoubtful := doubt.Is(ctx)
	l.step(ctx, func() {
		kind := usual
		switch {
		case isDoubtful:
			kind = doubtful
		case req.Previous != nil:
			l.failed(*req.Previous)
			kind = resent
		case !l.ranges.spend(l.hash(rangeOf(req.To)), l.now):
			kind = extra
		}
		if kind == usual {
			l.count(v, counts{sent: 1})
		} else {
			l.unusual.set(l.hash(v.Provider, v.ID), kind, l.now)
		}
	})
}

// verified counts a right code.
func (l *learner) verified(ctx context.Context, v otp.Verification) {
	l.step(ctx, func() {
		switch l.kindOf(v) {
		case doubtful:
			return
		case resent:
			l.count(v, counts{retyped: 1})
		case extra:
			l.count(v, counts{sent: 1, typed: 1})
		default:
			l.count(v, counts{typed: 1})
		}
		l.ranges.earn(l.hash(rangeOf(v.To)), l.now)
	})
}

// failed counts a send that has not arrived, before its time is over, and once.
func (l *learner) failed(v otp.Verification) {
	h := l.hash(v.Provider, v.ID)
	if _, twice := l.blamed.get(h, l.now, l.window); !twice && l.kindOf(v) == usual {
		l.blamed.set(h, usual, l.now)
		l.count(v, counts{bad: 1})
	}
}

func (l *learner) kindOf(v otp.Verification) uint8 {
	kind, found := l.unusual.get(l.hash(v.Provider, v.ID), l.now, l.window)
	if !found {
		return usual
	}
	return kind
}

// count counts something of a send, where it belongs.
func (l *learner) count(v otp.Verification, n counts) {
	i, code := l.childOf(v), callingcode.Of(v.To)
	if i < 0 || code == "" {
		return
	}
	channel := cmp.Or(v.Channel, l.channels[i])
	if !l.offered[channel] {
		return
	}
	l.countAt(l.cellAt(place{code, channel}), i, v, n)
	if l.mixed && channel == l.channels[i] {
		l.countAt(l.cellAt(place{code, ""}), i, v, n)
	}
}

// Undelivered counts a bad receipt: the vendor says that what v stands for was not delivered. Every
// [Learning] router that p is or holds counts it against the sender at once, instead of when the
// time for typing the code is over. A code that is typed anyway counts as typed. There is
// nothing of the kind for good receipts: a vendor that sends them would look better than one that
// sends none.
func Undelivered(p otp.Provider, v otp.Verification) {
	tree.Search(p, func(q otp.Provider, _ bool) bool {
		if r, ok := q.(*Router); ok && r.learner != nil {
			r.learner.step(context.Background(), func() { r.learner.failed(v) })
		}
		return false
	})
}
