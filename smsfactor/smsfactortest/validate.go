package smsfactortest

import (
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// validate is PUT /service/otp/validate (otp-mfa-code-validation), its checks in an invented order.
func (s *Server) validate(f *form) otpsim.Answer {
	typed, token, to := f.typedCode(), read(f, "otp_request_token", "", castString), f.phone()
	refused := f.refused()
	switch {
	case refused != "":
		return s.refuseField(refused)
	case typed == "":
		return s.refuse(codeMissing)
	case token == "" && to == "":
		return s.refuse(neitherGiven)
	}
	m, found := s.find(token, to)
	if !found {
		return s.refuse(notFound)
	}
	return s.check(m, typed)
}

func (f *form) typedCode() string {
	code := read(f, "code", "", castString)
	if f.quirks.Strict {
		return code
	}
	return strip(code, digits+upperCase+lowerCase+special)
}

// find finds the code by token, else the last one sent to the number (otp-mfa-code-validation).
func (s *Server) find(token, to string) (otpsim.Message, bool) {
	m, found := s.Inbox.Last(to)
	if token != "" {
		m, found = s.Inbox.Get(token)
	}
	if s.quirks.TokenMustMatchNumber && to != "" && to != m.To || m.State == otpsim.Replaced {
		return otpsim.Message{}, false
	}
	return m, found
}

func (s *Server) check(m otpsim.Message, typed string) otpsim.Answer {
	used := m.State == otpsim.Verified && !s.quirks.Reusable
	switch {
	case used && !s.quirks.UsedIsExpired:
		return s.refuse(notFound)
	case used, m.Over(s.Clock.Now()):
		return s.refuse(expired)
	case s.locked(m):
		return s.refuse(attemptsUsedUp)
	case typed == m.Code || s.quirks.IgnoreCase && strings.EqualFold(typed, m.Code):
		s.Inbox.Attempt(m.ID, true)
		return s.accept(reply{})
	default:
		return s.wrong(m)
	}
}

// locked says whether the attempts are used up, by a quirk also those at another code.
func (s *Server) locked(m otpsim.Message) bool {
	if !s.quirks.LockOutlivesGenerate {
		return m.State == otpsim.Locked
	}
	now := s.Clock.Now()
	_, found := s.Inbox.Find(m.To, func(m otpsim.Message) bool { return m.State == otpsim.Locked && !m.Over(now) })
	return found
}

func (s *Server) wrong(m otpsim.Message) otpsim.Answer {
	s.Inbox.Attempt(m.ID, false)
	remaining := m.MaxAttempts - m.Attempts
	if s.quirks.LastAttemptExceeds && remaining <= 1 {
		return s.refuse(attemptsUsedUp)
	}
	if !s.quirks.RemainingBeforeTry {
		remaining--
	}
	r := reply{Message: message(wrongCode), Remaining: &remaining}
	if s.quirks.NoRemaining {
		r.Remaining = nil
	}
	return s.refuseWith(wrongCode, r)
}
