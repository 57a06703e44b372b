package otpconfig

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/otp-sdk/otp-go/internal/naming"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

const (
	failover = "failover"
	weighted = "weighted"
	byPrefix = "by_prefix"
	learning = "learning"
)

func strategyKinds() []string { return []string{failover, weighted, byPrefix, learning} }

// strategy says which provider a send goes to: one, or what a router chooses from its branches.
type strategy struct {
	path string
	name string // of the provider, or of the router

	kind     string // "" = one provider
	branches []branch
	learning *learningRules // of a learning one
}

type branch struct {
	to     *strategy
	weight int     // in weighted
	prefix string  // in by_prefix
	price  float64 // in learning
}

var validPrefix = regexp.MustCompile(`\A(\+[1-9][0-9]{0,14})?\z`)

func isPrefixes(path string) bool { return strings.HasSuffix(path, "."+byPrefix) }

// mayBeNumber reports whether a prefix is so long that it may be a whole number, which is not to be
// seen.
func mayBeNumber(prefix string) bool { return len(prefix) > 8 }

func shownPrefix(prefix string) string {
	if mayBeNumber(prefix) {
		prefix = otp.Mask(prefix)
	}
	return strconv.Quote(prefix)
}

// branchName is what a router is called that stands at the prefix with this index.
func branchName(router, prefix string, i int) string {
	switch {
	case prefix == "":
		return router + ".default"
	case mayBeNumber(prefix):
		return fmt.Sprintf("%s.prefix-%d", router, i)
	default:
		return router + "." + strings.TrimPrefix(prefix, "+")
	}
}

// strategyReader reads strategies. It knows the names of all providers, also of those that have a
// problem.
type strategyReader struct {
	*problems
	names    []string // of the providers
	isName   map[string]bool
	nameless bool            // a provider has no name, so that nobody knows what a name refers to
	taken    map[string]bool // names of providers and routers
}

// read returns nil for what has a problem. derived is the router's name unless it is given one.
func (s strategyReader) read(path, derived string, n *node) *strategy {
	switch {
	case n.kind == broken:
	case n.kind == mapping:
		return s.router(path, derived, n)
	case !n.isText:
		s.addf(path, n.at, "must be the name of a provider, or a mapping with one of %s", strings.Join(strategyKinds(), ", "))
	case s.isProvider(path, n):
		return &strategy{path: path, name: n.literal}
	}
	return nil
}

func (s strategyReader) isProvider(path string, n *node) bool {
	if s.isName[n.literal] || s.nameless || n.kind == broken {
		return true
	}
	s.addUnknown(path, n.at, "is no provider", n.literal, s.names)
	return false
}

func (s strategyReader) router(path, derived string, n *node) *strategy {
	router := &strategy{path: path, name: derived}
	known := append(strategyKinds(), "name")
	if n.member(learning) != nil {
		router.learning = s.learning(path, n, known)
	} else {
		decoder{s.problems}.refuseOthers(path, n, known)
	}
	var given []string
	for _, kind := range strategyKinds() {
		if n.member(kind) != nil {
			given = append(given, kind)
		}
	}
	if len(given) != 1 {
		s.addf(path, n.at, "must have exactly one of %s", strings.Join(strategyKinds(), ", "))
		return nil
	}
	if m := n.member("name"); m != nil {
		router.name = m.literal
	}
	if !s.takeName(router, n) {
		return nil
	}
	router.kind = given[0]
	path += "." + router.kind
	router.branches = s.branches(router, path, n.member(router.kind))
	s.refuseRepeated(router, path, n.placeOf(router.kind))
	return router
}

// takeName keeps two routers, or a router and a provider, from having one name.
func (s strategyReader) takeName(router *strategy, n *node) bool {
	at := n.placeOf("name")
	switch {
	case !naming.IsValid(router.name):
		s.add(router.path+".name", at, "must be "+naming.Rule)
		return false
	case s.taken[router.name]:
		s.add(router.path+".name", at, "must be given, because "+router.name+" is the name of something else")
		return false
	}
	s.taken[router.name] = true
	return true
}

func (s strategyReader) branches(router *strategy, path string, n *node) []branch {
	switch {
	case n.kind == broken:
	case router.kind == byPrefix && n.kind != mapping:
		decoder{s.problems}.wrong(path, n, mapping)
	case router.kind != byPrefix && n.kind != list:
		decoder{s.problems}.wrong(path, n, list)
	case len(n.items)+len(n.members) == 0:
		s.add(path, n.at, "must not be empty")
	case router.kind == byPrefix:
		return s.prefixes(router, path, n)
	default:
		return s.list(router, path, n)
	}
	return nil
}

