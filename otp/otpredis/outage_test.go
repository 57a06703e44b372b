package otpredis_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otpredis"
)

func withLog(r *records) otpredis.Option { return otpredis.WithLogger(slog.New(r)) }

// brokenRedis is every way in which Redis can be of no use.
func brokenRedis(t *testing.T) map[string]redis.Scripter {
	t.Helper()
	careless := redis.NewClient(&redis.Options{ // ignores contexts
		Addr: hangingRedis(t), ReadTimeout: 3 * time.Second, DialTimeout: time.Second, MaxRetries: -1,
	})
	t.Cleanup(func() { closed(t, careless) })
	all := map[string]redis.Scripter{
		"refuses":                 connectByDefault(t, refusing),
		"hangs":                   connectByDefault(t, hangingRedis(t)),
		"hangs, careless client":  careless,
		"answers with an error":   scripter{script: func(context.Context) (any, error) { return nil, errBroken }},
		"answers with nonsense":   scripter{script: func(context.Context) (any, error) { return "OK", nil }},
		"answers with other data": scripter{script: func(context.Context) (any, error) { return []any{"0", int64(1)}, nil }},
		"panics":                  scripter{script: func(context.Context) (any, error) { panic("number +905321234567") }},
		"never returns":           scripter{script: func(ctx context.Context) (any, error) { <-ctx.Done(); return nil, errBroken }},
	}
	return all
}

func TestProcessWithoutSlotsIsRefusedWhileDown(t *testing.T) {
	t.Parallel()
	clients := brokenRedis(t)
	for name, client := range realTroubles(t) {
		clients[name] = client
	}
	delete(clients, "is full") // a limiter needs next to no room, and gets it
	for name, client := range clients {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := newRecords()
			l := defaultLimiter(t, client, otp.Rate{Events: 20, Per: time.Minute}, withLog(log))
			start := time.Now()
			for range 3 {
				done, err := l.Acquire(t.Context())
				assert.Nil(t, done)
				require.ErrorIs(t, err, otp.ErrUnavailable)
				assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
				assert.NotContains(t, err.Error(), "532")
			}
			within(t, 3*time.Second, start) // only the first one waits
			stats := l.Stats()
			assert.Zero(t, stats.Local)
			assert.Zero(t, stats.Shared)
			assert.True(t, stats.Down)
			assert.Positive(t, stats.Failures)
			require.Len(t, log.messages, 1, "told once")
			assert.Equal(t, "otp limiter: redis is down", <-log.messages)
		})
	}
}

// realTroubles are those that only a real Redis has.
func realTroubles(t *testing.T) map[string]redis.Scripter {
	t.Helper()
	if !haveRedis() {
		return nil
	}
	primary := startRedis(t)
	host, port := primary.hostPort(t)
	return map[string]redis.Scripter{
		"is a read-only replica": connectByDefault(t, startRedis(t, "--replicaof", host+" "+port).addr),
		"is full":                connectByDefault(t, startRedis(t, "--maxmemory", "1", "--maxmemory-policy", "noeviction").addr),
		"wants a password":       connectByDefault(t, startRedis(t, "--requirepass", "secret").addr),
	}
}

// outage is a limiter that had slots when Redis went down.
type outage struct {
	limiter *otpredis.Limiter
	server  *realRedis
	since   time.Time
}

// newOutage takes all slots of the rate, gives them back, and returns when the process has noticed
// that Redis is down.
func newOutage(t *testing.T, rate otp.Rate, opts ...otpredis.Option) outage {
	t.Helper()
	server := startRedis(t)
	l := defaultLimiter(t, connectByDefault(t, server.addr), rate, opts...)
	for range rate.Events {
		take(t, l)(otp.OutcomeAccepted)
	}
	server.kill()
	_, err := l.Acquire(timeout(t, 500*time.Millisecond))
	require.ErrorIs(t, err, otp.ErrUnavailable)
	return outage{l, server, time.Now()}
}

func TestProcessGoesOnWithItsOwnSlots(t *testing.T) {
	t.Parallel()
	rate := otp.Rate{Events: 3, Per: time.Second}
	o := newOutage(t, rate)
	_, err := o.limiter.Acquire(timeout(t, 2*time.Second))
	require.ErrorIs(t, err, otp.ErrUnavailable, "it waits for seconds before")
	var after []time.Duration
	for range 6 {
		take(t, o.limiter)(otp.OutcomeAccepted)
		after = append(after, time.Since(o.since))
	}
	assert.Greater(t, after[0], 2*time.Second)
	assert.Less(t, after[2]-after[0], rate.Per/2, "all of its slots")
	assert.GreaterOrEqual(t, after[3]-after[0], rate.Per, "and no other")
	assert.EqualValues(t, 6, o.limiter.Stats().Local)

	_, err = o.limiter.Acquire(timeout(t, 500*time.Millisecond))
	require.ErrorIs(t, err, otp.ErrRateLimited)
	failure := failureOf(t, err)
	assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
	assert.InDelta(t, time.Second, failure.RetryAfter, float64(300*time.Millisecond))
	assert.Contains(t, err.Error(), "the client's own limit of 3/1s is used up: redis: ")
}

