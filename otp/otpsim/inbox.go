package otpsim

import (
	"context"
	"regexp"
	"slices"
	"sync"
	"time"
)

// DefaultInboxLimit is how many messages an Inbox keeps when its Limit is 0.
const DefaultInboxLimit = 10_000

// Inbox has the messages that a simulator has sent, by recipient, with or without the +. Over Limit
// the oldest goes, with its code, and Dropped counts it. The zero Inbox is ready to use and safe
// for concurrent use; do not copy it.
type Inbox struct {
	Limit int // set before the first message; 0 = DefaultInboxLimit

	mu      sync.Mutex
	all     []*envelope            // oldest first
	phones  map[string][]*envelope // the same, by recipient
	ids     map[string][]*envelope // the same, by ID
	count   int                    // of the messages that ever came
	dropped int
	watch   []func(n int, m Message)
	deliver func(Message)
	arrived chan struct{} // closed when the next message comes; nil while nobody waits
}

type envelope struct {
	Message
	n    int  // counts up from 1
	read bool // Next has returned it
}

// Deliver puts a message into the inbox and wakes everyone who waits in Next.
func (b *Inbox) Deliver(m Message) {
	m.To = international(m.To)
	b.add(m)
	if b.deliver != nil {
		b.deliver(m)
	}
}

func (b *Inbox) add(m Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.phones == nil {
		b.phones, b.ids = make(map[string][]*envelope), make(map[string][]*envelope)
	}
	b.count++
	e := &envelope{Message: m, n: b.count}
	b.all = append(b.all, e)
	b.phones[m.To] = append(b.phones[m.To], e)
	b.ids[m.ID] = append(b.ids[m.ID], e)
	for len(b.all) > b.limit() {
		b.dropOldest()
	}
	if b.arrived != nil {
		close(b.arrived)
		b.arrived = nil
	}
	b.notify(e)
}

// Last is the newest message of a phone.
func (b *Inbox) Last(to string) (Message, bool) {
	return b.Find(to, func(Message) bool { return true })
}

// Code is the code in the newest message of a phone.
func (b *Inbox) Code(to string) (string, bool) {
	m, ok := b.Last(to)
	return m.Code, ok
}

// Find is the newest message of a phone for which match, which must not use the inbox, is true.
func (b *Inbox) Find(to string, match func(Message) bool) (Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range slices.Backward(b.phones[international(to)]) {
		if match(e.Message) {
			return e.Message, true
		}
	}
	return Message{}, false
}

// Get is the message with this ID; of several the first.
func (b *Inbox) Get(id string) (Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	messages := b.ids[id]
	if len(messages) == 0 {
		return Message{}, false
	}
	return messages[0].Message, true
}

// Of lists the messages of one phone, oldest first.
func (b *Inbox) Of(to string) []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return unwrap(b.phones[international(to)])
}

// All lists the messages of every phone, oldest first.
func (b *Inbox) All() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return unwrap(b.all)
}

// Next returns the oldest message of a phone that no Next has returned before, also one that came
// before the call, and waits for one if there is none. The error is the context's.
func (b *Inbox) Next(ctx context.Context, to string) (Message, error) {
	for {
		m, ok, arrived := b.unread(international(to))
		if ok {
			return m, nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return Message{}, ctx.Err()
		}
	}
}

// Dropped is how many messages had to go to keep the inbox within its limit.
func (b *Inbox) Dropped() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dropped
}

// Attempt notes that somebody typed a code for the messages with this ID, right or wrong.
func (b *Inbox) Attempt(id string, right bool) {
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

// Replace notes that a newer code took the place of those with this ID that are not at their end.
func (b *Inbox) Replace(id string) {
	b.update(id, func(m *Message) {
		if m.State == "" {
			m.State = Replaced
		}
	})
}

// Watch lets fn see every message when it comes, and whenever its state changes. The first has n =
// 1. fn must be quick and not use the inbox. Watch before the first message.
func (b *Inbox) Watch(fn func(n int, m Message)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watch = append(b.watch, fn)
}

func (b *Inbox) notify(e *envelope) {
	for _, fn := range b.watch {
		fn(e.n, e.Message)
	}
}

func (b *Inbox) update(id string, change func(*Message)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.ids[id] {
		change(&e.Message)
		b.notify(e)
	}
}

func (b *Inbox) unread(to string) (m Message, ok bool, arrived <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.phones[to], func(e *envelope) bool { return !e.read })
	if i >= 0 {
		e := b.phones[to][i]
		e.read = true
		return e.Message, true, nil
	}
	if b.arrived == nil {
		b.arrived = make(chan struct{})
	}
	return Message{}, false, b.arrived
}

func (b *Inbox) limit() int {
	if b.Limit <= 0 {
		return DefaultInboxLimit
	}
	return b.Limit
}

// dropOldest relies on the lists being in order of arrival.
func (b *Inbox) dropOldest() {
	e := b.all[0]
	b.all = b.all[1:]
	dropFirst(b.phones, e.To)
	dropFirst(b.ids, e.ID)
	b.dropped++
}

func dropFirst(lists map[string][]*envelope, key string) {
	lists[key] = lists[key][1:]
	if len(lists[key]) == 0 {
		delete(lists, key)
	}
}

func unwrap(envelopes []*envelope) []Message {
	messages := make([]Message, len(envelopes))
	for i, e := range envelopes {
		messages[i] = e.Message
	}
	return messages
}

// Message is one text as it reached a phone.
type Message struct {
	ID        string    // the vendor's reference; several messages with one code share it
	To        string    // the recipient: a phone number with its +, or an e-mail address
	Channel   string    // "sms", "whatsapp", …, in the vendor's words
	Locale    string    // the language asked for; "" = not known to this vendor
	Text      string    // what the person reads
	Code      string    // the code in Text, leading zeros included
	SentAt    time.Time // on the simulator's clock
	ExpiresAt time.Time // when Code stops being good; zero = never

	MaxAttempts int    // how many wrong codes the vendor takes; 0 = any number, or not known
	Attempts    int    // how many wrong codes it was given so far
	State       State  // what became of Code; "" = nothing yet, but see StateAt
	Note        string // the simulator's own: what else it has to know to check the code

	Delivery string // the Status of its last Receipt; "" = none yet
	Callback string // the URL that the vendor reports to; "" = nowhere
}

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

// StateAt is the state of the code at a time on the simulator's clock; "" = there is no code.
func (m Message) StateAt(now time.Time) State {
	switch {
	case m.Code == "":
		return ""
	case m.State != "":
		return m.State
	case m.Over(now):
		return Expired
	default:
		return Pending
	}
}

// Over says whether the time of the message's code is over, whatever else became of it.
func (m Message) Over(now time.Time) bool { return !m.ExpiresAt.IsZero() && !now.Before(m.ExpiresAt) }

// passcode is what the codes of package owncode look like, and most others.
var passcode = regexp.MustCompile(`\b([0-9]{4,10}|[BCDFGHJKLMNPQRSTVWXZ]{6,12})\b`)

// Passcode returns what looks like a code in a text of the caller's own; "" = nothing does.
func Passcode(text string) string { return passcode.FindString(text) }
