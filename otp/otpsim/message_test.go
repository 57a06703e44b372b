package otpsim_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func TestStateAt(t *testing.T) {
	later := noon.Add(time.Minute)
	for _, tt := range []struct {
		message otpsim.Message
		want    otpsim.State
	}{
		{otpsim.Message{Text: "no code"}, ""},
		{otpsim.Message{Code: "1"}, otpsim.Pending},
		{otpsim.Message{Code: "1", ExpiresAt: later}, otpsim.Pending},
		{otpsim.Message{Code: "1", ExpiresAt: noon}, otpsim.Expired},
		{otpsim.Message{Code: "1", ExpiresAt: noon, State: otpsim.Verified}, otpsim.Verified},
		{otpsim.Message{Code: "1", ExpiresAt: later, State: otpsim.Locked}, otpsim.Locked},
	} {
		assert.Equal(t, tt.want, tt.message.StateAt(noon), "%+v", tt.message)
	}
}

func TestAttemptAndReplace(t *testing.T) {
	var inbox otpsim.Inbox
	inbox.Deliver(otpsim.Message{ID: "a", To: "+1", Code: "1", MaxAttempts: 2})
	inbox.Deliver(otpsim.Message{ID: "a", To: "+2", Code: "1", MaxAttempts: 2}) // one code to two phones
	inbox.Deliver(otpsim.Message{ID: "b", To: "+1", Code: "2"})
	of := func(to string, i int) otpsim.Message { return inbox.Of(to)[i] }

	inbox.Attempt("a", false)
	assert.Equal(t, 1, of("+1", 0).Attempts)
	assert.Equal(t, 1, of("+2", 0).Attempts)
	assert.Empty(t, of("+1", 0).State)
	inbox.Attempt("a", false)
	assert.Equal(t, otpsim.Locked, of("+1", 0).State)
	assert.Equal(t, otpsim.Locked, of("+2", 0).State)

	for range 5 {
		inbox.Attempt("b", false)
	}
	assert.Equal(t, 5, of("+1", 1).Attempts)
	assert.Empty(t, of("+1", 1).State, "any number of attempts")
	inbox.Attempt("b", true)
	assert.Equal(t, otpsim.Verified, of("+1", 1).State)
	assert.Equal(t, 5, of("+1", 1).Attempts, "a right code is no wrong one")

	inbox.Deliver(otpsim.Message{ID: "c", To: "+1", Code: "3"})
	inbox.Replace("b")
	inbox.Replace("c")
	inbox.Attempt("nobody's", true)
	assert.Equal(t, otpsim.Verified, of("+1", 1).State, "what has ended cannot be replaced")
	assert.Equal(t, otpsim.Replaced, of("+1", 2).State)
}

func TestInboxWatch(t *testing.T) {
	type seen struct {
		n       int
		message otpsim.Message
	}
	var got []seen
	inbox := otpsim.Inbox{Limit: 2}
	inbox.Watch(func(n int, m otpsim.Message) { got = append(got, seen{n, m}) })
	for _, id := range []string{"a", "b", "c"} {
		inbox.Deliver(otpsim.Message{ID: id, To: "+1", Code: id})
	}
	inbox.Attempt("a", true) // dropped
	inbox.Attempt("b", true)
	inbox.Replace("c")
	assert.Equal(t, []seen{
		{1, otpsim.Message{ID: "a", To: "+1", Code: "a"}},
		{2, otpsim.Message{ID: "b", To: "+1", Code: "b"}},
		{3, otpsim.Message{ID: "c", To: "+1", Code: "c"}},
		{2, otpsim.Message{ID: "b", To: "+1", Code: "b", State: otpsim.Verified}},
		{3, otpsim.Message{ID: "c", To: "+1", Code: "c", State: otpsim.Replaced}},
	}, got)
}

// A vendor looks for the message of the code that it checked, the lately sent ones first.
func BenchmarkAttempt(b *testing.B) {
	var inbox otpsim.Inbox
	for range otpsim.DefaultInboxLimit {
		inbox.Deliver(otpsim.Message{ID: rand.Text(), To: "+1", Code: "1"})
	}
	for name, id := range map[string]string{"newest": inbox.All()[otpsim.DefaultInboxLimit-1].ID, "oldest": inbox.All()[0].ID} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				inbox.Attempt(id, false)
			}
		})
	}
}
