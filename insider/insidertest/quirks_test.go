package insidertest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/insider/insidertest"
)

// The zero values are tested with the operations; here is each quirk on. CamelCaseWhatsApp is in
// TestGenerateWhatsAppReply.

func TestQuirkLastAttemptExceeds(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{LastAttemptExceeds: true}))
	code := a.generate(`{"channel":"sms","to":"+905321234567","max-attempts":2}`)
	a.checked(wrong(code), 401, wrongOnSMS)
	a.checked(wrong(code), 429, attemptsUsedUp)
	a.checked(code, 429, attemptsUsedUp)
}

func TestQuirkLockOutlivesGenerate(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{LockOutlivesGenerate: true}))
	a.checked(wrong(a.generate(`{"channel":"sms","to":"+905321234567","max-attempts":1,"ttl":60}`)), 401, wrongOnSMS)
	a.checked(a.generateSMS(), 429, attemptsUsedUp)
	a.Clock.Advance(30 * time.Second)
	code := a.generateSMS() // a third code does not help either
	a.checked(code, 429, attemptsUsedUp)
	a.Clock.Advance(30 * time.Second)
	a.checked(code, 202, success) // the first code would have expired
}

func TestQuirkAnyLiveCode(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{AnyLiveCode: true}))
	for _, code := range []string{"1111", "2222", "3333"} {
		a.generate(`{"channel":"sms","to":"+905321234567","custom-code":"` + code + `"}`)
	}
	a.generate(`{"channel":"whatsapp","to":"+905321234567","custom-code":"4444"}`)
	a.checked("9999", 422, failure("invalid code"))
	a.checked("2222", 202, success)
	a.checked("1111", 202, success)
	a.checked("2222", 422, failure("invalid code"))
	a.checked("4444", 202, success)
	a.checked("3333", 202, success)
	a.checked("3333", 404, notFound)
}

func TestQuirkDeadCodeIsWrong(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{DeadCodeIsWrong: true}))
	a.checked("123456", 404, notFound)
	code := a.generateWhatsApp()
	a.checked(code, 202, success)
	a.checked(code, 422, failure("invalid code"))
	code = a.generateSMS()
	a.Clock.Advance(time.Hour)
	a.checked(code, 401, wrongOnSMS)
}

func TestQuirkCompareAsNumbers(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{CompareAsNumbers: true}))
	a.generate(`{"channel":"whatsapp","to":"+905321234567","custom-code":"0067"}`)
	a.expect("/v1/check", `{"to":"+905321234567","code":670}`, 422, failure("invalid code"))
	a.expect("/v1/check", `{"to":"+905321234567","code":67}`, 202, success)
}

func TestQuirkRefuseStringCode(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{RefuseStringCode: true}))
	a.generate(`{"channel":"sms","to":"+905321234567","custom-code":"1234"}`)
	a.checked("1234", 400, payloadRefused)
	a.expect("/v1/check", `{"to":"+905321234567","code":1234}`, 202, success)
	a.expect("/v1/generate", `{"channel":"whatsapp","to":"+905321234567","custom-code":"0067"}`, 400,
		fieldFailure("this field must be a code of 4 to 8 digits", "custom-code"))
	for range 100 {
		assert.NotEqual(t, byte('0'), a.generateSMS()[0], "nobody could verify it")
	}
}

func TestQuirkCheckCodeLength(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{CheckCodeLength: true}))
	code := a.generate(`{"channel":"sms","to":"+905321234567","max-attempts":1}`)
	for _, typed := range []string{`123`, `"123"`, `123456789`} {
		a.expect("/v1/check", `{"to":"+905321234567","code":`+typed+`}`, 400, fieldFailure("this field must be a code of 4 to 8 digits", "code"))
	}
	a.checked(code, 202, success)
}

func TestQuirkChannelFirst(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{ChannelFirst: true}))
	missing := fieldFailure("channel not found", "channel")
	a.expect("/v1/generate", smsBody, 400, missing)
	a.expect("/v1/generate", whatsAppBody, 400, missing)
	a.expect("/v1/channel/update", `{"channel":"sms","brandName":"Acme"}`, 400, missing)
	a.expect("/v1/template/create", `{"channel":"whatsapp","locale":"en","templateName":"x"}`, 400, missing)
	a.expect("/v1/template/update", `{"channel":"sms","locale":"en","text":"{code}"}`, 400, missing)
	assert.Empty(t, a.Inbox.All())

	a.expect("/v1/channel/create", `{"channel":"sms","brandName":"Acme"}`, 201, success)
	a.expect("/v1/channel/update", `{"channel":"sms","brandName":"Acme Ltd"}`, 202, success)
	a.generateSMS()
}

func TestQuirkTemplateFirst(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{TemplateFirst: true}))
	a.expect("/v1/generate", whatsAppBody, 400, fieldFailure("template not found", "locale"))
	a.expect("/v1/template/create", `{"channel":"whatsapp","locale":"en","templateName":"x"}`, 202, success)
	a.generateWhatsApp()
	a.generateSMS() // has its ten
}

func TestQuirkRefuseUnknownFields(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{RefuseUnknownFields: true}), insidertest.WithChannel("sms", "Acme"))
	a.expect("/v1/generate", `{"channel":"sms","to":"+905321234567","text":"x"}`, 400, payloadRefused)
	a.expect("/v1/check", `{"to":"+905321234567","code":1234,"channel":"sms"}`, 400, payloadRefused)

	a.generate(`{"channel":"sms","to":"+905321234567","locale":"en","ttl":60,"code-length":4,"custom-code":"1234","max-attempts":1,"callback":"http://callback.url"}`)
	a.expect("/v1/check", `{"to":"+905321234567","code":1234,"callback":"http://callback.url"}`, 202, success)
	a.generate(`{"channel":"whatsapp","to":"+905321234567","is-unique":true}`)
	a.expect("/v1/channel/create", `{"channel":"whatsapp"}`, 201, success)
	a.expect("/v1/channel/update", `{"channel":"sms","brandName":"Acme Ltd"}`, 202, success)
	a.expect("/v1/template/create", `{"channel":"whatsapp","locale":"en","templateName":"x"}`, 202, success)
	a.expect("/v1/template/update", `{"channel":"whatsapp","locale":"en","text":"","templateName":"y"}`, 202, success)
}

func TestQuirkRequireJSON(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{RequireJSON: true}))
	resp, got := a.send("POST", "/v1/generate", smsBody, "Content-Type", "text/plain")
	assert.Equal(t, 415, resp.StatusCode)
	assert.Equal(t, failure("unsupported media type"), got)
	resp, _ = a.send("POST", "/v1/generate", smsBody, "Content-Type", "application/json")
	assert.Equal(t, 202, resp.StatusCode)
}
