package route

import (
	"fmt"
	"slices"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/naming"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// checkNames refuses what a composite called composite cannot be made of. Verifications are brought
// back to their senders by name, so in one tree a name means one provider.
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
		if rule := tree.Check(child); rule != "" {
			return check.Misconfigured(at("providers", i), rule)
		}
		if slices.ContainsFunc(children[:i], func(other otp.Provider) bool { return tree.Same(other, child) }) {
			return check.Misconfigured(at("providers", i), "stands there twice")
		}
	}
	b := bearers{composite: nil}
	if err := b.addBelow(composite, children); err != nil {
		return err
	}
	return b.addRetired(children)
}

func at(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

// bearers is who has which name. The root of the tree, which is just being made, is nil.
type bearers map[string]otp.Provider

func (b bearers) addBelow(name string, children []otp.Provider) error {
	if len(children) == 1 && children[0].Name() == name { // a wrapper that carries its child's name
		return b.addBelow(name, current(children[0]))
	}
	for _, child := range children {
		if err := b.add(child); err != nil {
			return err
		}
	}
	return nil
}

func (b bearers) add(p otp.Provider) error {
	name := p.Name()
	if name == "" {
		return check.Misconfigured("providers", "every provider needs a name")
	}
	if known, taken := b[name]; taken {
		if tree.Same(known, p) {
			return nil // shared by several branches
		}
		return twice(name)
	}
	b[name] = p
	return b.addBelow(name, current(p))
}

// addRetired adds what the switches below keep for a while. It may bear the names of its successors
// in the same switch, but of nobody else: it still verifies.
func (b bearers) addRetired(children []otp.Provider) error {
	var err error
	isWrong := func(p otp.Provider, _ bool) bool {
		if s, ok := p.(*Switch); ok {
			err = b.addRetiredOf(s)
		}
		return err != nil
	}
	for _, child := range children {
		if tree.Search(child, isWrong) {
			break
		}
	}
	return err
}

func (b bearers) addRetiredOf(s *Switch) error {
	var err error
	isWrong := func(p otp.Provider, isLeaf bool) bool {
		if isLeaf {
			err = b.addRetiredLeaf(s, p)
		}
		return err != nil
	}
	for _, retired := range s.Unwrap()[1:] {
		if tree.Search(retired, isWrong) {
			break
		}
	}
	return err
}

func (b bearers) addRetiredLeaf(s *Switch, leaf otp.Provider) error {
	name := leaf.Name()
	bearer, taken := b[name]
	if !taken {
		b[name] = leaf
	} else if bearer != nil && !tree.Contains(s, bearer) && !tree.Contains(bearer, s) {
		return twice(name)
	}
	return nil
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
