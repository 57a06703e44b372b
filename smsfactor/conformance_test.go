package smsfactor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/smsfactor"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

func harness(opts ...smsfactortest.Option) otptest.Harness {
	return otptest.Harness{
		New: func() (otptest.Account, error) {
			srv := smsfactortest.NewServer(opts...)
			client, err := smsfactor.New(smsfactor.Config{APILogin: srv.APILogin, APIKey: srv.APIKey, BaseURL: srv.URL})
			return simtest.Account(client, srv.Server, srv.APILogin, srv.APIKey), err
		},
		Letters: []otp.SendOption{smsfactor.Alphabet(smsfactor.Digits, smsfactor.UpperCase)},
	}
}

func TestConformance(t *testing.T) { otptest.TestProvider(t, harness()) }

// The client says what it wants: nothing depends on the account's settings.
func TestUnusualSettings(t *testing.T) {
	otptest.TestProvider(t, harness(smsfactortest.WithSettings(smsfactortest.Settings{
		CodeLength: 9, AllowDigits: true, AllowUpperCase: true, AllowLowerCase: true, AllowSpecialChars: true,
		ValidityPeriod: time.Hour, MaxWrongAttempts: 2, Channel: "email", Text: "{code} until {hh:mm:ss}",
	})))
}

func TestEachQuirk(t *testing.T) {
	for name, quirks := range otpsim.EachQuirk[smsfactortest.Quirks]() {
		t.Run(name, func(t *testing.T) {
			h := harness(smsfactortest.WithQuirks(quirks))
			switch {
			case quirks.Reusable: // the suite wants a code to be used up
				require.NoError(t, simtest.SendAndVerify(t.Context(), h))
			default:
				otptest.TestProvider(t, h)
			}
			refusesWrongKey(t, quirks)
		})
	}
}

func refusesWrongKey(t *testing.T, quirks smsfactortest.Quirks) {
	t.Helper()
	srv := smsfactortest.NewServer(smsfactortest.WithQuirks(quirks))
	defer srv.Close()
	client, err := smsfactor.New(smsfactor.Config{APILogin: srv.APILogin, APIKey: "wrong", BaseURL: srv.URL})
	require.NoError(t, err)
	_, err = client.Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrUnauthorized)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
}
