package hypersendertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
)

// The zero values are tested with the operations; here is each quirk on. Lenient and RequireAll are
// in TestRequiredFields.

// rejections runs through the four reasons for a code that is not accepted.
func rejections(a *account, none, mistyped, used, expired int) {
	a.t.Helper()
	a.rejects("439713", none, noCode)
	code := a.code()
	a.rejects(wrong(code), mistyped, wrongCode)
	a.validates(code)
	a.rejects(code, used, usedCode)
	code = a.code()
	a.Clock.Advance(time.Hour)
	a.rejects(code, expired, expiredCode)
}

func TestQuirkRejectWith200(t *testing.T) {
	rejections(start(t), 422, 422, 422, 422)
	a := start(t, quirk(hypersendertest.Quirks{RejectWith200: true}))
	rejections(a, 200, 200, 200, 200)
	accepted := 0
	for _, r := range a.Requests() {
		if r.Operation == "validate-code" && r.Accepted {
			accepted++
		}
	}
	assert.Equal(t, 1, accepted, "a 200 is not always a yes")
	a.expect("validate-code", `{}`, 422, `{"message":"The given data was invalid.","errors":{`+
		`"chatId":["The chat id field is required."],"code":["The code field is required."]}}`)
}

func TestQuirkStatusByReason(t *testing.T) {
	rejections(start(t, quirk(hypersendertest.Quirks{StatusByReason: true})), 404, 422, 409, 410)
	rejections(start(t, quirk(hypersendertest.Quirks{StatusByReason: true, RejectWith200: true})), 200, 200, 200, 200)
}

func TestQuirkSuccessIs201(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{SuccessIs201: true}))
	for operation, body := range map[string]string{"request-code": codeBody, "generate-link": linkBody} {
		resp, _ := a.post(operation, body)
		assert.Equal(t, 201, resp.StatusCode, operation)
	}
	code, _ := a.Code(chat)
	resp, _ := a.post("validate-code", typed(code))
	assert.Equal(t, 201, resp.StatusCode)
	a.rejects(code, 422, usedCode)
}

func TestQuirkOmitCode(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{OmitCode: true}))
	_, got := a.post("request-code", codeBody)
	assert.NotContains(t, got, `"code":`)
	code, ok := a.Code(chat)
	assert.True(t, ok)
	a.validates(code)
	assert.NotEmpty(t, a.link().Code)
}

func TestQuirkAnyLiveCode(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{AnyLiveCode: true}))
	const letters = `{"chatId":"` + chat + `","name":"x","allCapital":false,"length":10,"useLetter":true`
	oldest := a.succeed("request-code", letters+`,"expires":60}`).Code
	older, newest := a.succeed("request-code", letters+`}`).Code, a.succeed("request-code", letters+`,"expires":120}`).Code
	a.rejects("0000", 422, wrongCode)
	a.Clock.Advance(time.Minute)
	a.rejects(oldest, 422, expiredCode)
	a.validates(newest)
	a.rejects(newest, 422, usedCode)
	a.rejects("0000", 422, wrongCode)
	a.Clock.Advance(time.Minute)
	a.validates(older)
	a.rejects("0000", 422, noCode)
}

func TestQuirkRepeatCode(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{RepeatCode: true}))
	first := a.succeed("request-code", codeBody)
	a.Clock.Advance(29 * time.Minute)
	second := a.succeed("request-code", codeBody)
	assert.Equal(t, first.Code, second.Code)
	assert.NotEqual(t, first.UUID, second.UUID)
	assert.Len(t, a.Inbox.All(), 2)
	a.Clock.Advance(29 * time.Minute)
	a.validates(second.Code)
	a.rejects(second.Code, 422, usedCode)
	assert.NotEmpty(t, a.code())
}

func TestQuirkThreeAttempts(t *testing.T) {
	const locked = "Too many wrong codes"
	a := start(t, quirk(hypersendertest.Quirks{ThreeAttempts: true}))
	code := a.code()
	for range 3 {
		a.rejects(wrong(code), 422, wrongCode)
	}
	a.rejects(wrong(code), 422, locked)
	a.rejects(code, 422, locked)
	code = a.code()
	a.rejects(wrong(code), 422, wrongCode)
	a.validates(code)
}

func TestQuirkIgnoreCase(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{IgnoreCase: true}))
	code := a.succeed("request-code", `{"chatId":"`+chat+`","name":"x","useLetter":true,"useNumber":false,"allCapital":true}`).Code
	a.rejects(code[1:], 422, wrongCode)
	a.validates(strings.ToLower(code))
}

func TestQuirkRefuseUnknownFields(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{RefuseUnknownFields: true}))
	a.expect("request-code", `{"code":"1234",`+codeBody[1:], 422, invalid("code", "The code field is prohibited."))
	a.expect("validate-code", `{"uuid":"x",`+typed("1234")[1:], 422, invalid("uuid", "The uuid field is prohibited."))
	a.expect("generate-link", strings.Replace(linkBody, `"prompt"`, `"lang":"ar","prompt"`, 1), 422,
		invalid("message.lang", "The message.lang field is prohibited."))
	code := a.succeed("request-code", `{"length":6,"useLetter":false,"useNumber":true,"expires":60,`+codeBody[1:]).Code
	a.validates(code)
	a.link()
}

func TestQuirkRequireJSON(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{RequireJSON: true}))
	resp, got := a.post("request-code", codeBody, "Content-Type: text/plain")
	assert.Equal(t, 415, resp.StatusCode)
	assert.Equal(t, message("Unsupported Media Type"), got)
	resp, _ = a.post("request-code", codeBody, "Content-Type: application/json")
	assert.Equal(t, 200, resp.StatusCode)
}
