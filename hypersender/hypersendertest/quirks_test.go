package hypersendertest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
)

// The zero values are tested with the operations; here is each quirk on. Lenient, RequireAll and LinkNeedsChatID
// are in TestRequiredFields, NoRetryAfter and RateLimitReset in TestRateLimitHeaders.

// codeFor is the body of a request for a code for another chat.
func codeFor(chatID string) string { return strings.Replace(codeBody, chat, chatID, 1) }

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

func TestQuirkWrongCodeStatus(t *testing.T) {
	rejections(start(t), 422, 422, 422, 422)
	a := start(t, quirk(hypersendertest.Quirks{WrongCodeStatus: 200}))
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
	rejections(start(t, quirk(hypersendertest.Quirks{StatusByReason: true, WrongCodeStatus: 400})), 400, 400, 400, 400)
}

func TestQuirkHideReason(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{HideReason: true}))
	const one = "OTP code validation failed"
	a.rejects("439713", 422, one)
	code := a.code()
	a.rejects(wrong(code), 422, one)
	a.validates(code)
	a.rejects(code, 422, one)
}

func TestQuirkSuccessStatus(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{SuccessStatus: 201}))
	for operation, body := range map[string]string{"request-code": codeBody, "generate-link": linkBody} {
		resp, _ := a.post(operation, body)
		assert.Equal(t, 201, resp.StatusCode, operation)
	}
	code, _ := a.Code(chat)
	resp, _ := a.post("validate-code", typed(code))
	assert.Equal(t, 201, resp.StatusCode)
	a.rejects(code, 422, usedCode)
}

func TestQuirkValidationStatus(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{ValidationStatus: 400}))
	a.expect("request-code", `{"allCapital":false,"name":"x"}`, 400, chatRequired)
	a.rejects("439713", 422, noCode)
}

func TestQuirkFirstErrorAsMessage(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{FirstErrorAsMessage: true}))
	a.expect("request-code", `{"allCapital":false,"name":"x"}`, 422,
		`{"message":"The chat id field is required.","errors":{"chatId":["The chat id field is required."]}}`)
	a.expect("validate-code", `{}`, 422, `{"message":"The chat id field is required. (and 1 more error)","errors":{`+
		`"chatId":["The chat id field is required."],"code":["The code field is required."]}}`)
	_, got := a.post("request-code", `{"length":1}`)
	assert.Contains(t, got, `{"message":"The chat id field is required. (and 3 more errors)"`)
}

func TestQuirkStatusCodeInBody(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{StatusCodeInBody: true}))
	a.expect("request-code", `{"allCapital":false,"name":"x"}`, 422, strings.TrimSuffix(chatRequired, "}")+`,"statusCode":422}`)
	a.expect("request-code", `x`, 400, `{"message":"Bad Request","statusCode":400}`)
	_, got := a.send("POST", "/nowhere", "")
	assert.Equal(t, `{"message":"Not Found","statusCode":404}`, got)
	_, got = a.post("request-code", codeBody, "Authorization: ")
	assert.Equal(t, `{"message":"Unauthenticated.","statusCode":401}`, got)
}

func TestQuirkUnreadableIsEmpty(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{UnreadableIsEmpty: true}))
	for _, body := range []string{``, `nonsense`, `[]`} {
		a.expect("validate-code", body, 422, `{"message":"The given data was invalid.","errors":{`+
			`"chatId":["The chat id field is required."],"code":["The code field is required."]}}`)
	}
}

func TestQuirkRedirectWithoutAccept(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{RedirectWithoutAccept: true}))
	for _, accept := range []string{"", "*/*", "text/html"} {
		resp, got := a.post("request-code", `{}`, "Accept: "+accept)
		assert.Equal(t, 302, resp.StatusCode, accept)
		assert.Equal(t, "/", resp.Header.Get("Location"))
		assert.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
		assert.Contains(t, got, "<html>")
	}
	for _, accept := range []string{"application/json", "text/html, application/json;q=0.9"} {
		resp, _ := a.post("request-code", `{}`, "Accept: "+accept)
		assert.Equal(t, 422, resp.StatusCode, accept)
	}
	a.code() // needs no Accept as long as nothing is wrong
}

func TestQuirkForeignInstanceIs403(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{ForeignInstanceIs403: true}))
	resp, got := a.send("POST", "/another/request-code", codeBody)
	assert.Equal(t, 403, resp.StatusCode)
	assert.Equal(t, message("This action is unauthorized."), got)
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

