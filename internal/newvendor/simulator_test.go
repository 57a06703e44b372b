package newvendor_test

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Server is a simulated Acme.
type Server struct {
	*otpsim.Simulator
	URL, Token string
	Clock      otpsim.Clock
	Inbox      otpsim.Inbox

	mu   sync.Mutex
	sent map[string]call
}

// call is one code on its way.
type call struct {
	code    string
	expires time.Time
}

// NewServer starts a simulated Acme on loopback.
func NewServer() (*Server, error) {
	s := &Server{Token: otpsim.ID(), sent: make(map[string]call)}
	s.Simulator = otpsim.New(otpsim.Config{
		Clock: &s.Clock,
		Operations: []otpsim.Operation{
			{Name: "calls", Method: http.MethodPost, Path: "/calls", Do: s.authorized(s.call)},
			{Name: "checks", Method: http.MethodPost, Path: "/checks", Do: s.authorized(s.check)},
		},
		Refuse: func(status int) otpsim.Answer { return reason(status, http.StatusText(status)) },
	})
	url, err := s.Listen()
	s.URL = url
	return s, err
}

// Code is what the phone at to was told last.
func (s *Server) Code(to string) (string, bool) { return s.Inbox.Code(to) }

func (s *Server) authorized(do func(map[string]string) otpsim.Answer) func(*http.Request, []byte) otpsim.Answer {
	return func(r *http.Request, body []byte) otpsim.Answer {
		var fields map[string]string
		switch {
		case !otpsim.SameKey(r.Header.Get("Authorization"), "Bearer "+s.Token):
			return reason(http.StatusUnauthorized, "token")
		case json.Unmarshal(body, &fields) != nil:
			return reason(http.StatusBadRequest, "json")
		}
		return do(fields)
	}
}

func (s *Server) call(fields map[string]string) otpsim.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, now := otpsim.ID(), s.Clock.Now()
	sent := call{code: otpsim.Digits(4), expires: now.Add(time.Minute)}
	s.sent[id] = sent
	s.Inbox.Deliver(otpsim.Message{
		ID: id, To: fields["number"], Channel: "voice", Text: "Your code: " + sent.code, Code: sent.code, SentAt: now, ExpiresAt: sent.expires,
	})
	return otpsim.JSON(http.StatusCreated, map[string]string{"id": id})
}

func (s *Server) check(fields map[string]string) otpsim.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent, found := s.sent[fields["id"]]
	switch {
	case !found || s.Clock.Now().After(sent.expires):
		return reason(http.StatusGone, "gone")
	case fields["code"] != sent.code:
		return reason(http.StatusConflict, "wrong")
	}
	delete(s.sent, fields["id"])
	return otpsim.JSON(http.StatusOK, map[string]bool{"verified": true})
}

func reason(status int, text string) otpsim.Answer {
	return otpsim.JSON(status, map[string]string{"reason": text})
}
