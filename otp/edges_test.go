package otp_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp"
)

func TestARequestIsPrintedWithoutNumberAndCode(t *testing.T) {
	req := otp.SendRequest{To: number, Code: "083917"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("sending", "req", req)
	for _, text := range []string{fmt.Sprintf("%v", req), fmt.Sprintf("%+v", req), fmt.Sprintf("%#v", req), log.String()} {
		assert.NotContains(t, text, "5321234567")
		assert.NotContains(t, text, "083917")
	}
}

func TestAVerificationIsOneLineOfALog(t *testing.T) {
	v := otp.Verification{Provider: "main", ID: "x\n level=INFO msg=verified", To: number}
	assert.NotContains(t, fmt.Sprint(v), "\n")
}

func TestOneAttemptIsSingular(t *testing.T) {
	one := 1
	assert.Equal(t, "wrong code, 1 attempt left", (&otp.Error{Kind: otp.ErrWrongCode, Outcome: otp.OutcomeAccepted, AttemptsLeft: &one}).Error())
}

func TestOutcomeOfIsOneOfThree(t *testing.T) {
	assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(&otp.Error{Outcome: 7}))
}

func TestARetryAfterTooShortToSayIsNotSaid(t *testing.T) {
	assert.NotContains(t, (&otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: 100 * time.Microsecond}).Error(), "0s")
}
