package otptest

import (
	"errors"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// Harness is how [TestProvider] gets at a provider and at what is behind it: a simulator, a double, a map.
type Harness struct {
	// New opens an account that has sent nothing yet. The suite opens many, and closes each. Required.
	New func() (Account, error)

	// SecondSend is what a send does to a number whose first code is still alive. Zero = [AnotherID].
	SecondSend SecondSend

	// Letters are the send options that make codes with letters. Needed only where Features.Alphanumeric is true.
	Letters []otp.SendOption
}

// SecondSend is what a provider does with a send to a number whose first code is still alive.
type SecondSend int

// What vendors do: send again under another reference, under the same one, or refuse.
const (
	AnotherID SecondSend = iota
	SameID
	Refused
)

// Account is a provider, and what the suite sees and does behind its back.
type Account struct {
	// Provider is the one under test. Required.
	Provider otp.Provider

	// Code is the code that the phone at to received last. Required.
	Code func(to string) (code string, received bool)

	// Texts is how many texts have been sent, to any phone. Required.
	Texts func() int

	// Requests is how many requests have reached the vendor. Nil = there is no network between.
	Requests func() int

	// Advance moves the clock by which codes expire. Nil = it cannot be moved, and nothing is checked that needs it.
	Advance func(d time.Duration)

	// Faults are what can be made to go wrong. The suite has each of them happen on an account of its own.
	Faults []Fault

	// Secrets are texts that nobody may be shown, such as the account's key. Numbers and codes need not be listed.
	Secrets []string

	// Close ends the account. Nil = there is nothing to end.
	Close func()
}

// Fault is something that can be made to go wrong behind a provider.
type Fault struct {
	// Name says what goes wrong, in a few words: "500 after accepting".
	Name string

	// Op is what it happens to: "send" or "verify". "" = both.
	Op string

	// Start lets every further call meet the fault, until Stop. Both are required.
	Start, Stop func()

	// Acts: the work is done all the same, and only the answer does not say so. The text goes out; the code is judged, and
	// used up if it was right.
	Acts bool
}

func (a Account) check() error {
	if a.Provider == nil || a.Code == nil || a.Texts == nil {
		return errors.New("otptest: Account.Provider, Code and Texts are required")
	}
	for _, f := range a.Faults {
		if f.Name == "" || f.Start == nil || f.Stop == nil {
			return errors.New("otptest: Name, Start and Stop of every Fault are required")
		}
	}
	return nil
}

func (a Account) close() {
	if a.Close != nil {
		a.Close()
	}
}

// requests is 0 for ever where there is no network.
func (a Account) requests() int {
	if a.Requests == nil {
		return 0
	}
	return a.Requests()
}
