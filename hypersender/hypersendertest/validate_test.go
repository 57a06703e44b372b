package hypersendertest_test

import (
	"strings"
	"testing"
	"time"
)

// The sample of the page "Validate Code", at the moment of the sample.
func TestValidateCodeSample(t *testing.T) {
	a := start(t)
	sent := a.succeed("request-code", codeBody)
	a.Clock.Set(time.Date(2025, 12, 29, 17, 43, 36, 0, time.UTC))
	sample := `{"success":true,"message":"OTP code validated successfully","data":{` +
		`"uuid":"a0b5df6a-b491-4190-80a5-38d85a2a4836","chat_id":"20123456789@c.us","status":"validated",` +
		`"validated_at":"2025-12-29T17:43:36+00:00"}}`
	a.expect("validate-code", `{ "chatId": "20123456789@c.us", "code": "`+sent.Code+`" }`, 200,
		strings.Replace(sample, "a0b5df6a-b491-4190-80a5-38d85a2a4836", sent.UUID, 1))
}

func TestValidateWrongCode(t *testing.T) {
	a := start(t)
	code := a.code()
	for range 20 { // no limit of attempts is documented
		a.rejects(wrong(code), 422, wrongCode)
	}
	a.rejects(" "+code, 422, wrongCode)
	a.rejects(code+"0", 422, wrongCode)
	a.validates(code)
}

func TestValidateIsCaseSensitive(t *testing.T) {
	a := start(t)
	code := a.succeed("request-code", `{"chatId":"`+chat+`","name":"x","useLetter":true,"useNumber":false,"allCapital":true}`).Code
	a.rejects(strings.ToLower(code), 422, wrongCode)
	a.validates(code)
}

func TestValidateUsedCode(t *testing.T) {
	a := start(t)
	code := a.code()
	a.validates(code)
	a.rejects(code, 422, usedCode)
	a.rejects(wrong(code), 422, noCode)
	a.Clock.Advance(time.Hour)
	a.rejects(code, 422, usedCode)
}

func TestValidateExpiredCode(t *testing.T) {
	a := start(t)
	code := a.code()
	a.Clock.Advance(30 * time.Minute)
	a.rejects(code, 422, expiredCode)
	a.rejects(wrong(code), 422, noCode)
}

func TestValidateWithoutCode(t *testing.T) {
	a := start(t)
	a.rejects("439713", 422, noCode)
}

func TestValidateIsPerChat(t *testing.T) {
	a := start(t)
	code := a.code()
	for _, other := range []string{"12132132131@c.us", "20123456789@s.whatsapp.net", "20123456789@lid"} {
		a.expect("validate-code", strings.Replace(typed(code), chat, other, 1), 422, failure(noCode))
	}
	a.validates(code)
}

func TestNewCodeReplacesTheActiveOne(t *testing.T) {
	a := start(t)
	old := a.code()
	code := a.code()
	for code == old {
		code = a.code()
	}
	a.rejects(old, 422, wrongCode)
	a.validates(code)
	a.rejects(old, 422, noCode)
}

func TestLinkCodeIsNoCode(t *testing.T) {
	a := start(t)
	a.rejects(a.link().Code, 422, noCode)
}
