package otptest

import "github.com/otp-sdk/otp-go/otp"

// What the suite's own tests need to run it against providers that must fail.

// CheckNames lists the checks of the suite.
func CheckNames() []string {
	var names []string
	for _, c := range checks() {
		names = append(names, c.name)
	}
	return names
}

// RunCheck runs the nth check on one channel.
func RunCheck(t tester, h Harness, channel otp.Channel, n int) { run(t, h, channel, checks()[n]) }

// Open opens an account as the suite does.
func Open(h Harness) (Account, error) { return open(h) }

// RunFault runs the fault of this name, "no answer/send". It returns false when there is none.
func RunFault(t tester, h FaultHarness, name string) bool {
	for _, c := range h.cells() {
		if c.fault.name+"/"+c.op == name {
			c.run(t)
			return true
		}
	}
	return false
}

// MustHide looks for secrets in v.
func MustHide(t tester, v any, secrets ...string) { mustHide(t, v, secrets) }

// CheckRefusal checks one refusal.
func CheckRefusal(t tester, r Refusal, requests func() int, secrets ...string) {
	r.check(t, requests, secrets)
}
