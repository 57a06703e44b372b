package vendorkit_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// A limiter on a server derives a context from the call's, and package context panics on a parent
// that is done without a reason.
func TestALimiterMayDeriveAContext(t *testing.T) {
	s := serve(t, answers(202))
	c := newClient(t, s.URL)
	send := call(vendorkit.Send)
	send.Limiter = limiter(func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		return ctx.Err()
	})
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 300 {
				assert.NoError(t, c.Do(t.Context(), send))
			}
		})
	}
	wait.Wait()
}

func TestAContextThatIsKeptHasEndedWithItsCall(t *testing.T) {
	option, _ := vendor(t, status(202, ""))
	var kept context.Context
	send := call(vendorkit.Send)
	send.Limiter = limiter(func(ctx context.Context) error {
		kept = ctx
		return nil
	})
	require.NoError(t, newClient(t, base, option).Do(t.Context(), send))
	<-kept.Done()
	assert.ErrorIs(t, kept.Err(), context.Canceled)
}

func TestPauseBeginsDuringTheWaitForTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var at []time.Duration
		c := newClient(t, base, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}), otp.WithHTTPClient(&http.Client{
			Transport: roundTripper(func(*http.Request) (*http.Response, error) {
				at = append(at, time.Since(start))
				return status(429, "10")(), nil
			}),
		}))
		waiting := call(vendorkit.Send)
		waiting.Limiter = limiter(func(context.Context) error {
			time.Sleep(time.Second)
			return nil
		})
		var wait sync.WaitGroup
		wait.Go(func() { assert.ErrorIs(t, c.Do(t.Context(), waiting), otp.ErrRateLimited) })
		synctest.Wait()
		require.ErrorIs(t, c.Do(t.Context(), call(vendorkit.Send)), otp.ErrRateLimited)
		wait.Wait()
		require.Len(t, at, 2)
		assert.GreaterOrEqual(t, at[1], 10*time.Second, "it comes after the pause")
		assert.Less(t, at[1], 15*time.Second)
	})
}
