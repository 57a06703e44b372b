package hypersendertest

import (
	"net/http"
	"slices"
	"sync"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// The kit's types, under the names that users of this package need.
type (
	// Clock is the time the server lives in: Now, Advance(d), and Set(t), which stops it at t.
	Clock = otpsim.Clock

	// Inbox holds the messages by phone: Last(to), Code(to), Of(to), All(), and Next(ctx, to), which waits for a
	// message that Next has not returned before. It knows a phone as "+20123456789", whatever form the chatId had,
	// and a chat that is no phone number (a group, a @lid) by its chatId. It keeps the last 10,000; Dropped()
	// counts the rest.
	Inbox = otpsim.Inbox

	// Message is one message: ID, To, Channel, Locale, Text, Code, SentAt, ExpiresAt, MaxAttempts, Attempts, State.
	// ID is the uuid of the code or link it belongs to; Locale is always "", because the vendor knows none.
	Message = otpsim.Message

	// Request is what the server remembers of a request: At, Operation, Method, Path, Accepted, Status. It
	// never holds headers or bodies.
	Request = otpsim.Request

	// Exchange is a request with its answer, keys and codes included: Request, Fault, Header, Body, Answer.
	Exchange = otpsim.Exchange

	// Rate is a limit: at most Events in any stretch of Per. The zero Rate is no limit.
	Rate = otpsim.Rate
)

// Server is one account at a simulated Hypersender, with one instance. It is an http.Handler, too. It is safe
// for concurrent use. The exported fields are for reading.
type Server struct {
	URL      string // base URL, without a slash at its end; "" for a NewHandler
	Instance string // the UUID of the instance, the first segment of every path
	Token    string // the account's token, for the header Authorization: Bearer
	Number   string // the instance's own WhatsApp number, digits only: people open links to it
	Clock    *Clock // what the account takes for the time
	Inbox    *Inbox // what its phones have received

	sim             *otpsim.Simulator
	instance, token string // Instance and Token as they were at the start
	number          string // likewise
	quirks          Quirks
	limits          Limits
	codeLength      int
	withoutWhatsApp map[string]bool // by phone

	mu        sync.Mutex // guards what follows, and keeps the inbox in the order of the codes
	codes     codebook
	archive   archive
	queue     queue
	callbacks []Callback
}

// NewServer starts a server on a free port of the loopback interface. Close it when done. It panics if the
// machine has no loopback port to give, as httptest.NewServer does.
func NewServer(opts ...Option) *Server {
	s := NewHandler(opts...)
	url, err := s.sim.Listen()
	if err != nil {
		panic("hypersendertest: cannot listen on the loopback interface: " + err.Error())
	}
	s.URL = url
	return s
}

// NewHandler makes a server that does not listen, to be mounted on another one:
//
//	mux.Handle("/hypersender/", http.StripPrefix("/hypersender", hypersendertest.NewHandler()))
//
// The base URL is then the other server's, followed by "/hypersender". Close it when done, too.
func NewHandler(opts ...Option) *Server {
	s := &Server{
		Instance:        otpsim.UUID(),
		Token:           "1|" + otpsim.ID(), // the shape that tokens of real accounts have
		Number:          sampleNumber,
		Clock:           new(Clock),
		Inbox:           new(Inbox),
		codeLength:      defaultCodeLength,
		withoutWhatsApp: make(map[string]bool),
	}
	for _, opt := range opts {
		opt(s)
	}
	s.instance, s.token, s.number = s.Instance, s.Token, s.Number
	s.sim = otpsim.New(otpsim.Config{Clock: s.Clock, Operations: s.operations(), Refuse: s.refuse})
	return s
}

// Code is the code that the phone at to received last, leading zeros included. It is false for a phone that
// received none. The phone may be written as "+20123456789", as "20123456789" and as any chatId.
func (s *Server) Code(to string) (string, bool) {
	for _, m := range slices.Backward(s.Inbox.Of(phoneOf(to))) {
		if m.Code != "" { // a reply to a link seldom has one
			return m.Code, true
		}
	}
	return "", false
}

// Requests lists the last 10,000 requests in the order they came, refused ones included.
func (s *Server) Requests() []Request { return s.sim.Requests() }

// Watch lets fn see every request with its answer, just before the answer goes out. fn runs on many goroutines at once.
func (s *Server) Watch(fn func(Exchange)) { s.sim.Watch(fn) }

// Fail lets requests meet faults: the next one, or those that the Fault names. A request meets the first
// fault in the list that is meant for it, and only that.
//
//	srv.Fail(hypersendertest.AfterAccepting(500))                             // the message is sent, the answer is 500
//	srv.Fail(hypersendertest.TooMany(30 * time.Second).On("request-code"))    // 429 with Retry-After: 30
//	srv.Fail(hypersendertest.Cut().Times(2), hypersendertest.Hang().Always()) // two cut off, then silence
func (s *Server) Fail(faults ...Fault) { s.sim.Fail(faults...) }

// Faults lists the faults that no request has met yet.
func (s *Server) Faults() []Fault { return s.sim.Faults() }

// Heal drops all faults.
func (s *Server) Heal() { s.sim.Heal() }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.sim.ServeHTTP(w, r) }

// Close ends the server and every request that hangs or waits. Closing twice is fine.
func (s *Server) Close() { s.sim.Close() }
