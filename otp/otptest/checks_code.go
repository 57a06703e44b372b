package otptest

import (
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

func codeChecks() []check {
	return []check{
		{"a typed code is what the person meant", checkTypedCode},
		{"what can be no code is wrong without asking", checkHostileCodes},
		{"a wrong code is rejected, the right one counts", func(s *session) {
			v, code := s.send()
			s.rejected(s.verify(v, wrong(code)), "a wrong code must be rejected")
			s.verifies(v, code, "after one wrong code the right one must still verify")
		}},
		{"a code verifies once", func(s *session) {
			v, code := s.send()
			s.verifies(v, code, "the right code must verify")
			s.rejected(s.verify(v, code), "a code must verify once")
		}},
		{"a code expires", func(s *session) {
			if v, code := s.send(); s.Advance != nil {
				s.Advance(longAfter)
				s.rejected(s.verify(v, code), "a code must expire")
			}
		}},
		{"attempts are used up", checkAttempts},
		{"leading zeros survive", func(s *session) {
			const most = 200 // the chance that none of so many codes begins with a zero is below one in a billion
			v, code := s.sendUntil(most, func(code string) bool { return code[0] == '0' })
			s.must(code != "", "codes must be random: of %d none began with a zero", most)
			s.verifies(v, code, "a code is a string: its leading zeros must survive")
		}},
		{"codes with letters", checkLetters},
		{"a code of the caller's own", checkOwnCode},
		{"somebody else's code is rejected", func(s *session) {
			hers, herCode := s.send()
			_, hisCode := s.sendUntil(100, func(code string) bool { return code != herCode })
			s.rejected(s.verify(hers, hisCode), "a code that another number received must be rejected")
			s.verifies(hers, herCode, "the number's own code must still verify")
		}},
		{"a verification of nothing sent is rejected", func(s *session) {
			v, code := s.send()
			v.To, v.ID = number(), "7"+v.ID[:len(v.ID)-1] // of the same form, and nobody's
			s.rejected(s.verify(v, code), "where nothing was sent, a code must be rejected")
		}},
		{"another provider's verification is refused", func(s *session) {
			v, code := s.send()
			for _, name := range []string{"", "somebody-else", s.Provider.Name() + "2"} {
				v.Provider = name
				s.refusesCode(v, code, otp.ErrMisconfigured, "provider")
			}
		}},
	}
}

const longAfter = 200 * 24 * time.Hour

func (s *session) sendUntil(
	most int, wanted func(code string) bool, changes ...func(*otp.SendRequest),
) (otp.Verification, string) {
	for range most {
		if v, code := s.send(changes...); wanted(code) {
			return v, code
		}
	}
	return otp.Verification{}, ""
}

func (s *session) refusesCode(v otp.Verification, code string, kind otp.Kind, field string) {
	s.Helper()
	requests := s.requests()
	err := s.verify(v, code)
	s.must(err != nil, "%v must not verify here", v)
	s.refused(s.failure(err, "verify", v.To), requests, kind, field)
}

func checkTypedCode(s *session) {
	digits := func(zero rune) func(string) string {
		return func(code string) string {
			return strings.Map(func(r rune) rune {
				if '0' <= r && r <= '9' {
					return zero + r - '0'
				}
				return r
			}, code)
		}
	}
	inside := func(inserted string) func(string) string {
		return func(code string) string { return code[:2] + inserted + code[2:] }
	}
	for name, typed := range map[string]func(code string) string{
		"space around it":   func(code string) string { return " \t" + code + "\r\n" },
		"direction marks":   func(code string) string { return "\u200f" + code + "\u200e" },
		"a space in it":     inside(" "),
		"a dash in it":      inside("-"),
		"a zero-width mark": inside("\u200b"),
		"full-width digits": digits('０'),
		"Arabic digits":     digits('٠'),
		"Devanagari digits": digits('०'),
	} {
		v, code := s.send()
		s.verifies(v, typed(code), "a right code must verify as people type it (otp.TypedCode), with "+name)
	}
}

func checkHostileCodes(s *session) {
	v, code := s.send()
	for _, typed := range []string{
		"", " ", "\t\n", "--", "\u200b", code + "\x00", "12\x1b34", "é", "код",
		strings.Repeat("1", 33), strings.Repeat("1", 1<<20),
	} {
		s.refusesCode(v, typed, otp.ErrWrongCode, "")
	}
	s.verifies(v, code, "what can be no code must spend no attempt")
}

func checkAttempts(s *session) {
	asked := s.features.MaxAttempts.Min
	if asked == 0 {
		return // "number of attempts" checks that it is refused
	}
	v, code := s.send(func(r *otp.SendRequest) { r.MaxAttempts = asked })
	for range asked {
		s.rejected(s.verify(v, wrong(code)), "a wrong code must be rejected")
	}
	s.rejected(s.verify(v, code), "when the attempts asked for are used up, the right code must be rejected, too")
}

func checkLetters(s *session) {
	if _, code := s.send(); !s.features.Alphanumeric {
		s.must(strings.Trim(code, "0123456789") == "", "codes must have digits only where Features.Alphanumeric is false")
		return
	}
	v, code := s.sendUntil(100, func(code string) bool { return strings.Trim(code, "0123456789") != "" },
		func(r *otp.SendRequest) { r.Options = s.harness.Letters })
	s.must(code != "", "where Features.Alphanumeric is true codes must have letters (set Harness.Letters)")
	s.verifies(v, code, "a code with letters must verify, in the case in which it was sent")
}

func checkOwnCode(s *session) {
	length := s.features.CodeLength
	set := func(code string) func(*otp.SendRequest) { return func(r *otp.SendRequest) { r.Code = code } }
	if own := strings.Repeat("7", length.Min); s.features.OwnCode {
		v, code := s.send(set(own))
		s.must(code == own, "where Features.OwnCode is true the caller's code must be the one that is sent")
		s.verifies(v, own, "the caller's own code must verify")
	}
	tooLong, kind := strings.Repeat("7", max(length.Max+1, 4)), otp.ErrUnsupported
	if len(tooLong) > 32 {
		kind = otp.ErrInvalidRequest // no vendor has such a code
	}
	s.refuses(kind, "code", set(tooLong))
}
