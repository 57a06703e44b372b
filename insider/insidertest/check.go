package insidertest

import (
	"cmp"
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// check judges a code: POST /v1/check ("Verify OTP Codes"). The request names neither channel nor code sent,
// so the number alone finds it.
func (s *Server) check(f *form) otpsim.Answer {
	to := f.phone(sms) // no page has this error on check; the text is that of generate on SMS (invented)
	code := f.typedCode()
	f.webAddress("callback") // in the SMS page's table; it belongs to generate and changes nothing here
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.judge(to, code)
}

// typedCode reads the code to judge. The page calls it optional, "default 4", min 4 and max 8, which is
// plainly about its length: it is required here.
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

func (s *Server) judge(to, code string) otpsim.Answer {
	now := s.Clock.Now()
	live := s.codes.live(to, now)
	if len(live) == 0 {
		return s.noLiveCode(to)
	}
	newest := live[0]
	if newest.exhausted(now) {
		return tooManyAttempts()
	}
	if !s.quirks.AnyLiveCode {
		live = live[:1]
	}
	for _, c := range live {
		if !c.exhausted(now) && c.equals(code, s.quirks.CompareAsNumbers) {
			c.used = true
			s.Inbox.Judged(c.id, true)
			return success(http.StatusAccepted)
		}
	}
	newest.wrong++
	s.Inbox.Judged(newest.id, false)
	if s.quirks.LastAttemptExceeds && newest.exhausted(now) {
		return tooManyAttempts()
	}
	return s.wrongCode(newest)
}

func (s *Server) noLiveCode(to string) otpsim.Answer {
	if dead := s.codes.last(to); dead != nil && s.quirks.DeadCodeIsWrong {
		return s.wrongCode(dead)
	}
	return refuse(http.StatusNotFound, problem{Message: codeNotFound, Field: "code"})
}

// wrongCode answers by the channel of the code: the two pages differ.
func (s *Server) wrongCode(c *sentCode) otpsim.Answer {
	status := http.StatusUnauthorized
	if c.channel == whatsApp {
		status = http.StatusUnprocessableEntity
	}
	return refuse(cmp.Or(s.quirks.WrongCodeStatus, status), problem{Message: invalidCode})
}

func tooManyAttempts() otpsim.Answer {
	return refuse(http.StatusTooManyRequests, problem{Message: attemptsExceeded, Field: "code"})
}
