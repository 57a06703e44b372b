package otptest

import (
	"errors"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// Harness is how [TestProvider] gets at a provider and at the vendor behind it, which is a simulator or a double. Every
// function is required.
type Harness struct {
	// New opens an account that has sent nothing yet. The suite opens many, and closes each.
	New func() (Account, error)

	// Letters are the send options that make codes with letters. Needed only where Features.Alphanumeric is true.
	Letters []otp.SendOption
}

// Account is a provider, and what the suite sees and does behind its back.
type Account struct {
	// Provider is the one under test.
	Provider otp.Provider

	// Code is the code that the phone at to received last.
	Code func(to string) (string, bool)

	// Texts is how many texts the vendor has sent, to any phone.
	Texts func() int

	// Requests is how many requests have reached the vendor.
	Requests func() int

	// Advance moves the vendor's clock.
	Advance func(d time.Duration)

	// Fail makes the vendor meet every further request with the fault, until the zero Fault heals it.
	Fail func(f Fault)

	// Close ends the vendor.
	Close func()
}

// Fault is how a vendor fails. At most one of its sorts is set.
type Fault struct {
	// Status and Body are answered instead of the vendor's own; RetryAfter goes with them as a header.
	Status     int
	Body       string
	RetryAfter time.Duration

	// Accepted lets the vendor do its work before it answers so: the text is sent, the code is judged.
	Accepted bool

	// Cut does the work and closes the connection without an answer.
	Cut bool

	// Truncated and Empty do the work and spoil the vendor's own answer: half of its body, none of its body.
	Truncated, Empty bool
}

func (a Account) check() error {
	if a.Provider == nil || a.Code == nil || a.Texts == nil || a.Requests == nil || a.Advance == nil || a.Fail == nil || a.Close == nil {
		return errors.New("otptest: every field of Account is required")
	}
	return nil
}
