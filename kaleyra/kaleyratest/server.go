package kaleyratest

import (
	"net/http"
	"sync"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// The kit's types, under the names that users of this package need.
type (
	// Clock is the time the server lives in: Now, Advance(d), and Set(t), which stops it at t.
	Clock = otpsim.Clock

	// Inbox holds the messages by recipient: Last(to), Code(to), Of(to), All(), and Next(ctx, to), which waits
	// for a message that Next has not returned before. A recipient is a phone number with a +, however the
	// request wrote it, or an e-mail address. It keeps the last 10,000; Dropped() counts the rest.
	Inbox = otpsim.Inbox

	// Message is one text, call or e-mail: ID, To, Channel, Text, Code, SentAt, ExpiresAt, MaxAttempts, Attempts,
	// State. ID is the reply's verify_id. Locale is always empty: it is up to the flow's template.
	Message = otpsim.Message

	// Request is what the server remembers of a request: At, Operation, Method, Path, Accepted, Status. It
	// never holds headers or bodies.
	Request = otpsim.Request

	// Exchange is a request with its answer, keys and codes included: Request, Fault, Header, Body, Answer.
	Exchange = otpsim.Exchange

	// Rate is a limit: at most Events in any stretch of Per. The zero Rate is no limit.
	Rate = otpsim.Rate
)

// Server is one account at a simulated Kaleyra. It is an http.Handler, too. It is safe for concurrent use.
// The exported fields are for reading. It remembers every verification whose code is still good, and at least
// the last 10,000; an older one is not found (E909).
type Server struct {
	URL    string // base URL, without a slash at its end; "" for a NewHandler
	SID    string // the account's security identifier, a segment of every path
	APIKey string // the account's key, for the header api-key
	FlowID string // the default flow; without a default, the first that is approved
	Clock  *Clock // what the account takes for the time
	Inbox  *Inbox // what its phones have received

	sim        *otpsim.Simulator
	sid, key   string // SID and APIKey as they were at the start
	quirks     Quirks
	limits     Limits
	codeLength int
	flows      []Flow

	mu   sync.Mutex // guards what follows, and keeps the inbox in the order of the codes
	sent verifications
}

// NewServer starts a server on a free port of the loopback interface. Close it when done. It panics if the
// machine has no loopback port to give, as httptest.NewServer does.
func NewServer(opts ...Option) *Server {
	s := NewHandler(opts...)
	url, err := s.sim.Listen()
	if err != nil {
		panic("kaleyratest: cannot listen on the loopback interface: " + err.Error())
	}
	s.URL = url
	return s
}

// NewHandler makes a server that does not listen, to be mounted on another one:
//
//	mux.Handle("/kaleyra/", http.StripPrefix("/kaleyra", kaleyratest.NewHandler()))
//
// The base URL is then the other server's, followed by "/kaleyra". Close it when done, too.
func NewHandler(opts ...Option) *Server {
	s := &Server{
		SID:        newSID(),
		APIKey:     otpsim.ID(),
		Clock:      new(Clock),
		Inbox:      new(Inbox),
		codeLength: defaultCodeLength,
	}
	for _, opt := range opts {
		opt(s)
	}
	s.sid, s.key = s.SID, s.APIKey
	s.setUpFlows()
	s.sim = otpsim.New(otpsim.Config{Clock: s.Clock, Operations: s.operations(), Refuse: refuseStatus})
	return s
}

// newSID looks like the samples of the vendor's pages, HXXXXXXX071US and HXAP16XXXXXX97IN.
func newSID() string {
	return "HX" + otpsim.Random("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 8) + otpsim.Digits(3) + "IN"
}

// Code is the code in the message that the phone at to received last, leading zeros included. It is false for
// a phone that received none. The number may be written with or without its +. An e-mail address will do, too.
func (s *Server) Code(to string) (string, bool) { return s.Inbox.Code(recipient(to)) }

// Requests lists the last 10,000 requests in the order they came, refused ones included.
func (s *Server) Requests() []Request { return s.sim.Requests() }

// Watch lets fn see every request with its answer, just before the answer goes out. fn runs on many goroutines at once.
func (s *Server) Watch(fn func(Exchange)) { s.sim.Watch(fn) }

// Fail lets requests meet faults: the next one, or those that the Fault names. A request meets the first
// fault in the list that is meant for it, and only that.
//
//	srv.Fail(kaleyratest.AfterAccepting(500))                         // the text is sent, the answer is 500
//	srv.Fail(kaleyratest.TooMany(30 * time.Second).On("generate"))    // 429 with Retry-After: 30
//	srv.Fail(kaleyratest.Cut().Times(2), kaleyratest.Hang().Always()) // two cut off, then silence
func (s *Server) Fail(faults ...Fault) { s.sim.Fail(faults...) }

// Faults lists the faults that no request has met yet.
func (s *Server) Faults() []Fault { return s.sim.Faults() }

// Heal drops all faults.
func (s *Server) Heal() { s.sim.Heal() }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.sim.ServeHTTP(w, r) }

// Close ends the server and every request that hangs or waits. Closing twice is fine.
func (s *Server) Close() { s.sim.Close() }
