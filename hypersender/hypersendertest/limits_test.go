package hypersendertest_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
)

var onePerMinute = hypersendertest.Rate{Events: 1, Per: time.Minute}

const tooMany = `{"message":"Too Many Attempts."}`

func TestNoLimitsByDefault(t *testing.T) {
	a := start(t)
	for range 100 {
		a.code()
	}
}

func TestRateLimits(t *testing.T) {
	for operation, limits := range map[string]hypersendertest.Limits{
		"request-code":  {RequestCode: onePerMinute},
		"validate-code": {ValidateCode: onePerMinute},
		"generate-link": {GenerateLink: onePerMinute},
	} {
		t.Run(operation, func(t *testing.T) {
			a := start(t, hypersendertest.WithLimits(limits))
			for _, other := range operations {
				a.expect(other, "x", 400, message("Bad Request")) // counts, too
			}
			for _, other := range operations {
				status := 400
				if other == operation {
					status = 429
				}
				resp, _ := a.post(other, "x")
				assert.Equal(t, status, resp.StatusCode, other)
			}
			a.expect(operation, codeBody, 429, tooMany)
			a.Clock.Advance(time.Minute)
			a.expect(operation, "x", 400, message("Bad Request"))
		})
	}
}

func TestRateLimitAfterToken(t *testing.T) {
	a := start(t, hypersendertest.WithLimits(hypersendertest.Limits{RequestCode: onePerMinute}))
	resp, _ := a.post("request-code", codeBody, "Authorization: Bearer wrong")
	assert.Equal(t, 401, resp.StatusCode)
	resp, _ = a.send("POST", "/another/request-code", codeBody)
	assert.Equal(t, 404, resp.StatusCode)
	a.code() // the refused ones took no room
}

func TestRateLimitHeaders(t *testing.T) {
	reset := strconv.FormatInt(noon.Add(time.Minute).Unix(), 10)
	for _, tt := range []struct {
		quirks                                  hypersendertest.Quirks
		retryAfter, limit, remaining, resetTime string
	}{
		{hypersendertest.Quirks{}, "60", "1", "0", ""},
		{hypersendertest.Quirks{RateLimitReset: true}, "60", "1", "0", reset},
		{hypersendertest.Quirks{NoRetryAfter: true}, "", "", "", ""},
	} {
		a := start(t, quirk(tt.quirks), hypersendertest.WithLimits(hypersendertest.Limits{RequestCode: onePerMinute}))
		a.code()
		a.Clock.Advance(500 * time.Millisecond) // the pause is rounded up
		resp, got := a.post("request-code", codeBody)
		assert.Equal(t, tooMany, got)
		assert.Equal(t, tt.retryAfter, resp.Header.Get("Retry-After"))
		assert.Equal(t, tt.limit, resp.Header.Get("X-RateLimit-Limit"))
		assert.Equal(t, tt.remaining, resp.Header.Get("X-RateLimit-Remaining"))
		assert.Equal(t, tt.resetTime, resp.Header.Get("X-RateLimit-Reset"))
		assert.Len(t, a.Inbox.All(), 1)
	}
}
