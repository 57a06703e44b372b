package otpredis_test

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/guard/guardtest"
	"github.com/otp-sdk/otp-go/otp/otpredis"
)

func TestTheStoreKeepsItsPromisesInMemory(t *testing.T) {
	var server *miniredis.Miniredis
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	guardtest.TestStore(t, guardtest.Harness{
		New: func(t *testing.T) guard.Store {
			server = miniredis.RunT(t)
			server.SetTime(now)
			return newStore(t, connect(t, server.Addr()))
		},
		Advance: func(d time.Duration) {
			now = now.Add(d)
			server.SetTime(now)
			server.FastForward(d)
		},
	})
}

func TestTheStoreKeepsItsPromises(t *testing.T) { // not in parallel with others: it waits in real time
	server := startRedis(t)
	guardtest.TestStore(t, guardtest.Harness{New: func(t *testing.T) guard.Store {
		s, err := otpredis.NewStore(connect(t, server.addr), rand.Text(), patient)
		require.NoError(t, err)
		return s
	}})
}

var hourly = guard.Limit{Key: "k", Max: 5, Window: time.Hour}

func takeOne(t *testing.T, s guard.Store) guard.Result {
	t.Helper()
	result, err := s.Apply(t.Context(), guard.Change{Take: []guard.Limit{hourly}})
	require.NoError(t, err)
	return result
}

func TestAChangeIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	s := newStore(t, client)
	takeOne(t, s) // Redis learns the script
	commands := &counter{}
	client.AddHook(commands)
	_, err := s.Apply(t.Context(), guard.Change{
		Unless: []string{"u"},
		Take:   []guard.Limit{hourly, {Key: "g", Window: time.Hour, Gaps: []time.Duration{time.Second}}},
		Back:   []guard.Taken{{Key: "b", Mark: 1}}, Good: []guard.Taken{{Key: "k", Mark: 1}}, Clear: []string{"c"},
		Set: []guard.Value{{Key: "v", Data: []byte("data"), For: time.Hour}}, Get: "v",
	})
	require.NoError(t, err)
	assert.EqualValues(t, 1, commands.commands.Load())
}

func TestEveryKeyHasTheSameHashTagAndAnEnd(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	s := newStore(t, client)
	_, err := s.Apply(t.Context(), guard.Change{
		Take: []guard.Limit{hourly, {Key: "{other}", Window: time.Hour}},
		Set:  []guard.Value{{Key: "v", For: time.Hour}},
	})
	require.NoError(t, err)
	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	require.Len(t, keys, 4)
	for _, key := range keys {
		assert.True(t, strings.HasPrefix(key, "otp:guard:{users}:"), key)
		left, err := client.PTTL(t.Context(), key).Result()
		require.NoError(t, err)
		assert.Positive(t, left, key)
		assert.LessOrEqual(t, left, time.Hour)
	}
}

func TestAValueThatIsThereGoesBeforeAnyLimit(t *testing.T) {
	t.Parallel()
	s := newStore(t, connect(t, anyRedis(t)))
	full := guard.Limit{Key: "full", Max: 1, Window: time.Hour}
	c := guard.Change{Unless: []string{"v"}, Take: []guard.Limit{full}, Set: []guard.Value{{Key: "v", For: time.Hour}}}
	for _, want := range []int{guard.RefusedByNone, guard.RefusedByUnless} {
		result, err := s.Apply(t.Context(), c)
		require.NoError(t, err)
		assert.Equal(t, want, result.Refused)
		assert.Zero(t, result.RetryAfter)
	}
}

func TestAChangeThatTheClientRepeatsHappensOnce(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	s := newStore(t, client)
	taken := takeOne(t, s).Taken
	takeOne(t, s)
	takeOne(t, s)

	twice := connect(t, client.Options().Addr)
	twice.AddHook(&lossy{})
	_, err := newStore(t, twice).Apply(t.Context(), guard.Change{Back: taken})
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.Contains(t, err.Error(), "this change was made before")
	assert.Equal(t, 3, takeOne(t, s).Taken[0].N, "one was given back, not two")

	_, err = newStore(t, twice).Apply(t.Context(), guard.Change{Take: []guard.Limit{hourly}})
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.Equal(t, 5, takeOne(t, s).Taken[0].N)
}

func TestAChangeThatFailsHalfwayHasDoneNothing(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	s := newStore(t, client)
	require.NoError(t, client.Set(t.Context(), "otp:guard:{users}:key:odd", "no counter", 0).Err())
	for name, c := range map[string]guard.Change{
		"take": {Take: []guard.Limit{hourly, {Key: "odd", Window: time.Hour}}},
		"back": {Take: []guard.Limit{hourly}, Back: []guard.Taken{{Key: "odd"}}},
		"good": {Take: []guard.Limit{hourly}, Good: []guard.Taken{{Key: "odd"}}},
	} {
		_, err := s.Apply(t.Context(), c)
		require.ErrorIs(t, err, otp.ErrUnavailable, name)
	}
	assert.Equal(t, 1, takeOne(t, s).Taken[0].N)
}

