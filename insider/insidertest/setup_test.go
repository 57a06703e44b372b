package insidertest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/insider/insidertest"
)

func TestChannelCreate(t *testing.T) {
	a := start(t)
	a.expect("/v1/channel/create", `{"channel":"whatsapp"}`, 201, success)
	a.expect("/v1/channel/create", `{"channel":"whatsapp"}`, 400, failure("channel already exists"))
	a.expect("/v1/channel/create", `{"channel":"sms","brandName":"YourBrandName"}`, 201, success)
	a.expect("/v1/channel/create", `{"channel":"sms","brandName":"Another"}`, 400, failure("channel already exists"))
}

func TestChannelCreateRefuses(t *testing.T) {
	const length = "this field must have between 3 and 30 characters"
	a := start(t)
	for _, tt := range []struct{ body, want string }{
		{`{}`, fieldFailure("this field is required", "channel")},
		{`{"channel":"voice"}`, fieldFailure("this field must be one of these:whatsapp", "channel")},
		{`{"channel":"voice","brandName":"Acme"}`, fieldFailure("this field must be one of these:sms", "channel")},
		{`{"channel":"sms"}`, fieldFailure("this field is required", "brandName")},
		{`{"channel":"sms","brandName":"Ab"}`, fieldFailure(length, "brandName")},
		{`{"channel":"sms","brandName":"` + strings.Repeat("ü", 31) + `"}`, fieldFailure(length, "brandName")},
		{`{"channel":"sms","brandName":7}`, payloadRefused},
		{`[]`, payloadRefused},
	} {
		a.expect("/v1/channel/create", tt.body, 400, tt.want)
	}
	a.expect("/v1/channel/create", `{"channel":"sms","brandName":"`+strings.Repeat("ü", 30)+`"}`, 201, success)
}

func TestChannelUpdate(t *testing.T) {
	a := start(t, insidertest.WithChannel("sms", "Before"))
	a.expect("/v1/channel/update", `{"channel":"sms","brandName":"After"}`, 202, success)
	code := a.generateSMS()
	m, _ := a.Inbox.Last(phone)
	assert.Equal(t, "Your After verification code is: "+code, m.Text)

	for _, tt := range []struct{ body, want string }{
		{`{"channel":"whatsapp","brandName":"After"}`, fieldFailure("this field must be one of these:sms", "channel")},
		{`{"brandName":"After"}`, fieldFailure("this field is required", "channel")},
		{`{"channel":"sms"}`, fieldFailure("this field is required", "brandName")},
		{`{"channel":"sms","brandName":"Ab"}`, fieldFailure("this field must have between 3 and 30 characters", "brandName")},
		{`{"channel":"sms","brandName":true}`, payloadRefused},
	} {
		a.expect("/v1/channel/update", tt.body, 400, tt.want)
	}
}

func TestTemplateCreate(t *testing.T) {
	a := start(t)
	const tr = `{"channel":"whatsapp","locale":"tr","templateName":"otp_template"}`
	a.expect("/v1/template/create", tr, 202, success)
	a.expect("/v1/template/create", tr, 409, failure("no changes detected"))
	a.expect("/v1/template/create", `{"channel":"whatsapp","locale":"tr","templateName":"other"}`, 202, success)

	for _, tt := range []struct{ body, want string }{
		{`{"channel":"sms","locale":"tr","templateName":"x"}`, fieldFailure("this field must be one of these:whatsapp", "channel")},
		{`{"locale":"tr","templateName":"x"}`, fieldFailure("this field is required", "channel")},
		{`{"channel":"whatsapp","templateName":"x"}`, fieldFailure("this field is required", "locale")},
		{`{"channel":"whatsapp","locale":"tr"}`, fieldFailure("this field is required", "templateName")},
		{`{"channel":"whatsapp","locale":1,"templateName":"x"}`, payloadRefused},
	} {
		a.expect("/v1/template/create", tt.body, 400, tt.want)
	}
}

