package kaleyratest

import (
	"net/http"
	"net/mail"
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

type generateRequest struct {
	mobiles []string // as the request wrote them
	email   string
	flow    Flow
}

// readGenerate looks for mistakes in the order of to, to.mobile, to.email, flow_id (invented).
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
	req.flow, problem = s.readFlow(body)
	return req, problem
}

func (s *Server) generate(body *otpsim.Object) otpsim.Answer {
	unknown := body.Unknown("flow_id", "to") != nil || body.Object("to").Unknown("mobile", "email") != nil
	if s.quirks.RefuseUnknownFields && unknown {
		return refuseBody()
	}
	req, problem := s.readGenerate(body)
	if problem != "" {
		return s.refuse(problem)
	}
	id := otpsim.UUID()
	s.send(id, req)
	var reply generateReply
	reply.VerifyID, reply.FlowID, reply.To.Email = id, req.flow.ID, req.email
	reply.To.Mobile = strings.ReplaceAll(strings.Join(req.mobiles, ","), "+", "") // as in the page's sample
	return s.success(reply)
}

// send lets every step of the flow deliver a code. Several numbers share it (invented).
func (s *Server) send(id string, req generateRequest) {
	if s.quirks.NewestCodeOnly {
		for _, mobile := range req.mobiles {
			older, _ := s.Inbox.Last(mobile)
			s.Inbox.Replace(older.ID)
		}
	}
	code, now := req.flow.newCode(), s.Clock.Now()
	for _, channel := range req.flow.Channels {
		for _, to := range req.reachedBy(channel) {
			s.Inbox.Deliver(otpsim.Message{
				ID: id, To: to, Channel: channel, Code: code, Note: req.flow.ID,
				Text:   code + " is your verification code.", // invented: the real text is in a template of the flow
				SentAt: now, ExpiresAt: now.Add(req.flow.Lifetime), MaxAttempts: req.flow.MaxAttempts,
			})
		}
	}
}

func (req generateRequest) reachedBy(channel string) []string {
	switch {
	case channel != "email":
		return req.mobiles
	case req.email == "":
		return nil
	default:
		return []string{req.email}
	}
}

// generateReply leaves out an email that was not sent, and lists several numbers (invented).
type generateReply struct {
	VerifyID string `json:"verify_id"`
	To       struct {
		Mobile string `json:"mobile"`
		Email  string `json:"email,omitempty"`
	} `json:"to"`
	FlowID string `json:"flow_id"`
}

func (s *Server) success(data any) otpsim.Answer {
	reply := struct {
		Data  any       `json:"data"`
		Error *struct{} `json:"error,omitempty"`
	}{Data: data}
	if s.quirks.EmptyError {
		reply.Error = &struct{}{}
	}
	status := http.StatusOK
	if s.quirks.SuccessIs201 {
		status = http.StatusCreated
	}
	return otpsim.JSON(status, reply)
}

func (s *Server) generateRecipient(_ *http.Request, body []byte) string {
	object, _ := otpsim.ParseObject(body) // or an empty one
	first, _, _ := strings.Cut(object.Object("to").String("mobile"), ",")
	return first
}

// notText stands for a member that is no JSON string, and is equal to no value (invented).
const notText = "\x00"

func text(object *otpsim.Object, name string) string {
	if raw := object.Raw(name); raw != nil && raw[0] != '"' {
		return notText
	}
	return object.String(name)
}

const minMobile, maxMobile = 3, 20 // digits, without the + (generating-otp, E805)

// readMobiles reads to.mobile, one number or several separated by commas (generating-otp). An empty
// one is a missing one, and spaces around a comma are not digits (both invented).
func readMobiles(to *otpsim.Object) (mobiles []string, problem errorCode) {
	value := text(to, "mobile")
	if value == "" {
		return nil, errNoMobile
	}
	mobiles = strings.Split(value, ",")
	for _, mobile := range mobiles {
		// The page's sample has a +, its E805 speaks of digits only.
		number := strings.TrimPrefix(mobile, "+")
		if len(number) < minMobile || len(number) > maxMobile || strings.Trim(number, digits) != "" {
			return nil, errMobile
		}
	}
	return mobiles, ""
}

// readEmail reads to.email. An empty one is a bad one, not a missing one (invented).
func readEmail(to *otpsim.Object) (address string, problem errorCode) {
	if !to.Has("email") {
		return "", ""
	}
	address = text(to, "email")
	if parsed, err := mail.ParseAddress(address); err != nil || parsed.Address != address {
		return "", errEmail
	}
	return address, ""
}
