package vendorkit

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/otp-sdk/otp-go/otp"
)

// trace watches one attempt for the proof that nothing was sent.
//
// It knows the connection that the request has got. When the transport returns an error, and nothing was
// written to that connection, then nothing of the request has left, and the connection sees to it that
// nothing will: the dial failed, the handshake failed, or the server had closed the connection. Through a
// proxy, TLS writes by itself, so there the proof is that net/http has not begun with the header fields,
// which it reports before they reach the connection's buffer. This holds for HTTP/1.1 on a transport of
// net/http, and for nothing else.
type trace struct {
	hooks     *httptrace.ClientTrace
	foreign   bool        // nothing is known of the transport, or of the connection
	conn      *conn       // that the request has got
	tunnelled bool        // TLS of net/http's writes to it
	wrote     atomic.Bool // hooks run on the transport's goroutines
}

// sending is the context of a request on a plain transport. Its deadline needs no timer of its own:
// connecting ends in time by itself, and then the connection is closed in time.
type sending struct{ *attempt }

// Done is closed when the caller's context is done.
func (s sending) Done() <-chan struct{} { return s.Context.Done() }

// watch returns the context for a request on a transport of our own.
func (a *attempt) watch(isPlain bool) context.Context {
	var ctx context.Context = a
	if isPlain {
		ctx = sending{a}
	}
	a.trace.hooks = &httptrace.ClientTrace{GotConn: a.gotConn}
	return httptrace.WithClientTrace(ctx, a.trace.hooks)
}

// gotConn is called when the request gets a connection, before any of it is written.
func (a *attempt) gotConn(info httptrace.GotConnInfo) {
	a.leaveConn()
	secure, tunnelled := info.Conn.(*tls.Conn)
	if tunnelled {
		info.Conn = secure.NetConn()
	}
	c, ours := info.Conn.(*conn)
	if !ours { // not known to happen
		a.trace.foreign = true
		_ = info.Conn.SetDeadline(a.deadline)
		return
	}
	if tunnelled && !a.trace.tunnelled {
		a.trace.tunnelled = true
		a.trace.watchFields()
	}
	c.connected()
	c.take(a)
	a.trace.conn = c
}

func (t *trace) watchFields() {
	callers := t.hooks.WroteHeaderField
	t.hooks.WroteHeaderField = func(name string, values []string) {
		t.wrote.Store(true)
		if callers != nil {
			callers(name, values)
		}
	}
}

// leaveConn takes into account what was written to the connection that the request has got.
func (a *attempt) leaveConn() {
	if c := a.trace.conn; c != nil && c.leave(a) && !a.trace.tunnelled {
		a.trace.wrote.Store(true)
	}
	a.trace.conn = nil
}

// proof is what is certain about a request for which the transport has returned an error.
func (a *attempt) proof() otp.Outcome {
	a.leaveConn()
	if a.trace.foreign || a.trace.wrote.Load() {
		return otp.OutcomeUnknown
	}
	return otp.OutcomeNotSent
}
