package portable

import (
	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
)

// extra is a send option of one vendor: a change to that vendor's native request.
type extra[Request any] struct {
	vendor string
	apply  func(*Request) error
}

// Extra returns a send option that vendor understands and all others ignore.
func Extra[Request any](vendor string, apply func(*Request) error) otp.SendOption {
	return extra[Request]{vendor: vendor, apply: apply}
}

// OTPVendor names the vendor that understands the option.
func (e extra[Request]) OTPVendor() string { return e.vendor }

// Extend applies those of options that are for vendor to req. One that claims to be for vendor and was not made by it
// is refused: ignoring it would drop what the caller asked for.
func Extend[Request any](vendor string, req *Request, options []otp.SendOption) error {
	for _, option := range options {
		if option.OTPVendor() != vendor {
			continue
		}
		ours, ok := option.(extra[Request])
		if !ok {
			return check.Invalid("options", "holds one for "+vendor+" that package "+vendor+" does not know")
		}
		if err := ours.apply(req); err != nil {
			return err
		}
	}
	return nil
}
