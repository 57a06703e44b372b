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
