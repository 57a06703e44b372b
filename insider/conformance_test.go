package insider_test

import (
	"testing"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestConformance(t *testing.T) {
	otptest.TestProvider(t, otptest.Harness{New: func() (otptest.Account, error) {
		srv := insidertest.NewServer()
		client, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL})
		return simtest.Account(client, srv, srv.Inbox, srv.Clock, srv.APIKey), err
	}})
}
