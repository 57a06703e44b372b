package hypersendertest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
)

const chatRequired = `{"message":"The given data was invalid.","errors":{"chatId":["The chat id field is required."]}}`

func TestRequestCodeRefuses(t *testing.T) {
	const format = "The chat id field format is invalid."
	a := start(t)
	for _, tt := range []struct{ old, changed, want string }{
		{`"chatId":"` + chat + `",`, ``, chatRequired},
		{`"` + chat + `"`, `""`, chatRequired},
		{`"` + chat + `"`, `null`, chatRequired},
		{`"` + chat + `"`, `20123456789`, invalid("chatId", "The chat id field must be a string.")},
		{chat, `+20123456789`, invalid("chatId", format)},
		{chat, `20123456789`, invalid("chatId", format)},
		{chat, `+20123456789@c.us`, invalid("chatId", format)},
		{chat, `20 123456789@c.us`, invalid("chatId", format)},
		{chat, `020123456789@c.us`, invalid("chatId", format)},
		{chat, `123456@c.us`, invalid("chatId", format)},
		{chat, `1234567890123456@c.us`, invalid("chatId", format)},
		{chat, `20123456789@C.US`, invalid("chatId", format)},
		{chat, `20123456789@c.us@c.us`, invalid("chatId", format)},
		{chat, `@lid`, invalid("chatId", format)},
		{chat, `1-@g.us`, invalid("chatId", format)},
		{chat, `[email protected]`, invalid("chatId", format)},
		{`"allCapital":false,`, ``, invalid("allCapital", "The all capital field is required.")},
		{`"allCapital":false`, `"allCapital":0`, invalid("allCapital", "The all capital field must be true or false.")},
		{`,"name":"hypersender"`, ``, invalid("name", "The name field is required.")},
		{`"hypersender"`, `""`, invalid("name", "The name field is required.")},
		{`"hypersender"`, `7`, invalid("name", "The name field must be a string.")},
		{`{`, `{"length":3,`, invalid("length", "The length field must be between 4 and 10.")},
		{`{`, `{"length":11,`, invalid("length", "The length field must be between 4 and 10.")},
		{`{`, `{"length":"6",`, invalid("length", "The length field must be an integer.")},
		{`{`, `{"length":6.0,`, invalid("length", "The length field must be an integer.")},
		{`{`, `{"expires":59,`, invalid("expires", "The expires field must be between 60 and 1800.")},
		{`{`, `{"expires":1801,`, invalid("expires", "The expires field must be between 60 and 1800.")},
		{`{`, `{"expires":99999999999999999999,`, invalid("expires", "The expires field must be an integer.")},
		{`{`, `{"useLetter":"no",`, invalid("useLetter", "The use letter field must be true or false.")},
		{`{`, `{"useNumber":[],`, invalid("useNumber", "The use number field must be true or false.")},
		{`{`, `{"useNumber":false,`, invalid("useNumber", "The use number field must be true when use letter is false.")},
		{codeBody, `{}`, `{"message":"The given data was invalid.","errors":{"allCapital":["The all capital field is required."],` +
			`"chatId":["The chat id field is required."],"name":["The name field is required."]}}`},
		{codeBody, `{"ChatID":"` + chat + `","allcapital":true,"Name":"x"}`, `{"message":"The given data was invalid.",` +
			`"errors":{"allCapital":["The all capital field is required."],` +
			`"chatId":["The chat id field is required."],"name":["The name field is required."]}}`},
	} {
		require.Contains(t, codeBody, tt.old)
		a.expect("request-code", strings.Replace(codeBody, tt.old, tt.changed, 1), 422, tt.want)
	}
	assert.Empty(t, a.Inbox.All())
}

func TestUnreadableBodies(t *testing.T) {
	a := start(t)
	for _, operation := range operations {
		for _, body := range []string{``, `nonsense`, `null`, `[]`, `"x"`, codeBody + codeBody, codeBody[1:], `chatId=1`} {
			a.expect(operation, body, 400, message("Bad Request"))
		}
	}
}

func TestUnknownFieldsAreIgnored(t *testing.T) {
	a := start(t)
	a.succeed("request-code", `{"code":"1234",`+codeBody[1:])
	a.succeed("generate-link", strings.Replace(linkBody, `"message":{`, `"text":1,"message":{"lang":"ar",`, 1))
}

