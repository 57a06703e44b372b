package tree_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func leaf(name string) *otptest.Provider { return otptest.NewProvider(otptest.WithName(name)) }

// node wraps whatever it is given.
type node struct {
	otp.Provider
	name     string
	children []otp.Provider
}

func (n *node) Name() string           { return n.name }
func (n *node) Unwrap() []otp.Provider { return n.children }

func of(name string, children ...otp.Provider) *node { return &node{leaf("hidden"), name, children} }

func names(p otp.Provider) []string {
	var all []string
	tree.Search(p, func(q otp.Provider, isLeaf bool) bool {
		if isLeaf {
			all = append(all, q.Name())
		}
		return false
	})
	return all
}

func TestOnlyLeavesAreFound(t *testing.T) {
	a, b, c := leaf("a"), leaf("b"), leaf("c")
	root := of("root", of("guard", of("inner", a, b)), b, of("c", c))
	for _, want := range []*otptest.Provider{a, b, c} {
		found, ok := tree.Find(root, want.Name())
		require.True(t, ok)
		assert.Same(t, want, found)
		assert.True(t, tree.Holds(root, want.Name()))
	}
	for _, name := range []string{"root", "guard", "inner", "hidden", "d", ""} {
		found, ok := tree.Find(root, name)
		assert.False(t, ok, name)
		assert.Nil(t, found, name)
		assert.False(t, tree.Holds(root, name), name)
	}
	assert.False(t, tree.Holds(leaf(""), ""))
	assert.True(t, tree.Holds(a, "a"))
	assert.Equal(t, []string{"a", "b", "c"}, names(root), "each once, in order")
	assert.Equal(t, []string{"a"}, names(a))
	assert.True(t, tree.Holds(of("empty"), "empty"), "what wraps nothing is a leaf")
}

func TestSearchEndsWhenItHasFound(t *testing.T) {
	var asked []string
	found := tree.Search(of("root", of("x", leaf("a")), leaf("b"), leaf("c")), func(p otp.Provider, isLeaf bool) bool {
		asked = append(asked, p.Name())
		return isLeaf && p.Name() == "b"
	})
	assert.True(t, found)
	assert.Equal(t, []string{"root", "x", "a", "b"}, asked)
}

func TestNilIsNobody(t *testing.T) {
	var nothing *otptest.Provider
	var noNode *node
	a := leaf("a")
	given := []otp.Provider{nil, nothing, a, noNode}
	root := of("root", given...)
	assert.Equal(t, []otp.Provider{a}, tree.Children(root))
	assert.Equal(t, []otp.Provider{nil, nothing, a, noNode}, given, "the wrapper's own slice is not changed")
	assert.Equal(t, []string{"a"}, names(root))
	for _, p := range []otp.Provider{nil, nothing, noNode} {
		assert.True(t, check.IsNil(p))
		assert.False(t, tree.Holds(p, "a"))
		assert.Empty(t, tree.Children(p))
		assert.Empty(t, names(p))
		assert.Empty(t, tree.Check(p))
	}
	assert.False(t, check.IsNil(a))
	assert.False(t, check.IsNil(list{}), "an empty list is a provider")
	assert.True(t, check.IsNil(list(nil)))
}

func TestACircleIsCut(t *testing.T) {
	const rule = "must not hold itself"
	a, b := leaf("a"), leaf("b")
	root := of("root", a)
	inner := of("inner", root, b)
	root.children = append(root.children, inner, root)
	assert.True(t, tree.Holds(root, "b"))
	assert.False(t, tree.Holds(root, "c"))
	assert.Equal(t, []string{"a", "b"}, names(root))
	assert.Equal(t, rule, tree.Check(root))
	assert.Equal(t, rule, tree.Check(of("above", inner)))
	shared := of("shared", a)
	assert.Empty(t, tree.Check(of("root", of("x", shared), of("y", shared, shared), shared)), "a branch may be shared")
}

func TestSharedLayersAreVisitedOnce(t *testing.T) {
	var p otp.Provider = leaf("a")
	for i := range 40 {
		p = of(fmt.Sprint("layer", i), p, p, of("between", p))
	}
	start := time.Now()
	assert.True(t, tree.Holds(p, "a"))
	assert.False(t, tree.Holds(p, "b"))
	assert.Equal(t, []string{"a"}, names(p))
	assert.False(t, tree.Contains(p, leaf("a")))
	assert.Empty(t, tree.Check(p))
	assert.Less(t, time.Since(start), time.Second)
}

// endless is a wrapper whose Unwrap makes new wrappers for ever.
type endless struct {
	otp.Provider
	width int
}

func (e *endless) Unwrap() []otp.Provider {
	children := make([]otp.Provider, e.width)
	for i := range children {
		children[i] = &endless{e.Provider, e.width}
	}
	return children
}

func TestATreeWithoutAnEndIsLeft(t *testing.T) {
	for _, width := range []int{1, 2, 1000} {
		root := of("root", leaf("a"), &endless{leaf("hidden"), width})
		assert.Equal(t, "must not hold more than 10000 providers", tree.Check(root))
		assert.True(t, tree.Holds(root, "a"))
		assert.False(t, tree.Holds(root, "b"))
	}
	long := otp.Provider(leaf("a"))
	for range 1000 {
		long = of("layer", long)
	}
	assert.Empty(t, tree.Check(long))
}

func TestContains(t *testing.T) {
	a := leaf("a")
	inner := of("inner", a)
	root := of("root", inner)
	for _, p := range []otp.Provider{a, inner, root} {
		assert.True(t, tree.Contains(root, p))
	}
	assert.False(t, tree.Contains(inner, root))
	assert.False(t, tree.Contains(root, leaf("a")), "another one of that name")
}

// list is a provider that cannot be compared.
type list []string

func (list) Name() string                   { return "list" }
func (list) Capabilities() otp.Capabilities { return otp.Capabilities{} }
func (list) Send(context.Context, otp.SendRequest) (otp.Verification, error) {
	return otp.Verification{}, nil
}
func (list) Verify(context.Context, otp.Verification, string) error { return nil }

func TestWhatCannotBeComparedIsNeverTheSame(t *testing.T) {
	l, a := list{"x"}, leaf("a")
	assert.False(t, tree.Same(l, l))
	assert.False(t, tree.Same(l, a))
	assert.False(t, tree.Same(a, l))
	assert.False(t, tree.Same(nil, a))
	assert.True(t, tree.Same(a, a))
	assert.True(t, tree.Holds(of("root", l, l), "list"))
}
