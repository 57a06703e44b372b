package route

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
)

// LearningOption changes a default of [Learning].
type LearningOption func(*learningSettings)

type learningSettings struct {
	memory, window  time.Duration
	compare, margin float64
	prices          map[string]float64
	seed            uint64
	store           LearningStore
	shared          bool
	from            *Router // whose place is taken; nil = nobody's
}

// WithMemory is the time in which a result loses half of its weight: 1 hour to 90 days. Default: 72
// hours. A longer memory tells providers apart that are nearly equal. How soon a breakdown is
// noticed does not depend on it.
func WithMemory(halfLife time.Duration) LearningOption {
	return func(s *learningSettings) { s.memory = halfLife }
}

// WithResultWindow is how long a code may take to come back: 1 to 15 minutes. Default: 5 minutes.
func WithResultWindow(d time.Duration) LearningOption {
	return func(s *learningSettings) { s.window = d }
}

// WithCompare is the largest part of the sends that goes to others than the leader to compare them
// with it: 0 to 0.5. Default: 0.33. With 0 they get only the few sends by which a change is
// noticed.
func WithCompare(share float64) LearningOption {
	return func(s *learningSettings) { s.compare = share }
}

// WithPrices is what a send costs by the name of the provider, in any unit; others cost 0. Prices
// only decide between providers that are nearly equal: a dearer one leads if more of its codes come
// back, by the margin at least. The margin is 0 to 0.2; 0.01 is one code in a hundred. The cheapest
// provider leads before there are results.
func WithPrices(margin float64, prices map[string]float64) LearningOption {
	return func(s *learningSettings) { s.margin, s.prices = margin, prices }
}

// WithSeed makes the choices repeatable, for tests. Default: a random seed.
func WithSeed(seed uint64) LearningOption {
	return func(s *learningSettings) { s.seed = seed }
}

// WithLearningStore shares what is counted with other machines. Default: a machine learns from its
// own calls alone, so it needs about as many of them as it has providers to compare.
func WithLearningStore(store LearningStore) LearningOption {
	return func(s *learningSettings) { s.store, s.shared = store, true }
}

func (s *learningSettings) check() error {
	for _, rule := range []struct {
		holds       bool // false for NaN, too
		field, text string
	}{
		{s.memory >= time.Hour && s.memory <= 90*24*time.Hour, "memory", "must be 1h to 90 days"},
		{s.window >= time.Minute && s.window <= 15*time.Minute, "result_window", "must be 1m to 15m"},
		{s.compare >= 0 && s.compare <= 0.5, "compare", "must be 0 to 0.5"},
		{s.margin >= 0 && s.margin <= 0.2, "price_margin", "must be 0 to 0.2"},
		{!s.shared || !check.IsNil(s.store), "store", "must not be nil"},
	} {
		if !rule.holds {
			return check.Misconfigured("learning."+rule.field, rule.text)
		}
	}
	for name, price := range s.prices {
		if !(price >= 0 && price <= math.MaxFloat64) {
			return check.Misconfigured(fmt.Sprintf("learning.prices[%q]", name), "must be a number, 0 or more")
		}
	}
	return nil
}

// Learning sends where codes come back. It needs no receipts: a code that is typed has arrived, and
// one that is not typed in time counts against its provider. So a vendor that accepts texts and
// does not deliver them loses its sends within minutes.
//
// Two memories decide, for each calling code and channel. A slow one says whose codes came back
// best over the last days: that provider leads, and the others get a share for as long as they may
// be better. A fast one notices that the codes of a provider have suddenly stopped coming back: it
// is set aside and gets a few sends, until three codes in a row come back. A calling code with few
// results follows what all of them say.
//
// A send that was certainly not made is handed on as in [Failover], to the others in the order of
// their shares. A provider whose [Breaker] is open gets no share. A send that was not made teaches
// nothing, and neither does one that a guard around the router has a doubt about. In a range of
// 10,000 numbers one code an hour counts as not typed, and one more for each that is typed there,
// so that robots cannot make a vendor look bad. A send with Previous goes another way, and counts
// against the send before.
//
// What is learned is in memory, and lost with the process; [WithLearned] hands it on within one.
// [Undelivered] takes bad receipts, and [Router.Explain] says what is known. docs/routing.md says
// what this was measured to do.
func Learning(name string, providers []otp.Provider, opts ...LearningOption) (*Router, error) {
	s := learningSettings{
		memory: 72 * time.Hour, window: 5 * time.Minute, compare: 0.33, seed: rand.Uint64(), //nolint:gosec // no secret
	}
	for _, opt := range opts {
		if opt == nil {
			return nil, check.Misconfigured("learning", "an option must not be nil")
		}
		opt(&s)
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	r, err := newRouter(name, "learning", providers)
	if err != nil {
		return nil, err
	}
	if r.learner, err = newLearner(r, s); err != nil {
		return nil, err
	}
	return r, nil
}
