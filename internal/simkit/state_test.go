package simkit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/internal/simkit"
)

func TestStateAt(t *testing.T) {
	later := noon.Add(time.Minute)
	for _, tt := range []struct {
		message simkit.Message
		want    simkit.State
	}{
		{simkit.Message{Text: "no code"}, ""},
		{simkit.Message{Code: "1"}, simkit.Pending},
		{simkit.Message{Code: "1", ExpiresAt: later}, simkit.Pending},
		{simkit.Message{Code: "1", ExpiresAt: noon}, simkit.Expired},
		{simkit.Message{Code: "1", ExpiresAt: noon, State: simkit.Verified}, simkit.Verified},
		{simkit.Message{Code: "1", ExpiresAt: later, State: simkit.Locked}, simkit.Locked},
	} {
		assert.Equal(t, tt.want, tt.message.StateAt(noon), "%+v", tt.message)
	}
}

func TestJudgedAndReplaced(t *testing.T) {
	var inbox simkit.Inbox
	inbox.Deliver(simkit.Message{ID: "a", To: "+1", Code: "1", MaxAttempts: 2})
	inbox.Deliver(simkit.Message{ID: "a", To: "+2", Code: "1", MaxAttempts: 2}) // one code to two phones
	inbox.Deliver(simkit.Message{ID: "b", To: "+1", Code: "2"})
	of := func(to string, i int) simkit.Message { return inbox.Of(to)[i] }

	inbox.Judged("a", false)
	assert.Equal(t, 1, of("+1", 0).Attempts)
	assert.Equal(t, 1, of("+2", 0).Attempts)
	assert.Empty(t, of("+1", 0).State)
	inbox.Judged("a", false)
	assert.Equal(t, simkit.Locked, of("+1", 0).State)
	assert.Equal(t, simkit.Locked, of("+2", 0).State)

	for range 5 {
		inbox.Judged("b", false)
	}
	assert.Equal(t, 5, of("+1", 1).Attempts)
	assert.Empty(t, of("+1", 1).State, "any number of attempts")
	inbox.Judged("b", true)
	assert.Equal(t, simkit.Verified, of("+1", 1).State)
	assert.Equal(t, 5, of("+1", 1).Attempts, "a right code is no wrong one")

	inbox.Deliver(simkit.Message{ID: "c", To: "+1", Code: "3"})
	inbox.Replaced("b")
	inbox.Replaced("c")
	inbox.Judged("nobody's", true)
	assert.Equal(t, simkit.Verified, of("+1", 1).State, "what has ended cannot be replaced")
	assert.Equal(t, simkit.Replaced, of("+1", 2).State)
}

func TestInboxWatch(t *testing.T) {
	type seen struct {
		n       int
		message simkit.Message
	}
	var got []seen
	inbox := simkit.Inbox{Limit: 2}
	inbox.Watch(func(n int, m simkit.Message) { got = append(got, seen{n, m}) })
	for _, id := range []string{"a", "b", "c"} {
		inbox.Deliver(simkit.Message{ID: id, To: "+1", Code: id})
	}
	inbox.Judged("a", true) // dropped
	inbox.Judged("b", true)
	inbox.Replaced("c")
	assert.Equal(t, []seen{
		{1, simkit.Message{ID: "a", To: "+1", Code: "a"}},
		{2, simkit.Message{ID: "b", To: "+1", Code: "b"}},
		{3, simkit.Message{ID: "c", To: "+1", Code: "c"}},
		{2, simkit.Message{ID: "b", To: "+1", Code: "b", State: simkit.Verified}},
		{3, simkit.Message{ID: "c", To: "+1", Code: "c", State: simkit.Replaced}},
	}, got)
}

// A vendor looks for the message of the code that it judged, the lately sent ones first.
func BenchmarkJudged(b *testing.B) {
	var inbox simkit.Inbox
	for range simkit.DefaultInboxLimit {
		inbox.Deliver(simkit.Message{ID: simkit.ID(), To: "+1", Code: "1"})
	}
	for name, id := range map[string]string{"newest": inbox.All()[simkit.DefaultInboxLimit-1].ID, "oldest": inbox.All()[0].ID} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				inbox.Judged(id, false)
			}
		})
	}
}
