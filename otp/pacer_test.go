package otp_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/otp-sdk/otp-go/otp"
)

var perSecond = otp.Rate{Events: 750, Per: time.Second}

func TestAPacerLetsATenthGoAtOnceAndSpreadsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := perSecond.Limiter()
		start := time.Now()
		for range 75 {
			require.NoError(t, limiter.Wait(t.Context()))
		}
		assert.Zero(t, time.Since(start))
		for range 675 {
			require.NoError(t, limiter.Wait(t.Context()))
		}
		assert.InDelta(t, time.Second, time.Since(start), float64(time.Microsecond))
	})
}

func TestAPacersPaceIsWhatTheBurstLeavesOfTheAllowance(t *testing.T) {
	cases := map[int]struct {
		burst int
		pace  time.Duration
	}{
		2:   {1, time.Second},
		3:   {1, time.Second / 2},
		10:  {1, time.Second / 9},
		20:  {2, time.Second / 18},
		100: {10, time.Second / 90},
	}
	for events, c := range cases {
		synctest.Test(t, func(t *testing.T) {
			limiter := otp.Rate{Events: events, Per: time.Second}.Limiter()
			start := time.Now()
			for i := range 2 * events {
				require.NoError(t, limiter.Wait(t.Context()))
				want := time.Duration(max(0, i+1-c.burst)) * c.pace
				require.InDelta(t, want, time.Since(start), float64(time.Microsecond), "%d of %d", i, events)
			}
		})
	}
}

func TestAPacerUsesNineTenthsOfALargeAllowance(t *testing.T) {
	account := hungry{
		rate: perSecond, callers: 400, runs: 5 * time.Second,
		travel: func(r *rand.Rand) time.Duration {
			return 20*time.Millisecond + time.Duration(r.Int64N(int64(100*time.Millisecond)))
		},
	}
	assert.GreaterOrEqual(t, account.used(account.run(t, 1)), 0.89)
}

func TestNoWindowOfAPacerHoldsMoreThanTheAllowanceOnTheClientsClock(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		r := otp.Rate{
			Events: rapid.IntRange(1, 120).Draw(t, "events"),
			Per:    time.Duration(rapid.IntRange(10, 1000).Draw(t, "per")) * time.Millisecond,
		}
		seed := rapid.Uint64().Draw(t, "seed")
		hunger := rapid.IntRange(1, 4).Draw(t, "hunger") // how often callers come, in windows
		var passed []time.Duration
		synctest.Test(outer, func(t *testing.T) {
			limiter := r.Limiter()
			start := time.Now()
			var mu sync.Mutex
			var wg sync.WaitGroup
			for caller := range uint64(2*r.Events + 10) {
				wg.Go(func() {
					source := random(seed, caller)
					for range 3 {
						time.Sleep(time.Duration(source.Int64N(int64(hunger) * int64(r.Per))))
						ctx, cancel := t.Context(), func() {}
						switch source.IntN(4) {
						case 0:
							ctx, cancel = context.WithTimeout(ctx, time.Duration(source.Int64N(2*int64(r.Per))))
						case 1:
							ctx, cancel = context.WithCancel(ctx)
							time.AfterFunc(time.Duration(source.Int64N(2*int64(r.Per))), cancel)
						}
						err := limiter.Wait(ctx)
						at := time.Since(start)
						cancel()
						if err != nil {
							assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
							continue
						}
						mu.Lock()
						passed = append(passed, at)
						mu.Unlock()
					}
				})
			}
			wg.Wait()
		})
		if most := mostInAWindow(passed, r.Per); most > r.Events {
			t.Fatalf("%d within one window of %s", most, r)
		}
	})
}

func TestAPacerOfOneWaitsAWholeWindow(t *testing.T) {
	for _, per := range []time.Duration{time.Millisecond, 100 * time.Millisecond, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			limiter := otp.Rate{Events: 1, Per: per}.Limiter()
			start := time.Now()
			for i := range 5 {
				require.NoError(t, limiter.Wait(t.Context()))
				assert.InDelta(t, time.Duration(i)*(per+slack), time.Since(start), float64(time.Microsecond))
			}
			time.Sleep(10 * per)
			require.NoError(t, limiter.Wait(t.Context()))
			start = time.Now()
			require.NoError(t, limiter.Wait(t.Context()))
			assert.InDelta(t, per+slack, time.Since(start), float64(time.Microsecond), "idle windows are not saved up")
		})
	}
}

func TestAPacerIsFirstComeFirstServed(t *testing.T) {
	for _, r := range []otp.Rate{{Events: 1, Per: time.Second}, {Events: 10, Per: time.Second}, perSecond} {
		synctest.Test(t, func(t *testing.T) {
			limiter := r.Limiter()
			waiting := newQueue()
			for id := range 100 {
				waiting.join(t.Context(), id, limiter.Wait)
			}
			waiting.wg.Wait()
			assert.Equal(t, upTo(100), waiting.order)
		})
	}
}

func TestAPacersDeadlineThatCannotBeMetFailsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 1, Per: time.Second})
		take(t, limiter)
		start := time.Now()
		for _, timeout := range []time.Duration{time.Nanosecond, time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			done, err := limiter.Acquire(ctx)
			cancel()
			assert.Nil(t, done)
			require.ErrorIs(t, err, otp.ErrRateLimited)
			require.NotErrorIs(t, err, context.DeadlineExceeded, "it has not passed yet")
			assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
			assert.InDelta(t, time.Second+slack, failureOf(t, err).RetryAfter, float64(time.Microsecond))
			assert.Contains(t, err.Error(), "the client's own limit of 1/1s is used up")
		}
		assert.Zero(t, time.Since(start))

		take(t, limiter)
		assert.InDelta(t, time.Second+slack, time.Since(start), float64(time.Microsecond), "the refused took no place")
	})
}

func TestAPacersDeadlineThatCanBeMetIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 1, Per: time.Second})
		take(t, limiter)
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second+2*slack)
		defer cancel()
		done, err := limiter.Acquire(ctx)
		require.NoError(t, err)
		done(otp.OutcomeAccepted)
		assert.InDelta(t, time.Second+slack, time.Since(start), float64(time.Microsecond))
	})
}

func TestWhoGivesUpOnAPacerLeavesAtOnceAndFreesThePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 1, Per: time.Second})
		take(t, limiter)
		start := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second/2, cancel)
		done, err := limiter.Acquire(ctx)
		assert.Equal(t, time.Second/2, time.Since(start))
		assert.Nil(t, done)
		require.ErrorIs(t, err, otp.ErrCanceled)
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))

		take(t, limiter)
		assert.InDelta(t, time.Second+slack, time.Since(start), float64(time.Microsecond))
	})
}

func TestAPacersWaitAndAcquireShareTheAllowance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := otp.Rate{Events: 1, Per: time.Second}.Limiter()
		acquire, both := limiter.(otp.Acquirer)
		require.True(t, both)
		start := time.Now()
		require.NoError(t, limiter.Wait(t.Context()))
		take(t, acquire)
		require.NoError(t, limiter.Wait(t.Context()))
		assert.InDelta(t, 2*(time.Second+slack), time.Since(start), float64(time.Microsecond))
	})
}

func TestManyMayUseAPacerAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := otp.Rate{Events: 100, Per: time.Second}.Limiter()
		start := time.Now()
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() { assert.NoError(t, limiter.Wait(t.Context())) })
		}
		wg.Wait()
		assert.InDelta(t, 11*time.Second, time.Since(start), float64(time.Millisecond), "(1000-10)/90 seconds")
	})
}
