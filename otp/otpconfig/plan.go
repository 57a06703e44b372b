package otpconfig

import (
	"maps"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

// plan is what a Config holds.
type plan struct {
	instances  []*instance // in the order of the file
	send       *strategy
	verifyOnly []string
	test       *testNumbers // nil = none

	file     string // "" = it was not loaded from one
	registry *Registry
}

// build makes the providers, except for those that are there to be used again.
func (p *plan) build(shared *otp.Shared, opts []otp.Option, again map[string]otp.Provider) (made otp.Provider, err error) {
	defer noPanic(&err)
	clients := make(map[string]otp.Provider, len(p.instances))
	for _, i := range p.instances {
		if client := again[i.name]; client != nil && !i.isOwn() {
			clients[i.name] = client
		} else if !i.isOwn() {
			if clients[i.name], err = i.client(shared, opts); err != nil {
				return nil, err
			}
		}
	}
	own := make(map[string]otp.Provider) // no sender is one of these
	for _, i := range p.instances {
		if i.isOwn() {
			if own[i.name], err = i.between(clients).client(shared, opts); err != nil {
				return nil, err
			}
		}
	}
	maps.Copy(clients, own)
	active, err := p.send.build(clients)
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
	return p.test.around(active, opts)
}

// client is build, with an error that says where the fault is.
func (i *instance) client(shared *otp.Shared, opts []otp.Option) (otp.Provider, error) {
	client, err := i.build(shared, opts)
	if err != nil {
		field, rule := i.fault(err)
		return nil, misconfigured(i.path(field), rule)
	}
	return client, nil
}

// isOwn reports whether the codes are made here, and travel through another provider.
func (i *instance) isOwn() bool {
	_, own := i.config.(ownCode)
	return own
}

// drainingName is the name of the router above the strategy, which there is for verify_only.
const drainingName = "send-and-verify-only"
