package otpconfig

import (
	"maps"
	"slices"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

// assembly is what a plan is built with.
type assembly struct {
	shared  *otp.Shared
	options []otp.Option             // for every client
	again   map[string]otp.Provider  // clients that are used again
	learned map[string]*route.Router // routers whose place others take

	// trial: what is built is only a check of the file. Plain http, and stores and limiters of the program, which
	// nobody may have handed in yet, are then let pass.
	trial    bool
	standIns bool // see Registry
}

func trial() *assembly {
	return &assembly{
		shared: new(otp.Shared), options: []otp.Option{otp.WithPlainHTTP()}, again: make(map[string]otp.Provider), trial: true,
	}
}

// handedIn is the store or limiter that the program has handed in under a name. It is nil where a stand-in serves.
func handedIn[T any](b *assembly, field, name string, all map[string]T) (found T, err error) {
	found, ok := all[name]
	switch {
	case ok && check.IsNil(found):
		return found, misconfigured(field, "must not be nil in the program")
	case ok || b.standIns || b.trial && len(all) == 0:
		return found, nil
	case len(all) == 0:
		return found, misconfigured(field, "names what the program has to hand in: see Open and Registry")
	default:
		return found, misconfigured(field, orMeant("is none that the program has handed in", name, slices.Sorted(maps.Keys(all))))
	}
}
