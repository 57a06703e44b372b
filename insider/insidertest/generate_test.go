package insidertest_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const smsAnswer = `{"channel":"sms","dateCreated":"2023-07-28T14:40:41Z",` +
	`"dateUpdated":"2023-07-28T14:40:41Z","locale":"en","maxAttempts":3,"ttl":180}`

func TestGenerateSMSReply(t *testing.T) {
	a := start(t)
	a.expect("/v1/generate", smsBody, 202, smsAnswer)
	a.expect("/v1/generate", `{"channel":"sms","to":"+905321234567","locale":"tr","ttl":600,"code-length":8,"max-attempts":10}`, 202,
		`{"channel":"sms","dateCreated":"2023-07-28T14:40:41Z","dateUpdated":"2023-07-28T14:40:41Z","locale":"tr","maxAttempts":10,"ttl":600}`)
}

func TestGenerateWhatsAppReply(t *testing.T) {
	const hyphens = `{"key":"KEY","channel":"whatsapp","date-created":"2023-07-28T14:40:41Z",` +
		`"date-updated":"2023-07-28T14:40:41Z","locale":"zh_CN","max-attempts":1,"ttl":60}`
	camel := strings.NewReplacer("date-c", "dateC", "date-u", "dateU", "max-a", "maxA").Replace(hyphens)
	for want, q := range map[string]insidertest.Quirks{hyphens: {}, camel: {CamelCaseWhatsApp: true}} {
		a := start(t, quirk(q))
		_, got := a.send("POST", "/v1/generate", `{"channel":"whatsapp","to":"+905321234567","locale":"zh_CN","ttl":60,"max-attempts":1}`)
		key := regexp.MustCompile(`whatsapp-\w+`).FindString(got)
		require.NotEmpty(t, key)
		assert.Equal(t, want, strings.Replace(got, key, "KEY", 1))
		m, _ := a.Inbox.Last(phone)
		assert.Equal(t, key, m.ID, "the key tracks the message")
	}
}

func TestGenerateSendsOneText(t *testing.T) {
	a := start(t, insidertest.WithChannel("sms", "Acme"))
	code := a.generate(`{"channel":"sms","to":"+905321234567","locale":"de","ttl":60}`)
	all := a.Inbox.All()
	require.Len(t, all, 1)
	assert.NotEmpty(t, all[0].ID)
	all[0].ID = ""
	assert.Equal(t, otpsim.Message{
		To: phone, Channel: "sms", Locale: "de", Code: code, Text: "Ihr Acme Bestätigungscode lautet: " + code,
		SentAt: noon, ExpiresAt: noon.Add(time.Minute), MaxAttempts: 3,
	}, all[0])

	_, ok := a.Code("+4915112345678")
	assert.False(t, ok)
}

func TestGenerateTexts(t *testing.T) {
	a := start(t)
	code := a.generate(`{"channel":"sms","to":"+905321234567","custom-code":"001234"}`)
	assert.Equal(t, "001234", code)
	m, _ := a.Inbox.Last(phone)
	assert.Equal(t, "Your YourBrandName verification code is: 001234", m.Text)

	a.generate(`{"channel":"whatsapp","to":"+905321234567","custom-code":"0067"}`)
	m, _ = a.Inbox.Last(phone)
	assert.Equal(t, "0067 is your verification code.", m.Text)
}

func TestGenerateCodeLength(t *testing.T) {
	for _, tt := range []struct {
		name   string
		body   string
		length int
	}{
		{"the vendor's default on SMS", smsBody, 4},
		{"the vendor's default on WhatsApp", whatsAppBody, 4},
		{"by the request", `{"channel":"whatsapp","to":"+905321234567","code-length":8}`, 8},
		{"an own code decides", `{"channel":"sms","to":"+905321234567","code-length":8,"custom-code":"12345"}`, 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t)
			assert.Regexp(t, `^[0-9]+$`, a.generate(tt.body))
			assert.Len(t, a.generate(tt.body), tt.length)
		})
	}
}

func TestGenerateCodesHaveLeadingZeros(t *testing.T) {
	a := start(t)
	for range 300 { // none in 300 codes: once in 10^13 runs
		if code := a.generateSMS(); code[0] == '0' {
			m, _ := a.Inbox.Last(phone)
			assert.Contains(t, m.Text, ": "+code)
			a.checked(code, 202, success)
			return
		}
	}
	t.Fatal("no code with a leading zero")
}

