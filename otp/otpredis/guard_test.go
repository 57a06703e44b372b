package otpredis_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otpredis"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

const number = "+905321234567"

var key = []byte("a key that all processes share...")

// twoGuards are those of two processes, each with a connection of its own, before one vendor.
func twoGuards(t *testing.T, vendor otp.Provider, addr string, opts ...guard.Option) []*guard.Guard {
	t.Helper()
	all := make([]*guard.Guard, 2)
	for i := range all {
		store := newStore(t, connect(t, addr))
		g, err := guard.New(vendor, append([]guard.Option{
			guard.WithStore(store), guard.WithKey(key), guard.WithStoreTimeout(patience),
		}, opts...)...)
		require.NoError(t, err)
		all[i] = g
	}
	return all
}

func callsOf(vendor *otptest.Provider, op string) int {
	n := 0
	for _, call := range vendor.Calls() {
		if call.Op == op {
			n++
		}
	}
	return n
}

func TestOfManyGuessesAtOnceTheLimitReachTheVendor(t *testing.T) {
	t.Parallel()
	vendor := otptest.NewProvider()
	all := twoGuards(t, vendor, anyRedis(t), guard.WithAttempts(5))
	v, err := all[0].Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			assert.ErrorIs(t, all[i%2].Verify(t.Context(), v, "wrong"), otp.ErrCodeRejected)
		})
	}
	wg.Wait()
	assert.Equal(t, 5, callsOf(vendor, "verify"))
}

func TestOfManySendsToOneNumberOneReachesTheVendor(t *testing.T) {
	t.Parallel()
	vendor := otptest.NewProvider()
	all := twoGuards(t, vendor, anyRedis(t))
	var sent atomic.Int64
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() {
			_, err := all[i%2].Send(t.Context(), otp.SendRequest{To: number})
			if err == nil {
				sent.Add(1)
				return
			}
			assert.ErrorIs(t, err, otp.ErrRateLimited)
			assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
		})
	}
	wg.Wait()
	assert.EqualValues(t, 1, sent.Load())
	assert.Equal(t, 1, callsOf(vendor, "send"))
}

func TestOfManyVerificationsOfOneCodeOneSucceeds(t *testing.T) {
	t.Parallel()
	vendor := otptest.NewProvider()
	all := twoGuards(t, vendor, anyRedis(t), guard.WithAttempts(100), guard.Without(guard.RuleWrongCodes))
	v, err := all[0].Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	code, _ := vendor.Code(number)
	var right atomic.Int64
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			if all[i%2].Verify(t.Context(), v, code) == nil {
				right.Add(1)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 1, right.Load())
}

func TestAFullRedisLetsNothingThrough(t *testing.T) {
	t.Parallel()
	clients := map[string]redis.Scripter{
		"Redis 6": scripter{script: func(context.Context) (any, error) {
			return nil, errors.New("ERR Error running script (call to f_0): @user_script:9: @user_script: 9: " +
				"-OOM command not allowed when used memory > 'maxmemory'.")
		}},
		"Valkey": scripter{script: func(context.Context) (any, error) {
			return nil, oom("OOM command not allowed when used memory > 'maxmemory'. script: 0, on @user_script:9.")
		}},
	}
	if haveRedis() {
		clients["a real one"] = connect(t, startRedis(t, "--maxmemory", "1", "--maxmemory-policy", "noeviction").addr)
	}
	for name, client := range clients {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vendor := otptest.NewProvider()
			g, err := guard.New(vendor, guard.WithStore(newStore(t, client)), guard.WithKey(key),
				guard.WithStoreTimeout(patience), guard.FailOpen())
			require.NoError(t, err)
			_, err = g.Send(t.Context(), otp.SendRequest{To: number})
			require.ErrorIs(t, err, guard.ErrFull)
			require.ErrorIs(t, err, otp.ErrUnavailable)
			assert.Zero(t, callsOf(vendor, "send"))
		})
	}
}

// oom is an error that Redis replied.
type oom string

func (e oom) Error() string { return string(e) }
func (oom) RedisError()     {}

// tally is a vendor that accepts everything and counts.
type tally struct {
	otp.Provider

	mu   sync.Mutex
	sent map[string]int
}

func (v *tally) Send(_ context.Context, req otp.SendRequest) (otp.Verification, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sent[req.To]++
	return otp.Verification{Provider: v.Name(), ID: req.To, To: req.To, Channel: otp.SMS}, nil
}

func (v *tally) total() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for _, times := range v.sent {
		n += times
	}
	return n
}

// With its counts on disk, a Redis that crashes lets nobody past a limit.
func TestNoLimitIsExceededWhenRedisCrashesAndComesBack(t *testing.T) {
	t.Parallel()
	const sends, numbers, budget, workers = 10_000, 5_000, 4_000, 50
	server := startRedis(t, "--appendonly", "yes", "--appendfsync", "always")
	vendor := &tally{Provider: otptest.NewProvider(), sent: map[string]int{}}
	store, err := otpredis.NewStore(connectByDefault(t, server.addr), "users")
	require.NoError(t, err)
	g, err := guard.New(vendor, guard.WithStore(store), guard.WithKey(key),
		guard.WithBudget(otp.Rate{Events: budget, Per: 24 * time.Hour}),
		guard.Without(guard.RuleBlock, guard.RuleCountry))
	require.NoError(t, err)

	var next, down atomic.Int64
	atCrash, atReturn := 0, 0
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := next.Add(1); i <= sends; i = next.Add(1) {
				_, err := g.Send(t.Context(), otp.SendRequest{To: fmt.Sprintf("+90532%07d", i%numbers)})
				if err == nil {
					continue
				}
				var failure *otp.Error
				if !assert.ErrorAs(t, err, &failure) || !assert.Equal(t, otp.OutcomeNotSent, failure.Outcome, err) {
					return
				}
				if failure.Kind == otp.ErrUnavailable {
					down.Add(1)
					time.Sleep(10 * time.Millisecond) // a person who tries again
					continue
				}
				assert.ErrorIs(t, err, otp.ErrRateLimited)
			}
		})
	}
	wg.Go(func() {
		assert.Eventually(t, func() bool { return vendor.total() > 1000 }, 30*time.Second, time.Millisecond)
		server.kill()
		atCrash = vendor.total()
		time.Sleep(200 * time.Millisecond)
		atReturn = vendor.total()
		server.start(t)
	})
	wg.Wait()

	t.Logf("%d sent before the crash, %d in all, %d refused because of it", atCrash, vendor.total(), down.Load())
	assert.LessOrEqual(t, atReturn-atCrash, workers, "nothing is sent without Redis but what was counted before")
	assert.Greater(t, vendor.total(), atReturn, "nor does it stay like that")
	assert.Positive(t, down.Load())
	assert.LessOrEqual(t, vendor.total(), budget)
	for to, times := range vendor.sent {
		require.Equal(t, 1, times, to)
	}
}
