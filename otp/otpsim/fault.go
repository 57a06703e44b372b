package otpsim

import (
	"cmp"
	"math"
	"net/http"
	"strconv"
	"time"
)

// Fault is something that goes wrong with a request. The functions of this package make one; its methods
// say which requests it is for and change it:
//
//	Cut()                              the next request, whatever it is, is read and then cut off
//	Cut().On("generate").Times(3)      the next three generate requests
//	Cut().Accepted()                   the vendor has done its work before: the text is on its way
//	Reply(503, "").After(time.Second)  a second of silence, then the 503
//
// There are two sorts. Faults that stand in for the vendor's answer (Reply, HTML, Redirect, TooMany, Cut,
// Reset, Hang, Endless) keep the request from the vendor: nothing is sent and no code is judged, unless
// Accepted is called. Faults that spoil the vendor's own answer (Delay, Truncated, Empty, Drip) need that
// answer, so the request is always processed.
//
// A Fault is a value; the methods return a changed copy.
type Fault struct {
	kind     kind
	op       string
	times    int // 0 = once
	accepted bool
	delay    time.Duration
	every    time.Duration // between two bytes of a drip
	status   int
	header   http.Header
	body     string
}

type kind string

const (
	own       kind = "" // the vendor's own answer
	reply     kind = "reply"
	cut       kind = "cut"
	reset     kind = "reset"
	hang      kind = "hang"
	endless   kind = "endless"
	truncated kind = "truncated"
	empty     kind = "empty"
	drip      kind = "drip"
)

const always = math.MaxInt

// Accepted lets the vendor do its work first: the text is sent, the code is judged, and only then things
// go wrong. It is how a sender comes to think that nothing was sent.
func (f Fault) Accepted() Fault {
	f.accepted = true
	return f
}

// On limits the fault to one operation ("generate") or one path ("/v1/generate"). Without it any request
// meets the fault, those to unknown paths included.
func (f Fault) On(operation string) Fault {
	f.op = operation
	return f
}

// Times makes the fault last for n requests; without it, it is for one.
func (f Fault) Times(n int) Fault {
	f.times = max(n, 1)
	return f
}

// Always makes the fault last until Heal.
func (f Fault) Always() Fault { return f.Times(always) }

// After waits d of real time, whatever the Clock says, before things go wrong.
func (f Fault) After(d time.Duration) Fault {
	f.delay = d
	return f
}

// WithHeader adds a header to the answer, or replaces one.
func (f Fault) WithHeader(name, value string) Fault {
	f.header = mergeHeaders(f.header, http.Header{http.CanonicalHeaderKey(name): {value}})
	return f
}

// String describes the fault for a person: "reply 500 after accepting, on generate, 2 times".
func (f Fault) String() string {
	text := string(cmp.Or(f.kind, "delay"))
	if f.kind == reply {
		text += " " + strconv.Itoa(f.status)
	}
	if f.accepted {
		text += " after accepting"
	}
	if f.delay > 0 {
		text += ", after " + f.delay.String()
	}
	if f.op != "" {
		text += ", on " + f.op
	}
	switch {
	case f.times == always:
		text += ", always"
	case f.times > 1:
		text += ", " + strconv.Itoa(f.times) + " times"
	}
	return text
}

func (f Fault) matches(operation, path string) bool {
	return f.op == "" || f.op == operation || f.op == path
}

// processed says whether the vendor gets to see the request.
func (f Fault) processed() bool {
	switch f.kind {
	case own, truncated, empty, drip:
		return true
	default:
		return f.accepted
	}
}

// apply turns the vendor's answer, empty if it was not asked, into the one to send. Status 0 is no answer.
func (f Fault) apply(a Answer) Answer {
	switch f.kind {
	case reply:
		a = Answer{Status: f.status, Body: []byte(f.body)}
	case cut, reset, hang:
		a = Answer{}
	case endless:
		a = Answer{Status: cmp.Or(a.Status, http.StatusOK), Header: http.Header{"Content-Type": {"application/json"}}}
	case truncated:
		a.Body = a.Body[:len(a.Body)/2]
	case empty:
		a.Body = nil
	}
	a.Header = mergeHeaders(a.Header, f.header)
	return a
}

// mergeHeaders leaves both alone: Faults are values, and their copies must not share a map that changes.
func mergeHeaders(base, over http.Header) http.Header {
	merged := make(http.Header, len(base)+len(over))
	for _, h := range []http.Header{base, over} {
		for name, values := range h {
			merged[name] = values
		}
	}
	return merged
}
