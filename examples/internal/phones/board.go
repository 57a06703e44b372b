package phones

import (
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const keepTraffic = 1000

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
	Delivery    string       `json:"delivery,omitempty"`     // what the vendor has reported: sent, undelivered, …; "" = nothing
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
	newest   map[string]int   // the number of the last message that came, by vendor
	exchange int              // the ID of the last exchange
	traffic  []Exchange       // oldest first
	events   eventLog
	waiting  map[string]map[chan struct{}]bool // who waits for a code, by number
}

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
	b := &board{
		limit: limit, secrets: hidden, clock: clock, waiting: make(map[string]map[chan struct{}]bool),
		events: eventLog{run: rand.Text()[:8], first: 1, more: make(chan struct{})},
	}
	b.clear()
	return b
}

func (b *board) post(from origin, kit otpsim.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.find[from]
	if m == nil && from.n <= b.newest[from.vendor] {
		return // news of a message that was dropped
	}
	if m == nil {
		b.count++
		m = &text{id: b.count, from: from}
		b.find[from], b.newest[from.vendor] = m, from.n
		b.messages = append(b.messages, m)
		for len(b.messages) > b.limit {
			delete(b.find, b.messages[0].from)
			b.messages[0] = nil // the array lives on
			b.messages = b.messages[1:]
			b.dropped++
		}
	}
	m.Message = kit
	b.events.add("message", m.To, posted{m.at(b.clock.Now()), b.totals()})
	for came := range b.waiting[m.To] {
		select {
		case came <- struct{}{}:
		default: // it knows already
		}
	}
}

// await lets came have a value when a message for a number comes or changes, until stop.
func (b *board) await(to string) (came <-chan struct{}, stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting[to] == nil {
		b.waiting[to] = make(map[chan struct{}]bool)
	}
	c := make(chan struct{}, 1)
	b.waiting[to][c] = true
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if delete(b.waiting[to], c); len(b.waiting[to]) == 0 {
			delete(b.waiting, to)
		}
	}
}

type totals struct {
	Kept    int `json:"kept"`
	Dropped int `json:"dropped"` // to stay within Limit
	Limit   int `json:"limit"`
}

type posted struct {
	Message Message `json:"message"`
	totals
}

func (b *board) totals() totals { return totals{len(b.messages), b.dropped, b.limit} }

func (m *text) at(now time.Time) Message {
	return Message{
		ID: m.id, Vendor: m.from.vendor, Reference: m.ID, To: m.To, Channel: m.Channel, Locale: m.Locale, Text: m.Text,
		Code: m.Code, SentAt: m.SentAt, ExpiresAt: m.ExpiresAt, Attempts: m.Attempts, MaxAttempts: m.MaxAttempts,
		State: m.StateAt(now), Delivery: m.Delivery,
	}
}

// filter chooses messages or exchanges. The zero filter takes all.
type filter struct {
	to    string // the whole number
	find  string // a part of it
	limit int    // 0 = no limit
}

// list is the messages that a filter takes, newest first, and the last event that they know of.
func (b *board) list(f filter) (list []Message, total totals, event string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	list = []Message{} // JSON: [], not null
	for _, m := range slices.Backward(b.messages) {
		if f.limit > 0 && len(list) == f.limit {
			break
		}
		if (f.to == "" || m.To == f.to) && strings.Contains(m.To, f.find) {
			list = append(list, m.at(now))
		}
	}
	return list, b.totals(), b.events.last()
}

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

// codeAfter is the first message with a code for a number after the message after.
func (b *board) codeAfter(to string, after int) (Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.messages {
		if m.id > after && m.To == to && m.Code != "" {
			return m.at(b.clock.Now()), true
		}
	}
	return Message{}, false
}

func (b *board) record(v vendor, x otpsim.Exchange) {
	shown := b.secrets.masked(v, x)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.exchange++
	shown.ID = b.exchange
	b.traffic = append(b.traffic, shown)
	if len(b.traffic) > keepTraffic {
		b.traffic[0] = Exchange{} // the array lives on
		b.traffic = b.traffic[1:]
	}
	b.events.add("exchange", shown.To, shown)
}

func (b *board) exchanges(f filter) []Exchange {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []Exchange{}
	for _, x := range slices.Backward(b.traffic) {
		if f.limit > 0 && len(list) == f.limit {
			break
		}
		if f.to == "" || x.To == f.to {
			list = append(list, x)
		}
	}
	return list
}

// notify adds news that is about a number; "" = about all.
func (b *board) notify(kind, to string, news any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events.add(kind, to, news)
}

// reset wipes the board. Messages go on counting, so that no number is used twice.
func (b *board) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
	b.events.add("reset", "", b.totals())
}

func (b *board) clear() {
	b.messages, b.traffic, b.exchange, b.dropped = nil, nil, 0, 0
	b.find, b.newest = make(map[origin]*text), make(map[string]int)
}

func (b *board) forget(to string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = slices.DeleteFunc(b.messages, func(m *text) bool { return m.To == to })
	maps.DeleteFunc(b.find, func(_ origin, m *text) bool { return m.To == to })
	b.traffic = slices.DeleteFunc(b.traffic, func(x Exchange) bool { return x.To == to })
	b.events.add("stale", to, struct{}{}) // a reader has to read everything again
}
