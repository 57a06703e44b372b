package guardtest

import (
	"time"

	"github.com/otp-sdk/otp-go/otp/guard"
)

// What the suite's own tests need to run it against stores that must fail.

// CheckNames lists the checks of the suite.
func CheckNames() []string {
	var names []string
	for _, c := range checks() {
		names = append(names, c.name)
	}
	return names
}

// RunCheck runs the nth check.
func RunCheck(t tester, store guard.Store, advance func(time.Duration), n int) {
	checks()[n].test(&session{tester: t, store: store, unit: virtualUnit, advance: advance})
}
