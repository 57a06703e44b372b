package guard_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

func TestARouterThatCanServeARequestIsNotRefused(t *testing.T) {
	leaf := func(name string, features otp.Features) otp.Provider {
		return otptest.NewProvider(otptest.WithName(name), otptest.WithCapabilities(otp.Capabilities{
			Vendor: name, Default: otp.SMS, Channels: map[otp.Channel]otp.Features{otp.SMS: features},
		}))
	}
	plain, exact := leaf("a", otp.Features{}), leaf("b", otp.Features{CodeLength: otp.Range[int]{Min: 4, Max: 6}})
	router, err := route.Failover("main", plain, exact)
	require.NoError(t, err)
	req := otp.SendRequest{To: number, CodeLength: 4}
	require.ErrorIs(t, router.Capabilities().Check(req), otp.ErrUnsupported, "not all of it can")

	g, err := guard.New(router)
	require.NoError(t, err)
	v, err := g.Send(t.Context(), req)
	require.NoError(t, err)
	assert.Equal(t, "b", v.Provider)

	req.Channel = otp.WhatsApp
	for _, behind := range []otp.Provider{router, wrapper{plain}} {
		g, err = guard.New(behind)
		require.NoError(t, err)
		_, err = g.Send(t.Context(), req)
		failure := failureOf(t, err)
		assert.Equal(t, otp.ErrUnsupported, failure.Kind)
		assert.Equal(t, "main", failure.Provider)
	}
}

// wrapper has a name of its own.
type wrapper struct{ otp.Provider }

func (wrapper) Name() string             { return "main" }
func (w wrapper) Unwrap() []otp.Provider { return []otp.Provider{w.Provider} }

// lax is a provider that says that it serves everything.
type lax struct{ otp.Provider }

func (lax) Check(otp.SendRequest) error { return nil }

func (lax) Send(context.Context, otp.SendRequest) (otp.Verification, error) { panic("was asked") }

func TestABadNumberIsRefusedWhateverTheProviderSays(t *testing.T) {
	g, err := guard.New(lax{otptest.NewProvider()})
	require.NoError(t, err)
	for _, to := range []string{"", "+", "1", "+905321234567,+905321234568"} {
		_, err := g.Send(t.Context(), otp.SendRequest{To: to})
		require.ErrorIs(t, err, otp.ErrInvalidRecipient, to)
		assert.Equal(t, "otptest", failureOf(t, err).Provider)
	}
}
