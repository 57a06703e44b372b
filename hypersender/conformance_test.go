package hypersender_test

import (
	"testing"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestConformance(t *testing.T) {
	for name, quirks := range map[string]hypersendertest.Quirks{
		"rejecting with 422": {},
		"rejecting with 200": {WrongCodeStatus: 200},
		"lenient":            {Lenient: true},
	} {
		t.Run(name, func(t *testing.T) {
			otptest.TestProvider(t, otptest.Harness{
				New: func() (otptest.Account, error) {
					srv := hypersendertest.NewServer(hypersendertest.WithQuirks(quirks))
					client, err := hypersender.New(hypersender.Config{
						Instance: srv.Instance, Token: srv.Token, AppName: "Acme", BaseURL: srv.URL,
					})
					return simtest.Account(client, srv, srv.Inbox, srv.Clock, srv.Token), err
				},
				Letters: []otp.SendOption{hypersender.Alphabet(true, true, false)},
			})
		})
	}
}