func TestGenerateOwnCode(t *testing.T) {
	const range_ = "this field must be between 1000 and 99999999"
	const digits = "this field must be a code of 4 to 8 digits"
	for _, tt := range []struct {
		channel, value string
		sent           string // the code in the text; "" = refused
		message        string // "" = invalid request payload
	}{
		{"whatsapp", `"0067"`, "0067", ""},
		{"whatsapp", `"0000"`, "0000", ""},
		{"whatsapp", `"12345678"`, "12345678", ""},
		{"whatsapp", `1000`, "1000", ""},
		{"whatsapp", `99999999`, "99999999", ""},
		{"whatsapp", `67`, "", range_},
		{"whatsapp", `999`, "", range_},
		{"whatsapp", `100000000`, "", range_},
		{"whatsapp", `99999999999999999999999`, "", range_},
		{"whatsapp", `"067"`, "", digits},
		{"whatsapp", `"123456789"`, "", digits},
		{"whatsapp", `"12a4"`, "", digits},
		{"whatsapp", `"１２３４"`, "", digits},
		{"whatsapp", `""`, "", digits},
		{"whatsapp", `12.5`, "", ""},
		{"whatsapp", `1e3`, "", ""},
		{"whatsapp", `-1234`, "", ""},
		{"whatsapp", `true`, "", ""},
		{"sms", `"1000"`, "1000", ""},
		{"sms", `1000`, "1000", ""},
		{"sms", `"012345"`, "012345", ""},
		{"sms", `"0067"`, "", range_},
		{"sms", `"0999"`, "", range_},
		{"sms", `999`, "", range_},
	} {
		a := start(t)
		resp, got := a.send("POST", "/v1/generate", `{"channel":"`+tt.channel+`","to":"+905321234567","custom-code":`+tt.value+`}`)
		if tt.sent != "" {
			assert.Equal(t, 202, resp.StatusCode, "%s %s", tt.channel, tt.value)
			code, _ := a.Code(phone)
			assert.Equal(t, tt.sent, code)
			continue
		}
		want := payloadRefused
		if tt.message != "" {
			want = fieldFailure(tt.message, "custom-code")
		}
		assert.Equal(t, 400, resp.StatusCode, "%s %s", tt.channel, tt.value)
		assert.Equal(t, want, got, "%s %s", tt.channel, tt.value)
		assert.Empty(t, a.Inbox.All())
	}
}

func TestGenerateRefusesFields(t *testing.T) {
	const smsLocales = "this field must be one of these:de en es fr it ja nl pt ru tr"
	with := func(channel, more string) string {
		return `{"channel":"` + channel + `","to":"+905321234567",` + more + `}`
	}
	for _, tt := range []struct{ body, message, field string }{
		{`{}`, "this field is required", "channel"},
		{`{"to":"+905321234567"}`, "this field is required", "channel"},
		{`{"channel":null,"to":"+905321234567"}`, "this field is required", "channel"},
		{`{"Channel":"sms","to":"+905321234567"}`, "this field is required", "channel"},
		{`{"channel":"sms"}`, "this field is required", "to"},
		{`{"channel":"sms","to":""}`, "this field is required", "to"},
		{`{"channel":"voice","to":"+905321234567"}`, "this field must be one of these:whatsapp sms", "channel"},
		{`{"channel":"SMS","to":"+905321234567"}`, "this field must be one of these:whatsapp sms", "channel"},
		{`{"channel":"sms","to":"905321234567"}`, "channel information must be a valid phone number for sms", "to"},
		{`{"channel":"whatsapp","to":"+90532"}`, "channel information must be a valid phone number for whatsapp", "to"},
		{`{"channel":"sms","to":"+905321234567,+905321234568"}`, "channel information must be a valid phone number for sms", "to"},
		{`{"channel":"sms","to":"+0905321234567"}`, "channel information must be a valid phone number for sms", "to"},
		{`{"channel":"sms","to":"+9053212345678901"}`, "channel information must be a valid phone number for sms", "to"},
		{with("sms", `"locale":"pt_BR"`), smsLocales, "locale"},
		{with("sms", `"locale":""`), smsLocales, "locale"},
		{with("sms", `"ttl":59`), "this field must be between 60 and 600", "ttl"},
		{with("sms", `"ttl":601`), "this field must be between 60 and 600", "ttl"},
		{with("sms", `"ttl":0`), "this field must be between 60 and 600", "ttl"},
		{with("sms", `"code-length":3`), "this field must be between 4 and 8", "code-length"},
		{with("sms", `"code-length":9`), "this field must be between 4 and 8", "code-length"},
		{with("sms", `"max-attempts":0`), "this field must be between 1 and 10", "max-attempts"},
		{with("sms", `"max-attempts":11`), "this field must be between 1 and 10", "max-attempts"},
		{with("sms", `"is-unique":true`), "this field is not supported for sms", "is-unique"},
		{with("sms", `"callback":"callback.url"`), "this field must be a valid url", "callback"},
		{with("sms", `"callback":""`), "this field must be a valid url", "callback"},
		{with("sms", `"callback":"ftp://callback.url"`), "this field must be a valid url", "callback"},
		{with("whatsapp", `"callback":"http://callback.url"`), "this field is not supported for whatsapp", "callback"},
	} {
		a := start(t)
		a.expect("/v1/generate", tt.body, 400, fieldFailure(tt.message, tt.field))
		assert.Empty(t, a.Inbox.All(), "a refused request sends nothing")
	}

	a := start(t)
	_, got := a.send("POST", "/v1/generate", with("whatsapp", `"locale":"tr_TR"`))
	assert.True(t, strings.HasPrefix(got, `{"errors":[{"message":"this field must be one of these:pt af sq ar`), got)
}

