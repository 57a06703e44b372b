package smsfactortest

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// attempt is the body of PUT /service/otp/validate (page otp-mfa-code-validation).
type attempt struct {
	code, token, to string
	ip              string // only with Quirks.CheckRecipientIP
}

// validate judges a code. The order of the checks is invented; the page lists the codes only.
func (s *Server) validate(_ *http.Request, f *form) otpsim.Answer {
	try := attempt{code: f.typedCode(), token: read(f, "otp_request_token", "", castString), to: f.phone()}
	if s.quirks.CheckRecipientIP {
		try.ip = f.address("recipient_ip")
	}
	refused := f.finish()
	switch {
	case refused != "":
		return s.refuseField(refused)
	case try.code == "":
		return s.refuse(codeMissing)
	case try.token == "" && try.to == "":
		return s.refuse(neitherGiven)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.judge(try)
}

// typedCode reads what the person typed. A lenient server drops what no code can have, blanks for instance.
func (f *form) typedCode() string {
	code := read(f, "code", "", castString)
	if f.quirks.Strict {
		return code
	}
	return strip(code, digits+upperCase+lowerCase+special)
}

func (s *Server) judge(try attempt) otpsim.Answer {
	now, sent := s.Clock.Now(), s.find(try)
	switch {
	case sent == nil:
		return s.refuse(notFound)
	case sent.used && s.quirks.UsedIsExpired:
		return s.refuse(expired)
	case sent.used:
		return s.refuse(notFound)
	case !now.Before(sent.expires):
		return s.refuse(expired)
	case sent.exhausted(), s.quirks.LockOutlivesGenerate && now.Before(s.codes.locked[sent.to]):
		return s.refuse(attemptsUsedUp)
	case s.matches(try.code, sent.code):
		sent.used = !s.quirks.Reusable
		s.Inbox.Judged(sent.sending.Ticket, true)
		return otpsim.JSON(cmp.Or(s.quirks.ValidateStatus, http.StatusOK), reply{
			Code: s.wire(success), Message: message(success),
		})
	default:
		return s.wrong(sent)
	}
}

// find finds the code that an attempt is for: by token, else the last one sent to the number (page
// otp-mfa-code-validation). nil = none.
func (s *Server) find(try attempt) *sentCode {
	sent := s.codes.newest[try.to]
	if try.token != "" {
		sent = s.codes.tokens[try.token]
	}
	switch {
	case sent == nil, sent.cancelled:
		return nil
	case s.quirks.TokenMustMatchNumber && try.to != "" && try.to != sent.to:
		return nil
	case s.quirks.CheckRecipientIP && sent.sending.RecipientIP != "" && try.ip != sent.sending.RecipientIP:
		return nil
	default:
		return sent
	}
}

func (s *Server) matches(typed, code string) bool {
	return typed == code || s.quirks.IgnoreCase && strings.EqualFold(typed, code)
}

// wrong counts a wrong code and says how many attempts are left.
func (s *Server) wrong(sent *sentCode) otpsim.Answer {
	remaining := sent.max - sent.wrong
	s.codes.countWrong(sent)
	s.Inbox.Judged(sent.sending.Ticket, false)
	if s.quirks.LastAttemptExceeds && sent.exhausted() {
		return s.refuse(attemptsUsedUp)
	}
	text := message(wrongCode)
	if s.quirks.TableWording {
		text = "Wrong otp code."
	}
	switch {
	case s.quirks.NoRemaining:
		return s.refuseWith(wrongCode, text, nil)
	case s.quirks.RemainingBeforeTry:
		return s.refuseWith(wrongCode, text, &remaining)
	default:
		remaining--
		return s.refuseWith(wrongCode, text, &remaining)
	}
}
