package otpredis_test

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otpredis"
	"github.com/otp-sdk/otp-go/otp/otptest"
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

// BenchmarkRedisCore measures how many decisions a second one core of Redis can make, by the
// processor time that it takes for those of many clients.
func BenchmarkRedisCore(b *testing.B) {
	const clients = 8
	addr := startRedis(b).addr
	limited := otp.Rate{Events: 1 << 30, Per: 50 * time.Millisecond}
	decisions := map[string]func(client redis.Scripter, name string) func(b *testing.B) error{
		"limiter": func(client redis.Scripter, _ string) func(b *testing.B) error {
			l := newLimiter(b, client, limited)
			return func(b *testing.B) error { return l.Wait(b.Context()) }
		},
	}
	for op, c := range guardedChanges(b) {
		decisions[op] = func(client redis.Scripter, name string) func(b *testing.B) error {
			s, err := otpredis.NewStore(client, name, patient)
			require.NoError(b, err)
			return func(b *testing.B) error { _, err := s.Apply(b.Context(), c); return err }
		}
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

// guardedChanges are the changes by which a guard decides about a send and about a code, of a
// caller of whom it knows the address and the session. Nothing is limited.
func guardedChanges(b *testing.B) map[string]guard.Change {
	b.Helper()
	memory, err := guard.NewMemory(0)
	require.NoError(b, err)
	recorded := &recorder{Store: memory}
	vendor := otptest.NewProvider()
	g, err := guard.New(vendor, guard.WithStore(recorded), guard.WithKey(key))
	require.NoError(b, err)
	ctx := guard.WithCaller(b.Context(), guard.Caller{
		Purpose: "login", Session: "of the person", IP: netip.MustParseAddr("192.0.2.1"),
	})
	v, err := g.Send(ctx, otp.SendRequest{To: number})
	require.NoError(b, err)
	sent := recorded.changes
	require.ErrorIs(b, g.Verify(ctx, v, "wrong"), otp.ErrWrongCode)
	decisions := map[string]guard.Change{"send": sent[0], "verify": recorded.changes[len(sent)]}
	for _, c := range decisions {
		for i := range c.Take {
			limit := &c.Take[i]
			limit.Max, limit.Reserve, limit.Gaps = 1<<30, 0, nil
			if limit.Load != nil {
				unlimited := *limit.Load
				unlimited.Windows = slices.Clone(unlimited.Windows)
				for w := range unlimited.Windows {
					unlimited.Windows[w].Max, unlimited.Windows[w].Floor = 0, 1<<30
				}
				limit.Load = &unlimited
			}
		}
	}
	return decisions
}

// recorder keeps the changes that a store is asked for.
type recorder struct {
	guard.Store

	changes []guard.Change
}

func (r *recorder) Apply(ctx context.Context, c guard.Change) (guard.Result, error) {
	r.changes = append(r.changes, c)
	return r.Store.Apply(ctx, c)
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
