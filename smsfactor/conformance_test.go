package smsfactor_test

import (
	"testing"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/smsfactor"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

func TestConformance(t *testing.T) {
	for name, quirks := range map[string]smsfactortest.Quirks{
		"lenient":         {},
		"strict":          {Strict: true, GenerateStatus: 201, ValidateStatus: 201},
		"errors with 200": {ErrorStatus: 200, NoTicket: true},
	} {
		t.Run(name, func(t *testing.T) {
			otptest.TestProvider(t, otptest.Harness{
				New: func() (otptest.Account, error) {
					srv := smsfactortest.NewServer(smsfactortest.WithQuirks(quirks))
					client, err := smsfactor.New(smsfactor.Config{APILogin: srv.APILogin, APIKey: srv.APIKey, BaseURL: srv.URL})
					return simtest.Account(client, srv, srv.Inbox, srv.Clock, srv.APILogin, srv.APIKey), err
				},
				Letters: []otp.SendOption{smsfactor.Alphabet(smsfactor.Digits, smsfactor.UpperCase)},
			})
		})
	}
}
