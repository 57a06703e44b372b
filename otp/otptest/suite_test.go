package otptest_test

import (
	"testing"

	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestStrangerPassesTheSuite(t *testing.T) {
	otptest.TestProvider(t, otptest.Harness{New: func() (otptest.Account, error) { return account(careless{}) }})
}

func TestStrangerPassesTheFaults(t *testing.T) { otptest.TestFaults(t, faultHarness(careless{})) }

func TestProviderInMemoryPassesTheSuite(t *testing.T) {
	for name, opts := range map[string][]otptest.Option{
		"as it comes": nil,
		"renamed":     {otptest.WithName("main")},
		"lost IDs":    {otptest.WithLostIDs()},
	} {
		t.Run(name, func(t *testing.T) {
			otptest.TestProvider(t, otptest.Harness{New: func() (otptest.Account, error) {
				return otptest.NewProvider(opts...).Account(), nil
			}})
		})
	}
}
