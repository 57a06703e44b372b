package insidertest

import (
	"net/http"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// check is POST /v1/check ("Verify OTP Codes"). The request names neither channel nor code sent, so
// the number alone finds it.
func (s *Server) check(f *form) otpsim.Answer {
	to := f.phone(sms) // no page has this error on check; the text is that of generate on SMS (invented)
	typed := f.typedCode()
	f.webAddress("callback") // in the SMS page's table; it belongs to generate and changes nothing here
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	now := s.Clock.Now()
	live := s.live(to, now)
	if len(live) == 0 {
		return s.noLiveCode(to)
	}
	if s.locked(live[0], now) {
		return tooManyAttempts()
	}
	if !s.quirks.AnyLiveCode {
		live = live[:1]
	}
	for _, m := range live {
		if m.State != otpsim.Locked && s.matches(m.Code, typed) {
			s.Inbox.Attempt(m.ID, true)
			return success(http.StatusAccepted)
		}
	}
	return s.wrong(live[0])
}

// typedCode reads the code to check. The page calls it optional, "default 4", min 4 and max 8,
// which is plainly about its length: it is required here.
func (f *form) typedCode() string {
	code, isString := f.code("code")
	f.misshapen = f.misshapen || isString && f.quirks.RefuseStringCode
	switch {
	case code == "":
		f.wrong("code", fieldRequired)
	case !isDigits(code), f.quirks.CheckCodeLength && !isCode(code):
		f.wrong("code", notACode)
	}
	return code
}

// live lists the codes of a number that can be checked, newest first: of each channel the newest,
// if it has neither expired nor been used. A locked one is found, and refused.
func (s *Server) live(to string, now time.Time) (live []otpsim.Message) {
	seen := make(map[string]bool)
	s.Inbox.Find(to, func(m otpsim.Message) bool {
		if (!seen[m.Channel] || s.quirks.AnyLiveCode) && m.State != otpsim.Verified && !m.Over(now) {
			live = append(live, m)
		}
		seen[m.Channel] = true
		return false
	})
	return live
}

// locked says whether the attempts are used up, by a quirk also those at an earlier code.
func (s *Server) locked(newest otpsim.Message, now time.Time) bool {
	if !s.quirks.LockOutlivesGenerate {
		return newest.State == otpsim.Locked
	}
	_, found := s.Inbox.Find(newest.To, func(m otpsim.Message) bool { return m.State == otpsim.Locked && !m.Over(now) })
	return found
}

func (s *Server) matches(code, typed string) bool {
	if s.quirks.CompareAsNumbers {
		return strings.TrimLeft(code, "0") == strings.TrimLeft(typed, "0")
	}
	return code == typed
}

func (s *Server) wrong(newest otpsim.Message) otpsim.Answer {
	s.Inbox.Attempt(newest.ID, false)
	if s.quirks.LastAttemptExceeds && newest.Attempts+1 >= newest.MaxAttempts {
		return tooManyAttempts()
	}
	return wrongCode(newest)
}

func (s *Server) noLiveCode(to string) otpsim.Answer {
	if dead, ok := s.Inbox.Last(to); ok && s.quirks.DeadCodeIsWrong {
		return wrongCode(dead)
	}
	return refuse(http.StatusNotFound, codeNotFound, "code")
}

func wrongCode(m otpsim.Message) otpsim.Answer {
	if m.Channel == whatsApp {
		return refuse(http.StatusUnprocessableEntity, invalidCode, "")
	}
	return refuse(http.StatusUnauthorized, invalidCode, "")
}

func tooManyAttempts() otpsim.Answer {
	return refuse(http.StatusTooManyRequests, attemptsExceeded, "code")
}
