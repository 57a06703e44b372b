package otpsim_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func message(to, code string) otpsim.Message { return otpsim.Message{To: to, Code: code} }

func TestInboxByPhone(t *testing.T) {
	var inbox otpsim.Inbox
	inbox.Deliver(message("+1", "0001"))
	inbox.Deliver(message("+2", "0002"))
	inbox.Deliver(message("+1", "0003"))

	last, ok := inbox.Last("+1")
	assert.True(t, ok)
	assert.Equal(t, message("+1", "0003"), last)
	code, ok := inbox.Code("+2")
	assert.True(t, ok)
	assert.Equal(t, "0002", code)
	assert.Equal(t, []otpsim.Message{message("+1", "0001"), message("+1", "0003")}, inbox.Of("+1"))
	assert.Len(t, inbox.All(), 3)
}

func TestInboxUnknownPhone(t *testing.T) {
	var inbox otpsim.Inbox
	_, ok := inbox.Last("+1")
	assert.False(t, ok)
	_, ok = inbox.Code("+1")
	assert.False(t, ok)
	assert.Empty(t, inbox.Of("+1"))
	assert.Empty(t, inbox.All())
}

func TestInboxIsBounded(t *testing.T) {
	inbox := otpsim.Inbox{Limit: 3}
	for i := range 5 {
		inbox.Deliver(message("+"+strconv.Itoa(i), "c"+strconv.Itoa(i)))
	}
	assert.Equal(t, 2, inbox.Dropped())
	assert.Equal(t, []otpsim.Message{message("+2", "c2"), message("+3", "c3"), message("+4", "c4")}, inbox.All())
	assert.Empty(t, inbox.Of("+0"), "a dropped message is gone from its phone, too")
}

func TestInboxDefaultLimit(t *testing.T) {
	var inbox otpsim.Inbox
	for range otpsim.DefaultInboxLimit + 1 {
		inbox.Deliver(message("+1", "1"))
	}
	assert.Len(t, inbox.All(), 10_000)
	assert.Equal(t, 1, inbox.Dropped())
}

func TestInboxNext(t *testing.T) {
	var inbox otpsim.Inbox
	ctx := t.Context()
	inbox.Deliver(message("+1", "a"))
	inbox.Deliver(message("+1", "b"))

	for _, want := range []string{"a", "b"} {
		m, err := inbox.Next(ctx, "+1")
		require.NoError(t, err)
		assert.Equal(t, want, m.Code, "each message once, oldest first")
	}

	go func() {
		inbox.Deliver(message("+2", "not ours"))
		inbox.Deliver(message("+1", "c"))
	}()
	m, err := inbox.Next(ctx, "+1")
	require.NoError(t, err)
	assert.Equal(t, "c", m.Code)
}

func TestInboxNextEndsWithContext(t *testing.T) {
	var inbox otpsim.Inbox
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := inbox.Next(ctx, "+1")
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestInboxConcurrent(t *testing.T) {
	var inbox otpsim.Inbox
	codes := make(chan string, 100)
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() { inbox.Deliver(message("+1", strconv.Itoa(i))) })
		wg.Go(func() {
			m, err := inbox.Next(t.Context(), "+1")
			assert.NoError(t, err)
			codes <- m.Code
		})
	}
	wg.Wait()
	close(codes)
	seen := map[string]bool{}
	for code := range codes {
		seen[code] = true
	}
	assert.Len(t, seen, 100, "nobody got another's message")
}

func TestInboxWithAndWithoutPlus(t *testing.T) {
	var inbox otpsim.Inbox
	inbox.Deliver(message("905321234567", "1"))
	inbox.Deliver(message("somebody@example.org", "2"))
	for _, to := range []string{"905321234567", "+905321234567"} {
		code, ok := inbox.Code(to)
		assert.True(t, ok)
		assert.Equal(t, "1", code)
		assert.Equal(t, []otpsim.Message{message("+905321234567", "1")}, inbox.Of(to))
	}
	m, err := inbox.Next(t.Context(), "905321234567")
	require.NoError(t, err)
	assert.Equal(t, "+905321234567", m.To)
	code, _ := inbox.Code("somebody@example.org")
	assert.Equal(t, "2", code)
}

func TestInboxFindAndGet(t *testing.T) {
	inbox := otpsim.Inbox{Limit: 3}
	for _, id := range []string{"a", "b", "b", "c"} {
		inbox.Deliver(otpsim.Message{ID: id, To: "+" + strconv.Itoa(inbox.Dropped()+len(inbox.All())), Code: id})
	}
	_, ok := inbox.Get("a")
	assert.False(t, ok, "dropped")
	m, ok := inbox.Get("b")
	assert.True(t, ok)
	assert.Equal(t, "+1", m.To, "of several the first")

	inbox.Deliver(message("+1", "x"))
	inbox.Deliver(message("+1", "y"))
	inbox.Deliver(message("+1", "z"))
	var seen []string
	m, ok = inbox.Find("1", func(m otpsim.Message) bool { seen = append(seen, m.Code); return m.Code == "y" })
	assert.True(t, ok)
	assert.Equal(t, "y", m.Code)
	assert.Equal(t, []string{"z", "y"}, seen, "newest first")
	_, ok = inbox.Find("+1", func(otpsim.Message) bool { return false })
	assert.False(t, ok)
}
