package kaleyra_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func harness(quirks kaleyratest.Quirks, flow kaleyratest.Flow, declared kaleyra.Flow) otptest.Harness {
	flow.Default = true
	return otptest.Harness{New: func() (otptest.Account, error) {
		srv := kaleyratest.NewServer(kaleyratest.WithFlow(flow), kaleyratest.WithQuirks(quirks))
		client, err := kaleyra.New(kaleyra.Config{SID: srv.SID, APIKey: srv.APIKey, Flow: declared, BaseURL: srv.URL})
		return simtest.Account(client, srv.Server, srv.APIKey), err
	}}
}

func TestConformance(t *testing.T) {
	for name, test := range map[string]struct {
		flow     kaleyratest.Flow
		declared kaleyra.Flow
	}{
		"nothing declared": {},
		"everything declared": {
			flow:     kaleyratest.Flow{Length: 8, Lifetime: 2 * time.Minute, MaxAttempts: 5, Channels: []string{"voice"}},
			declared: kaleyra.Flow{CodeLength: 8, TTL: 2 * time.Minute, Channels: []otp.Channel{otp.Voice}},
		},
		"letters": {
			flow:     kaleyratest.Flow{Alphanumeric: true},
			declared: kaleyra.Flow{Alphanumeric: true},
		},
	} {
		t.Run(name, func(t *testing.T) { otptest.TestProvider(t, harness(kaleyratest.Quirks{}, test.flow, test.declared)) })
	}
}

func TestEachQuirk(t *testing.T) {
	for name, quirks := range otpsim.EachQuirk[kaleyratest.Quirks]() {
		t.Run(name, func(t *testing.T) {
			otptest.TestProvider(t, harness(quirks, kaleyratest.Flow{}, kaleyra.Flow{}))
			refusesWrongKey(t, quirks)
		})
	}
}

func refusesWrongKey(t *testing.T, quirks kaleyratest.Quirks) {
	t.Helper()
	srv := kaleyratest.NewServer(kaleyratest.WithQuirks(quirks))
	defer srv.Close()
	client, err := kaleyra.New(kaleyra.Config{SID: srv.SID, APIKey: "wrong", BaseURL: srv.URL})
	require.NoError(t, err)
	_, err = client.Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrUnauthorized)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
}

func TestUnapprovedFlow(t *testing.T) {
	srv := kaleyratest.NewServer(kaleyratest.WithFlow(kaleyratest.Flow{Default: true, Unapproved: true}))
	defer srv.Close()
	client, err := kaleyra.New(kaleyra.Config{SID: srv.SID, APIKey: srv.APIKey, BaseURL: srv.URL})
	require.NoError(t, err)
	_, err = client.Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrMisconfigured)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
}
