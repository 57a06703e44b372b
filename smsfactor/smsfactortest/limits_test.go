package smsfactortest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

var onePerMinute = smsfactortest.Rate{Events: 1, Per: time.Minute}

func TestNoLimitsByDefault(t *testing.T) {
	a := start(t)
	for range 50 {
		a.generate(bareBody)
	}
}

func TestRateLimits(t *testing.T) {
	a := start(t, smsfactortest.WithLimits(smsfactortest.Limits{
		Generate: onePerMinute, Validate: smsfactortest.Rate{Events: 2, Per: time.Minute},
	}))
	code, token := a.generate(bareBody)
	a.refused(bareBody, 429, tooManyRequests)
	a.refused("no JSON", 429, tooManyRequests) // the rate counts before the shape
	a.validated(byToken(wrong(code), token), 400, wrongCode(2))
	a.validated(byToken(wrong(code), token), 400, wrongCode(1))
	a.validated(byToken(code, token), 429, tooManyRequests) // judged nothing
	a.Clock.Advance(time.Minute)
	a.validated(byToken(code, token), 200, success)
	a.generate(bareBody)
}

func TestRateLimitAfterCredentials(t *testing.T) {
	a := start(t, smsfactortest.WithLimits(smsfactortest.Limits{Generate: onePerMinute}))
	for range 2 {
		resp, _ := a.send("POST", generatePath, bareBody, "api-key", "wrong")
		assert.Equal(t, 401, resp.StatusCode)
	}
	a.generate(bareBody) // the refused ones took no room
}

func TestRateLimitRetryAfter(t *testing.T) {
	for want, quirks := range map[string]smsfactortest.Quirks{"": {}, "60": {RetryAfter: true}} {
		a := start(t, quirk(quirks), smsfactortest.WithLimits(smsfactortest.Limits{Generate: onePerMinute}))
		a.generate(bareBody)
		a.Clock.Advance(500 * time.Millisecond)
		resp, _ := a.send("POST", generatePath, bareBody)
		assert.Equal(t, 429, resp.StatusCode)
		assert.Equal(t, want, resp.Header.Get("Retry-After"), "rounded up")
	}
}
