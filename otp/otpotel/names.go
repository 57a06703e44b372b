package otpotel

import (
	"cmp"
	"reflect"
	"sync"

	"github.com/otp-sdk/otp-go/otp"
)

// mostProviders bounds the search through a tree, in case that it is none.
const mostProviders = 1000

// names knows the vendor of every provider in the tree below root. What it has found it keeps,
// because a name means one vendor for as long as the program runs; what it has not found it looks
// for each time, because a provider may be replaced.
type names struct {
	root    otp.Provider
	vendors cache[string, string]
}

// asked is who was asked in a call, and of which vendor: the sender of the verification, else who
// reports the failure, else the root.
func (n *names) asked(sender string, failure *otp.Error) (provider, vendor string) {
	if vendor, found := n.find(sender); found {
		return sender, vendor
	}
	if failure != nil {
		if vendor, found := n.find(failure.Provider); found {
			return failure.Provider, vendor
		}
	}
	name := n.root.Name()
	return name, n.vendor(name)
}

// vendor is the vendor of a provider in the tree.
func (n *names) vendor(name string) string {
	vendor, _ := n.find(name)
	return cmp.Or(vendor, unknown)
}

// known is the name of a provider in the tree.
func (n *names) known(name string) string {
	if _, found := n.find(name); found {
		return name
	}
	return unknown
}

func (n *names) find(name string) (vendor string, found bool) {
	if vendor, found = n.vendors.get(name); found || name == "" {
		return vendor, found
	}
	look := search{name: name, left: mostProviders, seen: make(map[otp.Provider]bool)}
	p := look.find(n.root)
	if p == nil {
		return "", false
	}
	vendor = cmp.Or(p.Capabilities().Vendor, unknown)
	n.vendors.put(p.Name(), vendor)
	return vendor, true
}

// search is one search through the tree.
type search struct {
	name string
	left int
	seen map[otp.Provider]bool // pointers only: another value may be no key of a map
}

// find looks at children first: a wrapper may have the name of what it wraps.
func (s *search) find(p otp.Provider) otp.Provider {
	if p == nil || s.left == 0 {
		return nil
	}
	s.left--
	if reflect.TypeOf(p).Kind() == reflect.Pointer {
		if s.seen[p] {
			return nil
		}
		s.seen[p] = true
	}
	if wrapper, wraps := p.(otp.Wrapper); wraps {
		for _, child := range wrapper.Unwrap() {
			if found := s.find(child); found != nil {
				return found
			}
		}
	}
	if p.Name() == s.name {
		return p
	}
	return nil
}

// cache holds what has been made once for each key. Its zero value is empty.
type cache[K comparable, V any] struct {
	mu   sync.RWMutex
	made map[K]V
}

func (c *cache[K, V]) get(key K) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	value, found := c.made[key]
	return value, found
}

func (c *cache[K, V]) put(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil {
		c.made = make(map[K]V)
	}
	c.made[key] = value
}
