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
	CodeLength: 5, AllowDigits: true, ValidityPeriod: time.Minute, MaxWrongAttempts: 2, Channel: "whatsapp",
	Sender: "Account", Text: "From the account: {code}", VoiceLanguage: "ru-RU", VoiceGender: "female",
}

func TestRepairs(t *testing.T) {
	type set = smsfactortest.Settings
	for _, tt := range []struct {
		field  string
		change func(*set)
	}{
		{`"code_length":"6"`, func(s *set) { s.CodeLength = 6 }},
		{`"code_length":" 6 "`, func(s *set) { s.CodeLength = 6 }},
		{`"code_length":6.0`, func(s *set) { s.CodeLength = 6 }},
		{`"code_length":6.9`, func(s *set) { s.CodeLength = 6 }},
		{`"validity_period":"900"`, func(s *set) { s.ValidityPeriod = 15 * time.Minute }},
		{`"max_wrong_attempts":4.0`, func(s *set) { s.MaxWrongAttempts = 4 }},
		{`"max_wrong_attempts":" 4"`, func(s *set) { s.MaxWrongAttempts = 4 }},
		{`"allow_upper_case":"true"`, func(s *set) { s.AllowUpperCase = true }},
		{`"allow_upper_case":"TRUE"`, func(s *set) { s.AllowUpperCase = true }},
		{`"allow_lower_case":1`, func(s *set) { s.AllowLowerCase = true }},
		{`"allow_special_chars":"1"`, func(s *set) { s.AllowSpecialChars = true }},
		{`"remove_confusing_characters":"1"`, func(s *set) { s.RemoveConfusingCharacters = true }},
		{`"sender":"My Brand!"`, func(s *set) { s.Sender = "MyBrand" }},
		{`"sender":"Café"`, func(s *set) { s.Sender = "Caf" }},
		{`"sender":12345`, func(s *set) { s.Sender = "12345" }},
		{`"text":123`, func(s *set) { s.Text = "123" }},
		{`"channel":"SMS"`, func(s *set) { s.Channel = "sms" }},
		{`"channel":" sms "`, func(s *set) { s.Channel = "sms" }},
		{`"channel":"voice-sms"`, func(s *set) { s.Channel = "voice_sms" }},
		{`"channel":"SMS_voice"`, func(s *set) { s.Channel = "voice_sms" }},
		{`"voice_language":"pt_br"`, func(s *set) { s.VoiceLanguage = "pt-BR" }},
		{`"voice_gender":"Male"`, func(s *set) { s.VoiceGender = "male" }},
		{`"recipient_ip":" 192.0.2.7"`, func(*set) {}},
	} {
		t.Run(tt.field, func(t *testing.T) {
			want := custom
			tt.change(&want)
			sending := start(t, settings(custom)).sent(with(tt.field))
			assert.Equal(t, want, sending.Settings)
			assert.Equal(t, []string{name(tt.field)}, sending.Repaired)
			assert.Empty(t, sending.Ignored)

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
			sending := start(t, settings(custom)).sent(with(field))
			assert.Equal(t, custom, sending.Settings, "the account's settings count")
			assert.Equal(t, []string{name(field)}, sending.Ignored)
			assert.Empty(t, sending.Repaired)
			assert.Empty(t, sending.RecipientIP)

			strict := start(t, settings(custom), quirk(smsfactortest.Quirks{Strict: true}))
			strict.refused(with(field), 400, strictRefusal(name(field)))
		})
	}
}

func TestNullAndEmptyAreAbsent(t *testing.T) {
	a := start(t, settings(custom), quirk(smsfactortest.Quirks{Strict: true}))
	sending := a.sent(with(`"code_length":null,"sender":"","channel":null,"recipient_ip":"","allow_digits":null,"voice_gender":""`))
	assert.Equal(t, custom, sending.Settings)
	assert.Empty(t, sending.Ignored)
}

func TestRepairedAndIgnoredTogether(t *testing.T) {
	sending := start(t).sent(with(`"zzz":1,"code_length":"8","channel":"pigeon","allow_upper_case":"true","aaa":{}`))
	assert.Equal(t, []string{"allow_upper_case", "code_length"}, sending.Repaired)
	assert.Equal(t, []string{"aaa", "channel", "zzz"}, sending.Ignored)
}

func TestSentIsACopy(t *testing.T) {
	a := start(t)
	a.sent(with(`"zzz":1`)).Ignored[0] = "changed"
	sending, _ := a.Sent(phone)
	assert.Equal(t, []string{"zzz"}, sending.Ignored)
}

func TestAttemptsAsNumberOrString(t *testing.T) {
	for _, attempts := range []string{`4`, `"4"`} {
		a := start(t, quirk(smsfactortest.Quirks{Strict: true})) // the two pages differ: both are as documented
		assert.Equal(t, 4, a.sent(with(`"max_wrong_attempts":`+attempts)).Settings.MaxWrongAttempts)
	}
}

func TestPhoneNumbersAreRepaired(t *testing.T) {
	for _, number := range []string{
		`"33611223344"`, `"0033611223344"`, `"+33 6 11-22.33(44)"`, `33611223344`, `" +33611223344 "`, `"tel:+33611223344"`,
	} {
		a := start(t)
		a.generate(`{"phone_number":` + number + `}`)
		sending, _ := a.Sent("0033 611223344")
		assert.Equal(t, []string{"phone_number"}, sending.Repaired)
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
	const none = `"allow_digits":false,"allow_upper_case":false,"allow_lower_case":0`
	sending := start(t).sent(with(none))
	assert.True(t, sending.Settings.AllowDigits)
	assert.Equal(t, []string{"allow_digits", "allow_lower_case", "allow_upper_case"}, sending.Ignored)
	assert.Empty(t, sending.Repaired, "the 0 was understood, and no use")

	upper := settings(smsfactortest.Settings{AllowUpperCase: true})
	sending = start(t, upper).sent(with(`"allow_digits":"maybe","allow_upper_case":false`))
	assert.True(t, sending.Settings.AllowUpperCase)
	assert.Equal(t, []string{"allow_digits", "allow_upper_case"}, sending.Ignored, "each once")
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
