package otpsim

import (
	"bytes"
	"net/http"
)

// Exchange is a request and its answer as they were, keys, numbers and codes included. It is for programs that show
// people what goes on; they mask what nobody is to see.
type Exchange struct {
	Request
	Fault  string      // the fault that the request met, as Fault.String has it; "" = none
	Header http.Header // of the request
	Body   []byte      // of the request
	Answer Answer      // the zero Answer = none was given: hanging, or cut off
}

// Watch lets fn see every exchange, just before its answer goes out. fn runs on the goroutine of the request, so on many
// at once. A request whose body could not be read is left out.
func (s *Simulator) Watch(fn func(Exchange)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = append(s.watch, fn)
}

// tell tells who watches. entry has its status already.
func (s *Simulator) tell(entry *Request, r *http.Request, body []byte, fault string, answer Answer) {
	s.mu.Lock()
	watch := s.watch
	s.mu.Unlock()
	for _, fn := range watch {
		fn(Exchange{
			Request: s.record.copy(entry), Fault: fault, Header: r.Header.Clone(), Body: bytes.Clone(body), Answer: answer,
		})
	}
}
