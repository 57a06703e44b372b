package otpconfig

import (
	"errors"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/smsfactor"
)

// Vendors returns a new registry of all vendors of this module, to which others can be added with
// [Register].
func Vendors() *Registry {
	r := new(Registry)
	err := errors.Join(
		Register(r, "hypersender", hypersender.New),
		Register(r, "insider", insider.New),
		Register(r, "kaleyra", kaleyra.New),
		Register(r, "octopush", smsfactor.New), // what the service is called today
		Register(r, "owncode", newOwnCode),     // of this module itself, see package owncode
		Register(r, "smsfactor", smsfactor.New),
	)
	if err != nil {
		panic(err) // a mistake in the lines above, which the tests find
	}
	return r
}
