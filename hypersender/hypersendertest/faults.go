package hypersendertest

import (
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Fault is something that goes wrong with a request: give it to Server.Fail. The functions below make one.
// Its methods say which requests it is for and change it; each returns a changed copy:
//
//	On("validate-code")    only this operation, or this path; the operations are request-code, validate-code,
//	                       generate-link
//	Times(3), Always()     for so many requests, or until Heal; without them, for one
//	Accepted()             the server does its work before: the message is sent, the code is judged
//	After(time.Second)     after a pause in real time
//	WithHeader(name, v)    with a header
//
// Faults that stand in for the answer (Status, Reply, HTML, Redirect, TooMany, Cut, Reset, Hang, Endless) keep
// the request from the server unless Accepted is called. Faults that spoil the server's own answer (Delay,
// Truncated, Empty, Drip) let it do its work.
type Fault = otpsim.Fault

// Status answers with this status. From 400 on it has the body of such an error, for instance
// {"message":"Unauthenticated."} for 401; it is empty otherwise.
func Status(status int) Fault { return otpsim.Reply(status, messageBody(status)) }

// AfterAccepting sends the message, or judges the code, and then answers with this status: what a timeout or a
// crash behind the vendor's gateway looks like. It is Status(status).Accepted().
func AfterAccepting(status int) Fault { return Status(status).Accepted() }

// TooMany answers 429 {"message":"Too Many Attempts."} with a Retry-After in whole seconds; 0 = without.
func TooMany(retryAfter time.Duration) Fault {
	return otpsim.TooMany(retryAfter, messageBody(http.StatusTooManyRequests))
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

// messageBody is the body of an error that needs nothing but its status.
func messageBody(status int) string {
	if status < http.StatusBadRequest {
		return ""
	}
	return string(otpsim.JSON(status, errorBody{Message: statusText(status)}).Body)
}
