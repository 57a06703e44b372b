package vendorkit

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"

	"github.com/otp-sdk/otp-go/otp"
)

// The proof that nothing was sent is taken from the request's connection: when the transport
// returns an error and nothing was written to it, nothing has left, and the connection makes sure
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

// gotConn is called when the request gets a connection, before any of it is written.
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

// leaveConn takes into account whether anything was written to the connection.
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
