package otpsim

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxBody is the longest request body that is read, in bytes. No vendor's request comes near it.
const maxBody = 1 << 20

// requestWithin is how long a client has to send a request, and its body, in real time.
const requestWithin = 10 * time.Second

// Config is what a vendor's simulator brings.
type Config struct {
	Operations []Operation // the vendor's calls; at least one. Two of the same method and path are refused

	// Authorize looks for the account's key, before limits and the body. It returns the status to
	// refuse the request with, 0 to let it in. Nil lets everybody in.
	Authorize func(r *http.Request) (status int)

	// Refuse is the vendor's answer with this status alone: that of Authorize or [Status], 404, 405,
	// 413 for a body over 1 MiB, 415 with RequireJSON, 429 over a rate limit, 503 after Close. Nil
	// answers {"message":"Not Found"}.
	Refuse func(status int) Answer

	// RequireJSON refuses a body whose Content-Type is not application/json.
	RequireJSON bool

	// Receipt is how the vendor reports to its customer what became of a message, see [Receipt]; false
	// = it does not. It must not use the inbox. Nil = the vendor reports nothing.
	Receipt func(m Message, status string) (ReceiptCall, bool)
}

// Server is the HTTP half of a simulator: all embed it. It finds the operation for a request,
// applies the faults, records the request and sends the answer. It is an http.Handler, which may be
// mounted on another server, and is safe for concurrent use.
type Server struct {
	URL   string // base URL, without a slash at its end; "" until Start
	Clock *Clock // the simulator's time. Before the first request it may be replaced by a shared one

	// Inbox has what the phones have received.
	Inbox *Inbox

	config  Config
	within  time.Duration // requestWithin
	script  script
	record  record
	limits  limits
	work    sync.Mutex      // locked while an operation runs
	closing context.Context // done from Close on: it releases every request that waits
	release context.CancelFunc

	caller  *http.Client
	reports chan struct{} // has an element for each text that is reported on

	mu       sync.Mutex
	watch    []func(Exchange)
	diverted map[string]*Server   // by number; "" = all others
	receipts map[string][]Receipt // of further texts, by number; "" = all others
	answers  []ReceiptAnswer

	closed   bool
	inflight sync.WaitGroup // of requests; Add only under mu while not closed
	server   *http.Server   // nil without Start
	served   chan struct{}  // closed when server has stopped
}

// New makes a server that does not listen yet. It panics on a Config that cannot work.
func New(config Config) *Server {
	if err := check(config.Operations); err != nil {
		panic(err.Error())
	}
	config.Operations = slices.Clone(config.Operations) // the caller's slice may change
	if config.Refuse == nil {
		config.Refuse = func(status int) Answer { return JSON(status, map[string]string{"message": http.StatusText(status)}) }
	}
	s := &Server{
		Clock: new(Clock), Inbox: new(Inbox), config: config, within: requestWithin,
		reports: make(chan struct{}, mostReports),
		caller: &http.Client{
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	s.Inbox.deliver = s.delivered
	s.closing, s.release = context.WithCancel(context.Background())
	return s
}

// Code is the code in the newest text of the phone at to, with or without +; false = there is none.
func (s *Server) Code(to string) (string, bool) { return s.Inbox.Code(to) }

// Fail lets requests meet faults. A request meets the first that is meant for it, and only that.
//
//	srv.Fail(otpsim.AfterAccepting(500))                       // the text is sent, the answer is 500
//	srv.Fail(otpsim.TooMany(30 * time.Second).On("generate"))  // 429 with Retry-After: 30
//	srv.Fail(otpsim.Cut().Times(2), otpsim.Hang().Always())    // two cut off, then silence
func (s *Server) Fail(faults ...Fault) { s.script.add(faults) }

// Faults lists the faults that are still to come. A test should end without any.
func (s *Server) Faults() []Fault { return s.script.left(everyFault) }

// FaultsTo lists those that are limited to one phone number; with "" those that are for any.
func (s *Server) FaultsTo(number string) []Fault { return s.script.left(limitedTo(number)) }

// Heal drops all faults.
func (s *Server) Heal() { s.script.clear(everyFault) }

// HealTo drops those that are limited to one phone number; with "" those that are for any.
func (s *Server) HealTo(number string) { s.script.clear(limitedTo(number)) }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		s.config.Refuse(http.StatusServiceUnavailable).write(w)
		return
	}
	defer s.inflight.Done()
	op := s.route(r)
	entry := s.record.open(s.Clock.Now(), op.Name, r)
	body, err := s.read(w, r)
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		op = Operation{Name: op.Name, refusal: s.config.Refuse(http.StatusRequestEntityTooLarge), refused: true}
	} else if err != nil { // the client left halfway or is too slow, or the simulator closes
		delivery{s: s, w: w, r: r}.cut(false)
		return
	}
	defer s.interruptible(w)()
	s.respond(delivery{s: s, w: w, r: r}, op, body, entry)
}

func (s *Server) respond(d delivery, op Operation, body []byte, entry *Request) {
	exchange := Exchange{To: op.recipient(d.r, body), Header: d.r.Header, Body: body}
	fault, met := s.script.take(op.Name, d.r.URL.Path, exchange.To)
	actor, work := s.actor(op, d.r, exchange.To)
	if met {
		exchange.Fault = fault.Times(1).String()
	}
	if fault.processed() {
		d.answer = s.process(actor, work, d.r, body)
		s.record.accept(entry, d.answer.accepted())
	}
	if !s.sleep(d.r, fault.delay) {
		s.notify(entry, exchange)
		d.cut(false) // to return without an answer would be a 200
		return
	}
	d.answer = fault.apply(actor, d.answer)
	exchange.Answer = d.answer
	s.record.answer(entry, d.answer.Status) // before the client can see it and ask for the record
	s.notify(entry, exchange)
	if fault.deliver != nil {
		fault.deliver(d)
		return
	}
	d.answer.write(d.w)
}

func (s *Server) process(actor *Server, op Operation, r *http.Request, body []byte) Answer {
	if op.refused {
		return op.refusal
	}
	config := actor.config
	if config.Authorize != nil {
		if status := config.Authorize(r); status != 0 {
			return config.Refuse(status)
		}
	}
	if wait, ok := s.limits.take(op.Name, s.Clock.Now()); !ok {
		return config.Refuse(http.StatusTooManyRequests).with("Retry-After", seconds(wait))
	}
	if config.RequireJSON && len(body) > 0 && !isJSON(r.Header.Get("Content-Type")) {
		return config.Refuse(http.StatusUnsupportedMediaType)
	}
	s.work.Lock()
	defer s.work.Unlock()
	return op.Do(r, body)
}

func (op Operation) recipient(r *http.Request, body []byte) string {
	if op.Recipient == nil {
		return ""
	}
	return international(op.Recipient(r, body))
}

func isJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == "application/json"
}

// international writes a phone number with its +. What is no number stays as it is.
func international(number string) string {
	if number != "" && strings.Trim(number, "0123456789") == "" {
		return "+" + number
	}
	return number
}

// read reads the body of a request. A client that does not finish it in time loses its connection.
func (s *Server) read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(s.within)) // a recorder has none
	defer s.interruptible(w)()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		_ = control.SetReadDeadline(time.Time{}) // or it would end the wait for a hanging answer
	}
	return body, err
}

func (s *Server) sleep(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-s.closing.Done():
	}
	return false
}
