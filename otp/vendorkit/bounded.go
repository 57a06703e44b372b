package vendorkit

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// bounded is a context with a deadline. Its timer starts when somebody first waits for it: a call that is answered at
// once, and an attempt on a transport that does not wait, need none.
type bounded struct {
	context.Context // the parent

	deadline time.Time
	why      error       // the cause of its end when the deadline has passed
	proxied  atomic.Bool // it connects through a proxy

	mu     sync.Mutex
	over   bool // a context has to have a reason once its Done is closed
	timer  context.Context
	cancel context.CancelFunc
}

// Deadline is always known.
func (b *bounded) Deadline() (time.Time, bool) { return b.deadline, true }

// Done is closed when the parent is done, the deadline has passed, or what b was made for is over.
func (b *bounded) Done() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer == nil {
		b.timer, b.cancel = context.WithDeadline(b.Context, b.deadline)
		if b.over {
			b.cancel()
		}
	}
	return b.timer.Done()
}

// Err is why what b was made for has to end; nil = it need not.
func (b *bounded) Err() error {
	if err := b.Context.Err(); err != nil {
		return err
	}
	if !time.Now().Before(b.deadline) {
		return context.DeadlineExceeded
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return context.Canceled
	}
	if b.timer != nil { // a clock that was set back does not undo that it has fired
		return b.timer.Err()
	}
	return nil
}

// Value finds in a started timer what package context needs to pass its end on without a goroutine.
func (b *bounded) Value(key any) any {
	if key == (boundedKey{}) {
		return b
	}
	b.mu.Lock()
	timer := b.timer
	b.mu.Unlock()
	if timer != nil {
		return timer.Value(key)
	}
	return b.Context.Value(key)
}

func (b *bounded) cause() error {
	if b.Context.Err() != nil {
		return context.Cause(b.Context)
	}
	if b.why != nil && !time.Now().Before(b.deadline) {
		return b.why
	}
	return b.Err()
}

// end says that what b was made for is over. Anyone who kept b does not wait on it for ever.
func (b *bounded) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
	if b.cancel != nil {
		b.cancel()
	}
}

type boundedKey struct{}

// boundedFrom returns the nearest bounded context: that of the attempt on whose behalf a connection is dialled.
func boundedFrom(ctx context.Context) *bounded {
	b, _ := ctx.Value(boundedKey{}).(*bounded)
	return b
}

// The proof that nothing was sent is taken from the request's connection: when the transport
// returns an error and nothing was written to it, nothing has left, and the connection sees to it
// that nothing will. This holds for HTTP/1.1 on a transport of net/http, and for nothing else.

func (a *attempt) watch(isPlain bool) context.Context {
	var ctx context.Context = a
	if isPlain {
		ctx = sending{a}
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: a.gotConn})
}

// sending is the context of a request on a plain transport, whose connection is closed in time.
type sending struct{ *attempt }

// Done is closed when the caller's context is done.
func (s sending) Done() <-chan struct{} { return s.Context.Done() }

func (a *attempt) gotConn(info httptrace.GotConnInfo) {
	a.leaveConn()
	if secure, ok := info.Conn.(*tls.Conn); ok { // through a proxy
		info.Conn = secure.NetConn()
	}
	c, ours := info.Conn.(*conn)
	if !ours { // not known to happen
		a.unsure = true
		_ = info.Conn.SetDeadline(a.deadline)
		return
	}
	c.take(a)
	a.conn = c
}

func (a *attempt) leaveConn() {
	if a.conn != nil && a.conn.leave(a) {
		a.unsure = true
	}
	a.conn = nil
}

// proof is what is certain about a request for which the transport has returned an error.
func (a *attempt) proof() otp.Outcome {
	a.leaveConn()
	if a.unsure {
		return otp.OutcomeUnknown
	}
	return otp.OutcomeNotSent
}
