package otpredis_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpredis"
)

// slack is by how much a window of 200 ms is longer.
const slack = time.Millisecond

// late is what a busy machine may add to a wait.
const late = time.Second

func take(t *testing.T, l *otpredis.Limiter) (done func(otp.Outcome)) {
	t.Helper()
	done, err := l.Acquire(t.Context())
	require.NoError(t, err)
	require.NotNil(t, done)
	return done
}

// within checks that so much time has passed since start, or a little more.
func within(t *testing.T, want time.Duration, start time.Time) {
	t.Helper()
	took := time.Since(start)
	assert.GreaterOrEqual(t, took, want)
	assert.Less(t, took, want+late)
}

func timeout(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestWholeAllowanceGoesAtOnce(t *testing.T) {
	t.Parallel()
	rate := otp.Rate{Events: 20, Per: 500 * time.Millisecond}
	l := newLimiter(t, connect(t, anyRedis(t)), rate)
	start := time.Now()
	for range rate.Events {
		require.NoError(t, l.Wait(t.Context()))
	}
	require.Less(t, time.Since(start), rate.Per)
	require.NoError(t, l.Wait(t.Context()))
	within(t, rate.Per+5*slack/2, start)
	assert.Equal(t, otpredis.Stats{Shared: 21}, l.Stats())
}

func TestLimitersOfOneNameShareSlots(t *testing.T) {
	t.Parallel()
	addr := anyRedis(t)
	rate := otp.Rate{Events: 2, Per: time.Minute}
	one, other := newLimiter(t, connect(t, addr), rate), newLimiter(t, connect(t, addr), rate)
	take(t, one)
	take(t, other)
	for _, l := range []*otpredis.Limiter{one, other} {
		_, err := l.Acquire(timeout(t, time.Second))
		require.ErrorIs(t, err, otp.ErrRateLimited)
	}
	stranger, err := otpredis.NewLimiter(connect(t, addr), "another", rate)
	require.NoError(t, err)
	take(t, stranger)
}

func TestSlotIsFreeAWindowAfterTheAnswer(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, connect(t, anyRedis(t)), otp.Rate{Events: 1, Per: 200 * time.Millisecond})
	done := take(t, l)
	time.Sleep(100 * time.Millisecond)
	answered := time.Now()
	done(otp.OutcomeAccepted)
	take(t, l)
	within(t, 200*time.Millisecond+slack, answered)
}

func TestDoneCountsOnce(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	l := newLimiter(t, client, otp.Rate{Events: 1, Per: 200 * time.Millisecond})
	done := take(t, l)
	start := time.Now()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { done(otp.OutcomeAccepted) })
	}
	wg.Wait()
	take(t, l)
	within(t, 200*time.Millisecond+slack, start)
	done(otp.OutcomeNotSent) // its slot belongs to somebody else by now
	_, err := l.Acquire(timeout(t, 100*time.Millisecond))
	require.ErrorIs(t, err, otp.ErrRateLimited)
}

func TestDoneWorksAfterTheContextIsOver(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, connect(t, anyRedis(t)), otp.Rate{Events: 1, Per: 200 * time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	done, err := l.Acquire(ctx)
	require.NoError(t, err)
	cancel()
	start := time.Now()
	done(otp.OutcomeAccepted)
	take(t, l)
	within(t, 200*time.Millisecond+slack, start)
}

func TestSlotOfADeadProcessIsFreeAfterTheLease(t *testing.T) {
	t.Parallel()
	rate := otp.Rate{Events: 1, Per: 100 * time.Millisecond}
	for name, test := range map[string]struct {
		acquire func(l *otpredis.Limiter) error
		flight  time.Duration
	}{
		"with a deadline": {func(l *otpredis.Limiter) error {
			ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
			defer cancel()
			_, err := l.Acquire(ctx)
			return err
		}, 400 * time.Millisecond},
		"without one": {func(l *otpredis.Limiter) error {
			_, err := l.Acquire(t.Context())
			return err
		}, 300 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLimiter(t, connect(t, anyRedis(t)), rate, otpredis.WithLease(300*time.Millisecond))
			start := time.Now()
			require.NoError(t, test.acquire(l))
			_, err := l.Acquire(timeout(t, 50*time.Millisecond))
			require.ErrorIs(t, err, otp.ErrRateLimited)
			take(t, l)
			within(t, test.flight+rate.Per+slack-10*time.Millisecond, start)
		})
	}
}