func TestTemplateUpdateSMS(t *testing.T) {
	a := start(t, insidertest.WithChannel("sms", "Acme"))
	a.expect("/v1/template/update", `{"channel":"sms","locale":"en","text":"Your {brandName} verification code is: {code}"}`, 409, failure("no changes detected"))
	a.expect("/v1/template/update", `{"channel":"sms","locale":"en","text":"{code} for {brandName}"}`, 202, success)
	a.expect("/v1/template/update", `{"channel":"sms","locale":"en","text":"{code} for {brandName}"}`, 409, failure("no changes detected"))
	code := a.generateSMS()
	m, _ := a.Inbox.Last(phone)
	assert.Equal(t, code+" for Acme", m.Text)

	const length = "this field must have between 1 and 100 characters"
	for _, tt := range []struct{ body, want string }{
		{`{"channel":"sms","locale":"en"}`, fieldFailure("this field is required", "text")},
		{`{"channel":"sms","text":"{code}"}`, fieldFailure("this field is required", "locale")},
		{`{"channel":"sms","locale":"en_GB","text":"{code}"}`, fieldFailure("this field must be one of these:de en es fr it ja nl pt ru tr", "locale")},
		{`{"channel":"voice","locale":"en","text":"{code}"}`, fieldFailure("this field must be one of these:whatsapp sms", "channel")},
		{`{"channel":"sms","locale":"en","text":"` + strings.Repeat("ü", 101) + `"}`, fieldFailure(length, "text")},
		{`{"channel":"sms","locale":"en","text":5}`, payloadRefused},
	} {
		a.expect("/v1/template/update", tt.body, 400, tt.want)
	}
	a.expect("/v1/template/update", `{"channel":"sms","locale":"en","text":"`+strings.Repeat("ü", 100)+`"}`, 202, success)
}

func TestTemplateUpdateWhatsApp(t *testing.T) {
	a := start(t, insidertest.WithTemplate("whatsapp", "en", "first"))
	a.expect("/v1/template/update", `{"channel":"whatsapp","locale":"en","templateName":"first"}`, 409, failure("no changes detected"))
	a.expect("/v1/template/update", `{"channel":"whatsapp","locale":"en","templateName":"second"}`, 202, success)
	a.expect("/v1/template/update", `{"channel":"whatsapp","locale":"en","text":"x"}`, 400, fieldFailure("this field is required", "templateName"))
}

const tenTemplates = `"sms":[` +
	`{"locale":"de","text":"Ihr {brandName} Bestätigungscode lautet: {code}"},` +
	`{"locale":"en","text":"Your {brandName} verification code is: {code}"},` +
	`{"locale":"es","text":"Su código de verificación de {brandName} es: {code}"},` +
	`{"locale":"fr","text":"Votre code de vérification {brandName} est: {code}"},` +
	`{"locale":"it","text":"Il tuo codice di verifica {brandName} è: {code}"},` +
	`{"locale":"ja","text":"あなたの{brandName}確認コードは: {code}です"},` +
	`{"locale":"nl","text":"Uw {brandName} verificatiecode is: {code}"},` +
	`{"locale":"pt","text":"Seu código de verificação {brandName} é: {code}"},` +
	`{"locale":"ru","text":"Ваш проверочный код {brandName}: {code}"},` +
	`{"locale":"tr","text":"{brandName} doğrulama kodunuz: {code}"}]`

func TestTemplateList(t *testing.T) {
	a := start(t)
	list := func() string {
		resp, got := a.send("GET", "/v1/template/list", "")
		assert.Equal(t, 200, resp.StatusCode)
		return got
	}
	assert.Equal(t, `{"templates":{}}`, list())

	a.expect("/v1/channel/create", `{"channel":"sms","brandName":"Acme"}`, 201, success)
	assert.Equal(t, `{"templates":{`+tenTemplates+`}}`, list())

	a.expect("/v1/template/create", `{"channel":"whatsapp","locale":"tr","templateName":"sample_otp_template_2"}`, 202, success)
	a.expect("/v1/template/create", `{"channel":"whatsapp","locale":"en","templateName":"sample_otp_template_1"}`, 202, success)
	assert.Equal(t, `{"templates":{`+tenTemplates+`,"whatsapp":[`+
		`{"locale":"en","text":"","templateName":"sample_otp_template_1"},`+
		`{"locale":"tr","text":"","templateName":"sample_otp_template_2"}]}}`, list())
}

func TestCreatingAChannelKeepsItsTemplates(t *testing.T) {
	a := start(t)
	a.expect("/v1/template/update", `{"channel":"sms","locale":"en","text":"mine {code}"}`, 202, success)
	a.expect("/v1/channel/create", `{"channel":"sms","brandName":"Acme"}`, 201, success)
	_, got := a.send("GET", "/v1/template/list", "")
	assert.Contains(t, got, `"mine {code}"`)
	assert.Contains(t, got, `"locale":"de"`)
}
