package kaleyratest

import "github.com/otp-sdk/otp-go/otp/otpsim"

type validateReply struct {
	VerifyID string `json:"verify_id"`
	Message  string `json:"message"`
}

// validate judges a code: POST /v1/{sid}/verify/validate (validating-otp).
func (s *Server) validate(body *otpsim.Object) otpsim.Answer {
	if s.quirks.RefuseUnknownFields && body.Unknown("verify_id", "otp") != nil {
		return refuseBody()
	}
	id, otp := text(body, "verify_id"), text(body, "otp")
	switch {
	case id == "":
		return s.refuse(errNoVerifyID)
	case otp == "":
		return s.refuse(errNoOTP)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if problem := s.judge(id, otp); problem != "" {
		return s.refuse(problem)
	}
	return s.success(validateReply{VerifyID: id, Message: "OTP verified successfully."})
}

// judge compares a code. What makes any code useless counts before what is wrong with this one (invented).
func (s *Server) judge(id, otp string) errorCode {
	v := s.sent.find(id)
	switch {
	case v == nil, s.quirks.NewestCodeOnly && !s.sent.isNewest(v):
		return errUnknownVerifyID
	case v.used:
		return errAlreadyVerified
	case v.expired(s.Clock.Now()):
		return errExpired
	case v.exhausted():
		return errAttempts
	}
	if problem := v.flow.misfit(otp); problem != "" && !s.quirks.MalformedIsWrong {
		return problem
	}
	if otp == v.code {
		v.used = true
		s.Inbox.Judged(v.id, true)
		return ""
	}
	v.wrong++
	s.Inbox.Judged(v.id, false)
	if s.quirks.LastAttemptExceeds && v.exhausted() {
		return errAttempts
	}
	return errWrongOTP
}
