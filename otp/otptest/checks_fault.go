package otptest

import (
	"errors"

	"github.com/otp-sdk/otp-go/otp"
)

func faultChecks() []check {
	return []check{
		{"a fault on a send never texts twice", checkFaultySends},
		{"a fault on a verification is no verdict", checkFaultyVerifies},
	}
}

// eachFault runs test for every fault, each on a new account, which has no pause.
func (s *session) eachFault(op string, test func(s *session, f Fault)) {
	for i, f := range s.Faults {
		if f.Op == "" || f.Op == op {
			run(s.tester, s.harness, s.channel, check{test: func(s *session) { test(s, s.Faults[i]) }})
		}
	}
}

func checkFaultySends(s *session) {
	s.eachFault("send", func(s *session, f Fault) {
		req := s.request()
		texts, requests := s.Texts(), s.requests()
		f.Start()
		v, err := s.Provider.Send(s.Context(), req)
		f.Stop()
		failure := s.failed(f, err, "send", requests, req.To[1:])
		s.must(v.IsZero() == (failure.Outcome == otp.OutcomeNotSent),
			"%s: only what was not sent must come without a Verification: %v, %v", f.Name, v, err)
		if !f.Acts {
			s.must(s.Texts() == texts, "%s: nothing was to be sent", f.Name)
			return
		}
		s.must(s.Texts() == texts+1, "%s: one Send must be one text, and was %d", f.Name, s.Texts()-texts)
		s.must(v.Provider == s.Provider.Name() && v.To == req.To && v.ID != "",
			"%s: with an unknown outcome the Verification must be filled as far as known: %v", f.Name, v)
		code, received := s.Code(req.To)
		s.must(received, "%s: the phone must have received a code", f.Name)
		if v.CanVerify() {
			s.verifies(v, code, f.Name+": where CanVerify is true, the code that the phone received must verify")
		} else {
			s.refusesCode(v, code, otp.ErrUnavailable, "")
		}
	})
}

func checkFaultyVerifies(s *session) {
	s.eachFault("verify", func(s *session, f Fault) {
		v, code := s.send()
		requests := s.requests()
		f.Start()
		err := s.verify(v, code)
		f.Stop()
		failure := s.failed(f, err, "verify", requests, v.To[1:], code)
		s.must(!errors.Is(err, otp.ErrCodeRejected), "%s: a fault must not be reported as a rejected code: %v", f.Name, err)
		if failure.Outcome == otp.OutcomeNotSent && failure.RetryAfter == 0 {
			s.verifies(v, code, f.Name+": OutcomeNotSent must mean that no attempt was spent")
		}
	})
}

func (s *session) failed(f Fault, err error, op string, requests int, secrets ...string) *otp.Error {
	s.must(err != nil, "%s: a call without the vendor's success must return an error", f.Name)
	failure := s.failure(err, op, secrets...)
	s.must(failure.Outcome != otp.OutcomeAccepted, "%s: the outcome must not be accepted: %v", f.Name, err)
	if f.Acts {
		s.must(failure.Outcome == otp.OutcomeUnknown, "%s: the outcome must be unknown, for the work is done: %v", f.Name, err)
		s.must(s.requests() <= requests+1, "%s: a call must not be repeated when its outcome is unknown", f.Name)
	}
	return failure
}
