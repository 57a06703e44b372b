package kaleyratest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// generateRequest is the body of POST /v1/{sid}/verify (generating-otp).
type generateRequest struct {
	mobiles []string // as the request wrote them
	email   string
	flow    Flow
	otp     string // the caller's own; only with Quirks.GenerateTakesOTP
}

// readGenerate looks for mistakes in the order of to, to.mobile, to.email, flow_id, otp (invented).
func (s *Server) readGenerate(body *otpsim.Object) (req generateRequest, problem errorCode) {
	to := body.Object("to")
	if !body.Has("to") || body.Mistyped() == "to" {
		return req, errNoTo
	}
	if req.mobiles, problem = readMobiles(to); problem != "" {
		return req, problem
	}
	if req.email, problem = readEmail(to); problem != "" {
		return req, problem
	}
	if req.flow, problem = s.readFlow(body); problem != "" {
		return req, problem
	}
	if s.quirks.GenerateTakesOTP && body.Has("otp") {
		req.otp = text(body, "otp")
		problem = req.flow.misfit(req.otp)
	}
	return req, problem
}

// generate makes a code and sends it.
func (s *Server) generate(body *otpsim.Object) otpsim.Answer {
	if s.quirks.RefuseUnknownFields && s.generateHasUnknown(body) {
		return refuseBody()
	}
	req, problem := s.readGenerate(body)
	if problem != "" {
		return s.refuse(problem)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.generated(req, s.send(req))
}

func (s *Server) generateHasUnknown(body *otpsim.Object) bool {
	known := []string{"flow_id", "to"}
	if s.quirks.GenerateTakesOTP {
		known = append(known, "otp")
	}
	return body.Unknown(known...) != nil || body.Object("to").Unknown("mobile", "email") != nil
}

// send stores a new verification and lets every step of the flow deliver its code. Several numbers share one
// code and one verify_id (invented: the reply has room for one).
func (s *Server) send(req generateRequest) *verification {
	now := s.Clock.Now()
	v := &verification{
		id:      otpsim.UUID(),
		code:    cmp.Or(req.otp, req.flow.newCode()),
		flow:    req.flow,
		expires: now.Add(req.flow.Lifetime),
	}
	for _, mobile := range req.mobiles {
		v.phones = append(v.phones, recipient(mobile))
		if older := s.sent.newest[recipient(mobile)]; older != nil && s.quirks.NewestCodeOnly {
			s.Inbox.Replaced(older.id)
		}
	}
	s.sent.add(v, now)
	for _, channel := range req.flow.Channels {
		for _, to := range reachedBy(channel, v.phones, req.email) {
			s.Inbox.Deliver(Message{
				ID: v.id, To: to, Channel: channel, Text: messageText(v.code), Code: v.code,
				SentAt: now, ExpiresAt: v.expires, MaxAttempts: v.flow.MaxAttempts,
			})
		}
	}
	return v
}

// reachedBy are the recipients of one step.
func reachedBy(channel string, phones []string, email string) []string {
	switch {
	case channel != "email":
		return phones
	case email == "":
		return nil
	default:
		return []string{email}
	}
}

// messageText is invented: the real text is in a template of the flow.
func messageText(code string) string { return code + " is your verification code." }

type generateReply struct {
	VerifyID string `json:"verify_id"`
	To       struct {
		Mobile string `json:"mobile"`
		Email  any    `json:"email,omitempty"` // nil = no member
	} `json:"to"`
	FlowID string `json:"flow_id,omitempty"`
}

// generated is the reply. The numbers of several are echoed as a list (invented).
func (s *Server) generated(req generateRequest, v *verification) otpsim.Answer {
	reply := generateReply{VerifyID: v.id, FlowID: v.flow.ID}
	reply.To.Mobile = s.echo(req.mobiles)
	reply.To.Email = s.echoEmail(req.email)
	if s.quirks.OmitFlowID {
		reply.FlowID = ""
	}
	return s.success(reply)
}

func (s *Server) echo(mobiles []string) string {
	list := strings.Join(mobiles, ",")
	if s.quirks.EchoPlus {
		return list
	}
	return strings.ReplaceAll(list, "+", "") // each has at most one, in front
}

func (s *Server) echoEmail(address string) any {
	switch {
	case address != "":
		return address
	case s.quirks.MissingEmail == EmailEmpty:
		return ""
	case s.quirks.MissingEmail == EmailNull:
		return json.RawMessage("null")
	default:
		return nil
	}
}

// success is the answer of both operations, with their data.
func (s *Server) success(data any) otpsim.Answer {
	reply := struct {
		Data  any       `json:"data"`
		Error *struct{} `json:"error,omitempty"`
	}{Data: data}
	if s.quirks.EmptyError {
		reply.Error = &struct{}{}
	}
	return otpsim.JSON(cmp.Or(s.quirks.SuccessStatus, http.StatusOK), reply)
}
