package hypersendertest

import (
	"slices"
	"strings"
	"time"
)

// sentCode is a code that was made for a chat.
type sentCode struct {
	uuid    string
	chatID  string
	code    string
	expires time.Time
	sent    bool // the message has left the queue
	used    bool
	wrong   int // attempts
}

// status is the code's, in the words of "Request OTP Code".
func (c *sentCode) status(now time.Time) string {
	switch {
	case c.used:
		return "validated"
	case !now.Before(c.expires):
		return "expired"
	case c.sent:
		return "sent"
	default:
		return "pending"
	}
}

func (c *sentCode) live(now time.Time) bool { return !c.used && now.Before(c.expires) }

// equals compares letter for letter, unless a quirk says otherwise.
func (c *sentCode) equals(typed string, q Quirks) bool {
	if q.TrimSpace {
		typed = strings.TrimSpace(typed)
	}
	return c.code == typed || q.IgnoreCase && strings.EqualFold(c.code, typed)
}

// codebook holds the codes of the instance by chatId, oldest first. It keeps one per chat, the active one,
// unless told to keep all. A chatId is compared as it is: validate-code wants "the same value that received the
// code" ("Validate Code").
type codebook struct {
	chats   map[string][]*sentCode
	sweepAt int // how many chats there are when those without a live code are dropped
}

// add stores a new code, and returns those that it replaces.
func (b *codebook) add(c *sentCode, now time.Time, keepOlder bool) (replaced []*sentCode) {
	if b.chats == nil {
		b.chats, b.sweepAt = make(map[string][]*sentCode), 1024
	}
	if len(b.chats) >= b.sweepAt {
		b.sweep(now)
	}
	b.chats[c.chatID] = append(slices.DeleteFunc(b.chats[c.chatID], func(old *sentCode) bool {
		if old.live(now) && keepOlder {
			return false
		}
		if old.live(now) {
			replaced = append(replaced, old)
		}
		return true
	}), c)
	return replaced
}

// active is the newest live code of a chat; nil = none.
func (b *codebook) active(chatID string, now time.Time) *sentCode {
	for _, c := range slices.Backward(b.chats[chatID]) {
		if c.live(now) {
			return c
		}
	}
	return nil
}

// find looks for a typed code among those of a chat, live or not, newest first; nil = none.
func (b *codebook) find(chatID, typed string, q Quirks) *sentCode {
	for _, c := range slices.Backward(b.chats[chatID]) {
		if c.equals(typed, q) {
			return c
		}
	}
	return nil
}

// sweep keeps a server that runs for long from filling the memory with chats it has done with.
func (b *codebook) sweep(now time.Time) {
	for chatID := range b.chats {
		if b.active(chatID, now) == nil {
			delete(b.chats, chatID)
		}
	}
	b.sweepAt = max(1024, 2*len(b.chats))
}
