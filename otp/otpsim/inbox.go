package otpsim

import (
	"context"
	"slices"
	"sync"
	"time"
)

// DefaultInboxLimit is how many messages an Inbox keeps when its Limit is 0.
const DefaultInboxLimit = 10_000

// Message is one text as it reached a phone.
type Message struct {
	ID        string // the vendor's reference of the message
	To        string // the recipient, as the request named it
	Channel   string // "sms", "whatsapp", …, in the vendor's words
	Locale    string // the language asked for; "" = not known to this vendor
	Text      string // what the person reads
	Code      string // the code in Text, leading zeros included
	SentAt    time.Time
	ExpiresAt time.Time // when Code stops being good

	MaxAttempts int   // how many wrong codes the vendor takes; 0 = any number, or not known
	Attempts    int   // how many wrong codes it was given so far
	State       State // what became of Code; "" = nothing yet, but see StateAt
}

// Inbox holds the messages a simulator has sent, by phone number. It is bounded: over Limit the oldest
// message goes, and Dropped counts it, so that a simulator left running does not fill the memory.
// The zero Inbox is ready to use and safe for concurrent use; do not copy it.
type Inbox struct {
	Limit int // set before the first message; 0 = DefaultInboxLimit

	mu      sync.Mutex
	all     []*envelope            // oldest first
	phones  map[string][]*envelope // the same, by recipient
	count   int                    // of the messages that ever came
	dropped int
	watch   []func(n int, m Message)
	arrived chan struct{} // closed when the next message comes; nil while nobody waits
}

type envelope struct {
	Message
	n    int  // the how-manieth of the inbox
	read bool // Next has returned it
}

// Deliver puts a message into the inbox and wakes everyone who waits in Next.
func (b *Inbox) Deliver(m Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.phones == nil {
		b.phones = make(map[string][]*envelope)
	}
	b.count++
	e := &envelope{Message: m, n: b.count}
	b.all = append(b.all, e)
	b.phones[m.To] = append(b.phones[m.To], e)
	for len(b.all) > b.limit() {
		b.dropOldest()
	}
	if b.arrived != nil {
		close(b.arrived)
		b.arrived = nil
	}
	b.tell(e)
}

// Last is the newest message of a phone.
func (b *Inbox) Last(to string) (Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	messages := b.phones[to]
	if len(messages) == 0 {
		return Message{}, false
	}
	return messages[len(messages)-1].Message, true
}

// Code is the code in the newest message of a phone.
func (b *Inbox) Code(to string) (string, bool) {
	m, ok := b.Last(to)
	return m.Code, ok
}

// Of lists the messages of one phone, oldest first.
func (b *Inbox) Of(to string) []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return unwrap(b.phones[to])
}

// All lists the messages of every phone, oldest first.
func (b *Inbox) All() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return unwrap(b.all)
}

// Next returns the oldest message of a phone that no Next has returned before, and waits for one if there
// is none. A message that came before the call therefore counts, and a test need not be quicker than the
// program it tests. The error is the context's.
func (b *Inbox) Next(ctx context.Context, to string) (Message, error) {
	for {
		m, ok, arrived := b.unread(to)
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

// unread takes the oldest unread message of a phone; without one it returns what to wait for.
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

// dropOldest relies on both lists being in order of arrival: the oldest message of all is also the oldest
// of its phone.
func (b *Inbox) dropOldest() {
	to := b.all[0].To
	b.all = b.all[1:]
	b.phones[to] = b.phones[to][1:]
	if len(b.phones[to]) == 0 {
		delete(b.phones, to)
	}
	b.dropped++
}

func unwrap(envelopes []*envelope) []Message {
	messages := make([]Message, len(envelopes))
	for i, e := range envelopes {
		messages[i] = e.Message
	}
	return messages
}
