package otpredis_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// forgetting is every way in which a Redis loses keys while it answers. Each returns when ctx ends.
func forgetting(t *testing.T) map[string]func(ctx context.Context, server *realRedis) {
	t.Helper()
	ways := map[string]func(ctx context.Context, server *realRedis){
		"FLUSHALL": func(ctx context.Context, server *realRedis) {
			client := connect(t, server.addr)
			for ctx.Err() == nil {
				time.Sleep(10 * time.Millisecond)
				_ = client.FlushAll(ctx).Err()
			}
		},
		"restarts": func(ctx context.Context, server *realRedis) {
			for ctx.Err() == nil {
				time.Sleep(50 * time.Millisecond)
				server.kill()
				server.start(t)
			}
		},
	}
	ways["one key after the other"] = func(ctx context.Context, server *realRedis) {
		client := connect(t, server.addr)
		for ctx.Err() == nil {
			time.Sleep(10 * time.Millisecond)
			_ = client.Del(ctx, client.RandomKey(ctx).Val()).Err()
		}
	}
	for _, policy := range []string{
		"volatile-lru", "allkeys-lru", "volatile-lfu", "allkeys-lfu", "volatile-random", "allkeys-random", "volatile-ttl",
		"noeviction",
	} {
		ways[policy] = func(ctx context.Context, server *realRedis) {
			client, text := connect(t, server.addr), strings.Repeat("x", 5_000)
			require.NoError(t, client.ConfigSet(ctx, "maxmemory-policy", policy).Err())
			require.NoError(t, client.ConfigSet(ctx, "maxmemory", "4mb").Err())
			for n := 0; ctx.Err() == nil; n++ {
				_ = client.Set(ctx, fmt.Sprintf("other:%d", n), text, 365*24*time.Hour).Err()
			}
		}
	}
	return ways
}

// guessWhile runs 20 guessers of 10 guesses each, while Redis forgets all it has, and returns how
// many were judged.
func guessWhile(t *testing.T, server *realRedis, forget func(context.Context, *realRedis), guess func() (judged bool)) int {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var forgetter, guessers sync.WaitGroup
	var judged atomic.Int64
	forgetter.Go(func() { forget(ctx, server) })
	for range 20 {
		guessers.Go(func() {
			for range 10 {
				if guess() {
					judged.Add(1)
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	guessers.Wait()
	stop()
	forgetter.Wait()
	return int(judged.Load())
}

func TestGuardGuessesWhileRedisForgets(t *testing.T) {
	t.Parallel()
	for name, forget := range forgetting(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startRedis(t)
			vendor := otptest.NewProvider()
			all := twoGuards(t, vendor, server.addr)
			v, err := all[0].Send(t.Context(), otp.SendRequest{To: number})
			require.NoError(t, err)
			var n atomic.Int64
			guessWhile(t, server, forget, func() bool {
				assert.Error(t, all[n.Add(1)%2].Verify(t.Context(), v, "wrong"))
				return false
			})
			assert.LessOrEqual(t, callsOf(vendor, "verify"), 5)
		})
	}
}

// The other live codes of a person are asked about as well, but not one whose attempts are lost.
func TestForgottenCodeIsNotTriedWithTheNewest(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	vendor := otptest.NewProvider()
	g, err := guard.New(vendor, guard.WithStore(newStore(t, client)), guard.WithKey(key), guard.Without(guard.RuleCooldown))
	require.NoError(t, err)
	send := func() otp.Verification {
		v, err := g.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		return v
	}
	send()
	for _, record := range client.Keys(t.Context(), "*").Val() {
		if client.HExists(t.Context(), record, "po").Val() { // what is known of the send
			require.NoError(t, client.Del(t.Context(), record).Err())
		}
	}
	second, third := send(), send()
	require.ErrorIs(t, g.Verify(t.Context(), third, "wrong"), otp.ErrWrongCode)
	require.Equal(t, 2, callsOf(vendor, "verify"), "the third and the second")
	require.ErrorIs(t, g.Verify(t.Context(), second, "wrong"), otp.ErrWrongCode)
	require.Equal(t, 4, callsOf(vendor, "verify"))
}

func TestOwnCodeGuessesWhileRedisForgets(t *testing.T) {
	t.Parallel()
	for name, forget := range forgetting(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startRedis(t)
			p, _ := ownCodes(t, connect(t, server.addr))
			v, err := p.Send(t.Context(), otp.SendRequest{To: number})
			require.NoError(t, err)
			judged := guessWhile(t, server, forget, func() bool {
				err := p.Verify(t.Context(), v, "000")
				assert.Error(t, err)
				return errors.Is(err, otp.ErrWrongCode)
			})
			assert.LessOrEqual(t, judged, 5)
		})
	}
}