func (s strategyReader) list(router *strategy, path string, n *node) []branch {
	var branches []branch
	for i, item := range n.items {
		place := index(path, i)
		provider, to := s.entry(router.kind, place, item)
		if router.kind == weighted {
			place += ".provider"
		}
		if provider != nil {
			to.to = s.read(place, fmt.Sprintf("%s.%d", router.name, i), provider)
		}
		branches = append(branches, to)
	}
	return branches
}

const mostWeight = 1_000_000

// entry reads {provider: main, weight: 3} in weighted, and {provider: main, price: 0.05} in
// learning. Any other item is the provider.
func (s strategyReader) entry(kind, path string, n *node) (provider *node, b branch) {
	provider = n.member("provider")
	field := map[string]string{weighted: "weight", learning: "price"}[kind]
	switch {
	case kind == failover, kind == learning && provider == nil:
		return n, b
	case n.kind != mapping:
		decoder{s.problems}.wrong(path, n, mapping)
		return nil, b
	}
	decoder{s.problems}.refuseOthers(path, n, []string{"provider", field})
	if provider == nil {
		s.add(path+".provider", n.at, "is missing")
	}
	given, err := n.member(field), error(nil)
	isNumber := given != nil && (given.kind == number || given.loose)
	switch {
	case given == nil && kind == weighted:
		s.add(path+".weight", n.at, "is missing")
	case given == nil, given.kind == broken:
	case kind == weighted:
		if b.weight, err = strconv.Atoi(given.literal); !isNumber || err != nil || b.weight < 1 || b.weight > mostWeight {
			s.addf(path+".weight", given.at, "must be a whole number of 1 to %d", mostWeight)
		}
	default:
		if b.price, err = strconv.ParseFloat(given.literal, 64); !isNumber || err != nil || !(b.price >= 0 && b.price <= 1e9) {
			s.add(path+".price", given.at, "must be a number of 0 or more")
		}
	}
	return provider, b
}

func (s strategyReader) prefixes(router *strategy, path string, n *node) []branch {
	var branches []branch
	for i, m := range n.members {
		if !validPrefix.MatchString(m.name) {
			s.add(join(path, m.name), m.at, `must be "+" and 1 to 15 digits, the first not 0, or "" for all others`)
			continue
		}
		to := s.read(join(path, m.name), branchName(router.name, m.name, i), m.value)
		branches = append(branches, branch{to: to, prefix: m.name})
	}
	return branches
}

// refuseRepeated refuses a provider that a router has twice. Prefixes may lead to the same one.
func (s strategyReader) refuseRepeated(router *strategy, path string, at position) {
	seen := make(map[string]bool)
	for i, b := range router.branches {
		if b.to == nil || b.to.kind != "" || router.kind == byPrefix {
			continue
		}
		if seen[b.to.name] {
			s.add(index(path, i), at, "must not name "+b.to.name+" a second time")
		}
		seen[b.to.name] = true
	}
}

func (s *strategy) providers() []string {
	switch {
	case s == nil:
		return nil
	case s.kind == "":
		return []string{s.name}
	}
	var all []string
	for _, b := range s.branches {
		all = append(all, b.to.providers()...)
	}
	return all
}

// String describes s on one line: "failover(main, backup)".
func (s *strategy) String() string {
	if s.kind == "" {
		return s.name
	}
	var all []string
	for _, b := range s.branches {
		switch s.kind {
		case weighted:
			all = append(all, fmt.Sprintf("%d %s", b.weight, b.to))
		case byPrefix:
			all = append(all, shownPrefix(b.prefix)+" "+b.to.String())
		default:
			all = append(all, b.to.String())
		}
	}
	return s.kind + "(" + strings.Join(all, ", ") + ")"
}

func (s *strategy) build(clients map[string]otp.Provider, program *Registry, b *assembly) (otp.Provider, error) {
	if s.kind == "" {
		return clients[s.name], nil
	}
	var children []otp.Provider
	var shares []route.Share
	prefixes := make(map[string]otp.Provider)
	for _, branch := range s.branches {
		child, err := branch.to.build(clients, program, b)
		if err != nil {
			return nil, err
		}
		children = append(children, child)
		shares = append(shares, route.Share{Provider: child, Weight: branch.weight})
		prefixes[branch.prefix] = child
	}
	switch s.kind {
	case learning:
		return s.buildLearning(children, program, b)
	case weighted:
		return routed(route.Weighted(s.name, shares...))
	case byPrefix:
		return routed(route.ByPrefix(s.name, prefixes))
	default:
		return routed(route.Failover(s.name, children...))
	}
}

// routed keeps a nil pointer of package route from becoming a provider.
func routed[P otp.Provider](made P, err error) (otp.Provider, error) {
	if err != nil {
		return nil, err
	}
	return made, nil
}
