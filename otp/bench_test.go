package otp_test

import (
	"context"
	"testing"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// benchmarkFree runs decide on limiters with free slots. It takes a new one before the allowance of
// the one at hand is used up.
func benchmarkFree(b *testing.B, decide func(ctx context.Context, l otp.Acquirer) error) {
	b.Helper()
	rate := otp.Rate{Events: 1 << 14, Per: time.Hour}
	ctx := b.Context()
	var limiter otp.Acquirer
	left := 0
	b.ReportAllocs()
	for b.Loop() {
		if left == 0 {
			limiter, _ = rate.Limiter().(otp.Acquirer)
			left = rate.Events
		}
		left--
		if err := decide(ctx, limiter); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAcquireFree is a decision and what became of it. Its one allocation is done.
func BenchmarkAcquireFree(b *testing.B) {
	benchmarkFree(b, func(ctx context.Context, l otp.Acquirer) error {
		done, err := l.Acquire(ctx)
		if err == nil {
			done(otp.OutcomeAccepted)
		}
		return err
	})
}

func BenchmarkWaitFree(b *testing.B) {
	benchmarkFree(b, func(ctx context.Context, l otp.Acquirer) error {
		limiter, _ := l.(otp.Limiter)
		return limiter.Wait(ctx)
	})
}

func BenchmarkCanSend(b *testing.B) {
	p, req := around(&checker{}), bySMS()
	b.ReportAllocs()
	for b.Loop() {
		if err := otp.CanSend(p, req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCapabilitiesCheck(b *testing.B) {
	capabilities := everything()
	req := otp.SendRequest{
		To: number, Channel: otp.SMS, Locale: "pt-BR", CodeLength: 6, TTL: 5 * time.Minute, MaxAttempts: 3, Code: "012345",
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := capabilities.Check(req); err != nil {
			b.Fatal(err)
		}
	}
}
