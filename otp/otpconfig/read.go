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

// reader reads a tree into a plan.
type reader struct {
	*problems
	registry *Registry
	folder   string    // what the paths of secrets are relative to; "" = the working directory
	seen     io.Writer // gets a copy of every file
}

// forEditors is where JSON files tell editors of their schema. It means nothing here.
const forEditors = "$schema"

// plan reads the whole configuration. It goes on after a problem, to find the others.
func (r reader) plan(root *node) *plan {
	p := &plan{file: r.file, registry: r.registry}
	if root.kind != mapping {
		decoder{r.problems}.wrong("", root, mapping)
		return nil
	}
	decoder{r.problems}.refuseOthers("", root, []string{"providers", "send", "verify_only", "test_numbers", forEditors})
	providers := root.member("providers")
	if providers == nil || providers.kind == mapping && len(providers.members) == 0 {
		r.add("providers", root.placeOf("providers"), "must hold at least one provider")
		return nil
	}
	if providers.kind != mapping {
		decoder{r.problems}.wrong("providers", providers, mapping)
		return nil
	}
	s := strategyReader{problems: r.problems, taken: map[string]bool{drainingName: true}}
	nameless := false // a provider that nothing can refer to
	for _, m := range providers.members {
		if !naming.IsValid(m.name) {
			r.add("providers", m.at, "must have names of "+naming.Rule)
			nameless = true
			continue
		}
		s.providers = append(s.providers, m.name)
		s.taken[m.name] = true
		p.instances = append(p.instances, r.instance(m.name, m.value))
	}
	if nameless {
		return p
	}
	p.verifyOnly = s.verifyOnly(root.member("verify_only"))
	if n := root.member("test_numbers"); n != nil {
		p.test = new(testNumbers)
		decoder{r.problems}.value("test_numbers", n, reflect.ValueOf(p.test).Elem())
	}
	senders := s.senders(p, providers)
	p.send = s.send(root, slices.Concat(p.verifyOnly, senders))
	s.refuseUnused(p, providers, senders)
	if len(r.found) == 0 {
		r.tryToBuild(p, root)
	}
	return p
}

// verifyOnly reads the names of providers that only verify what they have sent.
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
func (s strategyReader) send(root *node, verifyOnly []string) *strategy {
	if n := root.member("send"); n != nil {
		return s.read("send", "send", n)
	}
	active := slices.DeleteFunc(slices.Clone(s.providers), func(name string) bool {
		return slices.Contains(verifyOnly, name)
	})
	if len(active) != 1 {
		s.addf("send", root.placeOf("send"),
			"is missing; with %d providers to send by it must be a provider's name, or a mapping with one of %s",
			len(active), strings.Join(strategyKinds(), ", "))
		return nil
	}
	return &strategy{path: "send", name: active[0]}
}

// refuseUnused finds the providers for which there is no use, and those that have two that
// contradict each other.
func (s strategyReader) refuseUnused(p *plan, providers *node, senders []string) {
	if p.send == nil || s.has("send") || s.has("verify_only") {
		return // who knows what is used
	}
	sends := p.send.providers()
	for i, name := range p.verifyOnly {
		if slices.Contains(sends, name) {
			s.add(index("verify_only", i), providers.placeOf(name), "must not name "+name+", which send uses")
		}
	}
	for _, name := range s.providers {
		if !slices.Contains(slices.Concat(sends, p.verifyOnly, senders), name) {
			s.add(join("providers", name), providers.placeOf(name), "must be used, by send or verify_only, or be removed")
		}
	}
}

// tryToBuild reports what the routers would refuse.
func (r reader) tryToBuild(p *plan, root *node) {
	if _, err := p.build(new(otp.Shared), []otp.Option{otp.WithPlainHTTP()}, nil); err != nil {
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
	i := &instance{name: name}
	path := i.path("")
	if i.vendorName, i.vendor = r.vendor(path, n); i.vendor == nil {
		return nil
	}
	r.readSecrets(path, n, i.vendor.fields)
	config := reflect.New(i.vendor.config).Elem()
	decoder{r.problems}.structs(path, n,
		target{reflect.New(reflect.TypeFor[vendorField]()).Elem(), []field{{name: "vendor", required: true}}},
		target{config, i.vendor.fields},
		target{reflect.ValueOf(&i.settings).Elem(), settingsFields()},
	)
	if r.has(path) {
		return nil
	}
	i.config = config.Interface()
	if field := i.settings.ignoredByOwnCodes(); i.isOwn() && field != "" {
		r.add(i.path(field), n.find(field), "belongs to the provider that sends the texts")
		return nil
	}
	// A try, to report now what the vendor refuses. Whether plain http is allowed, the program says
	// later.
	if _, err := i.build(new(otp.Shared), []otp.Option{otp.WithPlainHTTP()}); err != nil {
		field, rule := i.fault(err)
		r.add(i.path(field), n.find(field), rule)
		return nil
	}
	return i
}

// vendorField is the field that says whose fields the others are. It is read before them.
type vendorField struct{ Vendor string }

// find is where a field stands whose name may be a path: "flow.ttl", "channels[1]".
func (n *node) find(field string) position {
	name, rest, deeper := strings.Cut(field, ".")
	if m := n.member(name); m != nil && deeper {
		return m.find(rest)
	}
	list, item, isItem := strings.Cut(strings.TrimSuffix(name, "]"), "[")
	if m := n.member(list); m != nil && isItem {
		if i, err := strconv.Atoi(item); err == nil && i >= 0 && i < len(m.items) {
			return m.items[i].at
		}
	}
	return n.placeOf(list)
}

// vendor is the vendor that an instance names.
func (r reader) vendor(path string, n *node) (string, *vendor) {
	if n.kind != mapping {
		decoder{r.problems}.wrong(path, n, mapping)
		return "", nil
	}
	path += ".vendor"
	all := r.registry.names()
	switch m := n.member("vendor"); {
	case m == nil:
		r.add(path, n.placeOf("vendor"), "is missing; there are: "+strings.Join(all, ", "))
	case !m.isText:
		decoder{r.problems}.wrong(path, m, text)
	case r.registry.vendors[m.literal] == nil:
		r.add(path, m.at, orMeant("is no vendor", m.literal, all))
	default:
		return m.literal, r.registry.vendors[m.literal]
	}
	return "", nil
}
