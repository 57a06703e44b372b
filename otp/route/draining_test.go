package route_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

func TestRetiredProvidersOnlyVerify(t *testing.T) {
	was, is := leafWith("was", otp.Features{}, otp.Voice), leafWith("is", otp.Features{}, otp.SMS)
	v, code := sent(t, was, was)
	r := must(route.Draining("main", is, was))

	require.NoError(t, r.Verify(t.Context(), v, code))
	v, code = sent(t, r, is)
	require.NoError(t, r.Verify(t.Context(), v, code))

	for _, send := range []func() error{
		func() error {
			_, err := r.Send(t.Context(), otp.SendRequest{To: number, Channel: otp.Voice})
			return err
		},
		func() error {
			_, err := r.Send(t.Context(), again(v, otp.SendRequest{To: number, Channel: otp.Voice}))
			return err
		},
		func() error { return otp.CanSend(r, otp.SendRequest{To: number, Channel: otp.Voice}) },
	} {
		require.ErrorIs(t, send(), otp.ErrUnsupported)
	}
	is.FailSend(fault(otp.ErrUnavailable, otp.OutcomeNotSent))
	_, err := r.Send(t.Context(), otp.SendRequest{To: number})
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.Equal(t, 1, sends(was))
	assert.NotContains(t, r.Capabilities().Channels, otp.Voice)
	assert.Equal(t, otp.SMS, r.Capabilities().Default)
}
