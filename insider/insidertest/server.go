package insidertest

import (
	"net/http"
	"sync"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// The kit's types, under the names that users of this package need.
type (
	// Clock is the time the server lives in: Now, Advance(d), and Set(t), which stops it at t.
	Clock = otpsim.Clock

	// Inbox holds the texts by phone number: Last(to), Code(to), Of(to), All(), and Next(ctx, to), which waits
	// for a text that Next has not returned before. It keeps the last 10,000; Dropped() counts the rest.
	Inbox = otpsim.Inbox

	// Message is one text: ID, To, Channel, Locale, Text, Code, SentAt, ExpiresAt, MaxAttempts, Attempts, State. ID is
	// the reply's key on WhatsApp; on SMS the reply has none and the ID is the simulator's own.
	Message = otpsim.Message

	// Request is what the server remembers of a request: At, Operation, Method, Path, Accepted, Status. It
	// never holds headers or bodies.
	Request = otpsim.Request

	// Exchange is a request with its answer, keys and codes included: Request, Fault, Header, Body, Answer.
	Exchange = otpsim.Exchange

	// Rate is a limit: at most Events in any stretch of Per. The zero Rate is no limit.
	Rate = otpsim.Rate
)

// Server is one account at a simulated Insider. It is an http.Handler, too. It is safe for concurrent use.
// The exported fields are for reading.
type Server struct {
	URL    string // base URL, without a slash at its end; "" for a NewHandler
	APIKey string // the account's key, for the header X-INS-AUTH-KEY
	Clock  *Clock // what the account takes for the time
	Inbox  *Inbox // what its phones have received

	sim        *otpsim.Simulator
	key        string // APIKey as it was at the start
	quirks     Quirks
	limits     Limits
	codeLength int

	mu      sync.Mutex // guards what follows, and keeps the inbox in the order of the codes
	account account
	codes   codebook
}

// NewServer starts a server on a free port of the loopback interface. Close it when done. It panics if the
// machine has no loopback port to give, as httptest.NewServer does.
func NewServer(opts ...Option) *Server {
	s := NewHandler(opts...)
	url, err := s.sim.Listen()
	if err != nil {
		panic("insidertest: cannot listen on the loopback interface: " + err.Error())
	}
	s.URL = url
	return s
}

// NewHandler makes a server that does not listen, to be mounted on another one:
//
//	mux.Handle("/insider/", http.StripPrefix("/insider", insidertest.NewHandler()))
//
// The base URL is then the other server's, followed by "/insider". Close it when done, too.
func NewHandler(opts ...Option) *Server {
	s := &Server{
		APIKey:     otpsim.ID(),
		Clock:      new(Clock),
		Inbox:      new(Inbox),
		codeLength: defaultCodeLength,
		account:    newAccount(),
	}
	for _, opt := range opts {
		opt(s)
	}
	s.key = s.APIKey
	s.sim = otpsim.New(otpsim.Config{Clock: s.Clock, Operations: s.operations(), Refuse: refuseStatus})
	return s
}

// Code is the code in the text that the phone at to received last, leading zeros included. It is false for
// a phone that received none. The number is written as the request wrote it: "+905321234567".
func (s *Server) Code(to string) (string, bool) { return s.Inbox.Code(to) }

// Callback is the callback URL of the last SMS code generated for a number. The server only stores it: the
// vendor documents no event for it.
func (s *Server) Callback(to string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.codes.callback(to)
}

// Requests lists the last 10,000 requests in the order they came, refused ones included.
func (s *Server) Requests() []Request { return s.sim.Requests() }

// Watch lets fn see every request with its answer, just before the answer goes out. fn runs on many goroutines at once.
func (s *Server) Watch(fn func(Exchange)) { s.sim.Watch(fn) }

// Fail lets requests meet faults: the next one, or those that the Fault names. A request meets the first
// fault in the list that is meant for it, and only that.
//
//	srv.Fail(insidertest.AfterAccepting(500))                         // the text is sent, the answer is 500
//	srv.Fail(insidertest.TooMany(30 * time.Second).On("generate"))    // 429 with Retry-After: 30
//	srv.Fail(insidertest.Cut().Times(2), insidertest.Hang().Always()) // two cut off, then silence
func (s *Server) Fail(faults ...Fault) { s.sim.Fail(faults...) }

// Faults lists the faults that no request has met yet.
func (s *Server) Faults() []Fault { return s.sim.Faults() }

// Heal drops all faults.
func (s *Server) Heal() { s.sim.Heal() }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.sim.ServeHTTP(w, r) }

// Close ends the server and every request that hangs or waits. Closing twice is fine.
func (s *Server) Close() { s.sim.Close() }
