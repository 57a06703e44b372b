package otp_test

import (
	"testing"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// benchmarkAcquireFree takes a new limiter before the allowance of the one at hand is used up.
func benchmarkAcquireFree(b *testing.B, r otp.Rate, before int) {
	b.Helper()
	ctx := b.Context()
	var limiter otp.Acquirer
	left := 0
	b.ReportAllocs()
	for b.Loop() {
		if left == 0 {
			limiter, _ = r.Limiter().(otp.Acquirer)
			left = before
		}
		left--
		done, err := limiter.Acquire(ctx)
		if err != nil {
			b.Fatal(err)
		}
		done(otp.OutcomeAccepted)
	}
}

func BenchmarkSlotsAcquireFree(b *testing.B) {
	benchmarkAcquireFree(b, otp.Rate{Events: 4096, Per: time.Hour}, 4096)
}

func BenchmarkPacerAcquireFree(b *testing.B) {
	benchmarkAcquireFree(b, otp.Rate{Events: 40960, Per: time.Second}, 4096)
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
