package vendorkit

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

const (
	// answerWithin is half of what the least patient vendor gives: Octopush waits one second ("Callbacks").
	answerWithin = 500 * time.Millisecond

	// sameMessage is for how long receipts without an ID and with the same number are about one message.
	sameMessage = 10 * time.Minute
)

// message is what is known of one message. The receiver's lock guards it.
type message struct {
	status otp.ReceiptStatus
	first  time.Time
	last   chan struct{} // closed when its last callback has returned
}

// handover is one receipt on its way through the callback.
type handover struct {
	request detached
	ctx     bounded
	receipt otp.Receipt
	was     otp.ReceiptStatus
	before  chan struct{} // the callback that has to return first; nil = none
	done    chan struct{}

	taken, refused bool // what the callback says: nil, or an error; valid when done is closed
}

// detached is context.WithoutCancel without an allocation: the vendor may leave before the callback returns.
type detached struct{ context.Context }

func (detached) Deadline() (time.Time, bool) { return time.Time{}, false }
func (detached) Done() <-chan struct{}       { return nil }
func (detached) Err() error                  { return nil }

// deliver hands a receipt over if it changes anything. It is false when the callback says within its time
// that it has not taken it.
func (k *receiver) deliver(ctx context.Context, r otp.Receipt) bool {
	select {
	case k.slots <- struct{}{}:
	default:
		k.failed.Add(1)
		k.log(ctx, slog.LevelWarn, "receipt not taken: too many are being handled", slog.Any("receipt", r))
		return false
	}
	h := k.advance(r)
	if h == nil {
		<-k.slots
		k.repeated.Add(1)
		return true
	}
	h.request.Context = ctx
	h.ctx.Context, h.ctx.deadline = &h.request, time.Now().Add(answerWithin)
	go k.run(h)
	timer, ok := k.timers.Get().(*time.Timer)
	if !ok {
		timer = time.NewTimer(answerWithin)
	} else {
		timer.Reset(answerWithin)
	}
	defer k.timers.Put(timer)
	defer timer.Stop()
	select {
	case <-h.done:
		return !h.refused
	case <-timer.C:
		k.log(ctx, slog.LevelWarn, "receipt answered before it was handled", slog.Any("receipt", r))
		return true
	}
}

// keyOf is what tells a message from others.
func keyOf(r otp.Receipt) string {
	if r.ID == "" {
		return " " + r.To // no ID has a space
	}
	return r.ID
}

// advance notes the status of a receipt; nil = it changes nothing.
func (k *receiver) advance(r otp.Receipt) *handover {
	const none otp.ReceiptStatus = -1
	key, now := keyOf(r), time.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	m, known := k.seen.Get(key)
	if !known || r.ID == "" && now.Sub(m.first) > sameMessage {
		m = message{status: none, first: now}
	}
	if !r.Status.After(m.status) {
		return nil
	}
	h := &handover{receipt: r, was: m.status, before: m.last, done: make(chan struct{})}
	m.status, m.last = r.Status, h.done
	k.seen.Put(strings.Clone(key), m) // not the whole body that it stands in
	return h
}

// run calls the callback when the one before it has returned.
func (k *receiver) run(h *handover) {
	defer func() {
		_ = recover() // the callback's
		k.finish(h)
	}()
	if h.before != nil {
		<-h.before
	}
	ctx := &h.ctx
	if ctx.Err() != nil { // the wait has used its time up
		ctx = &bounded{Context: h.ctx.Context, deadline: time.Now().Add(answerWithin)}
		defer ctx.end()
	}
	h.taken = k.handle(ctx, h.receipt) == nil
	h.refused = !h.taken
}

// finish lets a repeat of what was not taken through again.
func (k *receiver) finish(h *handover) {
	h.ctx.end()
	if !h.taken {
		k.takeBack(h)
	}
	counter, level, event := &k.taken, slog.LevelDebug, "receipt taken"
	if !h.taken {
		counter, level, event = &k.failed, slog.LevelWarn, "receipt not taken"
	}
	counter.Add(1)
	close(h.done)
	if k.logger != nil {
		k.log(h.ctx.Context, level, event, slog.Any("receipt", h.receipt))
	}
	<-k.slots
}

func (k *receiver) takeBack(h *handover) {
	key := keyOf(h.receipt)
	k.mu.Lock()
	defer k.mu.Unlock()
	if m, known := k.seen.Get(key); known && m.status == h.receipt.Status {
		m.status = h.was
		k.seen.Put(key, m)
	}
}
