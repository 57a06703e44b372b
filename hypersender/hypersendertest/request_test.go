package hypersendertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const uuidPattern = `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`

// The sample of the page "Request OTP Code": body for body, at the moment of the sample.
func TestRequestCodeSample(t *testing.T) {
	a := start(t)
	_, got := a.post("request-code", `{
  "chatId": "20123456789@c.us",
  "length": 6,
  "useLetter": false,
  "useNumber": true,
  "allCapital": false,
  "name": "hypersender",
  "expires": 1800
}`)
	m, ok := a.Inbox.Last(phone)
	require.True(t, ok)
	assert.Regexp(t, uuidPattern, m.ID)
	assert.Regexp(t, `^[0-9]{6}$`, m.Code)
	sample := `{"success":true,"message":"OTP code generated and message queued successfully","data":{` +
		`"uuid":"a0b5df6a-b491-4190-80a5-38d85a2a4836","chat_id":"20123456789@c.us","code":"439713","status":"pending",` +
		`"otp_type":"code","expires_at":"2025-12-29T18:09:38+00:00","created_at":"2025-12-29T17:39:38+00:00"}}`
	assert.Equal(t, strings.NewReplacer("a0b5df6a-b491-4190-80a5-38d85a2a4836", m.ID, "439713", m.Code).Replace(sample), got)

	_, err := time.Parse(time.RFC3339, "2025-12-29T18:09:38+00:00")
	assert.NoError(t, err)
}

func TestRequestCodeSendsOneMessage(t *testing.T) {
	a := start(t)
	reply := a.succeed("request-code", codeBody)
	assert.Equal(t, []otpsim.Message{{
		ID: reply.UUID, To: phone, Channel: "whatsapp", Code: reply.Code,
		Text:   reply.Code + " is your hypersender verification code.",
		SentAt: noon, ExpiresAt: noon.Add(30 * time.Minute), Note: chat,
	}}, a.Inbox.All())
}

func TestDatesAreInUTC(t *testing.T) {
	a := start(t)
	a.Clock.Set(noon.In(time.FixedZone("", 2*60*60)))
	_, got := a.post("request-code", codeBody)
	assert.Contains(t, got, `"created_at":"2025-12-29T17:39:38+00:00"`)
}

func TestCodeTakesAnyFormOfThePhone(t *testing.T) {
	a := start(t)
	want := a.code()
	for _, to := range []string{"+20123456789", "20123456789", "20123456789@c.us", "20123456789@s.whatsapp.net"} {
		got, ok := a.Code(to)
		assert.True(t, ok, to)
		assert.Equal(t, want, got, to)
	}
	for _, to := range []string{"", "+", "+201234567890", "20123456789@lid", "20123456789@g.us", "0020123456789"} {
		_, ok := a.Code(to)
		assert.False(t, ok, to)
	}
}

func TestChatsThatAreNoPhones(t *testing.T) {
	a := start(t)
	for _, chatID := range []string{"43123456789012345@lid", "120363025246125486@g.us", "20123456789-1623456789@g.us"} {
		reply := a.succeed("request-code", strings.Replace(codeBody, chat, chatID, 1))
		assert.Equal(t, chatID, reply.ChatID)
		code, ok := a.Code(chatID)
		assert.True(t, ok)
		assert.Equal(t, reply.Code, code)
	}
}

func TestAlphabets(t *testing.T) {
	for _, tt := range []struct{ fields, pattern, never string }{
		{`"allCapital":false`, `^[0-9]{10}$`, ``},
		{`"allCapital":true`, `^[0-9]{10}$`, ``}, // has no effect on digits
		{`"allCapital":false,"useLetter":true`, `^[0-9a-zA-Z]{10}$`, `^[0-9a-z]*$|^[0-9A-Z]*$|^[a-zA-Z]*$`},
		{`"allCapital":true,"useLetter":true`, `^[0-9A-Z]{10}$`, `^[0-9]*$|^[A-Z]*$`},
		{`"allCapital":false,"useLetter":true,"useNumber":false`, `^[a-zA-Z]{10}$`, `^[a-z]*$|^[A-Z]*$`},
		{`"allCapital":true,"useLetter":true,"useNumber":false`, `^[A-Z]{10}$`, ``},
	} {
		a, all := start(t), ""
		for range 20 {
			code := a.succeed("request-code", `{"chatId":"`+chat+`","name":"x","length":10,`+tt.fields+`}`).Code
			assert.Regexp(t, tt.pattern, code, tt.fields)
			all += code
		}
		if tt.never != "" {
			assert.NotRegexp(t, tt.never, all, tt.fields)
		}
	}
}

func TestCodeLength(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fields string
		length int
	}{
		{"the vendor's default", ``, 6},
		{"shortest", `"length":4,`, 4},
		{"longest", `"length":10,`, 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t)
			assert.Len(t, a.succeed("request-code", `{`+tt.fields+codeBody[1:]).Code, tt.length)
		})
	}
}

func TestCodesHaveLeadingZeros(t *testing.T) {
	a := start(t)
	for range 500 {
		if code := a.code(); code[0] == '0' {
			assert.Len(t, code, 6)
			a.rejects(code[1:], 422, wrongCode)
			a.validates(code)
			return
		}
	}
	t.Error("500 codes, and none begins with 0")
}

func TestExpires(t *testing.T) {
	for _, tt := range []struct {
		fields   string
		lifetime time.Duration
	}{
		{``, 1800 * time.Second},
		{`"expires":60,`, 60 * time.Second},
		{`"expires":1800,`, 1800 * time.Second},
	} {
		a := start(t)
		body := `{` + tt.fields + codeBody[1:]
		_, got := a.post("request-code", body)
		assert.Contains(t, got, `"expires_at":"`+noon.Add(tt.lifetime).Format("2006-01-02T15:04:05")+`+00:00"`)

		code := a.succeed("request-code", body).Code
		a.Clock.Advance(tt.lifetime - time.Millisecond)
		a.validates(code)
		code = a.succeed("request-code", body).Code
		a.Clock.Advance(tt.lifetime)
		a.rejects(code, 422, expiredCode)
	}
}

// The body is the vendor's, with the number of its fixture.
func TestNotOnWhatsApp(t *testing.T) {
	const want = `{"message":"The given data was invalid.","errors":{` +
		`"messages":["The number you want to send the message to is not on whatsapp."],` +
		`"jid":"20121323124131@s.whatsapp.net","exists":false},"statusCode":422}`
	for _, form := range []string{"+20121323124131", "20121323124131", "20121323124131@c.us"} {
		a := start(t)
		a.Fail(hypersendertest.NotOnWhatsApp("+4915112345678"), hypersendertest.NotOnWhatsApp(form))
		for _, chatID := range []string{"20121323124131@c.us", "20121323124131@s.whatsapp.net"} {
			a.expect("request-code", strings.Replace(codeBody, chat, chatID, 1), 422, want)
		}
		assert.Empty(t, a.Inbox.All())
		a.validates(a.code())
	}
	a := start(t)
	a.Fail(hypersendertest.NotOnWhatsApp("43@lid"))
	a.expect("request-code", strings.Replace(codeBody, chat, "43@lid", 1), 422,
		strings.Replace(want, "20121323124131@s.whatsapp.net", "43@lid", 1))
}
