package otpredis_test

import (
	"testing"
	"time"

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
	l := newLimiter(b, client, otp.Rate{Events: 1 << 30, Per: time.Millisecond})
	b.Run("wait", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			require.NoError(b, l.Wait(b.Context()))
		}
	})
	b.Run("acquire and done", func(b *testing.B) { // two ways
		b.ReportAllocs()
		for b.Loop() {
			done, err := l.Acquire(b.Context())
			require.NoError(b, err)
			done(otp.OutcomeAccepted)
		}
	})
	s := newStore(b, client)
	limits := make([]guard.Limit, 10) // about as many as a guard's send has
	for i := range limits {
		limits[i] = guard.Limit{Key: string(rune('a' + i)), Window: time.Hour}
	}
	for name, take := range map[string][]guard.Limit{"apply one limit": limits[:1], "apply ten limits": limits} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := s.Apply(b.Context(), guard.Change{Take: take})
				require.NoError(b, err)
			}
		})
	}
}