func TestAStoreThatCannotAskFailsInTime(t *testing.T) {
	t.Parallel()
	clients := brokenRedis(t)
	for name, client := range realTroubles(t) {
		clients[name] = client
	}
	clients["refuses with a list"] = scripter{script: func(context.Context) (any, error) {
		return []any{int64(-1), int64(0), int64(0), int64(0), nil, []any{}, "1", []any{"one"}}, nil
	}}
	clients["leaves counts out"] = scripter{script: func(context.Context) (any, error) {
		return []any{int64(-1), int64(0), int64(0), int64(0), nil, []any{}, "1", []any{}}, nil
	}}
	for name, client := range clients {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			result, err := defaultStore(t, client).Apply(t.Context(), guard.Change{Take: []guard.Limit{hourly}})
			assert.Less(t, time.Since(start), 300*time.Millisecond+late)
			assert.Zero(t, result)
			require.ErrorIs(t, err, otp.ErrUnavailable)
			assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
			assert.NotContains(t, err.Error(), "532")
		})
	}
}

func TestAStoreReturnsWhenTheCallersContextEnds(t *testing.T) {
	t.Parallel()
	s := defaultStore(t, connectByDefault(t, hangingRedis(t)))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	start := time.Now()
	_, err := s.Apply(ctx, guard.Change{Take: []guard.Limit{hourly}})
	assert.Less(t, time.Since(start), 200*time.Millisecond)
	require.ErrorIs(t, err, otp.ErrCanceled)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), "it may have happened")

	_, err = s.Apply(timeout(t, 20*time.Millisecond), guard.Change{Take: []guard.Limit{hourly}})
	require.ErrorIs(t, err, otp.ErrUnavailable)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestAStoreRefusesWhatItCannotUse(t *testing.T) {
	client := redis.NewClient(otpredis.Defaults(nil))
	defer closed(t, client)
	for field, args := range map[string]struct {
		client redis.Scripter
		name   string
		opt    otpredis.Option
	}{
		"client":              {nil, "a", otpredis.WithTimeout(time.Second)},
		"name":                {client, "a b", otpredis.WithTimeout(time.Second)},
		"timeout":             {client, "a", otpredis.WithTimeout(-1)},
		"lease":               {client, "a", otpredis.WithLease(time.Second)},
		"local_share":         {client, "a", otpredis.WithLocalShare(otp.Rate{Events: 1, Per: 1})},
		"without_local_share": {client, "a", otpredis.WithoutLocalShare()},
		"reserve":             {client, "a", otpredis.WithReserve(time.Second)},
		"logger":              {client, "a", otpredis.WithLogger(nil)},
	} {
		s, err := otpredis.NewStore(args.client, args.name, args.opt)
		assert.Nil(t, s, field)
		require.ErrorIs(t, err, otp.ErrMisconfigured)
		assert.Equal(t, field, failureOf(t, err).Field)
	}
}

// Redis 7 and Redis in cluster mode refuse scripts that touch keys which they were not told of.
func TestTheScriptsWorkInACluster(t *testing.T) {
	t.Parallel()
	server := startRedis(t, "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf")
	single := connect(t, server.addr)
	require.NoError(t, single.ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	require.Eventually(t, func() bool {
		return strings.Contains(single.ClusterInfo(t.Context()).Val(), "cluster_state:ok")
	}, 10*time.Second, 10*time.Millisecond)
	cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{server.addr}, ContextTimeoutEnabled: true})
	t.Cleanup(func() { closed(t, cluster) })

	l := newLimiter(t, cluster, otp.Rate{Events: 2, Per: time.Minute})
	take(t, l)(otp.OutcomeAccepted)
	require.NoError(t, l.Wait(t.Context()))
	assert.Equal(t, otpredis.Stats{Shared: 2}, l.Stats())
	s := newStore(t, cluster)
	takeOne(t, s)
	assert.Equal(t, 2, takeOne(t, s).Taken[0].N)
}

func TestNoScriptNeedsWhatOldServersLack(t *testing.T) {
	for _, name := range []string{"limit.lua", "apply.lua"} {
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, tooNew := range []string{"replicate_commands", "#!lua", "'GT'", "'NX'", "GETDEL", "EXAT", "redis.REDIS_VERSION"} {
			assert.NotContains(t, string(source), tooNew, name)
		}
	}
}

func TestAStoreIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	addr := anyRedis(t)
	limit := guard.Limit{Key: "k", Max: 50, Window: time.Hour}
	stores := []guard.Store{newStore(t, connect(t, addr)), newStore(t, connect(t, addr))}
	var mu sync.Mutex
	seen := map[int]int{}
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			result, err := stores[i%2].Apply(t.Context(), guard.Change{Take: []guard.Limit{limit}})
			if assert.NoError(t, err) && result.Refused == guard.RefusedByNone {
				mu.Lock()
				defer mu.Unlock()
				seen[result.Taken[0].N]++
			}
		})
	}
	wg.Wait()
	assert.Len(t, seen, 50, "each count once")
}
