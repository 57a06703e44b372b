package kaleyratest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
)

var onePerMinute = kaleyratest.Rate{Events: 1, Per: time.Minute}

const tooManyRequests = `{"message":"too many requests"}`

func TestRateLimits(t *testing.T) {
	a := start(t, kaleyratest.WithLimits(kaleyratest.Limits{Generate: onePerMinute, Validate: kaleyratest.Rate{Events: 2, Per: time.Minute}}))
	id, code := a.generate(sendBody)
	a.expect(a.generatePath(), sendBody, 429, tooManyRequests)
	a.expect(a.generatePath(), "no JSON", 429, tooManyRequests) // the rate counts before the shape
	a.validated(id, wrong(code), 400, e912)
	a.validated(id, wrong(code), 400, e912)
	a.validated(id, code, 429, tooManyRequests) // judged nothing
	a.Clock.Advance(time.Minute)
	a.validated(id, code, 200, verifiedBody(id))
	a.generate(sendBody)
	assert.Len(t, a.Inbox.All(), 2)
}

func TestNoLimitsByDefault(t *testing.T) {
	a := start(t)
	for range 50 {
		a.generate(sendBody)
	}
}

func TestRateLimitAfterCredentials(t *testing.T) {
	a := start(t, kaleyratest.WithLimits(kaleyratest.Limits{Generate: onePerMinute}))
	resp, _ := a.send("POST", a.generatePath(), sendBody, "api-key", "wrong")
	assert.Equal(t, 401, resp.StatusCode)
	a.generate(sendBody) // the refused one took no room
	resp, _ = a.send("POST", a.generatePath(), sendBody, "api-key", "wrong")
	assert.Equal(t, 401, resp.StatusCode)
}

func TestRateLimitRetryAfter(t *testing.T) {
	for _, tt := range []struct {
		quirks kaleyratest.Quirks
		want   string
	}{
		{kaleyratest.Quirks{}, ""},
		{kaleyratest.Quirks{RetryAfter: true}, "60"},
	} {
		a := start(t, quirk(tt.quirks), kaleyratest.WithLimits(kaleyratest.Limits{Generate: onePerMinute}))
		a.generate(sendBody)
		a.Clock.Advance(500 * time.Millisecond)
		resp, got := a.send("POST", a.generatePath(), sendBody)
		assert.Equal(t, tooManyRequests, got)
		assert.Equal(t, tt.want, resp.Header.Get("Retry-After"), "rounded up")
	}
}