func TestValidateCodeRefuses(t *testing.T) {
	a := start(t)
	a.code()
	for _, tt := range []struct{ body, want string }{
		{`{}`, `{"message":"The given data was invalid.","errors":{"chatId":["The chat id field is required."],"code":["The code field is required."]}}`},
		{`{"code":"439713"}`, chatRequired},
		{`{"chatId":"` + chat + `"}`, invalid("code", "The code field is required.")},
		{typed(""), invalid("code", "The code field is required.")},
		{`{"chatId":"` + chat + `","code":439713}`, invalid("code", "The code field must be a string.")},
		{`{"chatId":"+20123456789","code":"439713"}`, invalid("chatId", "The chat id field format is invalid.")},
	} {
		a.expect("validate-code", tt.body, 422, tt.want)
	}
}

func TestGenerateLinkRefuses(t *testing.T) {
	const callback = `,"callback":{"success":"https://yourdomain.com/callback/success","failed":"https://yourdomain.com/callback/failed"}`
	a := start(t)
	for _, tt := range []struct{ old, changed, want string }{
		{chat, "20123456789", invalid("chatId", "The chat id field format is invalid.")},
		{`1800`, `59`, invalid("expires", "The expires field must be between 60 and 3600.")},
		{`1800`, `3601`, invalid("expires", "The expires field must be between 60 and 3600.")},
		{`1800`, `true`, invalid("expires", "The expires field must be an integer.")},
		{`"7enkesh"`, `null`, invalid("name", "The name field is required.")},
		{`"prompt"`, `"Prompt"`, invalid("message.prompt", "The message.prompt field is required.")},
		{`"Give me link to login at 7enkesh"`, `{}`, invalid("message.prompt", "The message.prompt field must be a string.")},
		{`"Here is your login link: {link}"`, `""`, invalid("message.success", "The message.success field is required.")},
		{`"Login failed, please try again later."`, `null`, invalid("message.failed", "The message.failed field is required.")},
		{`"The link has been expired, please try another one."`, `1`, invalid("message.expired", "The message.expired field must be a string.")},
		{`https://yourdomain.com/callback/success`, `/callback`, invalid("callback.success", "The callback.success field must be a valid URL.")},
		{`https://yourdomain.com/callback/failed`, `ftp://yourdomain.com`, invalid("callback.failed", "The callback.failed field must be a valid URL.")},
		{`https://yourdomain.com/callback/failed`, `https://a b`, invalid("callback.failed", "The callback.failed field must be a valid URL.")},
		{callback, ``, `{"message":"The given data was invalid.","errors":{"callback":["The callback field is required."],` +
			`"callback.failed":["The callback.failed field is required."],"callback.success":["The callback.success field is required."]}}`},
		{callback, `,"callback":[]`, `{"message":"The given data was invalid.","errors":{"callback":["The callback field must be an array."],` +
			`"callback.failed":["The callback.failed field is required."],"callback.success":["The callback.success field is required."]}}`},
	} {
		require.Contains(t, linkBody, tt.old)
		a.expect("generate-link", strings.Replace(linkBody, tt.old, tt.changed, 1), 422, tt.want)
	}
}

// required tells whether an operation needs each of the fields that stand in its body.
func required(t *testing.T, q hypersendertest.Quirks, operation, body string, fields map[string]bool) {
	t.Helper()
	a := start(t, quirk(q))
	for field, want := range fields {
		assert.Contains(t, body, `"`+field+`":`)
		resp, got := a.post(operation, strings.Replace(body, `"`+field+`":`, `"_":`, 1))
		if want {
			assert.Equal(t, 422, resp.StatusCode, "%s without %s: %s", operation, field, got)
			assert.Contains(t, got, `field is required."]`)
		} else {
			assert.Equal(t, 200, resp.StatusCode, "%s without %s: %s", operation, field, got)
		}
	}
}

func TestRequiredFields(t *testing.T) {
	const allFields = `{"chatId":"` + chat + `","length":6,"useLetter":false,"useNumber":true,"allCapital":false,"name":"hypersender","expires":1800}`
	for _, tt := range []struct {
		name      string
		quirks    hypersendertest.Quirks
		most, all bool
	}{
		{"as people report", hypersendertest.Quirks{}, true, false},
		{"lenient", hypersendertest.Quirks{Lenient: true}, false, false},
		{"all", hypersendertest.Quirks{RequireAll: true}, true, true},
		{"all before lenient", hypersendertest.Quirks{Lenient: true, RequireAll: true}, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			required(t, tt.quirks, "request-code", allFields, map[string]bool{
				"chatId": true, "length": tt.all, "useLetter": tt.all, "useNumber": tt.all,
				"allCapital": tt.most, "name": tt.most, "expires": tt.all,
			})
			required(t, tt.quirks, "generate-link", linkBody, map[string]bool{
				"chatId": tt.all, "expires": tt.all, "name": tt.most, "message": tt.most,
				"prompt": tt.most, "success": tt.most, "failed": tt.most, "expired": tt.most, "callback": tt.most,
			})
		})
	}
}
