package httpcall

import (
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// attempted tells log and observer that an attempt has ended.
func (x *exchange) attempted(start time.Time) {
	tell := otp.ObserverFrom(x.Context)
	if tell == nil && x.client.logger == nil {
		return
	}
	took := time.Since(start)
	x.logAttempt(took)
	if tell == nil {
		return
	}
	e := otp.AttemptEvent{
		Provider: x.client.name, Op: x.call.Op, Number: x.attempts,
		HTTPStatus: x.status, Outcome: otp.OutcomeAccepted, Duration: took,
	}
	if f := x.failure; f != nil {
		e.Kind, e.Outcome = f.Kind, f.Outcome
	}
	tell(e)
}

// waited tells log and observer of a wait since start that somebody could notice.
func (x *exchange) waited(reason string, start time.Time) {
	took := time.Since(start)
	if took < time.Millisecond {
		return
	}
	x.logWait(reason, took)
	if tell := otp.ObserverFrom(x.Context); tell != nil {
		tell(otp.WaitEvent{Provider: x.client.name, Op: x.call.Op, Reason: reason, Duration: took})
	}
}

// watched reports whether anybody wants to be told of waits.
func (x *exchange) watched() bool {
	return x.client.logger != nil || otp.ObserverFrom(x.Context) != nil
}
