package smsfactortest_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

func TestDefaultSettings(t *testing.T) {
	want := effect{alphabet: "[0-9]", length: 6, attempts: 3, validity: 10 * time.Minute, channel: "sms", text: "CODE"}
	assertEffect(start(t), want, bareBody)
	assertEffect(start(t, settings(smsfactortest.Settings{})), want, bareBody)
}

func TestSettingsCount(t *testing.T) {
	a := start(t, settings(custom))
	assertEffect(a, ofCustom, bareBody)
	code, token := a.generate(bareBody)
	a.validated(byToken(wrong(code), token), 400, wrongCode(1))
	a.Clock.Advance(time.Minute)
	a.validated(byToken(code, token), 400, expired)
}

func TestOptionsThatCannotWork(t *testing.T) {
	const header = "smsfactortest: a key must be printable ASCII, without a space at either end"
	const length = "smsfactortest: WithSettings: CodeLength: must be from 4 to 32"
	const period = "smsfactortest: WithSettings: ValidityPeriod: must be whole seconds, from 3 to 10,000,000"
	for _, tt := range []struct {
		want string
		opt  smsfactortest.Option
	}{
		{header, smsfactortest.WithAPIKey("key\n")},
		{header, smsfactortest.WithAPILogin(" me@example.org")},
		{length, settings(smsfactortest.Settings{CodeLength: 3})},
		{length, settings(smsfactortest.Settings{CodeLength: 33})},
		{period, settings(smsfactortest.Settings{ValidityPeriod: 2 * time.Second})},
		{period, settings(smsfactortest.Settings{ValidityPeriod: math.MaxInt64})},
		{period, settings(smsfactortest.Settings{ValidityPeriod: 1500 * time.Millisecond})},
		{"smsfactortest: WithSettings: MaxWrongAttempts: must be at least 1", settings(smsfactortest.Settings{MaxWrongAttempts: -1})},
		{"smsfactortest: WithSettings: Channel: must be one of sms text_sms voice_sms whatsapp email imessage", settings(smsfactortest.Settings{Channel: "voice"})},
		{"smsfactortest: WithSettings: Text: must have 1224 characters at most", settings(smsfactortest.Settings{Text: strings.Repeat("é", 1225)})},
	} {
		assert.PanicsWithValue(t, tt.want, func() { smsfactortest.NewServer(tt.opt) })
	}
}

func TestSettingsAlphabet(t *testing.T) {
	a := start(t, settings(smsfactortest.Settings{AllowUpperCase: true, CodeLength: 10}))
	code, token := a.generate(bareBody) // the page's sample code is TRQXSDYNJY
	assert.Regexp(t, `^[A-Z]{10}$`, code)
	a.validated(byToken(code, token), 200, success)
}

func TestTexts(t *testing.T) {
	for fields, want := range map[string]string{ // CODE stands for the code
		`"text":"Your code: {code}"`:                       "Your code: CODE",
		`"text":"{code} is your code, {code}!"`:            "CODE is your code, CODE!",
		`"text":"Your verification code: "`:                "Your verification code: CODE",
		`"text":"Code"`:                                    "CodeCODE",
		`"text":""`:                                        "CODE",
		`"channel":"sms"`:                                  "Account: CODE",
		`"text":null`:                                      "Account: CODE",
		`"text":"{code} until {hh:mm:ss}"`:                 "CODE until 12:10:00",
		`"text":"until {hh:mm:ss}: "`:                      "until 12:10:00: CODE",
		`"text":"{Code} {name} <b>&"`:                      "{Code} {name} <b>&CODE",
		`"text":"` + strings.Repeat("é", 1218) + `{code}"`: strings.Repeat("é", 1218) + "CODE",
	} {
		for _, strict := range []bool{false, true} {
			a := start(t, quirk(smsfactortest.Quirks{Strict: strict}), settings(smsfactortest.Settings{Text: "Account: "}))
			m := a.sent(with(fields))
			assert.Equal(t, strings.ReplaceAll(want, "CODE", m.Code), m.Text, fields)
		}
	}
}
