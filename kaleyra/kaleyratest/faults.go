package kaleyratest

import (
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Fault is something that goes wrong with a request: give it to Server.Fail. The functions below make one.
// Its methods say which requests it is for and change it; each returns a changed copy:
//
//	On("validate")         only this operation, or this path; the operations are generate and validate
//	Times(3), Always()     for so many requests, or until Heal; without them, for one
//	Accepted()             the server does its work before: the text is sent, the code is judged
//	After(time.Second)     after a pause in real time
//	WithHeader(name, v)    with a header
//
// Faults that stand in for the answer (Status, Error, Reply, HTML, Redirect, TooMany, Cut, Reset, Hang, Endless)
// keep the request from the server unless Accepted is called. Faults that spoil the server's own answer (Delay,
// Truncated, Empty, Drip) let it do its work.
type Fault = otpsim.Fault

// Status answers with this status, and with the vendor's own body where it has one: RBC001 for 401. The body is
// empty otherwise.
func Status(status int) Fault {
	if status == http.StatusUnauthorized {
		return Error(status, string(errCredentials))
	}
	return otpsim.Reply(status, "")
}

// Error answers with this status and the vendor's error of this code: Error(400, "E110") is an account without
// balance. The texts of codes that the pages do not show are invented.
func Error(status int, code string) Fault {
	body := otpsim.JSON(status, errorReply{Error: describe(errorCode(code)).object()}).Body
	return otpsim.Reply(status, string(body))
}

// AfterAccepting sends the text, or judges the code, and then answers with this status: what a timeout or a
// crash behind the vendor's gateway looks like. It is Status(status).Accepted().
func AfterAccepting(status int) Fault { return Status(status).Accepted() }

// TooMany answers 429 with a Retry-After in whole seconds; 0 = without. The body is that of WithLimits.
func TooMany(retryAfter time.Duration) Fault {
	return otpsim.TooMany(retryAfter, string(refuseStatus(http.StatusTooManyRequests).Body))
}

// Reply answers with any status and any body.
func Reply(status int, body string) Fault { return otpsim.Reply(status, body) }

// HTML answers with a web page, as proxies in front of a vendor do.
func HTML(status int) Fault { return otpsim.HTML(status) }

// Redirect answers with a 3xx status and a Location.
func Redirect(status int, location string) Fault { return otpsim.Redirect(status, location) }

// Cut closes the connection after the request was read: the client sees an EOF.
func Cut() Fault { return otpsim.Cut() }

// Reset is Cut the hard way: the client sees "connection reset by peer".
func Reset() Fault { return otpsim.Reset() }

// Hang never answers: until the client leaves or the server closes.
func Hang() Fault { return otpsim.Hang() }

// Endless answers with a body that never ends.
func Endless() Fault { return otpsim.Endless() }

// Delay answers as usual, but only after d of real time.
func Delay(d time.Duration) Fault { return otpsim.Delay(d) }

// Truncated answers with the first half of the usual body, as if that were all.
func Truncated() Fault { return otpsim.Truncated() }

// Empty answers with the usual status and no body.
func Empty() Fault { return otpsim.Empty() }

// Drip answers as usual, one byte at a time with a pause of every before each.
func Drip(every time.Duration) Fault { return otpsim.Drip(every) }
