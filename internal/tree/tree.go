// Package tree looks into providers that wrap providers: routers, guards, breakers, any
// otp.Wrapper. One that wraps nothing is a leaf. Only leaves send, and stand in verifications.
package tree

import (
	"slices"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
)

// most bounds how many providers are visited, in case an Unwrap makes new ones for ever.
const most = 10_000

// Children are the providers that p wraps, without any nil. The slice may be p's own: only read it.
func Children(p otp.Provider) []otp.Provider {
	wrapper, wraps := p.(otp.Wrapper)
	if !wraps || check.IsNil(p) {
		return nil
	}
	children := wrapper.Unwrap()
	if slices.ContainsFunc(children, check.IsNil) {
		return slices.DeleteFunc(slices.Clone(children), check.IsNil)
	}
	return children
}

// Search asks match about p and all below it, each once, outer ones first, until it says yes.
func Search(p otp.Provider, match func(p otp.Provider, isLeaf bool) bool) bool {
	w := walk{match: match, seen: make(map[otp.Provider]bool)}
	w.visit(p)
	return w.found
}

// Leaves are the providers that send: p itself, or those below it, each once.
func Leaves(p otp.Provider) (leaves []otp.Provider) {
	Search(p, func(q otp.Provider, isLeaf bool) bool {
		if isLeaf {
			leaves = append(leaves, q)
		}
		return false
	})
	return leaves
}

// Find returns the leaf called name: p itself, or the first one below it. No leaf is called "".
func Find(p otp.Provider, name string) (leaf otp.Provider, found bool) {
	if name == "" {
		return nil, false
	}
	found = Search(p, func(q otp.Provider, isLeaf bool) bool {
		leaf = q
		return isLeaf && q.Name() == name
	})
	if !found {
		return nil, false
	}
	return leaf, true
}

// Holds reports whether a leaf called name is p or below it.
func Holds(p otp.Provider, name string) bool {
	_, found := Find(p, name)
	return found
}

// Contains reports whether p is q or wraps it, at any depth.
func Contains(p, q otp.Provider) bool {
	return Search(p, func(r otp.Provider, _ bool) bool { return Same(r, q) })
}

// Same reports whether a and b are one provider. Values on which == panics never are.
func Same(a, b any) (same bool) {
	safely.Do(func() { same = a == b })
	return same
}

// Check returns the rule that the tree below p breaks; "" = none.
func Check(p otp.Provider) (rule string) {
	w := walk{match: func(otp.Provider, bool) bool { return false }, seen: make(map[otp.Provider]bool)}
	w.visit(p)
	switch {
	case w.isCircular:
		return "must not hold itself"
	case w.count > most:
		return "must not hold more than 10000 providers"
	default:
		return ""
	}
}

type walk struct {
	match func(p otp.Provider, isLeaf bool) bool
	seen  map[otp.Provider]bool // true = on the way from the root to here
	count int                   // of what was unwrapped

	found, isCircular bool
}

func (w *walk) visit(p otp.Provider) (goOn bool) {
	if check.IsNil(p) || !w.enter(p) {
		return true
	}
	defer safely.Do(func() { w.seen[p] = false })
	children := Children(p)
	w.found = w.match(p, len(children) == 0)
	if w.count += len(children); w.found || w.count > most {
		return false
	}
	for _, child := range children {
		if !w.visit(child) {
			return false
		}
	}
	return true
}

// enter reports whether p is new. A value that cannot be the key of a map always is.
func (w *walk) enter(p otp.Provider) (isNew bool) {
	isNew = true
	safely.Do(func() {
		above, seen := w.seen[p]
		isNew, w.isCircular = !seen, w.isCircular || above
		if isNew {
			w.seen[p] = true
		}
	})
	return isNew
}
