package otpconfig

import (
	"reflect"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

type learningRules struct {
	// Memory is the time in which a result loses half of its weight: 1h to 2160h. Default: 72h.
	Memory *time.Duration `yaml:"memory,omitempty"`
	// ResultWindow is how long a code may take to come back: 1m to 15m. Default: 5m.
	ResultWindow *time.Duration `yaml:"result_window,omitempty"`
	// Compare is how much at most goes to others than the leader: 0 to 0.5. Default: 0.33.
	Compare *float64 `yaml:"compare,omitempty"`
	// PriceMargin is by how much a dearer provider has to be better: 0 to 0.2. Default: 0.
	PriceMargin float64 `yaml:"price_margin,omitempty"`
	// Store is the name of a store for learning that the program hands in. Default: none.
	Store string `yaml:"store,omitempty"`
}

func (s strategyReader) learning(path string, n *node, others []string) *learningRules {
	rules := new(learningRules)
	fields, _ := fieldsOf(reflect.TypeFor[learningRules]()) // the tests check them
	var known []field
	for _, name := range others {
		known = append(known, field{name: name})
	}
	decoder{s.problems}.structs(path, n, target{fields: known}, target{reflect.ValueOf(rules).Elem(), fields})
	if s.has(path) {
		return rules
	}
	for _, option := range rules.options(nil) {
		if _, err := route.Learning("trial", []otp.Provider{nobody{}}, option); err != nil {
			s.addFault(path, n, faultAt(path, err))
		}
	}
	return rules
}

// options are those that the file sets, without the store.
func (r *learningRules) options(prices map[string]float64) []route.LearningOption {
	all := []route.LearningOption{route.WithPrices(r.PriceMargin, prices)}
	if r.Memory != nil {
		all = append(all, route.WithMemory(*r.Memory))
	}
	if r.ResultWindow != nil {
		all = append(all, route.WithResultWindow(*r.ResultWindow))
	}
	if r.Compare != nil {
		all = append(all, route.WithCompare(*r.Compare))
	}
	return all
}

// buildLearning makes the router, which goes on with what the one of before has learned.
func (s *strategy) buildLearning(children []otp.Provider, program *Registry, b *assembly) (otp.Provider, error) {
	prices := make(map[string]float64)
	for i, child := range children {
		if price := s.branches[i].price; price > 0 {
			prices[child.Name()] = price
		}
	}
	options := append(s.learning.options(prices), route.WithLearned(b.learned[s.name]))
	if s.learning.Store != "" {
		store, err := handedIn(b, s.path+".store", s.learning.Store, program.LearningStores)
		if err != nil {
			return nil, err
		}
		if store != nil {
			options = append(options, route.WithLearningStore(store))
		}
	}
	return routed(route.Learning(s.name, children, options...))
}

// nobody stands for a provider while options are checked. Nothing is sent by it.
type nobody struct {
	otp.Provider
	otp.TextSender
}

func (nobody) Name() string                   { return "nobody" }
func (nobody) Capabilities() otp.Capabilities { return otp.Capabilities{} }
