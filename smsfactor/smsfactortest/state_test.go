package smsfactortest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

const toPhone = `{"phone_number":"` + phone + `"}`

func states(inbox *otpsim.Inbox) (list []otpsim.State) {
	for _, m := range inbox.All() {
		list = append(list, m.State)
	}
	return list
}

// tries types a code for the phone.
func (a *account) tries(code string) {
	a.t.Helper()
	a.send("PUT", validatePath, `{"phone_number":"`+phone+`","code":"`+code+`"}`)
}

func TestInboxShowsWhatBecameOfACode(t *testing.T) {
	a := start(t, settings(smsfactortest.Settings{MaxWrongAttempts: 2}))
	code, _ := a.generate(toPhone)
	a.tries("none")
	assert.Equal(t, 1, a.Inbox.All()[0].Attempts)
	a.tries(code)
	a.generate(toPhone)
	for range 3 {
		a.tries("none")
	}
	assert.Equal(t, []otpsim.State{otpsim.Verified, otpsim.Locked}, states(a.Inbox))
	assert.Equal(t, 2, a.Inbox.All()[1].Attempts, "what is locked is not checked")
}

func TestNewCodeReplacesWithAQuirkOnly(t *testing.T) {
	for newestOnly, want := range map[bool]otpsim.State{false: "", true: otpsim.Replaced} {
		a := start(t, quirk(smsfactortest.Quirks{NewestCodeOnly: newestOnly}))
		a.generate(toPhone)
		a.generate(toPhone)
		assert.Equal(t, []otpsim.State{want, ""}, states(a.Inbox))
	}
}