func TestLocalShareBoundsWhatGoesAlone(t *testing.T) {
	t.Parallel()
	rate := otp.Rate{Events: 4, Per: time.Second}
	for name, c := range map[string]struct {
		opt  otpredis.Option
		want int
	}{
		"all":  {otpredis.WithLocalShare(rate), 4},
		"half": {otpredis.WithLocalShare(otp.Rate{Events: 2, Per: time.Second}), 2},
		"none": {otpredis.WithoutLocalShare(), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOutage(t, rate, c.opt)
			sent := 0
			for _, patience := range []time.Duration{5 * time.Second, late, late, late} {
				if done, err := o.limiter.Acquire(timeout(t, patience)); err == nil {
					done(otp.OutcomeAccepted)
					sent++
				}
			}
			assert.Equal(t, c.want, sent)
		})
	}
}

// A failure long ago is no outage: others may have the slots by now.
func TestOldFailureIsNoOutage(t *testing.T) {
	t.Parallel()
	server := startRedis(t, "--appendonly", "yes", "--appendfsync", "always")
	rate := otp.Rate{Events: 2, Per: 5 * time.Second}
	one := defaultLimiter(t, connectByDefault(t, server.addr), rate)
	other := defaultLimiter(t, connectByDefault(t, server.addr), rate)
	start := time.Now()
	take(t, one)(otp.OutcomeAccepted)
	take(t, one)(otp.OutcomeAccepted)
	time.Sleep(1500 * time.Millisecond) // Redis is told
	server.kill()
	_, err := one.Acquire(timeout(t, time.Second))
	require.ErrorIs(t, err, otp.ErrUnavailable)
	server.start(t)
	take(t, other)(otp.OutcomeAccepted)
	take(t, other)(otp.OutcomeAccepted)
	within(t, rate.Per, start)
	server.kill()
	_, err = one.Acquire(timeout(t, 2*time.Second))
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.Zero(t, one.Stats().Local)
}

// What a process has let go by itself counts when Redis is back, for the others, too.
func TestWhatWentAloneIsEnteredAfterwards(t *testing.T) {
	t.Parallel()
	rate := otp.Rate{Events: 2, Per: 2 * time.Second}
	server := startRedis(t, "--appendonly", "yes")
	lease := otpredis.WithLease(time.Second)
	one := defaultLimiter(t, connectByDefault(t, server.addr), rate, lease)
	other := defaultLimiter(t, connectByDefault(t, server.addr), rate, lease)
	take(t, one)(otp.OutcomeAccepted)
	take(t, one)(otp.OutcomeAccepted)
	server.kill()
	for range 2 { // the second one is refused in the queue
		_, err := other.Acquire(timeout(t, 200*time.Millisecond))
		require.ErrorIs(t, err, otp.ErrUnavailable)
	}
	take(t, one)(otp.OutcomeAccepted)
	alone := time.Now()
	take(t, one)(otp.OutcomeAccepted)
	require.EqualValues(t, 2, one.Stats().Local)

	server.start(t)
	_, err := other.Acquire(timeout(t, time.Second))
	require.ErrorIs(t, err, otp.ErrRateLimited)
	take(t, other) // once all have had the time to come back
	assert.Greater(t, time.Since(alone), rate.Per)
}

// Anyone who was away has all slots held. A process that was not says when it needs its own no
// more.
func TestProcessThatWasNotAwayKeepsItsSlots(t *testing.T) {
	t.Parallel()
	server := startRedis(t, "--appendonly", "yes", "--appendfsync", "always")
	rate := otp.Rate{Events: 1, Per: 2 * time.Second}
	away := defaultLimiter(t, connectByDefault(t, server.addr), rate)
	other := defaultLimiter(t, connectByDefault(t, server.addr), rate)
	take(t, away)(otp.OutcomeNotSent)
	take(t, other)(otp.OutcomeAccepted)
	time.Sleep(time.Second) // Redis is told
	server.kill()
	_, err := away.Acquire(timeout(t, 5*time.Second))
	require.ErrorIs(t, err, otp.ErrUnavailable)
	server.start(t)
	require.Eventually(t, func() bool {
		_, err = away.Acquire(timeout(t, time.Second))
		return errors.Is(err, otp.ErrRateLimited)
	}, 10*time.Second, 100*time.Millisecond)
	done, err := other.Acquire(timeout(t, 5*time.Second))
	require.NoError(t, err)
	done(otp.OutcomeAccepted)
}

