package hypersendertest

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Server is one account at a simulated Hypersender, with one instance, an http.Handler, too, and
// safe for concurrent use. Its Inbox knows a phone as "+20123456789", and a chat that is none (a
// group, a @lid) by its chatId. The ID of a Message is the uuid of the answer.
type Server struct {
	*otpsim.Server

	// For reading only.
	Instance string // the UUID of the instance, the first segment of every path
	Token    string // the account's token, for the header Authorization: Bearer

	quirks  Quirks
	webhook webhook

	linksLock sync.Mutex
	links     map[string]links // by UUID
}

// Option sets up a server. NewServer and NewHandler panic on one that cannot work.
type Option func(*Server) error

// WithInstance sets the instance's id: letters, digits, - and _. "" = a random UUID.
func WithInstance(id string) Option {
	return func(s *Server) error {
		if strings.Trim(strings.ToLower(id), digits+smalls+"-_") != "" {
			return errors.New("WithInstance: must have letters, digits, - and _ only")
		}
		if id != "" {
			s.Instance = id
		}
		return nil
	}
}

// WithToken sets the account's token. Without it, or with "", the token is random.
func WithToken(token string) Option {
	return func(s *Server) error { return otpsim.SetKey(&s.Token, token) }
}

// WithQuirks chooses among the readings that the vendor's pages leave open.
func WithQuirks(q Quirks) Option {
	return func(s *Server) error { s.quirks = q; return nil }
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
//	mux.Handle("/hypersender/", http.StripPrefix("/hypersender", hypersendertest.NewHandler()))
func NewHandler(opts ...Option) *Server {
	s := &Server{
		Instance: otpsim.UUID(),
		Token:    "1|" + rand.Text(), // the shape that tokens of real accounts have

		links: make(map[string]links),
	}
	for _, opt := range opts {
		if err := opt(s); err != nil {
			panic("hypersendertest: " + err.Error())
		}
	}
	s.Server = otpsim.New(otpsim.Config{
		Operations: s.operations(), Authorize: s.authorize, Refuse: refuseStatus, RequireJSON: s.quirks.RequireJSON,
		Receipt: s.receipt,
	})
	return s
}

// Code is the code that the phone at to received last; false = it received none. The phone may be
// written as "+20123456789", as "20123456789" and as any chatId.
func (s *Server) Code(to string) (string, bool) { return s.Inbox.Code(phoneOf(to)) }

func (s *Server) operations() []otpsim.Operation {
	post := func(name string, do func(*form) otpsim.Answer) otpsim.Operation {
		return otpsim.Operation{
			Name: name, Method: http.MethodPost, Path: "/{instance}/" + name, Recipient: recipient, Do: s.reading(do),
		}
	}
	return []otpsim.Operation{
		post("request-code", s.requestCode),
		post("validate-code", s.validateCode),
		post("generate-link", s.generateLink),
		{Name: "send-text", Method: http.MethodPost, Path: "/{instance}/send-text", Recipient: recipient, Do: s.sendText},
	}
}

// authorize looks at the token first (invented), and does not know the instance of another account.
func (s *Server) authorize(r *http.Request) (status int) {
	switch {
	case !otpsim.SameKey(r.Header.Get("Authorization"), "Bearer "+s.Token):
		return http.StatusUnauthorized
	case r.PathValue("instance") != s.Instance:
		return http.StatusNotFound
	default:
		return 0
	}
}

func (s *Server) reading(do func(*form) otpsim.Answer) func(*http.Request, []byte) otpsim.Answer {
	return func(_ *http.Request, body []byte) otpsim.Answer {
		fields, err := otpsim.ParseObject(body)
		if err != nil {
			return refuseStatus(http.StatusBadRequest) // as people report of a wrong body
		}
		return do(newForm(s.quirks, fields))
	}
}

func recipient(_ *http.Request, body []byte) string {
	object, _ := otpsim.ParseObject(body) // or an empty one
	return phoneOf(object.String("chatId"))
}

func (s *Server) success(message string, data any) otpsim.Answer {
	status := http.StatusOK
	if s.quirks.SuccessIs201 {
		status = http.StatusCreated
	}
	return otpsim.JSON(status, struct {
		Success bool   `json:"success"`
		Message string `json:"message"`
		Data    any    `json:"data"`
	}{true, message, data})
}