func TestFarDeadlineKeepsTheRate(t *testing.T) {
	t.Parallel()
	for name, deadline := range map[string]time.Time{
		"in two days":      time.Now().Add(48 * time.Hour),
		"as far as can be": time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := connect(t, anyRedis(t))
			l := newLimiter(t, client, otp.Rate{Events: 2, Per: time.Minute}, otpredis.WithoutLocalShare())
			ctx, cancel := context.WithDeadline(t.Context(), deadline)
			defer cancel()
			for range 2 {
				_, err := l.Acquire(ctx)
				require.NoError(t, err)
			}
			_, err := l.Acquire(timeout(t, time.Second))
			require.ErrorIs(t, err, otp.ErrRateLimited)
			assert.Equal(t, otpredis.Stats{Shared: 2}, l.Stats())
			left, err := client.PTTL(t.Context(), "otp:limit:{account}:slots").Result()
			require.NoError(t, err)
			assert.InDelta(t, 48*time.Hour, left, float64(2*time.Minute), "a slot is kept for a day at most")
		})
	}
}

func TestLateAnswerPutsItsSlotBack(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, connect(t, anyRedis(t)), otp.Rate{Events: 1, Per: 200 * time.Millisecond},
		otpredis.WithLease(time.Millisecond))
	done := take(t, l)
	time.Sleep(250 * time.Millisecond) // the lease has run out, and Redis may have forgotten the slot
	start := time.Now()
	done(otp.OutcomeAccepted)
	take(t, l)
	within(t, 200*time.Millisecond+slack, start)
}

func TestHopelessDeadlineIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	rate := otp.Rate{Events: 2, Per: time.Minute}
	answered := func(t *testing.T, l *otpredis.Limiter) { t.Helper(); take(t, l)(otp.OutcomeAccepted) }
	pending := func(t *testing.T, l *otpredis.Limiter) { t.Helper(); take(t, l) }
	type step = func(t *testing.T, l *otpredis.Limiter)
	for name, c := range map[string]struct {
		before  []step
		waiting int
		want    time.Duration
	}{
		"when both slots cool":                {[]step{answered, answered}, 0, time.Minute},
		"when somebody waits":                 {[]step{answered, answered}, 1, time.Minute},
		"when both slots are spoken for":      {[]step{answered, answered}, 2, 2 * time.Minute},
		"when none is answered":               {[]step{pending, pending}, 0, time.Minute},
		"when all are spoken for three times": {[]step{pending, answered}, 6, 4 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLimiter(t, connect(t, anyRedis(t)), rate)
			for _, before := range c.before {
				before(t, l)
			}
			ctx, leave := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			for range c.waiting {
				wg.Go(func() { _, _ = l.Acquire(ctx) })
			}
			time.Sleep(250 * time.Millisecond) // until all of them stand in line
			start := time.Now()
			done, err := l.Acquire(timeout(t, 30*time.Second))
			assert.Less(t, time.Since(start), late)
			leave()
			wg.Wait()

			assert.Nil(t, done)
			require.ErrorIs(t, err, otp.ErrRateLimited)
			require.NotErrorIs(t, err, context.DeadlineExceeded, "it has not passed yet")
			failure := failureOf(t, err)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.InDelta(t, c.want, failure.RetryAfter, float64(time.Second))
			assert.Contains(t, err.Error(), "the client's own limit of 2/1m is used up")
		})
	}
}

func TestDeadlineWithEnoughTimeIsWaitedFor(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, connect(t, anyRedis(t)), otp.Rate{Events: 1, Per: 200 * time.Millisecond})
	start := time.Now()
	take(t, l)(otp.OutcomeAccepted)
	require.NoError(t, l.Wait(timeout(t, 2*time.Second)))
	within(t, 200*time.Millisecond+slack, start)
}

func TestReserveEndsAWaitForABusySlot(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, connect(t, anyRedis(t)), otp.Rate{Events: 1, Per: 100 * time.Millisecond})
	take(t, l) // is never answered
	start := time.Now()
	_, err := l.Acquire(timeout(t, 1500*time.Millisecond))
	within(t, 750*time.Millisecond, start)
	require.ErrorIs(t, err, otp.ErrRateLimited)
	require.NotErrorIs(t, err, context.DeadlineExceeded, "it has not passed yet")
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	assert.Positive(t, failureOf(t, err).RetryAfter)
}

func TestCanceledCallerAsksNothing(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	commands := &counter{}
	client.AddHook(commands)
	l := newLimiter(t, client, otp.Rate{Events: 1, Per: time.Minute})
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 {
		done, err := l.Acquire(canceled)
		assert.Nil(t, done)
		require.ErrorIs(t, err, otp.ErrCanceled)
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
		err = l.Wait(timeout(t, -1))
		require.ErrorIs(t, err, otp.ErrUnavailable)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	}
	assert.Zero(t, commands.commands.Load())
	take(t, l)
}