func TestShortOutageIsWaitedFor(t *testing.T) {
	t.Parallel()
	server := startRedis(t, "--appendonly", "yes")
	l := defaultLimiter(t, connectByDefault(t, server.addr), otp.Rate{Events: 10, Per: time.Second})
	take(t, l)(otp.OutcomeAccepted)
	server.kill()
	time.AfterFunc(500*time.Millisecond, func() { server.start(t) })
	for range 9 {
		take(t, l)(otp.OutcomeAccepted)
	}
	stats := l.Stats()
	assert.EqualValues(t, 10, stats.Shared)
	assert.Zero(t, stats.Local)
	assert.Positive(t, stats.Failures)
}

func TestHangingRedisCostsOneWaitForAll(t *testing.T) {
	t.Parallel()
	l := defaultLimiter(t, connectByDefault(t, hangingRedis(t)), otp.Rate{Events: 1000, Per: time.Minute})
	start := time.Now()
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			_, err := l.Acquire(t.Context())
			assert.ErrorIs(t, err, otp.ErrUnavailable)
		})
	}
	wg.Wait()
	within(t, 3*time.Second, start)

	start = time.Now()
	for range 10 {
		_, _ = l.Acquire(t.Context())
	}
	assert.Less(t, time.Since(start), 600*time.Millisecond, "later, only who tries whether Redis is back waits")
	assert.LessOrEqual(t, l.Stats().Failures, uint64(12))
}

func TestShortDeadlineEndsBeforeAHangingRedis(t *testing.T) {
	t.Parallel()
	l := defaultLimiter(t, connectByDefault(t, hangingRedis(t)), otp.Rate{Events: 10, Per: time.Minute})
	start := time.Now()
	_, err := l.Acquire(timeout(t, 500*time.Millisecond))
	assert.Less(t, time.Since(start), 450*time.Millisecond, "there is time left to do something else")
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	require.Eventually(t, func() bool { return l.Stats().Down }, time.Second, 10*time.Millisecond)
}

func TestDoneDoesNotWaitForRedis(t *testing.T) {
	t.Parallel()
	client := connectByDefault(t, anyRedis(t))
	hold := &slow{}
	client.AddHook(hold)
	l := defaultLimiter(t, client, otp.Rate{Events: 10, Per: time.Minute})
	done := take(t, l)
	hold.by.Store(int64(600 * time.Millisecond))
	for _, outcome := range []otp.Outcome{otp.OutcomeNotSent, otp.OutcomeAccepted} {
		start := time.Now()
		done(outcome)
		assert.Less(t, time.Since(start), 200*time.Millisecond)
	}
}

func TestLimiterReturnsToRedisByItself(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	log := newRecords()
	l := defaultLimiter(t, connectByDefault(t, server.addr), otp.Rate{Events: 100, Per: 100 * time.Millisecond},
		withLog(log), otpredis.WithLease(100*time.Millisecond))
	take(t, l)(otp.OutcomeAccepted)
	assert.Equal(t, "otp: a setting of redis puts limits at risk", <-log.messages)
	server.kill()
	_, err := l.Acquire(timeout(t, time.Second))
	require.ErrorIs(t, err, otp.ErrUnavailable)
	server.start(t)
	take(t, l)(otp.OutcomeAccepted)
	assert.False(t, l.Stats().Down)
	assert.Equal(t, "otp limiter: redis is down", <-log.messages)
	assert.Equal(t, "otp limiter: redis is back", <-log.messages)
	assert.Equal(t, "otp limiter: redis has lost its data, waiting a window", <-log.messages)
}

// slowCaller is a context of a caller who looks for the answer late.
type slowCaller struct{ context.Context }

func (c slowCaller) Done() <-chan struct{} {
	time.Sleep(time.Millisecond)
	return c.Context.Done()
}

func TestAnswerIsNotTakenForATimeout(t *testing.T) {
	t.Parallel()
	s := defaultStore(t, scripter{script: func(context.Context) (any, error) { return nil, errBroken }})
	for range 50 {
		_, err := s.Apply(slowCaller{t.Context()}, guard.Change{Take: []guard.Limit{hourly}})
		require.ErrorIs(t, err, errBroken)
	}
}

// careless panics with every record.
type careless struct{ slog.Handler }

func (careless) Enabled(context.Context, slog.Level) bool  { return true }
func (careless) Handle(context.Context, slog.Record) error { panic("careless") }
func (careless) WithAttrs([]slog.Attr) slog.Handler        { panic("careless") }

func TestPanickingLoggerHarmsNobody(t *testing.T) {
	t.Parallel()
	logger := otpredis.WithLogger(slog.New(careless{}))
	l := defaultLimiter(t, connectByDefault(t, refusing), otp.Rate{Events: 20, Per: time.Minute}, logger)
	_, err := l.Acquire(timeout(t, 200*time.Millisecond))
	require.ErrorIs(t, err, otp.ErrUnavailable)
	l = newLimiter(t, connect(t, anyRedis(t)), otp.Rate{Events: 20, Per: time.Minute}, logger)
	take(t, l)(otp.OutcomeAccepted)
	time.Sleep(50 * time.Millisecond) // it looks at the server's settings
}
