package insidertest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/insider/insidertest"
)

func TestNoLimitsByDefault(t *testing.T) {
	a := start(t)
	for range 30 {
		resp, _ := a.send("GET", "/v1/template/list", "")
		assert.Equal(t, 200, resp.StatusCode)
	}
}

func TestRateLimits(t *testing.T) {
	one := insidertest.Rate{Events: 1, Per: time.Minute}
	for _, tt := range []struct {
		name         string
		limits       insidertest.Limits
		method, path string
		body         string
		other        string // a body on the same path that has its own limit
	}{
		{"generate SMS", insidertest.Limits{GenerateSMS: one}, "POST", "/v1/generate", smsBody, whatsAppBody},
		{"generate WhatsApp", insidertest.Limits{GenerateWhatsApp: one}, "POST", "/v1/generate", whatsAppBody, smsBody},
		{"check", insidertest.Limits{Check: one}, "POST", "/v1/check", `{"to":"+905321234567","code":1234}`, ""},
		{"channel create", insidertest.Limits{Channel: one}, "POST", "/v1/channel/create", `{"channel":"whatsapp"}`, ""},
		{"channel update", insidertest.Limits{Channel: one}, "POST", "/v1/channel/update", `{"channel":"sms","brandName":"Acme"}`, ""},
		{"template create", insidertest.Limits{Template: one}, "POST", "/v1/template/create", `{}`, ""},
		{"template update", insidertest.Limits{Template: one}, "POST", "/v1/template/update", `{}`, ""},
		{"template list", insidertest.Limits{Template: one}, "GET", "/v1/template/list", ``, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t, insidertest.WithLimits(tt.limits))
			status := func(body string) int { resp, _ := a.send(tt.method, tt.path, body); return resp.StatusCode }
			assert.NotEqual(t, 429, status(tt.body))

			resp, got := a.send(tt.method, tt.path, tt.body)
			assert.Equal(t, 429, resp.StatusCode)
			assert.Equal(t, tooManyRequests, got)
			assert.Empty(t, resp.Header.Get("Retry-After"))
			if tt.other != "" {
				assert.Equal(t, 202, status(tt.other), "each channel has its own")
				assert.Equal(t, 400, status("no JSON"), "without a channel there is no limit to meet")
			} else {
				assert.Equal(t, 429, status("no JSON"), "the rate counts before the shape")
			}
			a.Clock.Advance(time.Minute)
			assert.NotEqual(t, 429, status(tt.body))
		})
	}
}

func TestRateLimitAfterKey(t *testing.T) {
	a := start(t, insidertest.WithLimits(insidertest.Limits{GenerateSMS: insidertest.Rate{Events: 1, Per: time.Minute}}))
	resp, _ := a.send("POST", "/v1/generate", smsBody, "X-INS-AUTH-KEY", "wrong")
	assert.Equal(t, 401, resp.StatusCode)
	a.generateSMS() // the refused one took no room
	resp, _ = a.send("POST", "/v1/generate", smsBody, "X-INS-AUTH-KEY", "wrong")
	assert.Equal(t, 401, resp.StatusCode)
}

func TestRateLimitRetryAfter(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{RetryAfter: true}),
		insidertest.WithLimits(insidertest.Limits{GenerateSMS: insidertest.Rate{Events: 1, Per: time.Minute}}))
	a.generateSMS()
	a.Clock.Advance(500 * time.Millisecond)
	resp, got := a.send("POST", "/v1/generate", smsBody)
	assert.Equal(t, tooManyRequests, got)
	assert.Equal(t, "60", resp.Header.Get("Retry-After"), "rounded up")
}

func TestDocumentedLimits(t *testing.T) {
	assert.Equal(t, insidertest.Limits{
		GenerateWhatsApp: insidertest.Rate{Events: 750, Per: time.Second},
		GenerateSMS:      insidertest.Rate{Events: 250, Per: time.Minute},
		Check:            insidertest.Rate{Events: 750, Per: time.Minute},
		Channel:          insidertest.Rate{Events: 25, Per: time.Minute},
		Template:         insidertest.Rate{Events: 25, Per: time.Minute},
	}, insidertest.DocumentedLimits())

	a := start(t, insidertest.WithLimits(insidertest.DocumentedLimits()))
	for range 250 {
		a.generateSMS()
	}
	a.expect("/v1/generate", smsBody, 429, tooManyRequests)
	assert.Len(t, a.Inbox.All(), 250)
}
