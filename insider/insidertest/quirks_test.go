package insidertest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/insider/insidertest"
)

// The zero values are tested with the operations; here is each quirk on. CamelCaseWhatsApp is in
// TestGenerateWhatsAppReply, RetryAfter in TestRateLimitRetryAfter.

func TestQuirkWrongCodeStatus(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{WrongCodeStatus: 403}))
	a.checked(wrong(a.generateSMS()), 403, failure("invalid code"))
	a.checked(wrong(a.generateWhatsApp()), 403, failure("invalid code"))
}

func TestQuirkChannelExistsIs500(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{ChannelExistsIs500: true}), insidertest.WithChannel("whatsapp", ""))
	a.expect("/v1/channel/create", `{"channel":"whatsapp"}`, 500, failure("channel already exists"))
}

func TestQuirkSampleFieldNames(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{SampleFieldNames: true}))
	a.expect("/v1/generate", `{"channel":"sms"}`, 400, fieldFailure("this field is required", "text"))
	a.expect("/v1/template/create", `{"channel":"sms","locale":"tr","templateName":"x"}`, 400, fieldFailure("this field must be one of these:whatsapp", "text"))
	a.expect("/v1/channel/create", `{}`, 400, fieldFailure("this field is required", "channel"))
	a.expect("/v1/template/create", `{"channel":"whatsapp","locale":"tr"}`, 400, fieldFailure("this field is required", "templateName"))
}

func TestQuirkAllErrors(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{AllErrors: true}))
	a.expect("/v1/generate", `{"channel":"sms","to":"1","ttl":1,"code-length":1}`, 400, `{"errors":[`+
		`{"message":"channel information must be a valid phone number for sms","field":"to"},`+
		`{"message":"this field must be between 60 and 600","field":"ttl"},`+
		`{"message":"this field must be between 4 and 8","field":"code-length"}]}`)
	a.expect("/v1/generate", `{"channel":"voice","to":"1","locale":"xx"}`, 400, fieldFailure("this field must be one of these:whatsapp sms", "channel"))
	a.expect("/v1/check", `{}`, 400, `{"errors":[{"message":"this field is required","field":"to"},{"message":"this field is required","field":"code"}]}`)
}

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

func TestQuirkIgnoreOtherChannel(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{IgnoreOtherChannel: true}))
	a.generate(`{"channel":"sms","to":"+905321234567","is-unique":true}`)
	a.generate(`{"channel":"whatsapp","to":"+905321234567","callback":"http://callback.url"}`)
	_, ok := a.Callback(phone)
	assert.False(t, ok)
}

func TestQuirkRequireJSON(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{RequireJSON: true}))
	refused := failure("unsupported media type")
	for contentType, status := range map[string]int{
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, ";": 415,
		"application/json": 202, "application/json; charset=utf-8": 202,
	} {
		resp, got := a.send("POST", "/v1/generate", smsBody, "Content-Type", contentType)
		assert.Equal(t, status, resp.StatusCode, "%q", contentType)
		if status == 415 {
			assert.Equal(t, refused, got)
		}
	}
	resp, _ := a.send("GET", "/v1/template/list", "")
	assert.Equal(t, 200, resp.StatusCode, "a GET has no body to have a type")
}
