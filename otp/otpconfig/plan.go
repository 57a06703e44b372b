package otpconfig

import (
	"maps"
	"slices"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

type plan struct {
	instances  []*instance // in the order of the file
	send       *strategy
	verifyOnly []string
	guard      *guardRules  // nil = none
	test       *testNumbers // nil = none

	file      string // absolute; "" = it was not loaded from one
	shownFile string // as it was given
	registry  *Registry
}

const (
	drainingName = "send-and-verify-only" // for verify_only
	openName     = "reloaded-config"      // the switch of Open
)

// build makes the providers, except for those that are there to be used again, and puts everything
// around them, from the inside out: the strategy, verify_only, the guard, test numbers.
func (p *plan) build(b *assembly) (made otp.Provider, err error) {
	defer noPanic(&err)
	b.standIns = p.registry.StandIns
	clients, err := p.clients(b)
	if err != nil {
		return nil, err
	}
	active, err := p.send.build(clients, p.registry, b)
	if err != nil {
		return nil, err
	}
	if len(p.verifyOnly) > 0 {
		var retired []otp.Provider
		for _, name := range p.verifyOnly {
			retired = append(retired, clients[name])
		}
		if active, err = routed(route.Draining(drainingName, active, retired...)); err != nil {
			return nil, err
		}
	}
	if active, err = p.guard.around(active, p.registry, b); err != nil {
		return nil, err
	}
	return p.test.around(active, b.options)
}

// clients are the providers by name. Own codes come last, because they travel through the others.
func (p *plan) clients(b *assembly) (map[string]otp.Provider, error) {
	clients, own := make(map[string]otp.Provider, len(p.instances)), make(map[string]otp.Provider)
	var err error
	for _, i := range p.instances {
		if client := b.again[i.name]; client != nil && !i.vendor.isOwn() {
			clients[i.name] = client
		} else if !i.vendor.isOwn() {
			if clients[i.name], err = i.client(b); err != nil {
				return nil, err
			}
		}
	}
	for _, i := range p.instances {
		if i.vendor.isOwn() {
			if i, err = i.between(clients, b); err != nil {
				return nil, err
			}
			if own[i.name], err = i.client(b); err != nil {
				return nil, err
			}
		}
	}
	maps.Copy(clients, own) // no sender is one of these
	return clients, nil
}

type assembly struct {
	shared  *otp.Shared
	options []otp.Option             // for every client
	again   map[string]otp.Provider  // clients that are used again
	learned map[string]*route.Router // routers whose place others take

	// trial: what is built is only a check of the file. Plain http, and stores and limiters of the
	// program, which nobody may have handed in yet, are then let pass.
	trial    bool
	standIns bool // see Registry
}

func trial() *assembly {
	return &assembly{
		shared: new(otp.Shared), options: []otp.Option{otp.WithPlainHTTP()}, again: make(map[string]otp.Provider), trial: true,
	}
}

// handedIn is the store or limiter that the program has handed in under a name. It is nil where a
// stand-in serves.
func handedIn[T any](b *assembly, field, name string, all map[string]T) (found T, err error) {
	found, ok := all[name]
	switch {
	case ok && check.IsNil(found):
		return found, misconfigured(field, "must not be nil in the program")
	case ok || b.standIns || b.trial && len(all) == 0:
		return found, nil
	case len(all) == 0:
		return found, misconfigured(field, "must be handed in by the program, in its otpconfig.Registry")
	default:
		return found, misconfigured(field, orMeant("is none that the program has handed in", name, slices.Sorted(maps.Keys(all))))
	}
}
