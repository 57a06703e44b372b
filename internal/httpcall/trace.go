package httpcall

import (
	"net/http/httptrace"
	"sync/atomic"

	"github.com/otp-sdk/otp-go/otp"
)

// trace watches one attempt for the proof that nothing was sent.
//
// net/http reports every header field before it reaches the connection's buffer, and closes the connection before it
// gives up on a request. So when no field was reported by the time the transport returns, no byte of the request can
// have left or will leave: the dial failed, the handshake failed, or the server had closed the connection. This holds
// for HTTP/1.1 on a transport of net/http, and for nothing else; see Client.own.
type trace struct {
	wrote atomic.Bool // hooks run on the transport's goroutines
}

func (t *trace) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		WroteHeaderField: func(string, []string) { t.wrote.Store(true) },
	}
}

// outcome is asked once, after the transport has returned an error.
func (t *trace) outcome() otp.Outcome {
	if t.wrote.Load() {
		return otp.OutcomeUnknown
	}
	return otp.OutcomeNotSent
}
