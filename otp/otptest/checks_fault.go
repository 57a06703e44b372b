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

// eachFault runs test on an account of its own for every fault that an operation can meet: a vendor that has asked for a
// pause is left alone for a while.
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
		s.must(err != nil, "%s: a send without the vendor's success must return an error", f.Name)
		failure := s.failure(err, "send", req.To[1:])
		s.must(failure.Outcome != otp.OutcomeAccepted, "%s: a send without the vendor's success must not be accepted: %v", f.Name, err)
		s.must(v.IsZero() == (failure.Outcome == otp.OutcomeNotSent),
			"%s: an unknown outcome must come with a Verification, and what was not sent without: %v, %v", f.Name, v, err)
		if !f.Acts {
			s.must(s.Texts() == texts, "%s: nothing was to be sent", f.Name)
			return
		}
		s.must(s.Texts() == texts+1, "%s: one Send must be one text, and was %d", f.Name, s.Texts()-texts)
		s.must(s.requests() <= requests+1, "%s: a send must not be repeated when its outcome is unknown", f.Name)
		s.must(failure.Outcome == otp.OutcomeUnknown, "%s: the outcome must be unknown, because the text was sent: %v", f.Name, err)
		s.unknownSend(f, req.To, v)
	})
}

// unknownSend checks the Verification of a send whose answer was lost: it verifies, or says that it cannot.
func (s *session) unknownSend(f Fault, to string, v otp.Verification) {
	s.must(v.Provider == s.Provider.Name() && v.To == to && v.ID != "",
		"%s: with an unknown outcome the Verification must be filled as far as known: %v", f.Name, v)
	code, received := s.Code(to)
	s.must(received, "%s: the phone must have received a code", f.Name)
	if v.CanVerify() {
		s.verifies(v, code, f.Name+": where CanVerify is true, the code that the phone received must verify")
		return
	}
	requests := s.requests()
	err := s.verify(v, code)
	s.must(err != nil, "%s: where CanVerify is false, nothing must verify", f.Name)
	s.refused(s.failure(err, "verify", to[1:], code), requests, otp.ErrUnavailable, "")
}

func checkFaultyVerifies(s *session) {
	s.eachFault("verify", func(s *session, f Fault) {
		v, code := s.send()
		requests := s.requests()
		f.Start()
		err := s.verify(v, code)
		f.Stop()
		s.must(err != nil, "%s: a code must not verify without the vendor's success", f.Name)
		failure := s.failure(err, "verify", v.To[1:], code)
		s.must(!errors.Is(err, otp.ErrCodeRejected), "%s: what goes wrong must not be told as a rejected code: %v", f.Name, err)
		s.must(failure.Outcome != otp.OutcomeAccepted, "%s: the outcome must not be accepted, because no verdict came: %v", f.Name, err)
		if f.Acts {
			s.must(failure.Outcome == otp.OutcomeUnknown, "%s: the outcome must be unknown, because the code was judged: %v", f.Name, err)
			s.must(s.requests() <= requests+1, "%s: a verification must not be repeated when its outcome is unknown", f.Name)
			return
		}
		if failure.Outcome == otp.OutcomeNotSent && failure.RetryAfter == 0 {
			s.verifies(v, code, f.Name+": OutcomeNotSent must mean that no attempt was spent")
		}
	})
}
