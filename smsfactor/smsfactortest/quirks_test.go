package smsfactortest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// The zero values are tested with the operations; here is each quirk on. Strict is in TestRepairs,
// TestIgnores and TestStrictValidateBody, the credentials are in TestUnauthorized.

func lower(text string) string { return strings.ToLower(text) }

func TestQuirkOnlySiteChannels(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{OnlySiteChannels: true}), settings(smsfactortest.Settings{Channel: "whatsapp"}))
	for _, channel := range []string{"text_sms", "voice_sms", "whatsapp", "email", "imessage"} {
		assert.Equal(t, channel, a.sent(with(`"channel":"`+channel+`"`)).Channel)
	}
	assert.Equal(t, "whatsapp", a.sent(with(`"channel":"sms"`)).Channel, "the account's")
}

func TestQuirkSuccessIs201(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{SuccessIs201: true}))
	resp, _ := a.send("POST", generatePath, bareBody)
	assert.Equal(t, 201, resp.StatusCode)
	code, _ := a.Code(phone)
	a.validated(byNumber(wrong(code)), 400, wrongCode(2))
	a.validated(byNumber(code), 201, success)
}

func TestQuirkErrorsAre200(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{ErrorsAre200: true, StatusByReason: true}))
	a.refused(`{}`, 200, failure(103, "No recipient."))
	a.validated(`{}`, 200, noCode)
	a.validated(byNumber("123456"), 200, notFound)
	code, _ := a.generate(bareBody)
	a.validated(byNumber(wrong(code)), 200, wrongCode(2))
	for i, r := range a.Requests() {
		assert.Equal(t, i == 3, r.Accepted, "%v: only the code was sent", r)
	}
}

func TestQuirkStatusByReason(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{StatusByReason: true}))
	code, _ := a.generate(bareBody)
	a.validated(byNumber(wrong(code)), 422, wrongCode(2))
	a.Clock.Advance(time.Hour)
	a.validated(byNumber(code), 410, expired)
	a.validated(`{}`, 400, noCode)
}

func TestQuirkStringCode(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{StringCode: true}))
	_, got := a.send("POST", generatePath, bareBody)
	assert.Contains(t, got, `{"code":"0","message":"success","ticket_number"`)
	code, _ := a.Code(phone)
	a.validated(byNumber(wrong(code)), 400, `{"code":"199","message":"Wrong OTP code.","remaining_number_of_attempts":2}`)
	a.validated(byNumber(code), 200, `{"code":"0","message":"success"}`)
	_, got = a.send("POST", generatePath, bareBody, "api-key", "wrong")
	assert.Equal(t, `{"code":"101","message":"Unauthorized."}`, got)
}

func TestQuirkNoTicket(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{NoTicket: true}))
	_, got := a.send("POST", generatePath, bareBody)
	assert.Regexp(t, `^\{"code":0,"message":"success","otp_request_token":"otp_[0-9a-z]{24}"\}$`, got)
}

func TestQuirkLastAttemptExceeds(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{LastAttemptExceeds: true}))
	code, _ := a.generate(with(`"max_wrong_attempts":2`))
	a.validated(byNumber(wrong(code)), 400, wrongCode(1))
	a.validated(byNumber(wrong(code)), 400, usedUp)
	a.validated(byNumber(code), 400, usedUp)
}

func TestQuirkLockOutlivesGenerate(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{LockOutlivesGenerate: true}))
	code, _ := a.generate(with(`"max_wrong_attempts":1,"validity_period":60`))
	a.validated(byNumber(wrong(code)), 400, wrongCode(0))
	code, token := a.generate(bareBody)
	a.validated(byToken(code, token), 400, usedUp)
	a.Clock.Advance(59 * time.Second)
	code, token = a.generate(bareBody) // a third code does not help either
	a.validated(byToken(code, token), 400, usedUp)
	a.Clock.Advance(time.Second)
	a.validated(byToken(code, token), 200, success) // the first code would have expired
}

func TestQuirkRemaining(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{RemainingBeforeTry: true}))
	code, _ := a.generate(bareBody)
	for _, remaining := range []int{3, 2, 1} {
		a.validated(byNumber(wrong(code)), 400, wrongCode(remaining))
	}
	a.validated(byNumber(code), 400, usedUp)

	a = start(t, quirk(smsfactortest.Quirks{NoRemaining: true}))
	code, _ = a.generate(bareBody)
	a.validated(byNumber(wrong(code)), 400, failure(199, "Wrong OTP code."))
}

func TestQuirkReusable(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{Reusable: true}))
	code, token := a.generate(bareBody)
	for range 3 {
		a.validated(byToken(code, token), 200, success)
	}
	a.Clock.Advance(10 * time.Minute)
	a.validated(byToken(code, token), 400, expired)
}

func TestQuirkUsedIsExpired(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{UsedIsExpired: true}))
	a.validated(byNumber("123456"), 400, notFound)
	code, token := a.generate(bareBody)
	a.validated(byToken(code, token), 200, success)
	a.validated(byToken(code, token), 400, expired)
	a.validated(byNumber(code), 400, expired)
}

func TestQuirkNewestCodeOnly(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{NewestCodeOnly: true}))
	var tokens, codes []string
	for range 3 {
		code, token := a.generate(bareBody)
		codes, tokens = append(codes, code), append(tokens, token)
	}
	a.validated(byToken(codes[0], tokens[0]), 400, notFound)
	a.validated(byToken(codes[1], tokens[1]), 400, notFound)
	a.validated(byToken(codes[2], tokens[2]), 200, success)
}

func TestQuirkTokenMustMatchNumber(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{TokenMustMatchNumber: true}))
	code, token := a.generate(with(`"max_wrong_attempts":1`))
	a.validated(`{"code":"`+code+`","otp_request_token":"`+token+`","phone_number":"+33611223355"}`, 400, notFound)
	a.validated(`{"code":"`+code+`","otp_request_token":"`+token+`","phone_number":"+33611223344"}`, 200, success)
	code, token = a.generate(bareBody)
	a.validated(byToken(code, token), 200, success)
}

func TestQuirkIgnoreCase(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{IgnoreCase: true}))
	code, token := a.generate(with(`"code_length":8,"allow_digits":false,"allow_upper_case":true`))
	a.validated(byToken(lower(code), token), 200, success)
}

func TestQuirkRequireJSON(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{RequireJSON: true}))
	resp, got := a.send("POST", generatePath, bareBody, "Content-Type", "text/plain")
	assert.Equal(t, 415, resp.StatusCode)
	assert.Equal(t, `{"message":"Unsupported Media Type."}`, got)
	a.generate(bareBody)
}
