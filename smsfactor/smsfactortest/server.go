package smsfactortest

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Server is one account at a simulated Octopush, an http.Handler, too, and safe for concurrent use.
// Numbers in its Inbox are international, "+33611223344". The ID of a Message is the reply's
// otp_request_token, its Locale the language of a voice message.
type Server struct {
	*otpsim.Server

	// For reading only.
	APILogin string // the account's login, an e-mail address, for the header api-login
	APIKey   string // the account's key, for the header api-key

	quirks   Quirks
	settings Settings
	callback string // where receipts go

	requestIDs map[string]bool // that a text was sent with
}

// Option sets up a server. NewServer and NewHandler panic on one that cannot work.
type Option func(*Server) error

// WithAPILogin sets the account's login. Without it, or with "", the login is random.
func WithAPILogin(login string) Option {
	return func(s *Server) error { return otpsim.SetKey(&s.APILogin, login) }
}

// WithAPIKey sets the account's key. Without it, or with "", the key is random.
func WithAPIKey(key string) Option {
	return func(s *Server) error { return otpsim.SetKey(&s.APIKey, key) }
}

// WithQuirks chooses among the readings that the vendor's pages leave open.
func WithQuirks(q Quirks) Option {
	return func(s *Server) error { s.quirks = q; return nil }
}

// WithSettings sets up the account: what holds for a request that does not say otherwise. Zero
// fields have the defaults that Settings says; one that is out of its range cannot work.
func WithSettings(settings Settings) Option {
	return func(s *Server) error { s.settings = settings; return settings.check() }
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
//	mux.Handle("/v1/public/", http.StripPrefix("/v1/public", smsfactortest.NewHandler()))
func NewHandler(opts ...Option) *Server {
	s := &Server{
		APILogin: strings.ToLower(rand.Text()) + "@example.org", // the pages' sample login is an e-mail address
		APIKey:   rand.Text(),

		requestIDs: map[string]bool{},
	}
	for _, opt := range opts {
		if err := opt(s); err != nil {
			panic("smsfactortest: " + err.Error())
		}
	}
	s.settings = s.settings.completed()
	s.Server = otpsim.New(otpsim.Config{
		Operations: []otpsim.Operation{
			{
				Name: "generate", Method: http.MethodPost, Path: "/service/otp/generate",
				Recipient: s.recipient, Do: s.reading(s.generate),
			},
			{
				Name: "validate", Method: http.MethodPut, Path: "/service/otp/validate",
				Recipient: s.recipient, Do: s.reading(s.validate),
			},
			{
				Name: "sms", Method: http.MethodPost, Path: "/sms-campaign/send",
				Recipient: s.recipient, Do: s.reading(s.sms),
			},
		},
		Authorize: s.authorize, Refuse: s.refuseStatus, RequireJSON: s.quirks.RequireJSON,
		Receipt: s.receipt,
	})
	return s
}

// Code is the code that the phone at to, in any spelling, received last; false = it received none.
func (s *Server) Code(to string) (string, bool) {
	number, _ := international(to)
	return s.Inbox.Code(number)
}

// authorize checks both, always, so that the time it takes does not show which is wrong.
func (s *Server) authorize(r *http.Request) (status int) {
	rightLogin := otpsim.SameKey(r.Header.Get("api-login"), s.APILogin)
	rightKey := otpsim.SameKey(r.Header.Get("api-key"), s.APIKey)
	if !rightLogin || !rightKey {
		return http.StatusUnauthorized
	}
	return 0
}

func (s *Server) reading(do func(*form) otpsim.Answer) func(*http.Request, []byte) otpsim.Answer {
	return func(_ *http.Request, body []byte) otpsim.Answer {
		object, err := otpsim.ParseObject(body)
		if err != nil && s.quirks.Strict {
			return s.refuse(noPostData)
		}
		return do(&form{Object: object, quirks: s.quirks}) // of what is no object nothing is recognised
	}
}

func (s *Server) recipient(_ *http.Request, body []byte) string {
	object, _ := otpsim.ParseObject(body) // or an empty one
	if m, found := s.Inbox.Get(object.String("otp_request_token")); found {
		return m.To
	}
	var texted []struct {
		To json.RawMessage `json:"phone_number"`
	}
	if _ = json.Unmarshal(object.Raw("recipients"), &texted); len(texted) > 0 {
		to, _ := castPhone(texted[0].To)
		return to
	}
	f := form{Object: object}
	return f.phone()
}
