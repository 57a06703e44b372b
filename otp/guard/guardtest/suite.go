package guardtest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/guard"
)

// Harness is how [TestStore] gets at a store and its clock.
type Harness struct {
	// New opens a store that holds nothing yet. What has to be closed, t.Cleanup closes. Required.
	New func(t *testing.T) guard.Store

	// Advance moves the clock of the store that New has opened last; without Run also back, by less
	// than zero. Nil = the store keeps real time: the suite waits, some seconds in all, with its
	// checks in parallel.
	Advance func(d time.Duration)

	// Run runs one check. Nil = as it is. For a store whose clock is package time it is synctest.Test,
	// with time.Sleep as Advance.
	Run func(t *testing.T, check func(t *testing.T))
}

// TestStore runs the conformance suite: what a guard relies on with every store.
//
//	func TestConformance(t *testing.T) {
//		guardtest.TestStore(t, guardtest.Harness{New: func(t *testing.T) guard.Store { ... }})
//	}
func TestStore(t *testing.T, h Harness) {
	t.Helper()
	require.NotNil(t, h.New, "guardtest: Harness.New is required")
	run := h.Run
	if run == nil {
		run = func(t *testing.T, check func(t *testing.T)) { t.Helper(); check(t) }
	}
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			unit, advance := virtualUnit, h.Advance
			if advance == nil {
				t.Parallel()
				unit, advance = realUnit, time.Sleep
			}
			run(t, func(t *testing.T) {
				c.test(&session{tester: t, store: h.New(t), unit: unit, advance: advance, back: h.Advance != nil && h.Run == nil})
			})
		})
	}
}

// Units are what the checks measure time in. A real one is long enough for a slow machine to do a
// few changes in.
const (
	virtualUnit = time.Minute
	realUnit    = 200 * time.Millisecond
)

// check is one promise.
type check struct {
	name string
	test func(s *session)
}

func checks() []check {
	return slices.Concat(limitChecks(), gapChecks(), backChecks(), valueChecks(), loadChecks(), orderChecks(), hostileChecks())
}

// tester is what a check needs of a test. The suite's own tests put a recorder in its place.
type tester interface {
	require.TestingT
	Context() context.Context
}

// session is one check on a store of its own.
type session struct {
	tester

	store   guard.Store
	unit    time.Duration
	advance func(d time.Duration)
	back    bool // advance can go back
}

// pass moves the clock by n units, and a little more, so that what ends by then has ended.
func (s *session) pass(n float64) {
	s.advance(time.Duration(n*float64(s.unit)) + 5*time.Millisecond)
}

// apply makes a change that must not fail.
func (s *session) apply(c guard.Change) guard.Result {
	result, err := s.store.Apply(s.Context(), c)
	require.NoError(s, err)
	if result.Refused != guard.RefusedByNone {
		require.Nil(s, result.Taken, "a change that is refused takes nothing")
	}
	return result
}

// take counts against limits, which must let it pass, and returns what was taken.
func (s *session) take(limits ...guard.Limit) []guard.Taken {
	result := s.apply(guard.Change{Take: limits})
	require.Equal(s, guard.RefusedByNone, result.Refused)
	require.Zero(s, result.RetryAfter)
	require.Len(s, result.Taken, len(limits))
	for i, limit := range limits {
		require.Equal(s, limit.Key, result.Taken[i].Key)
		require.Positive(s, result.Taken[i].N)
	}
	return result.Taken
}

// count counts against one limit and returns what it holds then.
func (s *session) count(limit guard.Limit) int { return s.take(limit)[0].N }

// refused counts against limits, of which the one at index must refuse until wait units have
// passed.
func (s *session) refused(index int, wait float64, limits ...guard.Limit) {
	result := s.apply(guard.Change{Take: limits})
	require.Equal(s, index, result.Refused)
	longest := time.Duration(wait * float64(s.unit))
	require.Positive(s, result.RetryAfter)
	require.LessOrEqual(s, result.RetryAfter, longest+2*time.Millisecond)
	require.Greater(s, result.RetryAfter, longest-s.unit/2-s.unit/4, "nothing but the check's own changes has taken time")
}

// get reads a value.
func (s *session) get(key string) []byte { return s.apply(guard.Change{Get: key}).Data }

// limit is a limit with a window of so many units.
func (s *session) limit(key string, most int, units float64) guard.Limit {
	return guard.Limit{Key: key, Max: most, Window: time.Duration(units * float64(s.unit))}
}

// gaps is a limit whose gaps are so many units, and whose window is the last argument.
func (s *session) gaps(key string, window float64, gaps ...float64) guard.Limit {
	limit := s.limit(key, 0, window)
	for _, gap := range gaps {
		limit.Gaps = append(limit.Gaps, time.Duration(gap*float64(s.unit)))
	}
	return limit
}

func (s *session) value(key, data string, units float64) guard.Value {
	return guard.Value{Key: key, Data: []byte(data), For: time.Duration(units * float64(s.unit))}
}
