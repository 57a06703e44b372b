package otpconfig

import (
	"cmp"
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/otp-sdk/otp-go/internal/naming"
	"github.com/otp-sdk/otp-go/otp"
)

type reader struct {
	*problems
	registry *Registry
	path     string    // of the file, absolute; "" = there is none
	seen     io.Writer // gets a copy of every file
	trial    *assembly // what every provider was tried with
	common   []field   // those of every provider
}

// forEditors is where JSON files tell editors of their schema. It means nothing here.
const forEditors = "$schema"

// isExtension reports whether a member is a place for anchors, and means nothing here.
func isExtension(path, name string) bool { return path == "" && strings.HasPrefix(name, "x-") }

// plan reads the whole configuration. It goes on after a problem, to find the others.
func (r reader) plan(root *node) *plan {
	p := &plan{file: r.path, shownFile: r.file, registry: r.registry}
	if root.kind != mapping {
		decoder{r.problems}.wrong("", root, mapping)
		return nil
	}
	decoder{r.problems}.refuseOthers("", root,
		[]string{"providers", "send", "verify_only", "guard", "test_numbers", forEditors})
	s := r.providers(p, root)
	p.verifyOnly = s.verifyOnly(root.member("verify_only"))
	senders := s.senders(p, root)
	p.send = s.send(root, slices.Concat(p.verifyOnly, senders))
	s.refuseUnused(p, root, senders)
	p.guard = r.guard(root.member("guard"))
	if n := root.member("test_numbers"); n != nil {
		p.test = new(testNumbers)
		decoder{r.problems}.value("test_numbers", n, reflect.ValueOf(p.test).Elem())
	}
	if len(r.found) == 0 {
		r.tryToBuild(p, root)
	}
	return p
}

// providers reads the providers, and returns what reads the rest, which refers to them.
func (r reader) providers(p *plan, root *node) strategyReader {
	s := strategyReader{problems: r.problems, taken: map[string]bool{drainingName: true, openName: true}}
	n := root.member("providers")
	switch {
	case n == nil || n.kind == mapping && len(n.members) == 0:
		r.add("providers", root.placeOf("providers"), "must hold at least one provider")
		s.nameless = true
	case n.kind != mapping:
		decoder{r.problems}.wrong("providers", n, mapping)
		s.nameless = true
	default:
		for _, m := range n.members {
			switch {
			case !naming.IsValid(m.name):
				r.add("providers", m.at, "must have names of "+naming.Rule)
				s.nameless = true
				continue
			case s.taken[m.name]:
				r.add(join("providers", m.name), m.at, "must have another name: this one is used inside")
			}
			s.names = append(s.names, m.name)
			s.taken[m.name] = true
			p.instances = append(p.instances, r.instance(m.name, m.value))
		}
		s.isName = set(s.names)
	}
	return s
}

func set(names []string) map[string]bool {
	all := make(map[string]bool, len(names))
	for _, name := range names {
		all[name] = true
	}
	return all
}

func (s strategyReader) verifyOnly(n *node) []string {
	const path = "verify_only"
	if n == nil {
		return nil
	}
	if n.kind != list {
		decoder{s.problems}.wrong(path, n, list)
		return nil
	}
	var all []string
	for i, item := range n.items {
		switch path := index(path, i); {
		case !item.isText:
			decoder{s.problems}.wrong(path, item, text)
		case !s.isProvider(path, item):
		case slices.Contains(all, item.literal):
			s.add(path, item.at, "must not name "+item.literal+" a second time")
		default:
			all = append(all, item.literal)
		}
	}
	return all
}

// send reads the strategy, which goes without saying where there is only one provider.
func (s strategyReader) send(root *node, others []string) *strategy {
	if n := root.member("send"); n != nil {
		return s.read("send", "send", n)
	}
	isOther := set(others)
	active := slices.DeleteFunc(slices.Clone(s.names), func(name string) bool { return isOther[name] })
	switch {
	case s.nameless:
		return nil
	case len(active) != 1:
		s.addf("send", root.placeOf("send"),
			"is missing; with %d providers to send by it must be a provider's name, or a mapping with one of %s",
			len(active), strings.Join(strategyKinds(), ", "))
		return nil
	}
	return &strategy{path: "send", name: active[0]}
}

