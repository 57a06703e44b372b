package newvendor_test

import (
	"crypto/rand"
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Server is a simulated Acme.
type Server struct {
	*otpsim.Server

	Token string
}

// NewServer starts a simulated Acme on loopback.
func NewServer() *Server {
	s := &Server{Token: rand.Text()}
	s.Server = otpsim.New(otpsim.Config{
		Operations: []otpsim.Operation{
			{Name: "calls", Method: http.MethodPost, Path: "/calls", Do: reading(s.call)},
			{Name: "checks", Method: http.MethodPost, Path: "/checks", Do: reading(s.check)},
		},
		Authorize: func(r *http.Request) (status int) {
			if !otpsim.SameKey(r.Header.Get("Authorization"), "Bearer "+s.Token) {
				return http.StatusUnauthorized
			}
			return 0
		},
		Refuse: func(status int) otpsim.Answer { return reason(status, http.StatusText(status)) },
	})
	s.Start()
	return s
}

func reading(do func(*otpsim.Object) otpsim.Answer) func(*http.Request, []byte) otpsim.Answer {
	return func(_ *http.Request, body []byte) otpsim.Answer {
		fields, err := otpsim.ParseObject(body)
		if err != nil {
			return reason(http.StatusBadRequest, "json")
		}
		return do(fields)
	}
}

func (s *Server) call(fields *otpsim.Object) otpsim.Answer {
	id, code, now := rand.Text(), otpsim.Digits(4), s.Clock.Now()
	s.Inbox.Deliver(otpsim.Message{
		ID: id, To: fields.String("number"), Channel: "voice", Text: "Your code: " + code, Code: code,
		SentAt: now, ExpiresAt: now.Add(time.Minute),
	})
	return otpsim.JSON(http.StatusCreated, map[string]string{"id": id})
}

func (s *Server) check(fields *otpsim.Object) otpsim.Answer {
	m, _ := s.Inbox.Get(fields.String("id"))
	right := fields.String("code") == m.Code
	switch {
	case m.StateAt(s.Clock.Now()) != otpsim.Pending:
		return reason(http.StatusGone, "gone")
	case !right:
		return reason(http.StatusConflict, "wrong")
	}
	s.Inbox.Attempt(m.ID, right)
	return otpsim.JSON(http.StatusOK, map[string]bool{"verified": true})
}

func reason(status int, text string) otpsim.Answer {
	return otpsim.JSON(status, map[string]string{"reason": text})
}
