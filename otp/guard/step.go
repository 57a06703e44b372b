package guard

import (
	"context"
	"errors"
	"strings"
)

// step makes one change, within the store's time. A [Memory] answers at once, and puts what it
// takes into room.
func (g *Guard) step(ctx context.Context, c *Change, room []Taken) (result Result, err error) {
	defer func() {
		if recover() != nil { // what it holds may be secret
			err = errors.New("the store panicked")
		}
	}()
	if g.memory != nil {
		if err = ctx.Err(); err != nil {
			return Result{}, err
		}
		return g.memory.apply(c, room)
	}
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	result, err = g.store.Apply(ctx, c.clone())
	if err == nil && !result.fits(*c) {
		err = errors.New("the store's answer does not fit the change")
	}
	return result, err
}

// clone is a copy for stores that may look at a change for longer than the call lasts, whose own
// one lives on the stack. It copies even the text of Get, so that the compiler sees it.
func (c *Change) clone() Change {
	own := Change{
		Unless: copied(c.Unless), Marks: copied(c.Marks), Passed: c.Passed, Take: copied(c.Take), Back: copied(c.Back),
		Good: copied(c.Good), Clear: copied(c.Clear), Set: copied(c.Set), Get: strings.Clone(c.Get),
	}
	for i := range own.Set {
		own.Set[i].Data = append([]byte{}, own.Set[i].Data...)
	}
	return own
}

func copied[T any](all []T) []T { return append([]T(nil), all...) } // to the compiler, slices.Clone may return all itself

// fits reports whether a store's answer can be one to c.
func (r Result) fits(c Change) bool {
	for _, i := range r.Over {
		if i < 0 || i >= len(c.Take) {
			return false
		}
	}
	if r.Challenge < 0 || r.Challenge > MostChallenges {
		return false
	}
	switch r.Refused {
	case RefusedByNone:
		return len(r.Taken) == len(c.Take)
	case RefusedByUnless:
		return len(c.Unless) > 0
	default:
		return r.Refused >= 0 && r.Refused < len(c.Take) && r.RetryAfter > 0
	}
}

// finish makes the change that follows the vendor's answer. It runs although the caller may have
// gone: anyone who hangs up must not get counts back, nor a code twice.
func (g *Guard) finish(ctx context.Context, c *Change) (Result, error) {
	if g.memory != nil { // it looks at nothing else in a context
		return g.step(context.Background(), c, nil)
	}
	return g.step(context.WithoutCancel(ctx), c, nil)
}
