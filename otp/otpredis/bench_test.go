package otpredis_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

// BenchmarkRedis compares what one decision costs with what the way to Redis and back costs.
func BenchmarkRedis(b *testing.B) {
	client := connect(b, startRedis(b).addr)
	b.Run("floor", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			require.NoError(b, client.Ping(b.Context()).Err())
		}
	})
	l := newLimiter(b, client, otp.Rate{Events: 1 << 30, Per: 50 * time.Millisecond})
	b.Run("acquire and done", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			done, err := l.Acquire(b.Context())
			require.NoError(b, err)
			done(otp.OutcomeAccepted)
		}
	})
	s := newStore(b, client)
	for name, take := range map[string][]guard.Limit{
		"apply one limit": tenLimits("one")[:1], "apply ten limits": tenLimits("ten"),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := s.Apply(b.Context(), guard.Change{Take: take})
				require.NoError(b, err)
			}
		})
	}
}

// tenLimits are about as many as a guard's send has.
func tenLimits(name string) []guard.Limit {
	limits := make([]guard.Limit, 10)
	for i := range limits {
		limits[i] = guard.Limit{Key: name + strconv.Itoa(i), Window: time.Hour, Max: 1 << 30}
	}
	return limits
}

// BenchmarkRedisCore measures how many decisions a second one core of Redis can make, by the processor
// time that it takes for those of many clients.
func BenchmarkRedisCore(b *testing.B) {
	const clients = 8
	addr := startRedis(b).addr
	limited := otp.Rate{Events: 1 << 30, Per: 50 * time.Millisecond}
	decisions := map[string]func(client redis.Scripter, name string) func(b *testing.B) error{
		"limiter": func(client redis.Scripter, _ string) func(b *testing.B) error {
			l := newLimiter(b, client, limited)
			return func(b *testing.B) error { return l.Wait(b.Context()) }
		},
		"guess": func(client redis.Scripter, name string) func(b *testing.B) error {
			s := newStore(b, client)
			c := guard.Change{Unless: []string{"used" + name}, Take: tenLimits(name)[:3], Get: "owner" + name}
			return func(b *testing.B) error { _, err := s.Apply(b.Context(), c); return err }
		},
		"send": func(client redis.Scripter, name string) func(b *testing.B) error {
			s := newStore(b, client)
			c := guard.Change{Take: tenLimits(name), Get: "running" + name}
			return func(b *testing.B) error { _, err := s.Apply(b.Context(), c); return err }
		},
	}
	for name, make := range decisions {
		b.Run(name, func(b *testing.B) {
			var decide []func(b *testing.B) error
			for i := range clients {
				decide = append(decide, make(connect(b, addr), strconv.Itoa(i)))
			}
			control := connect(b, addr)
			before := processorTime(b, control)
			b.ResetTimer()
			var wg sync.WaitGroup
			for i := range clients {
				wg.Go(func() {
					for range (b.N + clients - 1) / clients {
						if err := decide[i](b); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			took := processorTime(b, control) - before
			b.ReportMetric(float64(b.N)/took, "decisions/core-s")
		})
	}
}

// processorTime is what the server has used so far, in seconds.
func processorTime(b *testing.B, client *redis.Client) (total float64) {
	b.Helper()
	for line := range strings.Lines(client.Info(b.Context(), "cpu").Val()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_user" || name == "used_cpu_sys" {
			seconds, err := strconv.ParseFloat(value, 64)
			require.NoError(b, err)
			total += seconds
		}
	}
	return total
}
