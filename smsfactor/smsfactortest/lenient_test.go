package smsfactortest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// An account whose settings differ from everything that the requests below ask for.
var custom = smsfactortest.Settings{
	CodeLength: 5, AllowDigits: true, ValidityPeriod: time.Minute, MaxWrongAttempts: 2, Channel: "voice_sms",
	Text: "From the account: {code}",
}

// effect is what a request and the account's settings have made of a message.
type effect struct {
	alphabet              string // pattern
	length, attempts      int
	validity              time.Duration
	channel, text, locale string
}

var ofCustom = effect{alphabet: "[0-9]", length: 5, attempts: 2, validity: time.Minute, channel: "voice_sms", text: "From the account: CODE"}

// assertEffect sends until every character of the alphabet had its chance.
func assertEffect(a *account, want effect, body string) {
	a.t.Helper()
	all := ""
	for range 20 {
		m := a.sent(body)
		assert.Equal(a.t, want, effect{
			want.alphabet, len(m.Code), m.MaxAttempts, m.ExpiresAt.Sub(m.SentAt), m.Channel,
			strings.ReplaceAll(m.Text, m.Code, "CODE"), m.Locale,
		})
		all += m.Code
	}
	assert.Regexp(a.t, "^"+want.alphabet+"*$", all)
}

func TestRepairs(t *testing.T) {
	for _, tt := range []struct {
		field  string
		change func(*effect)
	}{
		{`"code_length":"6"`, func(e *effect) { e.length = 6 }},
		{`"code_length":" 6 "`, func(e *effect) { e.length = 6 }},
		{`"code_length":6.0`, func(e *effect) { e.length = 6 }},
		{`"code_length":6.9`, func(e *effect) { e.length = 6 }},
		{`"validity_period":"900"`, func(e *effect) { e.validity = 15 * time.Minute }},
		{`"max_wrong_attempts":4.0`, func(e *effect) { e.attempts = 4 }},
		{`"max_wrong_attempts":" 4"`, func(e *effect) { e.attempts = 4 }},
		{`"allow_upper_case":"true"`, func(e *effect) { e.alphabet = "[0-9A-Z]" }},
		{`"allow_upper_case":"TRUE"`, func(e *effect) { e.alphabet = "[0-9A-Z]" }},
		{`"allow_lower_case":1`, func(e *effect) { e.alphabet = "[0-9a-z]" }},
		{`"allow_special_chars":"1"`, func(e *effect) { e.alphabet = "[0-9!#$%&?@]" }},
		{`"remove_confusing_characters":"1"`, func(e *effect) { e.alphabet = "[2-9]" }},
		{`"sender":"My Brand!"`, func(*effect) {}},
		{`"sender":"Café"`, func(*effect) {}},
		{`"sender":12345`, func(*effect) {}},
		{`"text":77`, func(e *effect) { e.text = "77CODE" }},
		{`"channel":"SMS"`, func(e *effect) { e.channel = "sms" }},
		{`"channel":" sms "`, func(e *effect) { e.channel = "sms" }},
		{`"channel":"text-sms"`, func(e *effect) { e.channel = "text_sms" }},
		{`"channel":"SMS_voice"`, func(e *effect) { e.channel = "voice_sms" }},
		{`"voice_language":"pt_br"`, func(e *effect) { e.locale = "pt-BR" }},
		{`"voice_gender":"Male"`, func(*effect) {}},
		{`"recipient_ip":" 192.0.2.7"`, func(*effect) {}},
	} {
		t.Run(tt.field, func(t *testing.T) {
			want := ofCustom
			tt.change(&want)
			assertEffect(start(t, settings(custom)), want, with(tt.field))

			strict := start(t, settings(custom), quirk(smsfactortest.Quirks{Strict: true}))
			strict.refused(with(tt.field), 400, strictRefusal(name(tt.field)))
		})
	}
}

func TestIgnores(t *testing.T) {
	for _, field := range []string{
		`"code_length":3`, `"code_length":33`, `"code_length":"six"`, `"code_length":true`, `"code_length":[6]`, `"code_length":-6`,
		`"code_length":1e999`, `"code_length":"NaN"`, `"code_length":"inf"`, `"code_length":99999999999999999999`,
		`"validity_period":2`, `"validity_period":10000001`, `"max_wrong_attempts":0`, `"max_wrong_attempts":"0"`, `"max_wrong_attempts":-1`,
		`"allow_upper_case":"maybe"`, `"allow_upper_case":2`, `"allow_upper_case":{}`, `"allow_digits":false`,
		`"remove_confusing_characters":"perhaps"`,
		`"sender":"ab"`, `"sender":"abcdefghijkl"`, `"sender":"éàü"`, `"sender":["MyBrand"]`,
		`"text":"` + strings.Repeat("é", 1225) + `"`, `"text":{}`,
		`"channel":"pigeon"`, `"channel":{}`, `"voice_language":"tr-TR"`, `"voice_gender":"robot"`,
		`"recipient_ip":"localhost"`, `"recipient_ip":7`,
		`"colour":"blue"`, `"Text":"x"`, `"codeLength":8`, `"simulation_mode":true`,
	} {
		t.Run(field, func(t *testing.T) {
			assertEffect(start(t, settings(custom)), ofCustom, with(field))

			strict := start(t, settings(custom), quirk(smsfactortest.Quirks{Strict: true}))
			strict.refused(with(field), 400, strictRefusal(name(field)))
		})
	}
}

