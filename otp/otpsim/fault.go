package otpsim

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Fault is something that goes wrong with a request: give it to [Server.Fail]. The functions of
// this package and of simulators make one, and the methods say which requests it is for:
//
//	Cut()                              the next request, whatever it is, is read and then cut off
//	Cut().On("generate").Times(3)      the next three generate requests
//	Status(403).To("+905321234567")    the next request about this number
//	Cut().Accepted()                   the vendor has done its work before: the text is on its way
//	Reply(503, "").After(time.Second)  a second of silence, then the 503
//
// Faults that take the place of the vendor's answer (Reply, Status, TooMany, HTML, Redirect, Cut,
// Reset, Hang, Endless) keep the request from the vendor, unless Accepted is called. Those that
// change its answer (Delay, Change, Truncated, Empty, Drip, Gzip, WithBOM, TooLong, SuccessAs) let
// it be processed. The methods return a changed copy. The zero Fault changes nothing.
type Fault struct {
	name     string
	replaces bool                             // takes the place of the vendor's answer
	change   func(s *Server, a Answer) Answer // nil = no change; Status 0 = no answer
	deliver  func(d delivery)                 // nil = as usual

	on, to   string
	times    int // 0 = once
	accepted bool
	delay    time.Duration
	header   http.Header
}

const always = math.MaxInt

// Accepted lets the vendor do its work first: the text is sent, the code is checked.
func (f Fault) Accepted() Fault {
	f.accepted = true
	return f
}

// On limits the fault to one operation ("generate") or path ("/v1/generate"). "" = any request.
func (f Fault) On(operation string) Fault {
	f.on = operation
	return f
}

// To limits the fault to requests about one phone number, in international form.
func (f Fault) To(number string) Fault {
	f.to = international(number)
	return f
}

// Times makes the fault last for n requests; without it, it is for one.
func (f Fault) Times(n int) Fault {
	f.times = max(n, 1)
	return f
}

// Always makes the fault last until [Server.Heal].
func (f Fault) Always() Fault { return f.Times(always) }

// After waits d of real time, whatever the Clock says, before things go wrong.
func (f Fault) After(d time.Duration) Fault {
	f.delay = d
	return f
}

// WithHeader sets a header of the answer: TooMany(0).WithHeader("Retry-After", "soon").
func (f Fault) WithHeader(name, value string) Fault {
	f.header = mergeHeaders(f.header, http.Header{http.CanonicalHeaderKey(name): {value}})
	return f
}

// String describes the fault for a person: "reply 500 after accepting, on generate, 2 times".
func (f Fault) String() string {
	text := cmp.Or(f.name, "nothing")
	if f.accepted {
		text += " after accepting"
	}
	if f.delay > 0 {
		text += ", after " + f.delay.String()
	}
	if f.on != "" {
		text += ", on " + f.on
	}
	if f.to != "" {
		text += ", to " + f.to
	}
	switch {
	case f.times == always:
		text += ", always"
	case f.times > 1:
		text += ", " + strconv.Itoa(f.times) + " times"
	}
	return text
}

func (f Fault) processed() bool { return !f.replaces || f.accepted }

func (f Fault) apply(s *Server, a Answer) Answer {
	if f.change != nil {
		a = f.change(s, a)
	}
	a.Header = mergeHeaders(a.Header, f.header)
	return a
}

type script struct {
	mu     sync.Mutex
	faults []Fault
}

func (s *script) add(faults []Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		s.faults = append(s.faults, f.Times(f.times))
	}
}

// take finds the fault for a request and counts it down. Without one it gives the zero Fault.
func (s *script) take(operation, path, recipient string) (f Fault, met bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.faults, func(f Fault) bool {
		return (f.on == "" || f.on == operation || f.on == path) && (f.to == "" || f.to == recipient)
	})
	if i < 0 {
		return Fault{}, false
	}
	f = s.faults[i]
	switch {
	case f.times == always:
	case f.times > 1:
		s.faults[i].times--
	default:
		s.faults = slices.Delete(s.faults, i, i+1)
	}
	return f, true
}

func everyFault(Fault) bool { return true }

func limitedTo(number string) func(Fault) bool {
	number = international(number)
	return func(f Fault) bool { return f.to == number }
}

func (s *script) left(match func(Fault) bool) (list []Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if match(f) {
			list = append(list, f)
		}
	}
	return list
}

func (s *script) clear(match func(Fault) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = slices.DeleteFunc(s.faults, match)
}
