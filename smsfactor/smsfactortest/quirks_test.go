package smsfactortest_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// The zero values are tested with the operations; here is each quirk on. Strict is in TestRepairs, TestIgnores
// and TestStrictValidateBody, what concerns the text in TestTexts, the credentials in TestUnauthorized.

func lower(text string) string { return strings.ToLower(text) }

func TestQuirkNearestValue(t *testing.T) {
	for field, want := range map[string]func(smsfactortest.Settings) bool{
		`"code_length":1`:            func(s smsfactortest.Settings) bool { return s.CodeLength == 4 },
		`"code_length":"99"`:         func(s smsfactortest.Settings) bool { return s.CodeLength == 32 },
		`"validity_period":0`:        func(s smsfactortest.Settings) bool { return s.ValidityPeriod == 3*time.Second },
		`"validity_period":10000001`: func(s smsfactortest.Settings) bool { return s.ValidityPeriod == 10_000_000*time.Second },
		`"max_wrong_attempts":0`:     func(s smsfactortest.Settings) bool { return s.MaxWrongAttempts == 1 },
	} {
		a := start(t, quirk(smsfactortest.Quirks{NearestValue: true}))
		sending := a.sent(with(field))
		assert.True(t, want(sending.Settings), field)
		assert.Equal(t, []string{name(field)}, sending.Repaired)
	}
	a := start(t, quirk(smsfactortest.Quirks{NearestValue: true}))
	assert.Equal(t, []string{"code_length"}, a.sent(with(`"code_length":"x"`)).Ignored)
	strict := start(t, quirk(smsfactortest.Quirks{NearestValue: true, Strict: true}))
	strict.refused(with(`"code_length":1`), 400, strictRefusal("code_length"))
}

func TestQuirkThreeCharacters(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{ThreeCharacters: true, Strict: true}))
	code, token := a.generate(with(`"code_length":3`))
	assert.Len(t, code, 3)
	a.validated(byToken(code, token), 200, success)
	a.refused(with(`"code_length":2`), 400, strictRefusal("code_length"))
}

func TestQuirkChannels(t *testing.T) {
	for _, tt := range []struct {
		quirks     smsfactortest.Quirks
		known, not []string
	}{
		{smsfactortest.Quirks{OnlyReferenceChannels: true}, []string{"sms", "voice_sms"}, []string{"text_sms", "whatsapp", "email", "imessage"}},
		{smsfactortest.Quirks{OnlySiteChannels: true}, []string{"text_sms", "voice_sms", "whatsapp", "email", "imessage"}, []string{"sms"}},
	} {
		a := start(t, quirk(tt.quirks), settings(smsfactortest.Settings{Channel: "rcs"}))
		for _, channel := range tt.known {
			assert.Equal(t, channel, a.sent(with(`"channel":"`+channel+`"`)).Settings.Channel)
		}
		for _, channel := range tt.not {
			assert.Equal(t, "rcs", a.sent(with(`"channel":"`+channel+`"`)).Settings.Channel, "the account's")
		}
	}
}

func TestQuirkSuccessStatus(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{GenerateStatus: 201}))
	resp, _ := a.send("POST", generatePath, bareBody)
	assert.Equal(t, 201, resp.StatusCode)
	code, _ := a.Code(phone)
	a.validated(byNumber(code), 200, success)

	a = start(t, quirk(smsfactortest.Quirks{ValidateStatus: 201}))
	resp, _ = a.send("POST", generatePath, bareBody)
	assert.Equal(t, 200, resp.StatusCode)
	code, _ = a.Code(phone)
	a.validated(byNumber(code), 201, success)
}

func TestQuirkErrorStatus(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{ErrorStatus: 200}))
	a.refused(`{}`, 200, failure(103, "No recipient."))
	a.validated(`{}`, 200, noCode)
	a.validated(byNumber("123456"), 200, notFound)
	code, _ := a.generate(bareBody)
	a.validated(byNumber(wrong(code)), 200, wrongCode(2))
	for _, r := range a.Requests() {
		assert.Equal(t, r.Operation == "generate" && r == a.Requests()[3], r.Accepted, "%v: only the code was sent", r)
	}
}

