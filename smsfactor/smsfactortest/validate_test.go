package smsfactortest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestValidateByToken(t *testing.T) {
	a := start(t)
	code, token := a.generate(bareBody)
	a.validated(byToken(code, token), 200, `{"code":0,"message":"success"}`)
	a.validated(byToken(code, token), 400, notFound) // single use
	a.validated(byNumber(code), 400, notFound)
}

func TestValidateByNumber(t *testing.T) {
	a := start(t)
	code, token := a.generate(bareBody)
	a.validated(byNumber(code), 200, success)
	a.validated(byNumber(code), 400, notFound)
	a.validated(byToken(code, token), 400, notFound)
}

func TestValidateByBoth(t *testing.T) {
	a := start(t)
	code, token := a.generate(bareBody)
	a.validated(`{"code":"`+code+`","otp_request_token":"`+token+`","phone_number":"+33611223344"}`, 200, success)
}

func TestValidateSampleBodies(t *testing.T) {
	a := start(t)
	code, token := a.generate(with(`"max_wrong_attempts":4`))
	a.validated(byToken(wrong(code), token), 400, `{"code":199,"message":"Wrong OTP code.","remaining_number_of_attempts":3}`)
	a.validated(`{"code":"TRQXSDYNJY"}`, 400, `{"code":194,"message":"At least phone number or request token is mandatory."}`)
	a.validated(`{"code":"TRQXSDYNJY","otp_request_token":"otp_111111dab2222222aaa33333"}`, 400, notFound)
}

func TestValidateOrderOfChecks(t *testing.T) {
	a := start(t)
	for _, body := range []string{
		``, `null`, `[]`, `{}`, `{"code":null}`, `{"code":""}`, `{"code":{}}`, `{"code":"- é"}`,
		`{"otp_request_token":"x","phone_number":"` + phone + `"}`,
	} {
		a.validated(body, 400, noCode)
	}
	for _, body := range []string{
		`{"code":"123456"}`, `{"code":"123456","otp_request_token":"","phone_number":""}`,
		`{"code":"123456","otp_request_token":null,"phone_number":"abc"}`, `{"code":"123456","token":"otp_x"}`,
	} {
		a.validated(body, 400, neither)
	}
	a.validated(byNumber("123456"), 400, notFound)

	code, _ := a.generate(with(`"max_wrong_attempts":1`))
	a.validated(byNumber(wrong(code)), 400, wrongCode(0))
	a.validated(byNumber(code), 400, usedUp)
	a.Clock.Advance(10 * time.Minute)
	a.validated(byNumber(code), 400, expired) // before the attempts

	code, _ = a.generate(bareBody)
	a.validated(byNumber(code), 200, success)
	a.Clock.Advance(10 * time.Minute)
	a.validated(byNumber(code), 400, notFound) // used, before expired
}

func TestValidateAttempts(t *testing.T) {
	a := start(t)
	code, token := a.generate(bareBody)
	a.validated(byToken(wrong(code), token), 400, wrongCode(2))
	a.validated(byNumber(wrong(code)), 400, wrongCode(1)) // the same request, the same attempts
	a.validated(byToken(wrong(code), token), 400, wrongCode(0))
	a.validated(byToken(wrong(code), token), 400, usedUp)
	a.validated(byToken(code, token), 400, usedUp) // the right one is too late
	a.validated(byNumber(code), 400, usedUp)

	code, token = a.generate(bareBody)
	a.validated(byToken(code, token), 200, success) // a new code starts afresh
}

func TestValidateRightAfterWrong(t *testing.T) {
	a := start(t)
	code, token := a.generate(bareBody)
	a.validated(byToken(wrong(code), token), 400, wrongCode(2))
	a.validated(byToken(wrong(code), token), 400, wrongCode(1))
	a.validated(byToken(code, token), 200, success)
}

func TestValidateCallerErrorsSpendNoAttempt(t *testing.T) {
	a := start(t)
	code, token := a.generate(with(`"max_wrong_attempts":1`))
	a.validated(byToken("", token), 400, noCode)
	a.validated(`{"code":"1"}`, 400, neither)
	a.validated(byToken(code, token+"x"), 400, notFound)
	a.validated(byToken(code, token), 200, success)
}

func TestValidateExpiry(t *testing.T) {
	for body, validity := range map[string]time.Duration{
		bareBody: 10 * time.Minute, with(`"validity_period":3`): 3 * time.Second, with(`"validity_period":10000000`): 10_000_000 * time.Second,
	} {
		a := start(t)
		code, token := a.generate(body)
		a.Clock.Advance(validity)
		a.validated(byToken(code, token), 400, expired)
		a.validated(byNumber(code), 400, expired)

		code, token = a.generate(body)
		a.Clock.Advance(validity - time.Millisecond)
		a.validated(byToken(code, token), 200, success)
	}
}

func TestValidateComparesCharacters(t *testing.T) {
	a := start(t)
	code, token := a.generate(with(`"code_length":8,"allow_digits":false,"allow_upper_case":true,"max_wrong_attempts":9`))
	for _, typed := range []string{"0" + code, code + "A", code[1:], code[:7]} {
		resp, _ := a.send("PUT", validatePath, byToken(typed, token))
		assert.Equal(t, 400, resp.StatusCode, typed)
	}
	a.validated(byToken(lower(code), token), 400, wrongCode(4))
	a.validated(byToken(code, token), 200, success)
}

func TestValidateNewestOfANumber(t *testing.T) {
	a := start(t)
	old, oldToken := a.generate(with(`"code_length":8`))
	code, _ := a.generate(bareBody)
	a.validated(byNumber(old), 400, wrongCode(2))
	a.validated(byNumber(code), 200, success)
	a.validated(byNumber(old), 400, notFound)         // the last one is used; the one before does not come back
	a.validated(byToken(old, oldToken), 200, success) // but its token still finds it
}

func TestValidateIsPerNumber(t *testing.T) {
	a := start(t)
	code, _ := a.generate(bareBody)
	a.validated(`{"code":"`+code+`","phone_number":"+33611223355"}`, 400, notFound)
	a.validated(byNumber(code), 200, success)
}

func TestValidateTokenBeforeNumber(t *testing.T) {
	a := start(t)
	code, token := a.generate(bareBody)
	a.validated(`{"code":"`+code+`","otp_request_token":"otp_unknown","phone_number":"+33611223344"}`, 400, notFound)
	a.validated(`{"code":"`+code+`","otp_request_token":"`+token+`","phone_number":"+33611223355"}`, 200, success)
}
