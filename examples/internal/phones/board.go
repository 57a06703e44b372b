package phones

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// keepTraffic is how many exchanges are kept.
const keepTraffic = 200

// Message is one text on one phone, as the API writes it.
type Message struct {
	ID          int          `json:"id"` // counts up from 1, over all vendors
	Vendor      string       `json:"vendor"`
	Reference   string       `json:"reference"` // the vendor's own: Kaleyra's verify_id, for instance
	To          string       `json:"to"`
	Channel     string       `json:"channel"`
	Locale      string       `json:"locale,omitempty"`
	Text        string       `json:"text"`
	Code        string       `json:"code,omitempty"`
	SentAt      time.Time    `json:"sent_at"`
	ExpiresAt   time.Time    `json:"expires_at,omitzero"`
	Attempts    int          `json:"attempts"`               // wrong codes so far
	MaxAttempts int          `json:"max_attempts,omitempty"` // 0 = any number
	State       otpsim.State `json:"state,omitempty"`        // pending, verified, expired, locked or replaced; "" without a code
}

// board is all that there is to see: messages, traffic, and the news of both. It is bounded.
type board struct {
	limit   int
	secrets secrets
	clock   *otpsim.Clock

	mu       sync.Mutex
	count    int // of the messages that ever came
	dropped  int
	messages []*text          // oldest first
	find     map[origin]*text // the same
	traffic  []Exchange       // oldest first
	events   eventLog
}

// text is a message as the vendor's inbox has it.
type text struct {
	id   int
	from origin
	otpsim.Message
}

// origin is where a message comes from: the how-manieth of which vendor's inbox.
type origin struct {
	vendor string
	n      int
}

func newBoard(limit int, hidden secrets, clock *otpsim.Clock) *board {
	b := &board{limit: limit, secrets: hidden, clock: clock, events: newEventLog()}
	b.clear()
	return b
}

// watch puts on the board whatever one simulator does from now on.
func (b *board) watch(v vendor, account *otpsim.Server) {
	account.Inbox.Watch(func(n int, m otpsim.Message) { b.post(origin{v.Name, n}, m) })
	account.Watch(func(x otpsim.Exchange) { b.record(v, x) })
}

// post adds a message, or changes it.
func (b *board) post(from origin, kit otpsim.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.find[from]
	switch {
	case m == nil && (kit.State != "" || kit.Attempts > 0):
		return // news of a message that was dropped
	case m == nil:
		b.count++
		m = &text{id: b.count, from: from}
		b.find[from] = m
		b.messages = append(b.messages, m)
		b.dropOldest()
	}
	m.Message = kit
	b.events.add("message", posted{m.at(b.clock.Now()), b.tally()})
}

func (b *board) dropOldest() {
	for len(b.messages) > b.limit {
		delete(b.find, b.messages[0].from)
		b.messages[0] = nil // the array lives on
		b.messages = b.messages[1:]
		b.dropped++
	}
}

// tally is how many messages there are.
type tally struct {
	Kept    int `json:"kept"`
	Dropped int `json:"dropped"` // to stay within Limit
	Limit   int `json:"limit"`
}

// posted is the news of a message.
type posted struct {
	Message Message `json:"message"`
	tally
}

func (b *board) tally() tally { return tally{len(b.messages), b.dropped, b.limit} }

// at is the message as it stands at a time.
func (m *text) at(now time.Time) Message {
	return Message{
		ID: m.id, Vendor: m.from.vendor, Reference: m.ID, To: m.To, Channel: m.Channel, Locale: m.Locale, Text: m.Text,
		Code: m.Code, SentAt: m.SentAt, ExpiresAt: m.ExpiresAt, Attempts: m.Attempts, MaxAttempts: m.MaxAttempts,
		State: m.StateAt(now),
	}
}

// filter chooses messages. The zero filter takes all.
type filter struct {
	to    string // the whole number
	find  string // a part of it
	limit int    // 0 = no limit
}

func (f filter) takes(m *text) bool {
	return (f.to == "" || m.To == f.to) && strings.Contains(m.To, f.find)
}

// list is the messages that a filter takes, newest first, and the last event that they know of.
func (b *board) list(f filter) (list []Message, total tally, event string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	list = []Message{} // JSON: [], not null
	for _, m := range slices.Backward(b.messages) {
		if f.limit > 0 && len(list) == f.limit {
			break
		}
		if f.takes(m) {
			list = append(list, m.at(now))
		}
	}
	return list, b.tally(), b.events.last()
}

// lastCode is the newest message with a code for a number.
func (b *board) lastCode(to string) (Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range slices.Backward(b.messages) {
		if m.To == to && m.Code != "" {
			return m.at(b.clock.Now()), true
		}
	}
	return Message{}, false
}

// nextCode is the first message with a code for a number after the message after; without one, what to wait for.
func (b *board) nextCode(to string, after int) (found Message, ok bool, more <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.messages {
		if m.id > after && m.To == to && m.Code != "" {
			return m.at(b.clock.Now()), true, nil
		}
	}
	return Message{}, false, b.events.more
}

// record adds an exchange.
func (b *board) record(v vendor, x otpsim.Exchange) {
	shown := b.secrets.masked(v, x)
	b.mu.Lock()
	defer b.mu.Unlock()
	shown.ID = 1
	if n := len(b.traffic); n > 0 {
		shown.ID = b.traffic[n-1].ID + 1
	}
	b.traffic = append(b.traffic, shown)
	if len(b.traffic) > keepTraffic {
		b.traffic = slices.Delete(b.traffic, 0, 1)
	}
	b.events.add("exchange", shown)
}

// exchanges are those kept, newest first.
func (b *board) exchanges() []Exchange {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := append([]Exchange{}, b.traffic...)
	slices.Reverse(list)
	return list
}

// tellFaults is the news that somebody set or dropped faults.
func (b *board) tellFaults() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events.add("faults", struct{}{})
}

// moved is the news that the clock was moved: a reader has to read everything again.
func (b *board) moved() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events.add("stale", struct{}{})
}

// reset wipes the board. Messages go on counting, so that no number is used twice.
func (b *board) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
	b.events.add("reset", b.tally())
}

func (b *board) clear() {
	b.messages, b.find, b.traffic, b.dropped = nil, make(map[origin]*text), nil, 0
}
