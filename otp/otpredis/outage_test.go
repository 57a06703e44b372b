package otpredis_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
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

func TestWhileRedisIsOfNoUseTheLocalShareIsKept(t *testing.T) {
	t.Parallel()
	clients := brokenRedis(t)
	for name, client := range realTroubles(t) {
		clients[name] = client
	}
	for name, client := range clients {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := newRecords()
			l := defaultLimiter(t, client, otp.Rate{Events: 20, Per: time.Minute}, withLog(log))
			start := time.Now()
			for range 2 { // a tenth
				take(t, l)(otp.OutcomeAccepted)
			}
			_, err := l.Acquire(timeout(t, 10*time.Second))
			assert.Less(t, time.Since(start), 400*time.Millisecond+late)
			require.ErrorIs(t, err, otp.ErrRateLimited)
			failure := failureOf(t, err)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.InDelta(t, time.Minute, failure.RetryAfter, float64(time.Second))
			assert.Contains(t, err.Error(), "2/1m is used up, which is this process's share while Redis is down: redis")
			assert.NotContains(t, err.Error(), "532")

			stats := l.Stats()
			assert.EqualValues(t, 2, stats.Local)
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

func TestTheLocalShareMayBeChosen(t *testing.T) {
	t.Parallel()
	down := connectByDefault(t, refusing)
	l := defaultLimiter(t, down, otp.Rate{Events: 20, Per: time.Minute},
		otpredis.WithoutLocalShare(), otpredis.WithLocalShare(otp.Rate{Events: 5, Per: time.Minute}))
	for range 5 {
		take(t, l)(otp.OutcomeAccepted)
	}
	_, err := l.Acquire(timeout(t, time.Second))
	require.ErrorIs(t, err, otp.ErrRateLimited)

	small := defaultLimiter(t, down, otp.Rate{Events: 3, Per: time.Minute})
	take(t, small)
	_, err = small.Acquire(timeout(t, time.Second))
	require.ErrorIs(t, err, otp.ErrRateLimited, "at least one")
}

func TestWithoutALocalShareEverythingIsRefused(t *testing.T) {
	t.Parallel()
	l := defaultLimiter(t, connectByDefault(t, refusing), otp.Rate{Events: 20, Per: time.Minute}, otpredis.WithoutLocalShare())
	for range 3 {
		done, err := l.Acquire(t.Context())
		assert.Nil(t, done)
		require.ErrorIs(t, err, otp.ErrUnavailable)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	}
	assert.Zero(t, l.Stats().Local)
}

func TestAHangingRedisCostsOneWaitForAll(t *testing.T) {
	t.Parallel()
	l := defaultLimiter(t, connectByDefault(t, hangingRedis(t)), otp.Rate{Events: 1000, Per: time.Minute})
	start := time.Now()
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { take(t, l)(otp.OutcomeAccepted) })
	}
	wg.Wait()
	within(t, 300*time.Millisecond, start)
	assert.EqualValues(t, 100, l.Stats().Local)

	start = time.Now()
	for range 10 {
		_, _ = l.Acquire(timeout(t, time.Second))
	}
	assert.Less(t, time.Since(start), 250*time.Millisecond, "nor do those who come later wait")
}

func TestOnlyOneCallerTriesWhetherRedisIsBack(t *testing.T) {
	t.Parallel()
	l := defaultLimiter(t, connectByDefault(t, hangingRedis(t)), otp.Rate{Events: 1000, Per: time.Minute})
	take(t, l)
	time.Sleep(1100 * time.Millisecond)
	var wg sync.WaitGroup
	wg.Go(func() { take(t, l) })
	time.Sleep(50 * time.Millisecond) // by now it waits for an answer
	start := time.Now()
	take(t, l)
	assert.Less(t, time.Since(start), 200*time.Millisecond)
	wg.Wait()
}

func TestWhoseDeadlineIsShorterThanAHangingRedisIsSentAway(t *testing.T) {
	t.Parallel()
	l := defaultLimiter(t, connectByDefault(t, hangingRedis(t)), otp.Rate{Events: 10, Per: time.Minute})
	start := time.Now()
	_, err := l.Acquire(timeout(t, 50*time.Millisecond))
	within(t, 50*time.Millisecond, start)
	require.ErrorIs(t, err, otp.ErrRateLimited)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	require.Eventually(t, func() bool { return l.Stats().Down }, time.Second, 10*time.Millisecond)
	take(t, l)
	assert.EqualValues(t, 1, l.Stats().Local)
}

func TestDoneDoesNotWaitForARedisThatIsDown(t *testing.T) {
	t.Parallel()
	client := connectByDefault(t, anyRedis(t))
	hold := &slow{}
	client.AddHook(hold)
	l := defaultLimiter(t, client, otp.Rate{Events: 10, Per: time.Minute})
	first, second := take(t, l), take(t, l)
	hold.by.Store(int64(600 * time.Millisecond))
	start := time.Now()
	first(otp.OutcomeAccepted)
	within(t, 300*time.Millisecond, start)
	start = time.Now()
	second(otp.OutcomeAccepted)
	assert.Less(t, time.Since(start), 200*time.Millisecond)
}

func TestTheLimiterReturnsToRedisByItself(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	log := newRecords()
	l := newLimiter(t, connect(t, server.addr), otp.Rate{Events: 100, Per: 100 * time.Millisecond}, withLog(log),
		otpredis.WithLease(100*time.Millisecond))
	done := take(t, l)
	server.kill()
	done(otp.OutcomeAccepted) // fails, and nobody is told but the log
	take(t, l)(otp.OutcomeAccepted)
	assert.Equal(t, otpredis.Stats{Shared: 1, Local: 1, Failures: 1, Down: true}, l.Stats())
	server.start(t)
	require.Eventually(t, func() bool {
		take(t, l)(otp.OutcomeAccepted)
		return l.Stats().Shared > 1
	}, 5*time.Second, 20*time.Millisecond)
	assert.False(t, l.Stats().Down)
	assert.Equal(t, "otp limiter: redis is down", <-log.messages)
	assert.Equal(t, "otp limiter: redis is back", <-log.messages)
	assert.Equal(t, "otp limiter: redis has lost its data, waiting a window", <-log.messages)
}

// careless panics with every record.
type careless struct{ slog.Handler }

func (careless) Enabled(context.Context, slog.Level) bool  { return true }
func (careless) Handle(context.Context, slog.Record) error { panic("careless") }
func (careless) WithAttrs([]slog.Attr) slog.Handler        { panic("careless") }

func TestALoggerThatPanicsHarmsNobody(t *testing.T) {
	t.Parallel()
	l := defaultLimiter(t, connectByDefault(t, refusing), otp.Rate{Events: 20, Per: time.Minute},
		otpredis.WithLogger(slog.New(careless{})))
	take(t, l)(otp.OutcomeAccepted)
}
