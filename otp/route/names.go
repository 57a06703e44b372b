package route

import (
	"fmt"
	"slices"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/naming"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// checkNames refuses what a composite called composite cannot be made of. Verifications are brought back to their senders by
// name, so in one tree a name means one provider.
func checkNames(composite string, children []otp.Provider) error {
	if !naming.IsValid(composite) {
		return check.Misconfigured("name", "must be "+naming.Rule)
	}
	if len(children) == 0 {
		return check.Misconfigured("providers", "must hold at least one")
	}
	for i, child := range children {
		if check.IsNil(child) {
			return check.Misconfigured(at("providers", i), "must not be nil")
		}
		if tree.IsCircular(child) {
			return check.Misconfigured(at("providers", i), "must not hold itself")
		}
		if slices.ContainsFunc(children[:i], func(other otp.Provider) bool { return tree.Same(other, child) }) {
			return check.Misconfigured(at("providers", i), "stands there twice")
		}
	}
	c := census{composite: nil}
	if err := c.below(composite, children); err != nil {
		return err
	}
	return c.addRetired(children)
}

func at(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

// census is who bears a name. The root of the tree, which is just being made, is nil.
type census map[string]otp.Provider

func (c census) below(name string, children []otp.Provider) error {
	if len(children) == 1 && children[0].Name() == name { // a wrapper that carries its child's name
		return c.below(name, current(children[0]))
	}
	for _, child := range children {
		if err := c.add(child); err != nil {
			return err
		}
	}
	return nil
}

func (c census) add(p otp.Provider) error {
	name := p.Name()
	if name == "" {
		return check.Misconfigured("providers", "every provider needs a name")
	}
	if known, taken := c[name]; taken {
		if tree.Same(known, p) {
			return nil // shared by several branches
		}
		return twice(name)
	}
	c[name] = p
	return c.below(name, current(p))
}

// addRetired adds what the switches below keep for a while. It may bear the names of its successors in the same switch,
// but of nobody else: it still verifies.
func (c census) addRetired(children []otp.Provider) error {
	for _, p := range children {
		if s, ok := p.(*Switch); ok {
			if err := c.addRetiredOf(s); err != nil {
				return err
			}
		}
		if err := c.addRetired(current(p)); err != nil {
			return err
		}
	}
	return nil
}

func (c census) addRetiredOf(s *Switch) error {
	var err error
	for _, retired := range s.Unwrap()[1:] {
		tree.Leaves(retired, func(leaf otp.Provider) {
			name := leaf.Name()
			bearer, taken := c[name]
			if !taken {
				c[name] = leaf
			} else if bearer != nil && !tree.Contains(s, bearer) && !tree.Contains(bearer, s) {
				err = twice(name)
			}
		})
	}
	return err
}

func twice(name string) error {
	return check.Misconfigured("providers", fmt.Sprintf("two of them are called %q; WithName tells them apart", name))
}

// current are the children of p as they are now, without those that a Switch keeps for a while.
func current(p otp.Provider) []otp.Provider {
	if s, ok := p.(*Switch); ok {
		return []otp.Provider{s.current()}
	}
	return tree.Children(p)
}
