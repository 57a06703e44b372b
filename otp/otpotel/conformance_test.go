package otpotel_test

import (
	"testing"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestAProviderThatIsWatchedKeepsTheContract(t *testing.T) {
	otptest.TestProvider(t, otptest.Harness{New: func() (otptest.Account, error) {
		srv := insidertest.NewServer()
		client, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL})
		if err != nil {
			return otptest.Account{}, err
		}
		watched, _ := watch(t, client)
		return simtest.Account(watched, srv.Server), nil
	}})
}
