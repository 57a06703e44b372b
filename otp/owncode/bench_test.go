package owncode_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/owncode"
)

func BenchmarkSend(b *testing.B) {
	in := &inbox{}
	p := newProvider(b, owncode.Config{}, in)
	b.ReportAllocs()
	for b.Loop() {
		sendTo(b, p, otp.SendRequest{})
	}
}

func BenchmarkVerify(b *testing.B) {
	in := &inbox{}
	p := newProvider(b, owncode.Config{}, in)
	b.Run("wrong", func(b *testing.B) {
		v := sendTo(b, p, otp.SendRequest{})
		wrong := wrongCode(in.last(b).Code)
		b.ReportAllocs()
		for b.Loop() {
			_ = p.Verify(b.Context(), v, wrong)
		}
	})
	b.Run("right", func(b *testing.B) {
		const many = 20_000
		sent, codes := make([]otp.Verification, many), make([]string, many)
		n := many
		ctx := b.Context()
		b.ReportAllocs()
		for b.Loop() {
			if n == many {
				b.StopTimer()
				for n = range many {
					sent[n] = sendTo(b, p, otp.SendRequest{To: number(n)})
					codes[n] = in.last(b).Code
				}
				in.texts, n = nil, 0
				runtime.GC() // of what was sent
				b.StartTimer()
			}
			if err := p.Verify(ctx, sent[n], codes[n]); err != nil {
				require.NoError(b, err)
			}
			n++
		}
	})
}
