package otpconfig_test

import (
	"testing"

	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

// BenchmarkParse is also what a Watch costs each time that it looks.
func BenchmarkParse(b *testing.B) {
	file := []byte(twoInsiders + "send: {failover: [a, b]}\n")
	for b.Loop() {
		if _, err := otpconfig.Parse(file, "yaml"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkProvider(b *testing.B) {
	cfg, err := otpconfig.Parse([]byte(twoInsiders+"send: {failover: [a, b]}\n"), "yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := cfg.Provider(); err != nil {
			b.Fatal(err)
		}
	}
}
