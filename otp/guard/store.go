package guard

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Store keeps what a guard has counted. Guards that share a store share their limits, between processes, too.
//
// An error means that the change may or may not have happened; the guard then acts as if the calls were counted. A store
// gives up when the context ends. One that has no room says so with [ErrFull] in its error. It never repeats a change by itself, unless it knows that the first try did nothing. All
// methods are safe for concurrent use.
//
// To write one, run the conformance suite of package guardtest on it.
type Store interface {
	// Apply makes one change as a single atomic step: no other change is seen half done, and all see the same clock,
	// which is the store's own. A change that breaks a rule of [Change.Check] is an error and does nothing.
	Apply(ctx context.Context, c Change) (Result, error)
}

// Change is one atomic step. Unless and Take decide first. When they refuse, nothing else happens, but Get is still read.
// Otherwise everything happens, in the order of the fields.
//
// A key names either a counter or a value. Keys are opaque: 1 to 128 characters of printable ASCII without spaces.
type Change struct {
	// Unless refuses the change when one of these values is there.
	Unless []string

	// Take counts one more against each of these limits, or against none if one of them refuses. No key occurs twice.
	Take []Limit

	// Back takes back what an earlier change has taken. What is forgotten by now, or counted anew, stays as it is.
	Back []Taken

	// Good says that one of what these counters count has turned out well, for [Limit.Share]. Where nothing is counted,
	// nothing happens.
	Good []string

	// Clear forgets these counters and values.
	Clear []string

	// Set remembers these values in place of what their keys held.
	Set []Value

	// Get asks for this value, as it was before the change. "" = none.
	Get string
}

// Limit is a counter and the rule that it must keep.
type Limit struct {
	// Key names the counter.
	Key string

	// Window is how long the counter lives, from its first count on, or from its last one where there are Gaps. At
	// least a millisecond; a store may round it up to the next one.
	Window time.Duration

	// Max is how many counts the counter may hold. 0 = any number.
	Max int

	// Gaps are the times that must pass between one count and the next: the first after the first count, and so on; the
	// last one serves for all further counts. Each is a millisecond to Window. Empty = no time has to pass.
	Gaps []time.Duration

	// Floor and Share refuse when, before this one is counted, at least Floor of the counts have no Good, and these are
	// more than Share (0 to 1) of all counts. Floor 0 = no such rule.
	Floor int
	Share float64

	// RecordOnly counts in any case, and says in [Result.Over] that the limit would have refused.
	RecordOnly bool
}

// Taken is one count of a counter, as [Change.Back] needs it.
type Taken struct {
	// Key names the counter.
	Key string

	// N is what the counter holds with this count. Back does not need it.
	N int

	// Mark is the store's own. It is the same for all counts of a counter without Gaps until the counter is
	// forgotten, and another one for each count of a counter with Gaps. Of the latter only the last count can be taken
	// back, and the time of the count before it is then the last again; a store need not remember more than that one.
	Mark int64
}

// Value is a value to remember.
type Value struct {
	// Key names the value; values and counters do not share names.
	Key string

	// Data is at most 4 KiB. It may be empty.
	Data []byte

	// For is how long the value lives: at least a millisecond; a store may round it up to the next one.
	For time.Duration
}

// What [Result.Refused] says besides the index of a limit.
const (
	RefusedByNone   = -1
	RefusedByUnless = -2
)

// Result is what came of a change.
type Result struct {
	// Refused is the index in Take of the first limit that refused, [RefusedByNone], or [RefusedByUnless], which goes
	// before any limit.
	Refused int

	// RetryAfter is when the limits that refused let one pass: the longest time of all of them, rounded up. More than
	// zero when a limit refused, else zero.
	RetryAfter time.Duration

	// Over holds the indexes in Take of the RecordOnly limits that would have refused, in order.
	Over []int

	// Taken has one element for each of Take, in the same order. Nil when the change was refused.
	Taken []Taken

	// Data is the value that Get asked for. Nil = there is none.
	Data []byte
}

const (
	longestKey  = 128
	longestData = 4 << 10
	longestLife = 366 * 24 * time.Hour
)

// Check refuses a change that breaks a rule of its fields' comments: keys, durations from a millisecond to 366 days, no
// negative number. Stores call it first; a guard's own changes pass.
func (c Change) Check() error {
	if err := c.checkKeys(); err != nil {
		return err
	}
	for i, limit := range c.Take {
		if err := limit.check(); err != nil {
			return err
		}
		for _, earlier := range c.Take[:i] {
			if earlier.Key == limit.Key {
				return errors.New("guard: a change takes from one counter twice")
			}
		}
	}
	for _, value := range c.Set {
		if err := checkLife("For", value.For); err != nil {
			return err
		}
		if len(value.Data) > longestData {
			return fmt.Errorf("guard: a value is longer than %d bytes", longestData)
		}
	}
	return nil
}

func (c Change) checkKeys() error {
	ok := c.Get == "" || isKey(c.Get)
	for _, keys := range [][]string{c.Unless, c.Good, c.Clear} {
		for _, key := range keys {
			ok = ok && isKey(key)
		}
	}
	for _, limit := range c.Take {
		ok = ok && isKey(limit.Key)
	}
	for _, taken := range c.Back {
		ok = ok && isKey(taken.Key)
	}
	for _, value := range c.Set {
		ok = ok && isKey(value.Key)
	}
	if !ok {
		return fmt.Errorf("guard: a key must be 1 to %d characters of printable ASCII without spaces", longestKey)
	}
	return nil
}

func isKey(s string) bool {
	if s == "" || len(s) > longestKey {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func (l Limit) check() error {
	if err := checkLife("Window", l.Window); err != nil {
		return err
	}
	if l.Max < 0 || l.Floor < 0 || !(l.Share >= 0 && l.Share <= 1) { // NaN is refused, too
		return errors.New("guard: Max and Floor must not be negative, and Share must be 0 to 1")
	}
	for _, gap := range l.Gaps {
		if gap < time.Millisecond || gap > l.Window {
			return errors.New("guard: Gaps must be 1 ms to Window")
		}
	}
	return nil
}

func checkLife(field string, d time.Duration) error {
	if d < time.Millisecond || d > longestLife {
		return fmt.Errorf("guard: %s must be 1 ms to %d days", field, longestLife/(24*time.Hour))
	}
	return nil
}
