package smsfactortest

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// The kit's types, under the names that users of this package need.
type (
	// Clock is the time the server lives in: Now, Advance(d), and Set(t), which stops it at t.
	Clock = otpsim.Clock

	// Inbox holds the texts by phone number: Last(to), Code(to), Of(to), All(), and Next(ctx, to), which waits
	// for a text that Next has not returned before. It keeps the last 10,000; Dropped() counts the rest.
	// Numbers are in international form, "+33611223344", however the request wrote them.
	Inbox = otpsim.Inbox

	// Message is one text: ID, To, Channel, Locale, Text, Code, SentAt, ExpiresAt, MaxAttempts, Attempts, State. ID is
	// the reply's ticket_number; Locale is the language of a voice message.
	Message = otpsim.Message

	// Request is what the server remembers of a request: At, Operation, Method, Path, Accepted, Status. It
	// never holds headers or bodies.
	Request = otpsim.Request

	// Exchange is a request with its answer, keys and codes included: Request, Fault, Header, Body, Answer.
	Exchange = otpsim.Exchange

	// Rate is a limit: at most Events in any stretch of Per. The zero Rate is no limit.
	Rate = otpsim.Rate
)

// Server is one account at a simulated Octopush. It is an http.Handler, too. It is safe for concurrent use.
// The exported fields are for reading.
type Server struct {
	URL      string // base URL, without a slash at its end; "" for a NewHandler
	APILogin string // the account's login, an e-mail address, for the header api-login
	APIKey   string // the account's key, for the header api-key
	Clock    *Clock // what the account takes for the time
	Inbox    *Inbox // what its phones have received

	sim        *otpsim.Simulator
	login, key string // APILogin and APIKey as they were at the start
	quirks     Quirks
	limits     Limits
	settings   Settings
	failures   map[string]Failure // by number

	closing context.Context // done from Close on: it releases who waits for an answer that never comes
	release context.CancelFunc

	mu    sync.Mutex // guards what follows, and keeps the inbox in the order of the codes
	codes codebook
}

// NewServer starts a server on a free port of the loopback interface. Close it when done. It panics if the
// machine has no loopback port to give, as httptest.NewServer does.
func NewServer(opts ...Option) *Server {
	s := NewHandler(opts...)
	url, err := s.sim.Listen()
	if err != nil {
		panic("smsfactortest: cannot listen on the loopback interface: " + err.Error())
	}
	s.URL = url
	return s
}

// NewHandler makes a server that does not listen, to be mounted on another one:
//
//	mux.Handle("/v1/public/", http.StripPrefix("/v1/public", smsfactortest.NewHandler()))
//
// The base URL is then the other server's, followed by "/v1/public". Close it when done, too.
func NewHandler(opts ...Option) *Server {
	s := &Server{
		APILogin: strings.ToLower(otpsim.ID()) + "@example.org", // the pages' sample login is an e-mail address
		APIKey:   otpsim.ID(),
		Clock:    new(Clock),
		Inbox:    new(Inbox),
		failures: make(map[string]Failure),
		codes:    newCodebook(),
	}
	for _, opt := range opts {
		opt(s)
	}
	s.login, s.key = s.APILogin, s.APIKey
	s.settings = s.settings.completed()
	s.closing, s.release = context.WithCancel(context.Background())
	s.sim = otpsim.New(otpsim.Config{Clock: s.Clock, Operations: s.operations(), Refuse: refuseStatus})
	return s
}

// Code is the code in the text that the phone at to received last, leading zeros included. It is false for
// a phone that received none. The number may be written in any way that the service understands.
func (s *Server) Code(to string) (string, bool) { return s.Inbox.Code(canonical(to)) }

// Sent is what the server made of the last generate request for a number. It is false for a number that has
// none, and for one whose code has long been done with.
func (s *Server) Sent(to string) (Sending, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent := s.codes.newest[canonical(to)]
	if sent == nil {
		return Sending{}, false
	}
	return sent.sending.clone(), true
}

// Requests lists the last 10,000 requests in the order they came, refused ones included.
func (s *Server) Requests() []Request { return s.sim.Requests() }

// Watch lets fn see every request with its answer, just before the answer goes out. fn runs on many goroutines at once.
func (s *Server) Watch(fn func(Exchange)) { s.sim.Watch(fn) }

// Fail lets requests meet faults: the next one, or those that the Fault names. A request meets the first
// fault in the list that is meant for it, and only that.
//
//	srv.Fail(smsfactortest.AfterAccepting(500))                           // the text is sent, the answer is 500
//	srv.Fail(smsfactortest.TooMany(30 * time.Second).On("generate"))      // 429 with Retry-After: 30
//	srv.Fail(smsfactortest.Cut().Times(2), smsfactortest.Hang().Always()) // two cut off, then silence
func (s *Server) Fail(faults ...Fault) { s.sim.Fail(faults...) }

// Faults lists the faults that no request has met yet.
func (s *Server) Faults() []Fault { return s.sim.Faults() }

// Heal drops all faults. Numbers that were set up WithFailure go on failing.
func (s *Server) Heal() { s.sim.Heal() }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.sim.ServeHTTP(w, r) }

// Close ends the server and every request that hangs or waits. Closing twice is fine.
func (s *Server) Close() {
	s.release()
	s.sim.Close()
}
