package tree

import (
	"errors"

	"github.com/otp-sdk/otp-go/otp"
)

// Check says whether p will try to serve req, before anything happens: nil, or an *otp.Error as from
// otp.Capabilities.Check that names the provider.
//
// The capabilities of a composite are what all of its branches can do, so one of them may well serve a request that the
// whole seems to refuse. Whoever wraps providers therefore asks this instead of Capabilities: a provider with a Check
// method of its own knows, another wrapper serves what any of its children serves, and only a leaf's capabilities are its
// last word.
func Check(p otp.Provider, req otp.SendRequest) error {
	if checker, knows := p.(interface{ Check(otp.SendRequest) error }); knows {
		return checker.Check(req)
	}
	children := Children(p)
	if len(children) == 0 {
		return named(p, p.Capabilities().Check(req))
	}
	var first error
	for _, child := range children {
		err := Check(child, req)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// named puts the provider's name into the refusal of its capabilities.
func named(p otp.Provider, err error) error {
	if err == nil {
		return nil
	}
	var refused *otp.Error
	if errors.As(err, &refused) {
		refused.Provider = p.Name()
	}
	return err
}
