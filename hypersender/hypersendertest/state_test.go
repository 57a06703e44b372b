package hypersendertest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func states(inbox *otpsim.Inbox) (list []otpsim.State) {
	for _, m := range inbox.All() {
		list = append(list, m.State)
	}
	return list
}

func TestInboxShowsWhatBecameOfACode(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{ThreeAttempts: true}))
	first := a.code()
	a.post("validate-code", typed(wrong(first)))
	assert.Equal(t, 1, a.Inbox.All()[0].Attempts)
	a.validates(first)
	second := a.code()
	for range 4 {
		a.post("validate-code", typed(wrong(second)))
	}
	assert.Equal(t, 3, a.Inbox.All()[1].Attempts, "what is locked is not checked")
	assert.Equal(t, 3, a.Inbox.All()[1].MaxAttempts)
	a.code()
	a.code()
	assert.Equal(t, []otpsim.State{otpsim.Verified, otpsim.Locked, otpsim.Replaced, ""}, states(a.Inbox))
}

func TestQuirkAnyLiveCodeReplacesNone(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{AnyLiveCode: true}))
	a.code()
	a.code()
	assert.Equal(t, []otpsim.State{"", ""}, states(a.Inbox))
}
