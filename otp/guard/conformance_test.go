package guard_test

import (
	"testing"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// A guard without limits keeps every promise that the provider behind it keeps.
func TestConformance(t *testing.T) {
	otptest.TestProvider(t, otptest.Harness{New: func() (otptest.Account, error) {
		srv := insidertest.NewServer()
		client, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL})
		if err != nil {
			return otptest.Account{}, err
		}
		p, err := guard.New(client, only(), guard.Without(guard.RuleAttempts, guard.RuleWrongCodes))
		return simtest.Account(p, srv.Server), err
	}})
}

var _ otp.Provider = (*guard.Guard)(nil)
