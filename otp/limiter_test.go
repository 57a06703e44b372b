package otp_test

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/otp-sdk/otp-go/otp"
)

// slack is by how much a window is stretched: the documents' "few milliseconds".
const slack = 5 * time.Millisecond

// everyRate has one of each kind.
var everyRate = map[string]otp.Rate{
	"unlimited":     {},
	"many a minute": {Events: 250, Per: time.Minute},
	"one a minute":  {Events: 1, Per: time.Minute},
	"many a second": {Events: 750, Per: time.Second},
	"one a second":  {Events: 1, Per: time.Second},
}

func acquirer(t *testing.T, r otp.Rate) otp.Acquirer {
	t.Helper()
	limiter, both := r.Limiter().(otp.Acquirer)
	require.True(t, both, "%s: the limiter is no Acquirer", r)
	return limiter
}

// take acquires and fails the test where that is refused.
func take(t *testing.T, l otp.Acquirer) (done func(otp.Outcome)) {
	t.Helper()
	done, err := l.Acquire(t.Context())
	require.NoError(t, err)
	require.NotNil(t, done)
	return done
}

// queue lets callers join l in order, each once the one before it waits, and returns the order in
// which they got through and after what time.
type queue struct {
	start time.Time
	wg    sync.WaitGroup
	mu    sync.Mutex
	order []int
	after []time.Duration
}

func newQueue() *queue { return &queue{start: time.Now()} }

func (q *queue) join(ctx context.Context, id int, wait func(context.Context) error) {
	q.wg.Go(func() {
		if wait(ctx) != nil {
			return
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		q.order = append(q.order, id)
		q.after = append(q.after, time.Since(q.start))
	})
	synctest.Wait()
}

func upTo(n int) []int {
	ids := make([]int, n)
	for i := range ids {
		ids[i] = i
	}
	return ids
}

// mostInAWindow is the largest number of times that lie within one closed window.
func mostInAWindow(times []time.Duration, window time.Duration) int {
	slices.Sort(times)
	most, first := 0, 0
	for last := range times {
		for times[last]-times[first] > window {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

// random is a source that is the same in every run.
func random(seed, stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, stream))
}

func TestMostInAWindowCountsBothEnds(t *testing.T) {
	times := []time.Duration{5, 0, 10, 11}
	assert.Equal(t, 3, mostInAWindow(times, 10))
	assert.Equal(t, 3, mostInAWindow(times, 6))
	assert.Equal(t, 2, mostInAWindow(times, 5))
	assert.Equal(t, 1, mostInAWindow(times, 0))
	assert.Equal(t, 0, mostInAWindow(nil, 10))
}

func TestEveryLimiterIsAnAcquirer(t *testing.T) {
	for name, r := range everyRate {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limiter := r.Limiter()
				require.NoError(t, limiter.Wait(t.Context()))
				done, err := acquirer(t, r).Acquire(t.Context())
				require.NoError(t, err)
				done(otp.OutcomeAccepted)
				done(otp.OutcomeAccepted)
			})
		})
	}
}

func TestXTimeLimiterIsALimiter(t *testing.T) {
	var limiter otp.Limiter = rate.NewLimiter(rate.Inf, 0)
	require.NoError(t, limiter.Wait(t.Context()))
}

func TestUnlimitedNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{})
		start := time.Now()
		for i := range 10_000 {
			if done := take(t, limiter); i%2 == 0 {
				done(otp.OutcomeAccepted) // or never
			}
		}
		assert.Zero(t, time.Since(start))
	})
}

func TestUnlimitedRefusesACanceledCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, otp.Rate{}.Limiter().Wait(ctx), context.Canceled)
	_, err := acquirer(t, otp.Rate{}).Acquire(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

func TestBrokenRateRefusesEverything(t *testing.T) {
	for _, r := range brokenRates {
		limiter := acquirer(t, r)
		for range 3 {
			done, err := limiter.Acquire(t.Context())
			assert.Nil(t, done)
			for _, err := range []error{err, r.Limiter().Wait(t.Context())} {
				require.ErrorIs(t, err, otp.ErrMisconfigured)
				assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
				assert.Equal(t, "rate", failureOf(t, err).Field)
			}
		}
	}
}

func TestCanceledCallerTakesNothing(t *testing.T) {
	for name, r := range everyRate {
		if r == (otp.Rate{}) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limiter := acquirer(t, r)
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				for range 2 * r.Events {
					done, err := limiter.Acquire(ctx)
					assert.Nil(t, done)
					require.ErrorIs(t, err, otp.ErrCanceled)
					require.ErrorIs(t, err, context.Canceled)
					require.NotErrorIs(t, err, otp.ErrRateLimited)
					require.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
				}
				start := time.Now()
				take(t, limiter)
				assert.Zero(t, time.Since(start))
			})
		})
	}
}

func TestPassedDeadlineIsUnavailable(t *testing.T) {
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

func TestCancelCauseIsInTheError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reason := errors.New("the browser hung up")
		limiter := acquirer(t, otp.Rate{Events: 1, Per: time.Minute})
		take(t, limiter)
		for name, before := range map[string]time.Duration{"before the wait": 0, "in the wait": time.Second} {
			ctx, cancel := context.WithCancelCause(t.Context())
			if before == 0 {
				cancel(reason)
			} else {
				time.AfterFunc(before, func() { cancel(reason) })
			}
			_, err := limiter.Acquire(ctx)
			require.ErrorIs(t, err, otp.ErrCanceled, name)
			require.ErrorIs(t, err, context.Canceled, name)
			require.ErrorIs(t, err, reason, name)
		}
	})
}

func TestTwoLimitersShareNothing(t *testing.T) {
	for name, r := range everyRate {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				take(t, acquirer(t, r))
				take(t, acquirer(t, r))
				assert.Zero(t, time.Since(start))
			})
		})
	}
}

// hungry is an account whose callers always want to send, and a network in between.
type hungry struct {
	rate    otp.Rate
	callers int
	runs    time.Duration
	travel  func(r *rand.Rand) time.Duration // one way
	giveUp  bool                             // whether some calls are given up before the answer
}

// run returns when each request reached the vendor, on the vendor's clock.
func (h hungry) run(t *testing.T, seed uint64) []time.Duration {
	t.Helper()
	var arrivals []time.Duration
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, h.rate)
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(h.runs, stop)
		start := time.Now()
		var mu sync.Mutex
		var wg sync.WaitGroup
		for caller := range h.callers {
			wg.Go(func() {
				r := random(seed, uint64(caller))
				for {
					done, err := limiter.Acquire(ctx)
					if err != nil {
						assert.ErrorIs(t, err, otp.ErrCanceled)
						return
					}
					there, back := h.travel(r), h.travel(r)
					if h.giveUp && r.IntN(4) == 0 {
						time.AfterFunc(time.Duration(r.Int64N(int64(there+back)+1)), func() { done(otp.OutcomeUnknown) })
					}
					time.Sleep(there)
					mu.Lock()
					arrivals = append(arrivals, time.Since(start))
					mu.Unlock()
					time.Sleep(back)
					done(otp.OutcomeAccepted)
				}
			})
		}
		wg.Wait()
	})
	slices.SortFunc(arrivals, cmp.Compare)
	return arrivals
}

// used is the share of the allowance that was used: how long, on average, it takes for one whole
// allowance to pass.
func (h hungry) used(arrivals []time.Duration) float64 {
	var windows time.Duration
	for i, arrival := range arrivals[h.rate.Events:] {
		windows += arrival - arrivals[i]
	}
	return float64(h.rate.Per) * float64(len(arrivals)-h.rate.Events) / float64(windows)
}
