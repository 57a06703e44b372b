package owncode_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/owncode"
)

func TestVerifyAllocates(t *testing.T) {
	in := &inbox{}
	p := newProvider(t, owncode.Config{}, in)
	const runs = 500
	sent, codes := make([]otp.Verification, 2*runs+2), make([]string, 2*runs+2)
	for n := range sent {
		sent[n] = sendTo(t, p, otp.SendRequest{To: number(n)})
		codes[n] = in.last(t).Code
	}
	n := 0
	verify := func(code func(string) string) float64 {
		return testing.AllocsPerRun(runs, func() {
			_ = p.Verify(t.Context(), sent[n], code(codes[n]))
			n++
		})
	}
	wrong := map[string]string{}
	for _, code := range codes {
		wrong[code] = wrongCode(code)
	}
	assert.LessOrEqual(t, verify(func(code string) string { return code }), 5.0, "a right code")
	assert.LessOrEqual(t, verify(func(code string) string { return wrong[code] }), 5.0, "a wrong code")
}