func TestQuirkQueueFields(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{QueueFields: true}))
	_, got := a.post("request-code", codeBody)
	uuid := fieldOf(t, got, "queued_request_uuid")
	assert.Regexp(t, uuidPattern, uuid)
	assert.Contains(t, fieldOf(t, got, "queued_request_link"), uuid)
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

func TestQuirkMaxAttempts(t *testing.T) {
	const locked = "Too many wrong codes"
	a := start(t, quirk(hypersendertest.Quirks{MaxAttempts: 2}))
	code := a.code()
	a.rejects(wrong(code), 422, wrongCode)
	a.rejects(wrong(code), 422, wrongCode)
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

func TestQuirkTrimSpace(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{TrimSpace: true}))
	code := a.code()
	a.rejects(code[:3]+" "+code[3:], 422, wrongCode)
	a.validates(` ` + code + `\n`)
}

func TestQuirkAnyChatID(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{AnyChatID: true}))
	for _, chatID := range []string{"me", "+20123456789", "20123456789", "20 123456789@c.us", "x@newsletter"} {
		code := a.succeed("request-code", codeFor(chatID)).Code
		got, ok := a.Code(chatID)
		assert.True(t, ok, chatID)
		assert.Equal(t, code, got)
		a.succeed("validate-code", strings.Replace(typed(code), chat, chatID, 1))
	}
	for _, m := range a.Inbox.All() {
		assert.Equal(t, "whatsapp", m.Channel)
	}
	a.expect("request-code", codeFor(""), 422, chatRequired)
}

func TestQuirkUserChatsOnly(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{UserChatsOnly: true, AnyChatID: true}))
	a.code()
	for _, chatID := range []string{"20123456789@s.whatsapp.net", "20123456789@lid", "20123456789@g.us", "+20123456789", "x"} {
		a.expect("request-code", codeFor(chatID), 422, invalid("chatId", "The chat id field format is invalid."))
	}
}

func TestQuirkPhoneNumbers(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{PhoneNumbers: true}), hypersendertest.WithoutWhatsApp(phone))
	code := a.succeed("request-code", codeFor(phone)).Code
	m, ok := a.Inbox.Last(phone)
	require.True(t, ok)
	assert.Equal(t, "sms", m.Channel)
	a.succeed("validate-code", strings.Replace(typed(code), chat, phone, 1))
	a.expect("request-code", codeFor("20123456789"), 422, invalid("chatId", "The chat id field format is invalid."))
}

func TestQuirkAcceptWithoutWhatsApp(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{AcceptWithoutWhatsApp: true}), hypersendertest.WithoutWhatsApp(phone))
	sent := a.succeed("request-code", codeBody)
	assert.Empty(t, a.Inbox.All())
	assert.Equal(t, "pending", a.status(sent.UUID))
}

func TestQuirkIgnoreRanges(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{IgnoreRanges: true}))
	for fields, length := range map[string]int{`"length":1,"expires":1,`: 1, `"length":64,"expires":1000000,`: 64} {
		assert.Len(t, a.succeed("request-code", `{`+fields+codeBody[1:]).Code, length)
	}
	for _, fields := range []string{`"length":0,`, `"length":-1,`, `"length":1000001,`} {
		a.expect("request-code", `{`+fields+codeBody[1:], 422, invalid("length", "The length field must be between 1 and 1000000."))
	}
}

func TestQuirkDigitsByDefault(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{DigitsByDefault: true}))
	assert.Regexp(t, `^[0-9]{6}$`, a.succeed("request-code", `{"useNumber":false,"useLetter":false,`+codeBody[1:]).Code)
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
	for contentType, status := range map[string]int{
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, ";": 415,
		"application/json": 200, "application/json; charset=utf-8": 200,
	} {
		resp, got := a.post("request-code", codeBody, "Content-Type: "+contentType)
		assert.Equal(t, status, resp.StatusCode, "%q", contentType)
		if status == http.StatusUnsupportedMediaType {
			assert.Equal(t, message("Unsupported Media Type"), got)
		}
	}
}

func TestQuirkAnyoneMayOpen(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{AnyoneMayOpen: true}))
	link := a.link()
	reply, err := a.OpenLink(link.Link, "+4915112345678")
	require.NoError(t, err)
	assert.Equal(t, successText, reply.Text)
	assert.Equal(t, "verified", a.status(link.UUID))
}

func TestQuirkLoginURL(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{LoginURL: "https://login.example/7"}))
	reply, err := a.OpenLink(a.link().Link, "")
	require.NoError(t, err)
	assert.Equal(t, "Here is your login link: https://login.example/7", reply.Text)
	assert.Equal(t, successURL, a.Callbacks()[0].URL)
}
