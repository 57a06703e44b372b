package callingcode_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/internal/callingcode"
)

func TestOf(t *testing.T) {
	for number, want := range map[string]string{
		"+12025550123": "+1", "+18765550123": "+1", "+79161234567": "+7", "+905321234567": "+90", "+4915112345678": "+49",
		"+35312345678": "+353", "+85212345678": "+852", "+8801712345678": "+880", "+99999999999": "+999",
		"": "", "+": "", "+49": "", "49151": "", "+0123": "", "+1x23": "", "tel:+4915": "",
	} {
		assert.Equal(t, want, callingcode.Of(number), number)
	}
}

func TestThereAreFewCodes(t *testing.T) {
	codes := map[string]bool{}
	for n := range 10_000 {
		codes[callingcode.Of(fmt.Sprintf("+%04d123456", n))] = true
	}
	assert.Less(t, len(codes), 600)
	assert.NotContains(t, codes, "+4")
}