// refuseUnused finds the providers that nothing uses, and those that have two contradicting uses.
func (s strategyReader) refuseUnused(p *plan, root *node, senders []string) {
	if p.send == nil || s.has("send") || s.has("verify_only") || s.nameless {
		return // who knows what is used
	}
	providers, sends := root.member("providers"), set(p.send.providers())
	for i, name := range p.verifyOnly {
		if sends[name] {
			s.add(index("verify_only", i), providers.placeOf(name), "must not name "+name+", which send uses")
		}
	}
	others := set(slices.Concat(p.verifyOnly, senders))
	for _, name := range s.names {
		if !sends[name] && !others[name] {
			s.add(join("providers", name), providers.placeOf(name), "must be used, by send or verify_only, or be removed")
		}
	}
}

func (r reader) tryToBuild(p *plan, root *node) {
	if _, err := p.build(r.trial); err != nil {
		path, rule := "send", err.Error()
		var failure *otp.Error
		if errors.As(err, &failure) && failure.Err != nil {
			rule = failure.Err.Error()
			path = cmp.Or(failure.Field, path)
		}
		r.add(path, root.find(path), rule)
	}
}

// instance reads one provider. Nil means that it has a problem.
func (r reader) instance(name string, n *node) *instance {
	i := &instance{name: name, registry: r.registry}
	path := i.path("")
	if n.kind != mapping {
		decoder{r.problems}.wrong(path, n, mapping)
		return nil
	}
	i.vendorName, i.vendor = r.vendor(path, n)
	own := target{fields: r.registry.allFields()} // when nobody knows whose they are
	if i.vendor != nil {
		own = target{reflect.New(i.vendor.config).Elem(), i.vendor.fields}
	}
	i.files = r.readSecrets(path, n, own.fields)
	r.readSecrets(path, n, r.common)
	decoder{r.problems}.structs(path, n,
		target{fields: []field{{name: "vendor"}}}, own, target{reflect.ValueOf(&i.settings).Elem(), r.common})
	i.refuseContradictions(r.problems, n)
	i.network = r.network(path, n, i.settings)
	if r.has(path) {
		return nil
	}
	i.config = own.value.Interface()
	// A try, to report now what the vendor refuses. Whether plain http is allowed, the program may say
	// later.
	client, err := i.build(r.trial)
	if err != nil {
		field, rule := i.fault(err)
		r.add(i.path(field), n.find(field), rule)
		return nil
	}
	r.trial.again[name] = client
	return i
}

// find is where a field stands whose name may be a path: "flow.ttl", "channels[1]".
func (n *node) find(field string) position {
	for _, m := range n.members {
		rest, found := strings.CutPrefix(field, m.name)
		switch {
		case !found:
		case rest == "":
			return m.at
		case rest[0] == '.':
			return m.value.find(rest[1:])
		case rest[0] == '[':
			rank, below, _ := strings.Cut(rest[1:], "]")
			i, err := strconv.Atoi(rank)
			if err != nil || i >= len(m.value.items) {
				return m.at
			}
			return m.value.items[i].find(strings.TrimPrefix(below, "."))
		}
	}
	return n.placeOf(field)
}

// vendor is whose provider this is, or probably, if a misspelt name was reported; nil = nobody
// knows.
func (r reader) vendor(path string, n *node) (name string, v *vendor) {
	all := r.registry.names()
	m := n.member("vendor")
	switch {
	case m == nil:
		r.add(path+".vendor", n.placeOf("vendor"), "is missing; there are: "+strings.Join(all, ", "))
		for _, other := range n.members {
			if didYouMean(other.name, []string{"vendor"}) != "" {
				name = other.value.literal
			}
		}
	case !m.isText:
		decoder{r.problems}.wrong(path+".vendor", m, text)
	case r.registry.vendors[m.literal] == nil && m.kind != broken:
		r.addUnknown(path+".vendor", m.at, "is no vendor", m.literal, all)
		name = didYouMean(m.literal, all)
	default:
		name = m.literal
	}
	return name, r.registry.vendors[name]
}
