package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

func benchmarkAlone(b *testing.B, send sender) {
	b.Helper()
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if err := send(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkTogether(b *testing.B, send sender) {
	b.Helper()
	ctx := context.Background()
	b.ReportAllocs()
	b.SetParallelism(perCore)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := send(ctx); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

type sides func(vendor) (floor, ours sender, err error)

func benchmarkBoth(b *testing.B, sides sides, benchmark func(*testing.B, sender)) {
	b.Helper()
	for _, v := range vendors() {
		floor, ours, err := sides(v)
		require.NoError(b, err)
		b.Run(v.name+"/"+sideFloor, func(b *testing.B) { benchmark(b, floor) })
		b.Run(v.name+"/"+sideOurs, func(b *testing.B) { benchmark(b, ours) })
	}
}

func inMemory(v vendor) (floor, ours sender, err error) { return v.inMemory(v.memory()) }

func overSockets(tb testing.TB) sides {
	tb.Helper()
	s := newServer(tb)
	return func(v vendor) (floor, ours sender, err error) { return v.overSockets(s.url) }
}

func BenchmarkSendInMemory(b *testing.B) { benchmarkBoth(b, inMemory, benchmarkAlone) }

func BenchmarkSendInMemoryTogether(b *testing.B) { benchmarkBoth(b, inMemory, benchmarkTogether) }

func BenchmarkSendOverSockets(b *testing.B) { benchmarkBoth(b, overSockets(b), benchmarkAlone) }

func BenchmarkSendOverSocketsTogether(b *testing.B) {
	benchmarkBoth(b, overSockets(b), benchmarkTogether)
}

func BenchmarkSendsInFlight(b *testing.B) {
	for _, side := range []string{sideFloor, sideOurs} {
		b.Run(side, func(b *testing.B) {
			var each float64
			for b.Loop() {
				var err error
				each, err = inFlight(b.Context(), side, full().inFlight)
				require.NoError(b, err)
			}
			b.ReportMetric(each, "B/send")
		})
	}
}

// A new limiter is a part of this, once for all that it lets go at once.
func BenchmarkDecisionWhenFree(b *testing.B) {
	for _, l := range limits() {
		b.Run(l.rate.String(), func(b *testing.B) {
			ctx := context.Background()
			var limiter otp.Acquirer
			left := 0
			b.ReportAllocs()
			for b.Loop() {
				if left == 0 {
					limiter, _ = l.rate.Limiter().(otp.Acquirer)
					left = l.free
				}
				left--
				done, err := limiter.Acquire(ctx)
				if err != nil {
					b.Fatal(err)
				}
				done(otp.OutcomeAccepted)
			}
		})
	}
}
