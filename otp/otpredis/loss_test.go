package otpredis_test

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpredis"
)

// Whatever Redis has lost, anyone who asks next gets nothing for a window and a lease, unless it is
// a slot of its own.
func TestEveryLossIsNoticed(t *testing.T) {
	t.Parallel()
	const slots, record = "otp:limit:{account}:slots", "otp:limit:{account}:record"
	rate := otp.Rate{Events: 4, Per: time.Minute}
	type state struct {
		server *miniredis.Miniredis
		client *redis.Client
		holder *otpredis.Limiter // holds two slots
	}
	deleted := func(keys ...string) func(t *testing.T, s state) {
		return func(t *testing.T, s state) {
			t.Helper()
			require.NoError(t, s.client.Del(t.Context(), keys...).Err())
		}
	}
	moved := func(d time.Duration) func(t *testing.T, s state) {
		return func(t *testing.T, s state) { t.Helper(); s.server.SetTime(time.Now().Add(d)) }
	}
	for name, c := range map[string]struct {
		lose  func(t *testing.T, s state)
		first bool // whether the one that holds slots is the first to ask
	}{
		"everything":               {deleted(slots, record), true},
		"the slots":                {deleted(slots), true},
		"the slots, seen by a new": {deleted(slots), false},
		"the record":               {deleted(record), true},
		"the record, seen by new":  {deleted(record), false},
		"the last write": {func(t *testing.T, s state) {
			t.Helper()
			members := s.client.ZRangeWithScores(t.Context(), slots, 0, -1).Val()
			fields := s.client.HGetAll(t.Context(), record).Val()
			take(t, s.holder)
			require.NoError(t, s.client.Del(t.Context(), slots, record).Err())
			require.NoError(t, s.client.ZAdd(t.Context(), slots, members...).Err())
			require.NoError(t, s.client.HSet(t.Context(), record, fields).Err())
		}, true},
		"its clock, two minutes ahead":  {moved(2 * time.Minute), true},
		"its clock, two minutes behind": {moved(-2 * time.Minute), true},
		"its clock, behind, new":        {moved(-2 * time.Minute), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := miniredis.RunT(t)
			client := connect(t, server.Addr())
			lease := otpredis.WithLease(30 * time.Second)
			holder, fresh := newLimiter(t, client, rate, lease), newLimiter(t, client, rate, lease)
			take(t, holder)
			take(t, holder)
			c.lose(t, state{server, client, holder})

			order := []*otpredis.Limiter{holder, fresh}
			if !c.first {
				order = []*otpredis.Limiter{fresh, holder}
			}
			for _, l := range order {
				_, err := l.Acquire(timeout(t, 10*time.Second))
				require.ErrorIs(t, err, otp.ErrRateLimited)
				want := 90 * time.Second
				if l == holder {
					want = time.Minute // its own requests may be answered at any moment
				}
				assert.InDelta(t, want, failureOf(t, err).RetryAfter, float64(time.Second))
			}
		})
	}
}

func TestNothingIsLostWhereNothingWas(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	rate := otp.Rate{Events: 2, Per: 100 * time.Millisecond}
	one, other := newLimiter(t, client, rate), newLimiter(t, client, rate)
	for range 3 {
		take(t, one)(otp.OutcomeNotSent)
		take(t, other)(otp.OutcomeAccepted)
		time.Sleep(250 * time.Millisecond) // the slots have run out
	}
	assert.Equal(t, otpredis.Stats{Shared: 3}, one.Stats())
}

func TestOwnSlotsServeAfterALoss(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	rate := otp.Rate{Events: 4, Per: 300 * time.Millisecond}
	lease := otpredis.WithLease(2 * time.Second)
	l, fresh := newLimiter(t, client, rate, lease), newLimiter(t, client, rate, lease)
	for range 3 {
		take(t, l)(otp.OutcomeAccepted)
	}
	require.NoError(t, client.FlushAll(t.Context()).Err())
	start := time.Now()
	_, err := fresh.Acquire(timeout(t, 50*time.Millisecond)) // knows nothing of it, and begins anew
	require.NoError(t, err)
	for range 6 {
		take(t, l)(otp.OutcomeAccepted)
	}
	assert.Less(t, time.Since(start), 2*time.Second)
	_, err = fresh.Acquire(timeout(t, 500*time.Millisecond))
	require.ErrorIs(t, err, otp.ErrRateLimited)
}
