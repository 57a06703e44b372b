package otpconfig

import (
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

// plan is what a Config holds.
type plan struct {
	instances  []*instance // in the order of the file
	send       *strategy
	verifyOnly []string

	file     string // "" = it was not loaded from one
	registry *Registry
}

// build makes the providers, except for those that are there to be used again.
func (p *plan) build(shared *otp.Shared, opts []otp.Option, again map[string]otp.Provider) (made otp.Provider, err error) {
	defer noPanic(&err)
	clients := make(map[string]otp.Provider, len(p.instances))
	for _, i := range p.instances {
		client := again[i.name]
		if client == nil {
			if client, err = i.build(shared, opts); err != nil {
				field, rule := i.fault(err)
				return nil, misconfigured(i.path(field), rule)
			}
		}
		clients[i.name] = client
	}
	active, err := p.send.build(clients)
	if err != nil || len(p.verifyOnly) == 0 {
		return active, err
	}
	var retired []otp.Provider
	for _, name := range p.verifyOnly {
		retired = append(retired, clients[name])
	}
	return routed(route.Draining(drainingName, active, retired...))
}

// drainingName is the name of the router above the strategy, which there is for verify_only.
const drainingName = "send-and-verify-only"
