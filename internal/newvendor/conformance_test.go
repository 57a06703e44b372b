package newvendor_test

import (
	"testing"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestMain(m *testing.M) { simtest.Main(m) }

// The suite sends more than six hundred codes a minute; see WithSendLimiter.
func TestConformance(t *testing.T) {
	otptest.TestProvider(t, otptest.Harness{New: func() (otptest.Account, error) {
		srv := NewServer()
		client, err := New(Config{Token: srv.Token, BaseURL: srv.URL}, otp.WithSendLimiter(nil))
		return simtest.Account(client, srv.Server), err
	}})
}
