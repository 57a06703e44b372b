package otp_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

func TestWhoIsRefusedAtAPacerTakesNoPlaceThoughManyAreRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := otp.Rate{Events: 10, Per: time.Second}.Limiter()
		require.NoError(t, limiter.Wait(t.Context())) // the burst of one
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 2000 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
					assert.ErrorIs(t, limiter.Wait(ctx), otp.ErrRateLimited)
					cancel()
				}
			})
		}
		wg.Wait()
		start := time.Now()
		require.NoError(t, limiter.Wait(t.Context()))
		assert.LessOrEqual(t, time.Since(start), time.Second/9+time.Microsecond)
	})
}

func TestWhoGivesUpAtAPacerFreesThePlaceThoughOthersWaitBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := otp.Rate{Events: 10, Per: time.Second}.Limiter()
		ctx, cancel := context.WithCancel(t.Context())
		waiting := newQueue()
		for id := range 100 {
			waiting.join(ctx, id, limiter.Wait)
		}
		cancel()
		waiting.wg.Wait()
		start := time.Now()
		require.NoError(t, limiter.Wait(t.Context()))
		assert.LessOrEqual(t, time.Since(start), time.Second/9+time.Microsecond, "nobody else is waiting")
	})
}

func TestTheNextMovesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := otp.Rate{Events: 1, Per: time.Second}.Limiter()
		require.NoError(t, limiter.Wait(t.Context()))
		ctx, cancel := context.WithCancel(t.Context())
		waiting := newQueue()
		waiting.join(ctx, 0, limiter.Wait)
		waiting.join(t.Context(), 1, limiter.Wait)
		cancel()
		waiting.wg.Wait()
		assert.Equal(t, []int{1}, waiting.order)
		assert.InDelta(t, time.Second+slack, waiting.after[0], float64(time.Microsecond))
	})
}

func TestAFreeSlotIsNotRefused(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			limiter := acquirer(t, otp.Rate{Events: 100, Per: time.Minute})
			for range 100 {
				take(t, limiter)(otp.OutcomeAccepted)
			}
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() { _, _ = limiter.Acquire(t.Context()) })
			}
			synctest.Wait()
			for range 20 {
				wg.Go(func() {
					time.Sleep(time.Minute + slack) // all 100 slots are free at this moment, for 70 callers
					ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
					defer cancel()
					_, err := limiter.Acquire(ctx)
					assert.NoError(t, err)
				})
			}
			wg.Wait()
		})
	}
}

func TestADeadlineThatHasPassedIsNotTheLimitersFault(t *testing.T) {
	for name, r := range everyRate {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
			defer cancel()
			err := r.Limiter().Wait(ctx) // an idle limiter
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, err, otp.ErrUnavailable)
			require.NotErrorIs(t, err, otp.ErrRateLimited)
			require.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
		})
	}
}

func TestTheZeroRatesRefusalIsAnErrorLikeTheOthers(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	done, err := acquirer(t, otp.Rate{}).Acquire(ctx)
	assert.Nil(t, done)
	assert.ErrorIs(t, err, otp.ErrCanceled)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
}

func TestAFractionOfASecondIsAWindow(t *testing.T) {
	rate, err := otp.ParseRate("10/.5s")
	require.NoError(t, err)
	assert.Equal(t, otp.Rate{Events: 10, Per: 500 * time.Millisecond}, rate)
}

func TestARequestIsPrintedWithoutNumberAndCode(t *testing.T) {
	req := otp.SendRequest{To: number, Code: "083917"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("sending", "req", req)
	for _, text := range []string{fmt.Sprintf("%v", req), fmt.Sprintf("%+v", req), fmt.Sprintf("%#v", req), log.String()} {
		assert.NotContains(t, text, "5321234567")
		assert.NotContains(t, text, "083917")
	}
}

func TestAVerificationIsOneLineOfALog(t *testing.T) {
	v := otp.Verification{Provider: "main", ID: "x\n level=INFO msg=verified", To: number}
	assert.NotContains(t, fmt.Sprint(v), "\n")
}

func TestALongWindowIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 1, Per: 366 * 24 * time.Hour})
		take(t, limiter)(otp.OutcomeAccepted)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := limiter.Acquire(ctx)
		require.ErrorIs(t, err, otp.ErrRateLimited)
	})
}

func TestOneAttemptIsSingular(t *testing.T) {
	one := 1
	assert.Equal(t, "wrong code, 1 attempt left", (&otp.Error{Kind: otp.ErrWrongCode, Outcome: otp.OutcomeAccepted, AttemptsLeft: &one}).Error())
}

func TestOutcomeOfIsOneOfThree(t *testing.T) {
	assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(&otp.Error{Outcome: 7}))
}

func TestARetryAfterTooShortToSayIsNotSaid(t *testing.T) {
	assert.NotContains(t, (&otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: 100 * time.Microsecond}).Error(), "0s")
}
