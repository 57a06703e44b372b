package kaleyratest

import (
	"crypto/rand"
	"errors"
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Server is one account at a simulated Kaleyra, an http.Handler, too, and safe for concurrent use.
// The ID of a Message is the reply's verify_id; the flow's template has the Locale.
type Server struct {
	*otpsim.Server

	// For reading only.
	SID    string // the account's security identifier, a segment of every path
	APIKey string // the account's key, for the header api-key
	FlowID string // the default flow; without a default, the first that is approved

	quirks  Quirks
	flows   []Flow
	profile profile
}

// Option sets up a server. NewServer and NewHandler panic on one that cannot work.
type Option func(*Server) error

// WithSID sets the account's SID, of letters and digits. "" = a random one.
func WithSID(sid string) Option {
	return func(s *Server) error {
		if !isAlphanumeric(sid) {
			return errors.New("WithSID: must have letters and digits only")
		}
		if sid != "" {
			s.SID = sid
		}
		return nil
	}
}

// WithAPIKey sets the account's key. Without it, or with "", the key is random.
func WithAPIKey(key string) Option {
	return func(s *Server) error { return otpsim.SetKey(&s.APIKey, key) }
}

// WithQuirks chooses among the readings that the vendor's pages leave open.
func WithQuirks(q Quirks) Option {
	return func(s *Server) error { s.quirks = q; return nil }
}

// WithFlow sets up a flow. The account then has the flows that were given this way and no other, so
// WithFlow(Flow{}) is an account whose only flow has to be named by its flow_id:
//
//	srv := kaleyratest.NewServer(
//		kaleyratest.WithFlow(kaleyratest.Flow{Default: true, Length: 4}),
//		kaleyratest.WithFlow(kaleyratest.Flow{ID: "f55b8994-7b69-47af-9ef2-1fdee4295e2b", Alphanumeric: true}),
//	)
//
// Two flows with one ID cannot work, and neither can two defaults.
func WithFlow(f Flow) Option {
	return func(s *Server) error { return s.addFlow(f) }
}

// NewServer starts a server on loopback; Close it. It panics on an option that cannot work.
func NewServer(opts ...Option) *Server {
	s := NewHandler(opts...)
	s.Start()
	return s
}

// NewHandler is NewServer without a port, to be mounted on another server below the base URL. Close
// it when done, too:
//
//	mux.Handle("/kaleyra/", http.StripPrefix("/kaleyra", kaleyratest.NewHandler()))
func NewHandler(opts ...Option) *Server {
	s := &Server{
		// The samples of the vendor's pages are HXXXXXXX071US and HXAP16XXXXXX97IN.
		SID:    "HX" + otpsim.Random(letters+digits, 8) + otpsim.Digits(3) + "IN",
		APIKey: rand.Text(),
	}
	for _, opt := range opts {
		if err := opt(s); err != nil {
			panic("kaleyratest: " + err.Error())
		}
	}
	s.completeFlows()
	s.Server = otpsim.New(otpsim.Config{
		Operations: s.operations(), Authorize: s.authorize, Refuse: s.refuseStatus, RequireJSON: s.quirks.RequireJSON,
		Receipt: s.receipt,
	})
	return s
}

// operations are the calls of Verify, and sms. An older page has validate on generate's path.
func (s *Server) operations() []otpsim.Operation {
	return []otpsim.Operation{
		{
			Name: "generate", Method: http.MethodPost, Path: "/v1/{sid}/verify",
			Recipient: s.generateRecipient, Do: reading(s.generate),
		},
		{
			Name: "validate", Method: http.MethodPost, Path: "/v1/{sid}/verify/validate",
			Recipient: s.validateRecipient, Do: reading(s.validate),
		},
		{Name: "sms", Method: http.MethodPost, Path: "/v1/{sid}/sms", Recipient: smsRecipient, Do: s.sms},
	}
}

// authorize wants SID and key to match (generating-an-api-key), both compared, for equal time.
func (s *Server) authorize(r *http.Request) (status int) {
	rightSID := otpsim.SameKey(r.PathValue("sid"), s.SID)
	rightKey := otpsim.SameKey(r.Header.Get("api-key"), s.APIKey)
	if !rightSID || !rightKey {
		return http.StatusUnauthorized
	}
	return 0
}

func reading(do func(*otpsim.Object) otpsim.Answer) func(*http.Request, []byte) otpsim.Answer {
	return func(_ *http.Request, body []byte) otpsim.Answer {
		object, err := otpsim.ParseObject(body)
		if err != nil {
			return refuseBody()
		}
		return do(object)
	}
}
