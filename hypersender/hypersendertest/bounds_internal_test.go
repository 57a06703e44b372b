package hypersendertest

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a server remembers is bounded. These tests look inside, because over HTTP they would take long.

func TestArchiveIsBounded(t *testing.T) {
	var a archive
	a.add("first", &link{code: "AAAAAAAA"})
	for i := range maxArchived - 1 {
		a.add(strconv.Itoa(i), &sentCode{})
	}
	assert.Contains(t, a.entries, "first")
	assert.Contains(t, a.links, "AAAAAAAA")
	a.add("last", &sentCode{})
	assert.NotContains(t, a.entries, "first")
	assert.Empty(t, a.links)
	a.add("one more", &sentCode{}) // now a code has to go
	assert.Contains(t, a.entries, "last")
	assert.Len(t, a.entries, maxArchived)
	assert.Len(t, a.order, maxArchived)
}

func TestCallbacksAreBounded(t *testing.T) {
	s := NewHandler()
	defer s.Close()
	for i := range maxArchived + 1 {
		s.callBack(&link{uuid: strconv.Itoa(i), judged: verified, callbacks: linkCallbacks{success: "https://a.example"}}, time.Time{})
	}
	callbacks := s.Callbacks()
	require.Len(t, callbacks, maxArchived)
	assert.Equal(t, "1", callbacks[0].UUID)
}

func TestCodebookForgetsDeadChatsOnly(t *testing.T) {
	var b codebook
	now := time.Now()
	b.add(&sentCode{chatID: "live", code: "1", expires: now.Add(2 * time.Minute)}, now, true)
	b.add(&sentCode{chatID: "live", code: "2", expires: now.Add(time.Second), used: true}, now, true)
	for i := range 1022 {
		b.add(&sentCode{chatID: strconv.Itoa(i), expires: now.Add(time.Second)}, now, true)
	}
	assert.Len(t, b.chats, 1023)
	now = now.Add(time.Minute)
	b.add(&sentCode{chatID: "1023", expires: now.Add(time.Minute)}, now, true)
	b.add(&sentCode{chatID: "1024", expires: now.Add(time.Minute)}, now, true)
	assert.Len(t, b.chats, 2+1, "the live one and the two since")
	assert.NotNil(t, b.active("live", now), "an older code is live yet")
	assert.Equal(t, 1024, b.sweepAt)
}
