package insider_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// harness opens accounts with the channels and templates that some quirks ask for.
func harness(t *testing.T, quirks insidertest.Quirks) otptest.Harness {
	t.Helper()
	opts := []insidertest.Option{
		insidertest.WithQuirks(quirks), insidertest.WithChannel("sms", "Acme"), insidertest.WithChannel("whatsapp", ""),
	}
	anybody, err := insider.New(insider.Config{APIKey: key})
	require.NoError(t, err)
	for _, locale := range anybody.Capabilities().Channels[otp.WhatsApp].Locales {
		opts = append(opts, insidertest.WithTemplate("whatsapp", locale, "otp_template"))
	}
	return otptest.Harness{New: func() (otptest.Account, error) {
		srv := insidertest.NewServer(opts...)
		client, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL})
		return simtest.Account(client, srv.Server, srv.APIKey), err
	}}
}

func TestConformance(t *testing.T) { otptest.TestProvider(t, harness(t, insidertest.Quirks{})) }

func TestEachQuirk(t *testing.T) {
	for name, quirks := range otpsim.EachQuirk[insidertest.Quirks]() {
		t.Run(name, func(t *testing.T) {
			if quirks.RefuseStringCode { // no code begins with 0, and the suite wants to see one that does
				require.NoError(t, simtest.SendAndVerify(t.Context(), harness(t, quirks)))
				return
			}
			otptest.TestProvider(t, harness(t, quirks))
		})
	}
}