func TestFirstComeFirstServed(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, connect(t, anyRedis(t)), otp.Rate{Events: 2, Per: 200 * time.Millisecond})
	take(t, l)(otp.OutcomeAccepted)
	take(t, l)(otp.OutcomeAccepted)
	ctx, leave := context.WithCancel(t.Context())
	var mu sync.Mutex
	var order []int
	var left error
	var wg sync.WaitGroup
	for id := range 8 {
		wg.Go(func() {
			if id == 3 {
				left = l.Wait(ctx)
				return
			}
			assert.NoError(t, l.Wait(t.Context()))
			mu.Lock()
			defer mu.Unlock()
			order = append(order, id)
		})
		time.Sleep(10 * time.Millisecond)
	}
	start := time.Now()
	leave()
	wg.Wait()
	require.ErrorIs(t, left, otp.ErrCanceled)
	assert.Less(t, time.Since(start), 4*(200*time.Millisecond+slack)+late, "no slot is lost")
	// Two slots may be free at once; who took the first of them need not be the first to say so.
	require.Len(t, order, 7)
	for i, id := range []int{0, 1, 2, 4, 5, 6, 7} {
		assert.Contains(t, order[max(0, i-1):min(7, i+2)], id, order)
	}
}

func TestCanceledWaiterReturnsAtOnce(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, connect(t, anyRedis(t)), otp.Rate{Events: 1, Per: time.Minute})
	take(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			_, err := l.Acquire(ctx)
			assert.ErrorIs(t, err, otp.ErrCanceled)
			assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
		})
	}
	time.Sleep(50 * time.Millisecond)
	start := time.Now()
	cancel()
	wg.Wait()
	assert.Less(t, time.Since(start), late)
}

// While Redis is asked, too: go-redis does not notice that a context is cancelled.
func TestSlotOfACanceledCallerIsGivenBack(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	hold := &slow{}
	client.AddHook(hold)
	l := newLimiter(t, client, otp.Rate{Events: 1, Per: time.Minute})
	hold.by.Store(int64(250 * time.Millisecond))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	start := time.Now()
	_, err := l.Acquire(ctx)
	assert.Less(t, time.Since(start), 200*time.Millisecond)
	require.ErrorIs(t, err, otp.ErrCanceled)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))

	hold.by.Store(0)
	time.Sleep(300 * time.Millisecond)
	take(t, l)
	assert.Equal(t, otpredis.Stats{Shared: 1}, l.Stats(), "a caller who gives up is no failure of Redis")
}

func TestDecisionIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	addr := anyRedis(t)
	client := connect(t, addr)
	l := newLimiter(t, client, otp.Rate{Events: 100, Per: time.Minute})
	take(t, l)(otp.OutcomeAccepted) // Redis learns the scripts
	commands := &counter{}
	client.AddHook(commands)
	for n := range 5 {
		take(t, l)(otp.OutcomeAccepted)
		assert.EqualValues(t, n+1, commands.commands.Load(), "what became of a request goes with the next call")
	}
	full := newLimiter(t, client, otp.Rate{Events: 1, Per: time.Minute})
	_, err := full.Acquire(timeout(t, time.Second))
	require.ErrorIs(t, err, otp.ErrRateLimited)
	assert.EqualValues(t, 6, commands.commands.Load(), "nor is a refusal more")
}

func TestWaitersShareTheirCalls(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	l := newLimiter(t, client, otp.Rate{Events: 1, Per: 300 * time.Millisecond})
	take(t, l)(otp.OutcomeAccepted)
	commands := &counter{}
	client.AddHook(commands)
	ctx, leave := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { _ = l.Wait(ctx) })
	}
	time.Sleep(450 * time.Millisecond) // one is served
	leave()
	wg.Wait()
	assert.Less(t, commands.scripts.Load(), int64(50))
}

func TestRepeatedCallTakesOneSlot(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	client.AddHook(&lossy{})
	l := newLimiter(t, client, otp.Rate{Events: 3, Per: time.Minute})
	for range 3 {
		take(t, l)(otp.OutcomeAccepted)
	}
	_, err := l.Acquire(timeout(t, time.Second))
	require.ErrorIs(t, err, otp.ErrRateLimited)
}

