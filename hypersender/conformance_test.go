package hypersender_test

import (
	"testing"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func harness(quirks hypersendertest.Quirks) otptest.Harness {
	return otptest.Harness{
		New: func() (otptest.Account, error) {
			srv := hypersendertest.NewServer(hypersendertest.WithQuirks(quirks))
			client, err := hypersender.New(hypersender.Config{
				Instance: srv.Instance, Token: srv.Token, AppName: "Acme", BaseURL: srv.URL,
			})
			return simtest.Account(client, srv.Server, srv.Token), err
		},
		Letters: []otp.SendOption{hypersender.Alphabet(hypersender.Letters, hypersender.Digits)},
	}
}

func TestConformance(t *testing.T) { otptest.TestProvider(t, harness(hypersendertest.Quirks{})) }

func TestEachQuirk(t *testing.T) {
	for name, quirks := range otpsim.EachQuirk[hypersendertest.Quirks]() {
		t.Run(name, func(t *testing.T) { otptest.TestProvider(t, harness(quirks)) })
	}
}
