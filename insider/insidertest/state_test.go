package insidertest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func states(inbox *otpsim.Inbox) (list []otpsim.State) {
	for _, m := range inbox.All() {
		list = append(list, m.State)
	}
	return list
}

func TestInboxShowsWhatBecameOfACode(t *testing.T) {
	a := start(t)
	first := a.generateSMS()
	a.checked(wrong(first), http.StatusUnauthorized, wrongOnSMS)
	assert.Equal(t, 1, a.Inbox.All()[0].Attempts)
	a.checked(first, http.StatusAccepted, `{"status":"success"}`)
	second := a.generateSMS()
	for range 3 {
		a.checked(wrong(second), http.StatusUnauthorized, wrongOnSMS)
	}
	a.generateSMS()
	a.generateSMS()
	a.generateWhatsApp()
	assert.Equal(t, []otpsim.State{otpsim.Verified, otpsim.Locked, otpsim.Replaced, "", ""}, states(a.Inbox),
		"a new code replaces the one of its channel")
}

func TestQuirkAnyLiveCodeReplacesNone(t *testing.T) {
	a := start(t, quirk(insidertest.Quirks{AnyLiveCode: true}))
	a.generateSMS()
	a.generateSMS()
	assert.Equal(t, []otpsim.State{"", ""}, states(a.Inbox))
}
