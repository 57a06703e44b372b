package otpsim

import "time"

// State is what became of the code of a message.
type State string

// The states. A message's own State is never Pending or Expired: those two follow from the time.
const (
	Pending  State = "pending"  // can be verified
	Expired  State = "expired"  // nobody verified it in time
	Verified State = "verified" // and cannot be again
	Locked   State = "locked"   // its attempts are used up
	Replaced State = "replaced" // a newer code took its place
)

// StateAt is the state of the message's code at a time on the simulator's clock; "" for a message without a code.
func (m Message) StateAt(now time.Time) State {
	switch {
	case m.Code == "":
		return ""
	case m.State != "":
		return m.State
	case !m.ExpiresAt.IsZero() && !now.Before(m.ExpiresAt):
		return Expired
	default:
		return Pending
	}
}

// Judged notes on the messages with this ID that somebody typed a code for them, right or wrong. It is for the vendor's
// simulator, which alone knows what it judged.
func (b *Inbox) Judged(id string, right bool) {
	b.update(id, func(m *Message) {
		if right {
			m.State = Verified
			return
		}
		m.Attempts++
		if m.MaxAttempts > 0 && m.Attempts >= m.MaxAttempts {
			m.State = Locked
		}
	})
}

// Replaced notes on the messages with this ID that a newer code took the place of theirs. It changes none whose code
// has come to its end already.
func (b *Inbox) Replaced(id string) {
	b.update(id, func(m *Message) {
		if m.State == "" {
			m.State = Replaced
		}
	})
}

// Watch lets fn see every message when it comes, and again whenever its state changes. n tells messages apart: the first
// of the inbox is 1. fn gets them one after the other while the inbox is locked, so it must be quick and must not use
// the inbox. Watch before the first message.
func (b *Inbox) Watch(fn func(n int, m Message)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watch = append(b.watch, fn)
}

func (b *Inbox) tell(e *envelope) {
	for _, fn := range b.watch {
		fn(e.n, e.Message)
	}
}

// update changes the messages of one ID. They came together, and people type codes that came lately: so it looks from
// the newest back, and no further than their end.
func (b *Inbox) update(id string, change func(*Message)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := false
	for i := len(b.all) - 1; i >= 0; i-- {
		e := b.all[i]
		if e.ID != id {
			if found {
				return
			}
			continue
		}
		found = true
		change(&e.Message)
		b.tell(e)
	}
}
