package otptest

import (
	"errors"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// Harness is how [TestProvider] gets at a provider and what is behind it: a simulator, a map.
type Harness struct {
	// New opens an account that has sent nothing yet. The suite opens many, and closes each. Required.
	New func() (Account, error)

	SecondSend SecondSend       // what a send does to a number whose first code is still alive. Zero = [AnotherID]
	Letters    []otp.SendOption // send options that make codes with letters, where Features.Alphanumeric is true
}

// SecondSend is what a send to a number whose first code is alive does: other ID, same ID, refusal.
type SecondSend int

// What vendors do with a second send.
const (
	AnotherID SecondSend = iota
	SameID
	Refused
)

// Account is a provider and what is behind it. Provider, Code and Texts are required.
type Account struct {
	Provider otp.Provider                                 // the one under test
	Code     func(to string) (code string, received bool) // the code that the phone at to received last
	Texts    func() int                                   // how many texts have been sent, to any phone
	Requests func() int                                   // how many requests have reached the vendor; nil = no network
	Advance  func(d time.Duration)                        // moves the clock by which codes expire; nil = it stands
	Faults   []Fault                                      // what can be made to go wrong, each on an account of its own
	Secrets  []string                                     // that nobody may be shown: the key; not numbers and codes
	Close    func()                                       // ends the account; nil = there is nothing to end
}

// Fault is something that can be made to go wrong behind a provider.
type Fault struct {
	Name        string // what goes wrong, in a few words: "500 after accepting"
	Op          string // what it happens to: "send" or "verify"; "" = both
	Start, Stop func() // between them every call meets the fault

	// Acts: the work is done anyway, and only the answer does not say so.
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
