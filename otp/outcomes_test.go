package otp_test

import (
	"context"
	"math/rand/v2"
	"runtime/metrics"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// flight is how long a request whose outcome is unknown may be under way.
const flight = 15 * time.Second

// freeAfter is how long a caller with all the time in the world waits for the limiter's only slot.
func freeAfter(t *testing.T, limiter otp.Acquirer) time.Duration {
	t.Helper()
	start := time.Now()
	take(t, limiter)(otp.OutcomeNotSent)
	return time.Since(start)
}

func TestOutcomeSaysWhenTheSlotIsFree(t *testing.T) {
	for _, per := range []time.Duration{time.Minute, time.Second, 100 * time.Millisecond} {
		longer := min(slack, per/200)
		for outcome, want := range map[otp.Outcome]time.Duration{
			otp.OutcomeNotSent:  0,
			otp.OutcomeAccepted: per + longer,
			otp.OutcomeUnknown:  flight + per + longer,
			otp.Outcome(7):      flight + per + longer,
		} {
			synctest.Test(t, func(t *testing.T) {
				limiter := acquirer(t, otp.Rate{Events: 1, Per: per})
				done := take(t, limiter)
				time.Sleep(time.Second)
				done(outcome)
				done(otp.OutcomeNotSent) // too late
				assert.Equal(t, want, freeAfter(t, limiter), "%s after %s", per, outcome)
			})
		}
	}
}

func TestSlotGivenBackServesWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 1, Per: time.Minute})
		done := take(t, limiter)
		waiting := newQueue()
		for id := range 3 {
			waiting.join(t.Context(), id, func(ctx context.Context) error {
				next, err := limiter.Acquire(ctx)
				if err == nil {
					next(otp.OutcomeNotSent)
				}
				return err
			})
		}
		done(otp.OutcomeNotSent)
		waiting.wg.Wait()
		assert.Equal(t, upTo(3), waiting.order)
		assert.Equal(t, []time.Duration{0, 0, 0}, waiting.after)
	})
}

// Requests that never reach the vendor do not spend the allowance, however many there are.
func TestUnreachableVendorSpendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 6, Per: time.Minute})
		start := time.Now()
		for range 1000 {
			take(t, limiter)(otp.OutcomeNotSent)
		}
		for range 6 {
			take(t, limiter)(otp.OutcomeAccepted)
		}
		assert.Zero(t, time.Since(start))
		take(t, limiter)
		assert.Equal(t, time.Minute+slack, time.Since(start))
	})
}

// A call is given up, and its request reaches the vendor later.
func TestLateRequestIsAWindowFromTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := otp.Rate{Events: 1, Per: 1500 * time.Millisecond}
		limiter := acquirer(t, rate)
		start := time.Now()
		done := take(t, limiter)
		time.Sleep(100 * time.Millisecond)
		done(otp.OutcomeUnknown)
		arrived := 900 * time.Millisecond
		take(t, limiter)
		assert.Greater(t, time.Since(start)-arrived, rate.Per)
	})
}

func TestUnknownOutcomesDoNotDelayOtherSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 3, Per: 2 * time.Second})
		take(t, limiter)(otp.OutcomeUnknown)
		take(t, limiter)(otp.OutcomeUnknown)
		third := take(t, limiter)

		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		time.AfterFunc(500*time.Millisecond, func() { third(otp.OutcomeNotSent) })
		start := time.Now()
		fourth, err := limiter.Acquire(ctx)
		require.NoError(t, err, "the busy slot may be free in time")
		assert.Equal(t, 500*time.Millisecond, time.Since(start))
		fourth(otp.OutcomeAccepted)
		assert.Equal(t, 2*time.Second+slack, freeAfter(t, limiter))
	})
}

// 200 people come at once and have five seconds each. Who is refused tries again a second later.
func TestNoSlotForWhoCannotUseIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := otp.Rate{Events: 60, Per: 15 * time.Second}
		limiter := acquirer(t, rate)
		var mu sync.Mutex
		arrived, tooLate := []time.Duration{}, 0
		start := time.Now()
		var wg sync.WaitGroup
		for person := range uint64(200) {
			wg.Go(func() {
				r := random(1, person)
				for time.Since(start) < 4*rate.Per {
					mine, cancel := context.WithTimeout(t.Context(), 5*time.Second)
					done, err := limiter.Acquire(mine)
					if err == nil {
						travel := 20*time.Millisecond + time.Duration(r.Int64N(int64(380*time.Millisecond)))
						time.Sleep(travel)
						mu.Lock()
						arrived = append(arrived, time.Since(start))
						if mine.Err() != nil {
							tooLate++
						}
						mu.Unlock()
						done(otp.OutcomeAccepted)
					} else {
						assert.ErrorIs(t, err, otp.ErrRateLimited)
						assert.Positive(t, failureOf(t, err).RetryAfter)
					}
					cancel()
					time.Sleep(time.Second)
				}
			})
		}
		wg.Wait()
		slices.Sort(arrived)
		assert.Zero(t, tooLate)
		assert.LessOrEqual(t, mostInAWindow(arrived, rate.Per), rate.Events)
		inTime, _ := slices.BinarySearch(arrived, 4*rate.Per)
		assert.GreaterOrEqual(t, inTime, 4*rate.Events*95/100)
	})
}

func TestReserveCanBeSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := otp.Rate{Events: 1, Per: time.Minute}
		l, err := rate.LimiterWith(otp.LimiterOptions{Reserve: 20 * time.Second})
		require.NoError(t, err)
		require.NoError(t, l.Wait(t.Context()))
		for timeout, refused := range map[time.Duration]bool{
			time.Minute + slack + 20*time.Second - 1: true,
			time.Minute + slack + 20*time.Second:     false,
		} {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			start := time.Now()
			err := l.Wait(ctx)
			cancel()
			if refused {
				require.ErrorIs(t, err, otp.ErrRateLimited)
				assert.Zero(t, time.Since(start))
				continue
			}
			require.NoError(t, err)
			time.Sleep(time.Hour)
			require.NoError(t, l.Wait(t.Context())) // for the other case, no matter in which order they come
		}
	})
}

// Of a short time, half is enough.
func TestReserveIsAtMostHalfOfTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const window = 200*time.Millisecond + time.Millisecond
		limiter := acquirer(t, otp.Rate{Events: 1, Per: 200 * time.Millisecond})
		take(t, limiter)(otp.OutcomeAccepted)
		ctx, cancel := context.WithTimeout(t.Context(), 2*window-2)
		defer cancel()
		_, err := limiter.Acquire(ctx)
		require.ErrorIs(t, err, otp.ErrRateLimited)
		assert.Equal(t, window, failureOf(t, err).RetryAfter)

		ctx, cancel = context.WithTimeout(t.Context(), 2*window)
		defer cancel()
		_, err = limiter.Acquire(ctx)
		require.NoError(t, err)
	})
}

func TestShortWindowsAreKeptAndUsed(t *testing.T) {
	for _, rate := range []otp.Rate{
		{Events: 750, Per: time.Second},
		{Events: 10, Per: time.Second},
		{Events: 1, Per: time.Second},
		{Events: 10, Per: 100 * time.Millisecond},
	} {
		t.Run(rate.String(), func(t *testing.T) {
			account := hungry{
				rate: rate, callers: rate.Events + 50, runs: 10 * rate.Per,
				travel: func(r *rand.Rand) time.Duration { return time.Duration(r.Int64N(int64(rate.Per / 50))) },
			}
			arrivals := account.run(t, 1)
			assert.LessOrEqual(t, mostInAWindow(arrivals, rate.Per), rate.Events)
			assert.GreaterOrEqual(t, account.used(arrivals), 0.96)
			assert.Less(t, arrivals[rate.Events-1], rate.Per/25, "the whole allowance goes at once")
		})
	}
}

// The formula that docs/limits.md gives: nothing that keeps the promise can use more.
func TestUsedShareDependsOnTheAnswer(t *testing.T) {
	for _, c := range []struct {
		rate   string
		answer time.Duration
		want   float64
	}{
		{"750/1s", 10 * time.Millisecond, 0.985},
		{"750/1s", 36 * time.Millisecond, 0.960},
		{"750/1s", 140 * time.Millisecond, 0.873},
		{"750/1s", 500 * time.Millisecond, 0.664},
		{"10/100ms", 10 * time.Millisecond, 0.905},
		{"250/1m", 500 * time.Millisecond, 0.991},
	} {
		t.Run(c.rate+" answered in "+c.answer.String(), func(t *testing.T) {
			rate, err := otp.ParseRate(c.rate)
			require.NoError(t, err)
			account := hungry{
				rate: rate, callers: rate.Events + 50, runs: 10 * rate.Per,
				travel: func(*rand.Rand) time.Duration { return c.answer / 2 },
			}
			arrivals := account.run(t, 1)
			assert.LessOrEqual(t, mostInAWindow(arrivals, rate.Per), rate.Events)
			assert.InDelta(t, c.want, account.used(arrivals), 0.001)
		})
	}
}

// On a real clock: waiters of a window that no timer can measure must not keep the processor busy.
func TestWaitersDoNotSpin(t *testing.T) {
	limiter := acquirer(t, otp.Rate{Events: 1, Per: 20 * time.Microsecond})
	take(t, limiter)
	ctx, leave := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { _, _ = limiter.Acquire(ctx) })
	}
	time.Sleep(50 * time.Millisecond) // until all of them wait
	before := wakeups()
	time.Sleep(200 * time.Millisecond)
	woken := wakeups() - before
	leave()
	wg.Wait()
	assert.Less(t, woken, uint64(100))
}

// wakeups is how often a goroutine began to run, of which the runtime counts a part.
func wakeups() (n uint64) {
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(sample)
	for _, count := range sample[0].Value.Float64Histogram().Counts {
		n += count
	}
	return n
}