func TestLostSlotsCountAsTaken(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	log := newRecords()
	rate := otp.Rate{Events: 2, Per: 200 * time.Millisecond}
	lease := otpredis.WithLease(100 * time.Millisecond)
	old := newLimiter(t, client, rate, lease, withLog(log))
	take(t, old)
	take(t, old)
	assert.Equal(t, "otp: a setting of redis puts limits at risk", <-log.messages)
	require.NoError(t, client.FlushAll(t.Context()).Err())

	start := time.Now()
	_, err := old.Acquire(timeout(t, 250*time.Millisecond))
	require.ErrorIs(t, err, otp.ErrRateLimited)
	assert.InDelta(t, 201*time.Millisecond, failureOf(t, err).RetryAfter, float64(60*time.Millisecond),
		"a window after its requests may be answered")
	assert.Equal(t, "otp limiter: redis has lost its data, waiting a window", <-log.messages)

	fresh := newLimiter(t, client, rate, lease) // knows nothing of it, and still waits
	take(t, fresh)
	within(t, 300*time.Millisecond, start)
	take(t, old)
	assert.Less(t, time.Since(start), 600*time.Millisecond, "only once")
}

func TestWhatRedisKeepsRunsOut(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	l := newLimiter(t, client, otp.Rate{Events: 5, Per: 50 * time.Millisecond}, otpredis.WithLease(50*time.Millisecond))
	for range 5 {
		take(t, l)
	}
	for i := range 20 {
		if done := take(t, l); i%2 == 0 {
			done(otp.OutcomeAccepted)
		}
	}
	slots, err := client.ZCard(t.Context(), "otp:limit:{account}:slots").Result()
	require.NoError(t, err)
	assert.LessOrEqual(t, slots, int64(10), "what has run out is removed")
	left, err := client.PTTL(t.Context(), "otp:limit:{account}:slots").Result()
	require.NoError(t, err)
	assert.NotEqual(t, time.Duration(-1), left, "the set runs out")
	assert.Less(t, left, 25*time.Hour)
}

func TestNewLimiterRefusesWhatCannotWork(t *testing.T) {
	client := redis.NewClient(otpredis.Defaults(nil))
	defer closed(t, client)
	rate := otp.Rate{Events: 250, Per: time.Minute}
	type args struct {
		client redis.Scripter
		name   string
		rate   otp.Rate
		opts   []otpredis.Option
	}
	one := func(o otpredis.Option) []otpredis.Option { return []otpredis.Option{o} }
	for name, c := range map[string]struct {
		args  args
		field string
	}{
		"no client":          {args{nil, "a", rate, nil}, "client"},
		"a nil client":       {args{(*redis.Client)(nil), "a", rate, nil}, "client"},
		"a nil cluster":      {args{(*redis.ClusterClient)(nil), "a", rate, nil}, "client"},
		"a nil ring":         {args{(*redis.Ring)(nil), "a", rate, nil}, "client"},
		"a nil pipeline":     {args{(*redis.Pipeline)(nil), "a", rate, nil}, "client"},
		"no name":            {args{client, "", rate, nil}, "name"},
		"a hash tag":         {args{client, "a}b", rate, nil}, "name"},
		"no limit":           {args{client, "a", otp.Rate{}, nil}, "rate"},
		"a rate of no sense": {args{client, "a", otp.Rate{Events: -1, Per: 1}, nil}, "rate"},
		"a rate for ever":    {args{client, "a", otp.Rate{Events: 1, Per: math.MaxInt64}, nil}, "rate"},
		"no option":          {args{client, "a", rate, one(nil)}, "option"},
		"no timeout":         {args{client, "a", rate, one(otpredis.WithTimeout(0))}, "timeout"},
		"no lease":           {args{client, "a", rate, one(otpredis.WithLease(0))}, "lease"},
		"a lease of days":    {args{client, "a", rate, one(otpredis.WithLease(24*time.Hour + 1))}, "lease"},
		"no share":           {args{client, "a", rate, one(otpredis.WithLocalShare(otp.Rate{}))}, "local_share"},
		"a bad share":        {args{client, "a", rate, one(otpredis.WithLocalShare(otp.Rate{Events: 1}))}, "local_share"},
		"a share above the rate": {args{
			client, "a", rate,
			one(otpredis.WithLocalShare(otp.Rate{Events: 251, Per: time.Minute})),
		}, "local_share"},
		"a share of another window": {args{
			client, "a", rate,
			one(otpredis.WithLocalShare(otp.Rate{Events: 1, Per: time.Second})),
		}, "local_share"},
		"no reserve":         {args{client, "a", rate, one(otpredis.WithReserve(0))}, "reserve"},
		"a reserve of hours": {args{client, "a", rate, one(otpredis.WithReserve(time.Hour + 1))}, "reserve"},
		"no logger":          {args{client, "a", rate, one(otpredis.WithLogger(nil))}, "logger"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := otpredis.NewLimiter(c.args.client, c.args.name, c.args.rate, c.args.opts...)
			assert.Nil(t, l)
			require.ErrorIs(t, err, otp.ErrMisconfigured)
			assert.Equal(t, c.field, failureOf(t, err).Field)
		})
	}
}
