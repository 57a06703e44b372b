package smsfactortest_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

var defaults = smsfactortest.Settings{
	CodeLength: 6, AllowDigits: true, ValidityPeriod: 10 * time.Minute, MaxWrongAttempts: 3, Channel: "sms",
}

func TestDefaultSettings(t *testing.T) {
	assert.Equal(t, defaults, start(t).sent(bareBody).Settings)
	assert.Equal(t, defaults, start(t, settings(smsfactortest.Settings{})).sent(bareBody).Settings)
}

func TestSettingsCount(t *testing.T) {
	a := start(t, settings(custom))
	code, token := a.generate(bareBody)
	m, _ := a.Inbox.Last(phone)
	assert.Equal(t, "From the account: "+code, m.Text)
	assert.Equal(t, "whatsapp", m.Channel)
	assert.Len(t, code, 5)
	a.validated(byToken(wrong(code), token), 400, wrongCode(1))
	a.Clock.Advance(time.Minute)
	a.validated(byToken(code, token), 400, expired)
}

func TestSettingsOutOfRange(t *testing.T) {
	low := start(t, settings(smsfactortest.Settings{CodeLength: 1, ValidityPeriod: 1, MaxWrongAttempts: -1})).sent(bareBody).Settings
	assert.Equal(t, 3, low.CodeLength)
	assert.Equal(t, 3*time.Second, low.ValidityPeriod)
	assert.Equal(t, 1, low.MaxWrongAttempts)

	high := start(t, settings(smsfactortest.Settings{CodeLength: 99, ValidityPeriod: math.MaxInt64})).sent(bareBody).Settings
	assert.Equal(t, 32, high.CodeLength)
	assert.Equal(t, 10_000_000*time.Second, high.ValidityPeriod)
}

func TestSettingsAlphabet(t *testing.T) {
	a := start(t, settings(smsfactortest.Settings{AllowUpperCase: true, CodeLength: 10}))
	code, token := a.generate(bareBody) // the page's sample code is TRQXSDYNJY
	assert.Regexp(t, `^[A-Z]{10}$`, code)
	a.validated(byToken(code, token), 200, success)
}

func TestFixedSender(t *testing.T) {
	fixed := settings(smsfactortest.Settings{Sender: "Account", FixedSender: true})
	sending := start(t, fixed).sent(with(`"sender":"MyBrand"`))
	assert.Equal(t, "Account", sending.Settings.Sender)
	assert.Equal(t, []string{"sender"}, sending.Ignored)

	strict := start(t, fixed, quirk(smsfactortest.Quirks{Strict: true}))
	strict.refused(with(`"sender":"MyBrand"`), 400, strictRefusal("sender"))
}

func TestWithCodeLength(t *testing.T) {
	for given, want := range map[int]int{0: 3, 3: 3, 8: 8, 32: 32, 99: 32} {
		code, _ := start(t, smsfactortest.WithCodeLength(given)).generate(bareBody)
		assert.Len(t, code, want)
	}
	code, _ := start(t, settings(custom), smsfactortest.WithCodeLength(8)).generate(bareBody)
	assert.Len(t, code, 8, "the last option counts")
	code, _ = start(t, smsfactortest.WithCodeLength(8)).generate(with(`"code_length":4`))
	assert.Len(t, code, 4, "the request before the option")
}
