package smsfactortest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

func TestTexts(t *testing.T) {
	paris := time.FixedZone("CET", 3600)
	for _, tt := range []struct {
		fields string
		quirks smsfactortest.Quirks
		want   string // CODE stands for the code
	}{
		{`"text":"Your code: {code}"`, smsfactortest.Quirks{}, "Your code: CODE"},
		{`"text":"{code} is your code, {code}!"`, smsfactortest.Quirks{}, "CODE is your code, CODE!"},
		{`"text":"Your verification code: "`, smsfactortest.Quirks{}, "Your verification code: CODE"},
		{`"text":"Code"`, smsfactortest.Quirks{}, "CodeCODE"},
		{`"text":"Code "`, smsfactortest.Quirks{NothingAppended: true}, "Code "},
		{`"text":""`, smsfactortest.Quirks{}, "CODE"},
		{`"text":""`, smsfactortest.Quirks{NothingAppended: true}, "CODE"},
		{`"text":""`, smsfactortest.Quirks{Strict: true}, "CODE"},
		{`"channel":"sms"`, smsfactortest.Quirks{}, "Account: CODE"},
		{`"text":null`, smsfactortest.Quirks{}, "Account: CODE"},
		{`"text":"{code} until {hh:mm:ss}"`, smsfactortest.Quirks{}, "CODE until 12:10:00"},
		{`"text":"{code} until {hh:mm:ss}"`, smsfactortest.Quirks{ExpiryZone: paris}, "CODE until 13:10:00"},
		{`"text":"{code} for {hh:mm:ss}"`, smsfactortest.Quirks{ExpiryAsDuration: true}, "CODE for 00:10:00"},
		{`"text":"{code} for {hh:mm:ss}","validity_period":10000000`, smsfactortest.Quirks{ExpiryAsDuration: true}, "CODE for 2777:46:40"},
		{`"text":"{code} for {hh:mm:ss}","validity_period":3`, smsfactortest.Quirks{ExpiryAsDuration: true}, "CODE for 00:00:03"},
		{`"text":"until {hh:mm:ss}: "`, smsfactortest.Quirks{}, "until 12:10:00: CODE"},
		{`"text":"{Code} {name} <b>&"`, smsfactortest.Quirks{}, "{Code} {name} <b>&CODE"},
		{`"text":"` + strings.Repeat("é", 1218) + `{code}"`, smsfactortest.Quirks{}, strings.Repeat("é", 1218) + "CODE"},
	} {
		a := start(t, quirk(tt.quirks), settings(smsfactortest.Settings{Text: "Account: "}))
		code, _ := a.generate(with(tt.fields))
		m, _ := a.Inbox.Last(phone)
		assert.Equal(t, strings.ReplaceAll(tt.want, "CODE", code), m.Text, tt.fields)
		assert.Equal(t, code, m.Code)
	}
}
