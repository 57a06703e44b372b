package smsfactortest_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

func TestGenerateReply(t *testing.T) {
	for channel, ticket := range map[string]string{"sms": "sms", "voice_sms": "vocal"} {
		a := start(t)
		resp, got := a.send("POST", generatePath, with(`"channel":"`+channel+`"`))
		assert.Equal(t, 200, resp.StatusCode)
		assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
		assert.Regexp(t, `^\{"code":0,"message":"success","ticket_number":"`+ticket+`_[0-9a-f]{13}","otp_request_token":"otp_[0-9a-z]{24}"\}$`, got)
		var answer reply
		require.NoError(t, json.Unmarshal([]byte(got), &answer))
		m, _ := a.Inbox.Last(phone)
		assert.Equal(t, answer.Token, m.ID)
	}
}

func TestGenerateHidesTheCode(t *testing.T) {
	a := start(t)
	_, got := a.send("POST", generatePath, with(`"code_length":32`))
	code, _ := a.Code(phone)
	assert.NotContains(t, got, code)
}

func TestGenerateSendsOneText(t *testing.T) {
	a := start(t)
	code, _ := a.generate(`{"phone_number":"+33611223344","text":"Your code: {code}","channel":"sms","sender":"MyBrand","code_length":6,"validity_period":900}`)
	all := a.Inbox.All()
	require.Len(t, all, 1)
	all[0].ID, all[0].Note = "", ""
	assert.Equal(t, otpsim.Message{
		To: phone, Channel: "sms", Code: code, Text: "Your code: " + code,
		SentAt: noon, ExpiresAt: noon.Add(15 * time.Minute), MaxAttempts: 3,
	}, all[0])
	assert.Regexp(t, `^[0-9]{6}$`, code)
	for _, other := range []string{"+4915112345678", "nobody", ""} {
		_, ok := a.Code(other)
		assert.False(t, ok, other)
	}
}

func TestGenerateEverything(t *testing.T) {
	const body = `{"phone_number":"+33611223344","text":"x {code}","channel":"voice_sms","sender":"abc","code_length":32,
		"allow_digits":false,"allow_upper_case":true,"allow_lower_case":true,"allow_special_chars":true,
		"remove_confusing_characters":true,"validity_period":10000000,"max_wrong_attempts":7,
		"recipient_ip":"2001:db8::1","voice_language":"es-LA","voice_gender":"male"}`
	for _, strict := range []bool{false, true} {
		a := start(t, quirk(smsfactortest.Quirks{Strict: strict}))
		assertEffect(a, effect{
			alphabet: "[A-HJ-NP-Za-km-np-z!#$%&?@]", length: 32, attempts: 7, validity: 10_000_000 * time.Second,
			channel: "voice_sms", text: "x CODE", locale: "es-LA",
		}, body)
		code, _ := a.Code(phone)
		a.validated(byNumber(code), 200, success)
	}
}

func TestGenerateTakesEveryChannelAndVoice(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{Strict: true}))
	for _, channel := range []string{"sms", "voice_sms", "text_sms", "whatsapp", "email", "imessage"} {
		assert.Equal(t, channel, a.sent(with(`"channel":"`+channel+`"`)).Channel)
	}
	for _, language := range []string{
		"en-US", "en-GB", "el-GR", "pl-PL", "hu-HU", "sv-SE", "de-DE", "es-ES", "es-LA", "fr-FR", "it-IT", "pt-BR", "ru-RU",
	} {
		a.sent(with(`"channel":"voice_sms","voice_language":"` + language + `"`))
		m, _ := a.Inbox.Last(phone)
		assert.Equal(t, language, m.Locale)
	}
	a.sent(with(`"channel":"sms","voice_language":"fr-FR","voice_gender":"female"`))
	m, _ := a.Inbox.Last(phone)
	assert.Empty(t, m.Locale, "an SMS has no voice")
}

func TestGenerateRanges(t *testing.T) {
	a := start(t, quirk(smsfactortest.Quirks{Strict: true}))
	for _, fields := range []string{
		`"code_length":4`, `"code_length":32`, `"validity_period":3`, `"validity_period":10000000`,
		`"max_wrong_attempts":1`, `"max_wrong_attempts":1000000`, `"sender":"abc"`, `"sender":"abcdefghi12"`, `"text":"x"`,
	} {
		a.generate(with(fields))
	}
}

func TestGenerateAlphabets(t *testing.T) {
	for fields, want := range map[string]string{
		`"allow_digits":true`:                                                                `^[0-9]{32}$`,
		`"allow_digits":false,"allow_upper_case":true`:                                       `^[A-Z]{32}$`,
		`"allow_digits":false,"allow_lower_case":true`:                                       `^[a-z]{32}$`,
		`"allow_digits":false,"allow_special_chars":true`:                                    `^[!#$%&?@]{32}$`,
		`"allow_upper_case":true`:                                                            `^[0-9A-Z]{32}$`,
		`"remove_confusing_characters":true`:                                                 `^[2-9]{32}$`,
		`"allow_upper_case":true,"allow_lower_case":true,"remove_confusing_characters":true`: `^[2-9A-HJ-NP-Za-km-np-z]{32}$`,
		`"allow_digits":false,"allow_upper_case":false,"allow_lower_case":false,"allow_special_chars":true,"channel":"whatsapp"`: `^[!#$%&?@]{32}$`,
	} {
		a := start(t)
		for range 20 {
			code, token := a.generate(with(`"code_length":32,` + fields))
			assert.Regexp(t, want, code)
			a.validated(byToken(code, token), 200, success)
		}
	}
}

func TestGenerateCodesHaveLeadingZeros(t *testing.T) {
	a := start(t)
	for range 300 { // none in 300 codes: once in 10^13 runs
		code, token := a.generate(bareBody)
		if code[0] == '0' {
			a.validated(byToken(code, token), 200, success)
			return
		}
	}
	t.Fatal("no code with a leading zero")
}

func TestGenerateWithoutARecipient(t *testing.T) {
	for _, strict := range []bool{false, true} {
		a := start(t, quirk(smsfactortest.Quirks{Strict: strict}))
		for _, body := range []string{`{}`, `{"phone_number":null}`, `{"phone_number":""}`, `{"text":"x"}`} {
			a.refused(body, 400, failure(103, "No recipient."))
		}
		for _, number := range []string{
			`"abc"`, `"0611223344"`, `"+0611223344"`, `"+0033611223344"`, `"+33611"`, `"+3361122334455667"`, `{}`, `[]`, `["+33611223344"]`, `true`,
			`"+33611223344,+33611223355"`, `"+3361122,+336112"`, `" "`, `"+"`, `"00"`,
		} {
			a.refused(`{"phone_number":`+number+`}`, 400, failure(117, "No correct phone number."))
		}
	}
}

func TestGenerateBodyThatIsNone(t *testing.T) {
	for _, body := range []string{"", "null", "[]", "{", "phone_number=%2B33611223344", `{"phone_number":"+33611223344"} x`} {
		start(t).refused(body, 400, failure(103, "No recipient."))
		start(t, quirk(smsfactortest.Quirks{Strict: true})).refused(body, 400, failure(100, "No POST data."))
	}
}