func TestQuirkWrongCodeAndExpiredStatus(t *testing.T) {
	for _, tt := range []struct {
		quirks                smsfactortest.Quirks
		wrong, expired, other int
	}{
		{smsfactortest.Quirks{WrongCodeStatus: 422, ExpiredStatus: 410}, 422, 410, 400},
		{smsfactortest.Quirks{WrongCodeStatus: 422, ErrorStatus: 409}, 422, 409, 409},
	} {
		a := start(t, quirk(tt.quirks))
		code, _ := a.generate(bareBody)
		a.validated(byNumber(wrong(code)), tt.wrong, wrongCode(2))
		a.Clock.Advance(time.Hour)
		a.validated(byNumber(code), tt.expired, expired)
		a.validated(`{}`, tt.other, noCode)
	}
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

func TestQuirkTableWording(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{TableWording: true}))
	code, _ := a.generate(bareBody)
	a.validated(byNumber(wrong(code)), 400, `{"code":199,"message":"Wrong otp code.","remaining_number_of_attempts":2}`)
}

func TestQuirkNoTicket(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{NoTicket: true}))
	_, got := a.send("POST", generatePath, bareBody)
	assert.Regexp(t, `^\{"code":0,"message":"success","otp_request_token":"otp_[0-9a-z]{24}"\}$`, got)
	sending, _ := a.Sent(phone)
	assert.NotEmpty(t, sending.Ticket, "the message has one all the same")
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

func TestQuirkCheckRecipientIP(t *testing.T) {
	for _, strict := range []bool{false, true} {
		a := start(t, quirk(smsfactortest.Quirks{CheckRecipientIP: true, Strict: strict}))
		code, token := a.generate(with(`"recipient_ip":"192.0.2.7","max_wrong_attempts":1`))
		for i, more := range []string{``, `,"recipient_ip":"192.0.2.8"`, `,"recipient_ip":"192.0.2.7"`} {
			status, want := 400, notFound
			if i == 2 {
				status, want = 200, success
			}
			a.validated(`{"code":`+strconv.Quote(code)+`,"otp_request_token":"`+token+`"`+more+`}`, status, want)
		}
		code, token = a.generate(bareBody)
		a.validated(byToken(code, token), 200, success) // without an address there is nothing to compare
		code, token = a.generate(bareBody)
		a.validated(`{"code":`+strconv.Quote(code)+`,"otp_request_token":"`+token+`","recipient_ip":"192.0.2.7"}`, 200, success)
	}
}

func TestQuirkBasicAuth(t *testing.T) {
	for _, on := range []bool{false, true} {
		a := start(t, quirk(smsfactortest.Quirks{BasicAuth: on}), smsfactortest.WithAPILogin("me"), smsfactortest.WithAPIKey("secret"))
		resp, _ := a.send("POST", generatePath, bareBody, "api-login", "", "api-key", "", "Authorization", "Basic bWU6c2VjcmV0")
		assert.Equal(t, on, resp.StatusCode == 200)
		resp, _ = a.send("POST", generatePath, bareBody, "api-login", "", "api-key", "", "Authorization", "Basic bWU6d3Jvbmc=")
		assert.Equal(t, 401, resp.StatusCode)
		resp, _ = a.send("POST", generatePath, bareBody)
		assert.Equal(t, 200, resp.StatusCode, "the headers work in any case")
	}
}

func TestQuirkRequireJSON(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{RequireJSON: true}))
	for contentType, status := range map[string]int{
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, ";": 415,
		"application/json": 200, "application/json; charset=utf-8": 200,
	} {
		resp, got := a.send("POST", generatePath, bareBody, "Content-Type", contentType)
		assert.Equal(t, status, resp.StatusCode, "%q", contentType)
		if status == 415 {
			assert.Equal(t, `{"message":"Unsupported Media Type."}`, got)
		}
	}
}
