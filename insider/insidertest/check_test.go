package insidertest_test

import (
	"testing"
	"time"
)

func TestCheckRightCode(t *testing.T) {
	for _, path := range []string{"/v1/check", "/v1/check/"} {
		a := start(t)
		code := a.generate(`{"channel":"sms","to":"+905321234567","custom-code":"1234"}`)
		a.expect(path, `{"to":"+905321234567","code":`+code+`}`, 202, success)
		a.expect(path, `{"to":"+905321234567","code":`+code+`}`, 404, notFound) // single use
	}
}

func TestCheckWrongCode(t *testing.T) {
	a := start(t)
	a.checked(wrong(a.generateSMS()), 401, failure("invalid code"))
	a.checked(wrong(a.generateWhatsApp()), 422, failure("invalid code"))
}

func TestCheckRightAfterWrong(t *testing.T) {
	a := start(t)
	code := a.generateSMS()
	a.checked(wrong(code), 401, wrongOnSMS)
	a.checked(wrong(code), 401, wrongOnSMS)
	a.checked(code, 202, success)
}

func TestCheckWithoutCode(t *testing.T) {
	a := start(t)
	a.checked("123456", 404, notFound)
}

func TestCheckIsPerNumber(t *testing.T) {
	a := start(t)
	code := a.generateSMS()
	a.expect("/v1/check", `{"to":"+905321234568","code":"`+code+`"}`, 404, notFound)
	a.checked(code, 202, success)
}

func TestCheckDigitForDigit(t *testing.T) {
	for _, tt := range []struct {
		sent, typed string
		right       bool
	}{
		{"0067", `"0067"`, true},
		{"0067", `67`, false}, // an integer has no leading zeros: it is another code
		{"0067", `"67"`, false},
		{"0067", `"00067"`, false},
		{"1234", `1234`, true},
		{"1234", `"1234"`, true},
		{"1234", `"01234"`, false},
		{"1234", `12345`, false},
		{"1234", `123412341234123412341234`, false},
	} {
		a := start(t)
		a.generate(`{"channel":"whatsapp","to":"+905321234567","custom-code":"` + tt.sent + `"}`)
		status, want := 422, failure("invalid code")
		if tt.right {
			status, want = 202, success
		}
		a.expect("/v1/check", `{"to":"+905321234567","code":`+tt.typed+`}`, status, want)
	}
}

func TestCheckExpiry(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		ttl        time.Duration
	}{
		{"default", smsBody, 180 * time.Second},
		{"by the request", `{"channel":"whatsapp","to":"+905321234567","ttl":600}`, 600 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t)
			code := a.generate(tt.body)
			a.Clock.Advance(tt.ttl)
			a.checked(code, 404, notFound)

			code = a.generate(tt.body)
			a.Clock.Advance(tt.ttl - time.Millisecond)
			a.checked(code, 202, success)
		})
	}
}

func TestCheckAttempts(t *testing.T) {
	a := start(t)
	code := a.generate(`{"channel":"sms","to":"+905321234567","max-attempts":2}`)
	a.checked(wrong(code), 401, wrongOnSMS)
	a.checked(wrong(code), 401, wrongOnSMS)
	a.checked(wrong(code), 429, attemptsUsedUp)
	a.checked(code, 429, attemptsUsedUp) // the right one is too late
	code = a.generateSMS()
	a.checked(code, 202, success) // a new code starts afresh
}

func TestCheckAttemptsDefaultIsThree(t *testing.T) {
	a := start(t)
	code := a.generateSMS()
	for range 3 {
		a.checked(wrong(code), 401, wrongOnSMS)
	}
	a.checked(code, 429, attemptsUsedUp)
	a.Clock.Advance(180 * time.Second)
	a.checked(code, 404, notFound)
}

func TestCheckRefusedRequestSpendsNoAttempt(t *testing.T) {
	a := start(t)
	code := a.generate(`{"channel":"sms","to":"+905321234567","max-attempts":1}`)
	a.expect("/v1/check", `{"to":"+905321234567","code":true}`, 400, payloadRefused)
	a.expect("/v1/check", `{"to":"+905321234567"}`, 400, fieldFailure("this field is required", "code"))
	a.checked(code, 202, success)
}

func TestCheckNewCodeReplacesTheOld(t *testing.T) {
	a := start(t)
	old := a.generate(`{"channel":"sms","to":"+905321234567","custom-code":"1111"}`)
	code := a.generate(`{"channel":"sms","to":"+905321234567","custom-code":"2222"}`)
	a.checked(old, 401, wrongOnSMS)
	a.checked(code, 202, success)
	a.checked(old, 404, notFound)
}

func TestCheckLooksAtTheNewestChannel(t *testing.T) {
	a := start(t)
	onSMS := a.generate(`{"channel":"sms","to":"+905321234567","custom-code":"1111"}`)
	onWhatsApp := a.generate(`{"channel":"whatsapp","to":"+905321234567","custom-code":"2222"}`)
	a.checked(onSMS, 422, failure("invalid code"))
	a.checked(onWhatsApp, 202, success)
	a.checked(onSMS, 202, success) // now the newest that is live
}

func TestCheckTakesACallback(t *testing.T) {
	a := start(t)
	code := a.generateSMS()
	a.expect("/v1/check", `{"to":"+905321234567","code":"`+code+`","callback":"http://callback.url"}`, 202, success)
}

func TestCheckForgetsReplacedCodes(t *testing.T) {
	a := start(t)
	a.generate(`{"channel":"sms","to":"+905321234567","custom-code":"1111","max-attempts":1}`)
	a.checked("9999", 401, wrongOnSMS)
	onWhatsApp := a.generate(`{"channel":"whatsapp","to":"+905321234567","custom-code":"2222"}`)
	code := a.generate(`{"channel":"sms","to":"+905321234567","custom-code":"3333"}`)
	a.checked(code, 202, success)
	a.checked(onWhatsApp, 202, success) // not "maximum attempts exceeded": the first SMS was replaced
}

func TestCheckRefuses(t *testing.T) {
	const digits = "this field must be a code of 4 to 8 digits"
	a := start(t)
	for _, tt := range []struct{ body, want string }{
		{`{}`, fieldFailure("this field is required", "to")},
		{`{"to":"+905321234567"}`, fieldFailure("this field is required", "code")},
		{`{"to":"+905321234567","code":""}`, fieldFailure("this field is required", "code")},
		{`{"to":"05321234567","code":1234}`, fieldFailure("channel information must be a valid phone number for sms", "to")},
		{`{"to":"+905321234567","code":"abcd"}`, fieldFailure(digits, "code")},
		{`{"to":"+905321234567","code":1234,"callback":"x"}`, fieldFailure("this field must be a valid url", "callback")},
		{`{"to":"+905321234567","code":12.34}`, payloadRefused},
		{`{"to":"+905321234567","code":-1234}`, payloadRefused},
		{`{"to":"+905321234567","code":[1234]}`, payloadRefused},
		{`{"to":1,"code":1234}`, payloadRefused},
		{`{"to":"+905321234567","code":0067}`, payloadRefused}, // no JSON
		{`nonsense`, payloadRefused},
		{``, payloadRefused},
	} {
		a.expect("/v1/check", tt.body, 400, tt.want)
	}
}
