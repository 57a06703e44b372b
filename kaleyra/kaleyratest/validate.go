package kaleyratest

import (
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

type validateReply struct {
	VerifyID string `json:"verify_id"`
	Message  string `json:"message"`
}

// validate is POST /v1/{sid}/verify/validate (validating-otp).
func (s *Server) validate(body *otpsim.Object) otpsim.Answer {
	if s.quirks.RefuseUnknownFields && body.Unknown("verify_id", "otp") != nil {
		return refuseBody()
	}
	id, typed := text(body, "verify_id"), text(body, "otp")
	switch {
	case id == "":
		return s.refuse(errNoVerifyID)
	case typed == "":
		return s.refuse(errNoOTP)
	}
	if problem := s.check(id, typed); problem != "" {
		return s.refuse(problem)
	}
	return s.success(validateReply{VerifyID: id, Message: "OTP verified successfully."})
}

// check compares a code. What makes any code useless counts first (invented).
func (s *Server) check(id, typed string) errorCode {
	m, found := s.Inbox.Get(id)
	switch {
	case !found, m.State == otpsim.Replaced:
		return errUnknownVerifyID
	case m.State == otpsim.Verified:
		return errAlreadyVerified
	case m.Over(s.Clock.Now()):
		return errExpired
	case m.State == otpsim.Locked:
		return errAttempts
	}
	flow, _ := s.flow(func(f Flow) bool { return f.ID == m.Note })
	if problem := flow.misfit(typed); problem != "" && !s.quirks.MalformedIsWrong {
		return problem
	}
	s.Inbox.Attempt(id, typed == m.Code)
	switch {
	case typed == m.Code:
		return ""
	case s.quirks.LastAttemptExceeds && m.Attempts+1 >= m.MaxAttempts:
		return errAttempts
	default:
		return errWrongOTP
	}
}

func (s *Server) validateRecipient(_ *http.Request, body []byte) string {
	object, _ := otpsim.ParseObject(body) // or an empty one
	m, _ := s.Inbox.Get(object.String("verify_id"))
	return m.To
}
