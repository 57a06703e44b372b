package vendorkit_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

func TestAnObserverIsToldOfAttemptsAndWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		statuses := []int{429, 202}
		c := newClient(t, base, otp.WithName("main"), otp.WithRetry(otp.RetryPolicy{MinWait: time.Second, MaxWait: time.Second}),
			otp.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
				time.Sleep(30 * time.Millisecond)
				next := statuses[0]
				statuses = statuses[1:]
				return status(next, "")(), nil
			})}))
		send := call(vendorkit.Send)
		send.Limiter = limiter(func(context.Context) error {
			time.Sleep(5 * time.Millisecond)
			return nil
		})
		var told []otp.Event
		require.NoError(t, c.Do(otp.WithObserver(t.Context(), func(e otp.Event) { told = append(told, e) }), send))
		limit := otp.WaitEvent{Provider: "main", Op: send.Op, Reason: otp.WaitForLimit, Duration: 5 * time.Millisecond}
		assert.Equal(t, []otp.Event{
			limit,
			otp.AttemptEvent{
				Provider: "main", Op: send.Op, Number: 1, HTTPStatus: 429, Kind: otp.ErrRateLimited,
				Outcome: otp.OutcomeNotSent, Duration: 30 * time.Millisecond,
			},
			otp.WaitEvent{Provider: "main", Op: send.Op, Reason: otp.WaitForRetry, Duration: time.Second},
			limit,
			otp.AttemptEvent{
				Provider: "main", Op: send.Op, Number: 2, HTTPStatus: 202,
				Outcome: otp.OutcomeAccepted, Duration: 30 * time.Millisecond,
			},
		}, told)
	})
}
