// Package tree looks into providers that wrap providers: routers, guards, breakers, and whatever else has
// Unwrap() []otp.Provider.
//
// A provider that wraps nothing is a leaf. Only leaves send, so only the names of leaves stand in verifications.
package tree

import (
	"reflect"
	"slices"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
)

// Children are the providers that p wraps, without any nil. A leaf has none. The slice may be p's own: only read it.
func Children(p otp.Provider) []otp.Provider {
	if check.IsNil(p) {
		return nil
	}
	wrapper, wraps := p.(interface{ Unwrap() []otp.Provider })
	if !wraps {
		return nil
	}
	children := wrapper.Unwrap()
	if slices.ContainsFunc(children, check.IsNil) {
		return slices.DeleteFunc(slices.Clone(children), check.IsNil)
	}
	return children
}

// Find returns the leaf called name: p itself, or the first one below it. No leaf is called "".
func Find(p otp.Provider, name string) (leaf otp.Provider, found bool) {
	if name == "" {
		return nil, false
	}
	walk(p, nil, func(q otp.Provider, isLeaf bool) bool {
		if isLeaf && q.Name() == name {
			leaf, found = q, true
		}
		return !found
	})
	return leaf, found
}

// Holds reports whether a leaf called name is p or below it, so that p can verify what that leaf has sent.
func Holds(p otp.Provider, name string) bool {
	_, found := Find(p, name)
	return found
}

// Leaves calls visit with every leaf of p, a shared one once for each of its places.
func Leaves(p otp.Provider, visit func(leaf otp.Provider)) {
	walk(p, nil, func(q otp.Provider, isLeaf bool) bool {
		if isLeaf {
			visit(q)
		}
		return true
	})
}

// Contains reports whether p is q or wraps it, at any depth.
func Contains(p, q otp.Provider) bool {
	return !walk(p, nil, func(r otp.Provider, _ bool) bool { return !Same(r, q) })
}

// IsCircular reports whether p, or a provider below it, comes below itself. Such a tree would send for ever.
func IsCircular(p otp.Provider) bool { return isCircular(p, nil) }

func isCircular(p otp.Provider, above *trail) bool {
	if above.passes(p) {
		return true
	}
	here := &trail{p, above}
	return slices.ContainsFunc(Children(p), func(child otp.Provider) bool { return isCircular(child, here) })
}

// walk visits p and then what is below it, until visit returns false, and reports whether it went to the end. A tree that
// runs in a circle is cut where it comes back to itself.
func walk(p otp.Provider, above *trail, visit func(p otp.Provider, isLeaf bool) bool) bool {
	if check.IsNil(p) || above.passes(p) {
		return true
	}
	children := Children(p)
	if len(children) == 0 {
		return visit(p, true)
	}
	if !visit(p, false) {
		return false
	}
	here := trail{p, above}
	for _, child := range children {
		if !walk(child, &here, visit) {
			return false
		}
	}
	return true
}

// trail is the way down from the root.
type trail struct {
	p  otp.Provider
	up *trail
}

func (t *trail) passes(p otp.Provider) bool {
	for ; t != nil; t = t.up {
		if Same(t.p, p) {
			return true
		}
	}
	return false
}

// Same reports whether a and b are one provider. Values that cannot be compared never are.
func Same(a, b otp.Provider) bool {
	return reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
}
