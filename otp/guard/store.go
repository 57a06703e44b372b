package guard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/otp-sdk/otp-go/internal/naming"
)

// Store keeps what a guard has counted. Guards that share a store share their limits, between
// processes, too.
//
// An error means that the change may or may not have happened; the guard then acts as if the calls
// were counted. A store gives up when the context ends. One that has no room says so with [ErrFull]
// in its error. It never repeats a change by itself, unless it knows that the first try did
// nothing. All methods are safe for concurrent use.
//
// To write one, run the conformance suite of package guardtest on it.
type Store interface {
	// Apply makes one change as a single atomic step: no other change is seen half done, and all see
	// the same clock, which is the store's own and never goes back.
	Apply(ctx context.Context, c Change) (Result, error)
}

// Change is one atomic step. Unless and Take decide first. When they refuse, nothing else happens,
// except that Get and Marks are read and that a [Load] remembers that it asked. Otherwise
// everything happens, in the order of the fields.
//
// A key names either a counter or a value. Keys are opaque: 1 to 128 characters of printable ASCII
// without spaces. What stands before the first "/" of a key is its record; the counters and values
// of one record can be cleared together.
type Change struct {
	// Unless refuses the change when one of these values is there.
	Unless []string

	// Marks are values on whose presence limits depend: see [Limit.With]. At most 8.
	Marks []string

	// Passed is the number of the challenge that the caller has passed, 0 to [MostChallenges], for
	// limits with a Load.
	Passed int

	// Take counts one more against each of these limits, or against none if one of them refuses. No
	// key occurs twice.
	Take []Limit

	// Back takes back what an earlier change has taken, each at most once. What is forgotten by now,
	// or counted anew, stays as it is.
	Back []Taken

	// Good takes back, too, and says that what was counted has turned out well: a code was typed.
	Good []Taken

	// Clear forgets these counters and values, but not what a [Load] has learnt of earlier days. A key
	// that ends with "/" names all of a record.
	Clear []string

	// Set remembers these values.
	Set []Value

	// Get asks for this value, as it was before the change. "" = none.
	Get string
}

// MostChallenges is the highest number of a challenge.
const MostChallenges = 3

// MarkSet is a set of a change's Marks: bit 0 stands for the first one.
type MarkSet uint8

// Limit is a counter and the rule that it must keep: no Window ever holds more than Max counts, no
// matter who chooses the moments. A store may count in at most twelve parts of a window, so that a
// count stays for up to a twelfth longer; with a Max of 16 or less it counts exactly.
type Limit struct {
	// Key names the counter.
	Key string

	// Window is how long a count stays; with Gaps, how long after the last one all of them stay. At
	// least a millisecond; a store may round it up to the next ten.
	Window time.Duration

	// Max is how many counts a window may hold. 0 = any number.
	Max int

	// Reserve is how much of Max is kept for calls with one of the marks in ReserveFor.
	Reserve    int
	ReserveFor MarkSet

	// Gaps are the times that must pass between one count and the next: the first after the first
	// count, and so on; the last one serves for all further counts. Each is a millisecond to Window.
	// Empty = no time has to pass.
	Gaps []time.Duration

	// Load is a rule that asks before it refuses, and replaces Window, Max and Gaps. Nil = none.
	Load *Load

	// Kind is what [Load.Kinds] tells apart.
	Kind uint16

	// RecordOnly counts in any case, and says in [Result.Over] that the limit would have refused.
	RecordOnly bool

	// The limit is skipped, and counts nothing, unless one of the marks in With is there (0 = always),
	// and when one of those in Without is.
	With, Without MarkSet

	// Expendable: when a store is full, it may forget this counter to make room, the oldest first.
	Expendable bool
}

// Taken is one count of a counter, as [Change.Back] and [Change.Good] need it.
type Taken struct {
	// Key names the counter.
	Key string

	// N is what the counter holds with this count, in its longest window. 0 = the limit was skipped,
	// and there is nothing to take back. Back does not need it.
	N int

	// Mark is the store's own: the same for all counts of a change, and another one for each change.
	Mark int64

	// Passed is that of the change, and Kind that of the limit.
	Passed int
	Kind   uint16
}

// Value is a value to remember.
type Value struct {
	// Key names the value; values and counters do not share names.
	Key string

	// Data is at most 4 KiB. It may be empty.
	Data []byte

	// For is how long the value lives: at least a millisecond; a store may round it up to the next
	// ten.
	For time.Duration

	// Append adds Data to what the value holds, which lives as long as the longer of both. If both
	// together are longer than 4 KiB, Data replaces it. Otherwise Data always replaces it.
	Append bool

	// Expendable is as in [Limit].
	Expendable bool
}

// What [Result.Refused] says besides the index of a limit.
const (
	RefusedByNone   = -1
	RefusedByUnless = -2
)

// Result is what came of a change.
type Result struct {
	// Refused is the index in Take of the first limit that refused, or, if none of them did, that
	// asked; [RefusedByNone]; or [RefusedByUnless], which goes before any limit.
	Refused int

	// Challenge is the number of the challenge that lets the call pass all limits. 0 = there is none.
	Challenge int

	// RetryAfter is when the limits that refused let one pass if nothing else is counted: the longest
	// time of all of them, rounded up. More than zero when a limit refused, else zero.
	RetryAfter time.Duration

	// Over holds the indexes in Take of the RecordOnly limits that would have refused, in order.
	Over []int

	// Marks says which of the change's Marks are there.
	Marks MarkSet

	// Taken has one element for each of Take, in the same order. Nil when the change was refused.
	Taken []Taken

	// Data is the value that Get asked for. Nil = there is none.
	Data []byte
}

const (
	longestKey  = 128
	longestData = 4 << 10
	longestLife = 366 * 24 * time.Hour
	mostMarks   = 8
)

// Check refuses a change that breaks a rule of its fields' comments: keys, durations from a
// millisecond to 366 days, no negative number. Stores call it first; a guard's own changes pass.
func (c Change) Check() error {
	if err := c.checkKeys(); err != nil {
		return err
	}
	if len(c.Marks) > mostMarks || c.Passed < 0 || c.Passed > MostChallenges {
		return errors.New("guard: a change has at most 8 Marks, and Passed is 0 to 3")
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
	for _, keys := range [][]string{c.Unless, c.Marks, c.Clear} {
		for _, key := range keys {
			ok = ok && isKey(key)
		}
	}
	for _, limit := range c.Take {
		ok = ok && isKey(limit.Key)
	}
	for _, all := range [][]Taken{c.Back, c.Good} {
		for _, taken := range all {
			ok = ok && isKey(taken.Key)
		}
	}
	for _, value := range c.Set {
		ok = ok && isKey(value.Key)
	}
	if !ok {
		return fmt.Errorf("guard: a key must be 1 to %d characters of printable ASCII without spaces", longestKey)
	}
	return nil
}

func isKey(s string) bool { return s != "" && len(s) <= longestKey && naming.IsPrintable(s) }

func (l Limit) check() error {
	if l.Load != nil {
		return l.Load.check()
	}
	if err := checkLife("Window", l.Window); err != nil {
		return err
	}
	if l.Max < 0 || l.Reserve < 0 || l.Reserve > l.Max {
		return errors.New("guard: Max must not be negative, and Reserve must be 0 to Max")
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