func TestNullAndEmptyAreAbsent(t *testing.T) {
	a := start(t, settings(custom), quirk(smsfactortest.Quirks{Strict: true}))
	assertEffect(a, ofCustom, with(`"code_length":null,"sender":"","channel":null,"recipient_ip":"","allow_digits":null,"voice_gender":""`))
}

func TestAttemptsAsNumberOrString(t *testing.T) {
	for _, attempts := range []string{`4`, `"4"`} {
		a := start(t, quirk(smsfactortest.Quirks{Strict: true})) // the two pages differ: both are as documented
		assert.Equal(t, 4, a.sent(with(`"max_wrong_attempts":`+attempts)).MaxAttempts)
	}
}

func TestPhoneNumbersAreRepaired(t *testing.T) {
	for _, number := range []string{
		`"33611223344"`, `"0033611223344"`, `"+33 6 11-22.33(44)"`, `33611223344`, `" +33611223344 "`, `"tel:+33611223344"`,
	} {
		a := start(t)
		a.generate(`{"phone_number":` + number + `}`)
		code, ok := a.Code(strings.Trim(number, `"`))
		assert.True(t, ok, "any spelling finds the code")
		a.validated(`{"code":"`+code+`","phone_number":`+number+`}`, 200, success)

		strict := start(t, quirk(smsfactortest.Quirks{Strict: true}))
		strict.refused(`{"phone_number":`+number+`}`, 400, failure(117, "Wrong parameter: phone_number."))
	}
}

func TestSevenCharactersAreANumber(t *testing.T) {
	a := start(t)
	resp, _ := a.send("POST", generatePath, `{"phone_number":"+336112"}`)
	assert.Equal(t, 200, resp.StatusCode)
}

func TestAlphabetsCannotAllBeOff(t *testing.T) {
	want := ofCustom
	const none = `"allow_digits":false,"allow_upper_case":false,"allow_lower_case":0`
	assertEffect(start(t, settings(custom)), want, with(none))
	strict := start(t, quirk(smsfactortest.Quirks{Strict: true}))
	strict.refused(with(`"allow_digits":false,"allow_upper_case":false`), 400, strictRefusal("allow_digits"))

	upper := custom
	upper.AllowDigits, upper.AllowUpperCase = false, true
	want.alphabet = "[A-Z]"
	assertEffect(start(t, settings(upper)), want, with(`"allow_digits":"maybe","allow_upper_case":false`))
}

func TestValidateIsLenient(t *testing.T) {
	for _, tt := range []struct{ name, body string }{
		{"a number", `{"code":CODE,"otp_request_token":"TOKEN"}`},
		{"with blanks", `{"code":" CODE ","otp_request_token":"TOKEN"}`},
		{"with an unknown field", `{"code":"CODE","otp_request_token":"TOKEN","recipient_ip":"192.0.2.7"}`},
		{"with a useless number", `{"code":"CODE","otp_request_token":"TOKEN","phone_number":"abc"}`},
		{"with a useless token", `{"code":"CODE","otp_request_token":{},"phone_number":"+33611223344"}`},
		{"number without plus", `{"code":"CODE","phone_number":"33611223344"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, strict := range []bool{false, true} {
				a := start(t, quirk(smsfactortest.Quirks{Strict: strict}))
				code, token := a.generate(bareBody)
				for code[0] == '0' { // not a JSON number
					code, token = a.generate(bareBody)
				}
				body := strings.NewReplacer("CODE", code, "TOKEN", token).Replace(tt.body)
				if !strict {
					a.validated(body, 200, success)
					continue
				}
				resp, got := a.send("PUT", validatePath, body)
				assert.Equal(t, 400, resp.StatusCode, got)
				if tt.name != "with blanks" { // that is a string, as documented, and a wrong code
					assert.Contains(t, got, "Wrong parameter: ")
				}
			}
		})
	}
}

func TestStrictValidateBody(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{Strict: true}))
	code, token := a.generate(bareBody)
	a.validated(`nonsense`, 400, failure(100, "No POST data."))
	a.validated(`{"code":"`+code+`","token":"`+token+`"}`, 400, failure(400, "Wrong parameter: token."))
	a.validated(`{}`, 400, noCode)
	a.validated(`{"code":"1"}`, 400, neither)
	a.validated(byToken(code+" ", token), 400, wrongCode(2))
	a.validated(byToken(code, token), 200, success)
}

// name is the field's name in `"name":value`.
func name(field string) string { return strings.Split(field, `"`)[1] }

func strictRefusal(field string) string {
	code := 400
	if field == "sender" {
		code = 106
	}
	return failure(code, "Wrong parameter: "+field+".")
}
