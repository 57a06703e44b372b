package kaleyra_test

import (
	"testing"
	"time"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestConformance(t *testing.T) {
	for name, test := range map[string]struct {
		flow     kaleyratest.Flow
		declared kaleyra.Flow
		quirks   kaleyratest.Quirks
	}{
		"nothing declared": {},
		"everything declared": {
			flow:     kaleyratest.Flow{Length: 8, Lifetime: 2 * time.Minute, Channels: []string{"voice"}},
			declared: kaleyra.Flow{CodeLength: 8, TTL: 2 * time.Minute, Channels: []otp.Channel{otp.Voice}},
		},
		"letters": {
			flow:     kaleyratest.Flow{Alphanumeric: true},
			declared: kaleyra.Flow{Alphanumeric: true},
		},
		"an empty error beside data": {quirks: kaleyratest.Quirks{EmptyError: true, SuccessStatus: 201}},
		"errors with 200":            {quirks: kaleyratest.Quirks{ErrorStatus: 200, EchoPlus: true}},
	} {
		t.Run(name, func(t *testing.T) {
			otptest.TestProvider(t, otptest.Harness{New: func() (otptest.Account, error) {
				test.flow.Default = true
				srv := kaleyratest.NewServer(kaleyratest.WithFlow(test.flow), kaleyratest.WithQuirks(test.quirks))
				client, err := kaleyra.New(kaleyra.Config{SID: srv.SID, APIKey: srv.APIKey, Flow: test.declared, BaseURL: srv.URL})
				return simtest.Account(client, srv, srv.Inbox, srv.Clock, srv.APIKey), err
			}})
		})
	}
}
