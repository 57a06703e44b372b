package kaleyratest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func states(inbox *otpsim.Inbox) (list []otpsim.State) {
	for _, m := range inbox.All() {
		list = append(list, m.State)
	}
	return list
}

func TestInboxShowsWhatBecameOfACode(t *testing.T) {
	a := start(t, withFlow(kaleyratest.Flow{Default: true, MaxAttempts: 2}))
	id, code := a.generate(`{"to":{"mobile":"` + phone + `,+12025550199"}}`)
	a.send("POST", a.validatePath(), validateBody(id, wrong(code)))
	assert.Equal(t, 1, a.Inbox.All()[1].Attempts)
	a.validated(id, code, http.StatusOK, verifiedBody(id))
	id, code = a.generate(sendBody)
	for range 3 {
		a.send("POST", a.validatePath(), validateBody(id, wrong(code)))
	}
	assert.Equal(t, []otpsim.State{otpsim.Verified, otpsim.Verified, otpsim.Locked}, states(a.Inbox), "two phones, one code")
	assert.Equal(t, 2, a.Inbox.All()[2].Attempts, "what is locked is not checked")
}

func TestNewCodeReplacesWithAQuirkOnly(t *testing.T) {
	for newestOnly, want := range map[bool]otpsim.State{false: "", true: otpsim.Replaced} {
		a := start(t, quirk(kaleyratest.Quirks{NewestCodeOnly: newestOnly}))
		a.generate(sendBody)
		a.generate(sendBody)
		assert.Equal(t, []otpsim.State{want, ""}, states(a.Inbox))
	}
}