func TestWhatsAppHas72Locales(t *testing.T) {
	a := start(t)
	_, got := a.send("POST", "/v1/generate", `{"channel":"whatsapp","to":"+905321234567","locale":"xx"}`)
	var body struct{ Errors []struct{ Message string } }
	require.NoError(t, json.Unmarshal([]byte(got), &body))
	_, list, _ := strings.Cut(body.Errors[0].Message, ":")
	locales := strings.Fields(list)
	// The list of the page has 72 values; a client may rely on each.
	assert.Len(t, locales, 72)
	for _, locale := range locales {
		a.generate(`{"channel":"whatsapp","to":"+905321234567","locale":"` + locale + `"}`)
	}
}

func TestGenerateRefusesShapes(t *testing.T) {
	a := start(t)
	for _, body := range []string{
		``, `null`, `[]`, `"sms"`, `{`, `{"channel":"sms"} x`, `channel=sms&to=%2B905321234567`,
		`{"channel":1,"to":"+905321234567"}`,
		`{"channel":"sms","to":905321234567}`,
		`{"channel":"sms","to":["+905321234567"]}`,
		`{"channel":"sms","to":"+905321234567","ttl":"180"}`,
		`{"channel":"sms","to":"+905321234567","ttl":180.5}`,
		`{"channel":"sms","to":"+905321234567","code-length":"6"}`,
		`{"channel":"sms","to":"+905321234567","max-attempts":true}`,
		`{"channel":"sms","to":"+905321234567","locale":1}`,
		`{"channel":"sms","to":"+905321234567","callback":{"url":"http://callback.url"}}`,
		`{"channel":"whatsapp","to":"+905321234567","is-unique":"true"}`,
		`{"channel":"voice","ttl":"180"}`, // the shape counts before the values
	} {
		a.expect("/v1/generate", body, 400, payloadRefused)
	}
	assert.Empty(t, a.Inbox.All())
}

func TestGenerateTakesUnknownFields(t *testing.T) {
	a := start(t)
	a.generate(`{"channel":"sms","to":"+905321234567","colour":"blue"}`)
}

func TestGenerateUnique(t *testing.T) {
	a := start(t)
	// Every code of four digits but one is taken by a live verification of the account.
	fill(t, a, 9999)
	last := a.generate(`{"channel":"whatsapp","to":"+905321234567","code-length":4,"is-unique":true}`)
	assert.Equal(t, "9999", last)
	a.expect("/v1/generate", `{"channel":"whatsapp","to":"+905321234568","code-length":4,"is-unique":true}`, 500, failure("server error"))

	a.Clock.Advance(3 * time.Minute) // all have expired
	assert.Len(t, a.generate(`{"channel":"whatsapp","to":"+905321234567","code-length":4,"is-unique":true}`), 4)
}
