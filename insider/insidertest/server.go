package insidertest

import (
	"crypto/rand"
	"errors"
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Server is one account at a simulated Insider, an http.Handler, too, and safe for concurrent use.
// The ID of a Message is the reply's key, or the simulator's own on SMS, where there is none.
type Server struct {
	*otpsim.Server

	APIKey string // the account's key, for the header X-INS-AUTH-KEY; for reading only

	quirks  Quirks
	account account
	webhook webhook
}

// Option sets up a server. NewServer and NewHandler panic on one that cannot work.
type Option func(*Server) error

// WithAPIKey sets the account's key. Without it, or with "", the key is random.
func WithAPIKey(key string) Option {
	return func(s *Server) error { return otpsim.SetKey(&s.APIKey, key) }
}

// WithQuirks chooses among the readings that the vendor's pages leave open.
func WithQuirks(q Quirks) Option {
	return func(s *Server) error { s.quirks = q; return nil }
}

// WithChannel starts with a channel: "sms" with a brand name of 3 to 30 characters, or "whatsapp".
func WithChannel(channel, brandName string) Option {
	return func(s *Server) error {
		if channel != whatsApp && (channel != sms || !hasLength(brandName, minBrandName, maxBrandName)) {
			return errors.New("WithChannel: must be whatsapp, or sms with a brand name of 3 to 30 characters")
		}
		s.account.createChannel(channel, brandName)
		return nil
	}
}

// WithTemplate starts with a template: the text of an SMS, or the name of a WhatsApp template.
func WithTemplate(channel, locale, textOrName string) Option {
	return func(s *Server) error {
		if channel != whatsApp && channel != sms || !isOneOf(locale, localesOf(channel)) || textOrName == "" {
			return errors.New("WithTemplate: needs a channel, one of its locales, and a text or name")
		}
		s.account.setTemplate(channel, locale, textOrName)
		return nil
	}
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
//	mux.Handle("/insider/", http.StripPrefix("/insider", insidertest.NewHandler()))
func NewHandler(opts ...Option) *Server {
	s := &Server{APIKey: rand.Text(), account: account{make(map[string]string), make(map[string]map[string]string)}}
	for _, opt := range opts {
		if err := opt(s); err != nil {
			panic("insidertest: " + err.Error())
		}
	}
	s.Server = otpsim.New(otpsim.Config{
		Operations: s.operations(), Authorize: s.authorize, Refuse: refuseStatus, RequireJSON: s.quirks.RequireJSON,
		Receipt: s.receipt,
	})
	return s
}

func (s *Server) operations() []otpsim.Operation {
	post := func(name string, do func(*form) otpsim.Answer) otpsim.Operation {
		return otpsim.Operation{
			Name: name, Method: http.MethodPost, Path: "/v1/" + name, Recipient: recipient, Do: s.reading(do),
		}
	}
	check := post("check", s.check)
	checkSlash := check // one page's sample has the slash, the other's has not
	checkSlash.Path += "/"
	return []otpsim.Operation{
		post("generate", s.generate),
		check, checkSlash,
		post("channel/create", s.createChannel),
		post("channel/update", s.updateChannel),
		post("template/create", s.createTemplate),
		post("template/update", s.updateTemplate),
		{Name: "template/list", Method: http.MethodGet, Path: "/v1/template/list", Do: s.listTemplates},
	}
}

func (s *Server) authorize(r *http.Request) (status int) {
	if !otpsim.SameKey(r.Header.Get("X-INS-AUTH-KEY"), s.APIKey) {
		return http.StatusUnauthorized
	}
	return 0
}

func recipient(_ *http.Request, body []byte) string {
	object, _ := otpsim.ParseObject(body) // or an empty one
	return object.String("to")
}

func (s *Server) reading(do func(*form) otpsim.Answer) func(*http.Request, []byte) otpsim.Answer {
	return func(_ *http.Request, body []byte) otpsim.Answer {
		object, err := otpsim.ParseObject(body)
		if err != nil {
			return refusePayload()
		}
		return do(&form{Object: object, quirks: s.quirks})
	}
}
