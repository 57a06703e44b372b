package route

import (
	"fmt"
	"slices"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/settings"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// checkNames refuses what a composite called name cannot be made of. Verifications are brought back to their senders by
// name, so in one tree a name means one provider.
func checkNames(name string, children []otp.Provider) error {
	if err := otp.WithName(name)(new(settings.Settings)); err != nil {
		return err
	}
	if len(children) == 0 {
		return check.Misconfigured("providers", "must hold at least one")
	}
	for i, child := range children {
		if tree.IsNil(child) {
			return check.Misconfigured(at("providers", i), "must not be nil")
		}
		if tree.IsCircular(child) {
			return check.Misconfigured(at("providers", i), "must not hold itself")
		}
		if slices.ContainsFunc(children[:i], func(other otp.Provider) bool { return tree.Same(other, child) }) {
			return check.Misconfigured(at("providers", i), "stands there twice")
		}
	}
	return census{name: nil}.below(name, children)
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
		return check.Misconfigured("providers", fmt.Sprintf("two of them are called %q; WithName tells them apart", name))
	}
	c[name] = p
	return c.below(name, current(p))
}

// current are the children of p as they are now: those that a Switch keeps for a while bear the names of their successors.
func current(p otp.Provider) []otp.Provider {
	if s, ok := p.(*Switch); ok {
		return []otp.Provider{s.current()}
	}
	return tree.Children(p)
}
