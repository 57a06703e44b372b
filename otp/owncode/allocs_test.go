package owncode_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/owncode"
)

func TestVerifyAllocates(t *testing.T) {
	in := &inbox{}
	p := newProvider(t, owncode.Config{}, in)
	const runs = 500
	sent, codes := make([]otp.Verification, 4*runs), make([]string, 4*runs)
	for n := range sent {
		sent[n] = sendTo(t, p, otp.SendRequest{To: number(n)})
		codes[n] = in.last(t).Code
	}
	n := 0
	verify := func(code func(string) string) float64 {
		least := math.Inf(1) // pools of the race detector forget now and then
		for range runs {
			least = min(least, testing.AllocsPerRun(1, func() {
				_ = p.Verify(t.Context(), sent[n], code(codes[n]))
				n++
			}))
		}
		return least
	}
	wrong := map[string]string{}
	for _, code := range codes {
		wrong[code] = wrongCode(code)
	}
	assert.LessOrEqual(t, verify(func(code string) string { return code }), 5.0, "a right code")
	assert.LessOrEqual(t, verify(func(code string) string { return wrong[code] }), 5.0, "a wrong code")
}
