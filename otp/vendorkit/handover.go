package vendorkit

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

const (
	// answerWithin is half of what the least patient vendor gives, Octopush ("Callbacks").
	answerWithin = 500 * time.Millisecond

	// sameMessage is for how long receipts without an ID, for one number, are about one message.
	sameMessage = 10 * time.Minute
)

// message is what is known of one message. The receiver's lock guards it.
type message struct {
	status otp.ReceiptStatus // the latest that was taken
	first  time.Time
	last   chan struct{} // closed when its last callback has returned
}

const noStatus otp.ReceiptStatus = -1

type handover struct {
	key     string // what tells its message from others
	request detached
	ctx     bounded
	receipt otp.Receipt
	before  chan struct{} // the callback that has to return first; nil = none
	done    chan struct{}
	err     error // of the callback; valid when done is closed
}

// detached is context.WithoutCancel without an allocation.
type detached struct{ context.Context }

func (detached) Deadline() (time.Time, bool) { return time.Time{}, false }
func (detached) Done() <-chan struct{}       { return nil }
func (detached) Err() error                  { return nil }

// deliver hands a receipt over if it changes anything; false = the callback has refused it in time.
func (k *receiver) deliver(ctx context.Context, r otp.Receipt) bool {
	h, isNew := k.queue(r)
	if !isNew {
		k.repeated.Add(1)
		return true
	}
	if h == nil {
		k.failed.Add(1)
		k.log(ctx, slog.LevelWarn, "receipt not taken: too many are being handled", r)
		return false
	}
	h.request.Context = ctx
	h.ctx.Context, h.ctx.deadline = &h.request, time.Now().Add(answerWithin)
	go k.run(h)
	timer, ok := k.timers.Get().(*time.Timer)
	if !ok {
		timer = time.NewTimer(answerWithin)
	}
	timer.Reset(answerWithin)
	defer k.timers.Put(timer)
	defer timer.Stop()
	select {
	case <-h.done:
		return h.err == nil
	case <-timer.C:
		k.log(ctx, slog.LevelWarn, "receipt answered before it was handled", r)
		return true
	}
}

func keyOf(r otp.Receipt) string {
	if r.ID == "" {
		return " " + r.To // no ID has a space
	}
	return strings.Clone(r.ID) // not the whole body that it stands in
}

// queue lines a receipt up behind those of its message. Without a handover, too many are under way.
func (k *receiver) queue(r otp.Receipt) (h *handover, isNew bool) {
	key, now := keyOf(r), time.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	m, known := k.seen.Get(key)
	if !known || r.ID == "" && now.Sub(m.first) > sameMessage {
		m = message{status: noStatus, first: now}
	}
	if !r.Status.After(m.status) {
		return nil, false
	}
	select {
	case k.slots <- struct{}{}:
	default:
		return nil, true
	}
	h = &handover{receipt: r, key: key, before: m.last, done: make(chan struct{})}
	m.last = h.done
	k.seen.Put(key, m)
	return h, true
}

func (k *receiver) run(h *handover) {
	counter, level, event := &k.failed, slog.LevelWarn, "receipt not taken"
	defer func() {
		_ = recover() // the callback's
		h.ctx.end()
		k.log(&h.request, level, event, h.receipt)
		<-k.slots
		counter.Add(1)
		close(h.done)
	}()
	if h.before != nil {
		<-h.before
	}
	if !k.take(h, false) {
		counter, level, event = &k.repeated, slog.LevelDebug, "receipt repeated"
		return
	}
	if h.ctx.Err() != nil { // the wait has used its time up
		h.ctx.deadline = time.Now().Add(answerWithin)
	}
	if h.err = k.handle(&h.ctx, h.receipt); h.err == nil {
		k.take(h, true)
		counter, level, event = &k.taken, slog.LevelDebug, "receipt taken"
	}
}

func (k *receiver) take(h *handover, taken bool) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	m, known := k.seen.Get(h.key)
	if !known {
		m.status = noStatus
	}
	changes := h.receipt.Status.After(m.status)
	if changes && taken {
		m.status = h.receipt.Status
		k.seen.Put(h.key, m)
	}
	return changes
}
