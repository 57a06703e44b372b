package hypersendertest

import (
	"cmp"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const (
	digits   = "0123456789"
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	smalls   = "abcdefghijklmnopqrstuvwxyz"
)

// codeRequest is the body of POST /{instance}/request-code ("Request OTP Code").
type codeRequest struct {
	chatID   string
	channel  string
	length   int
	alphabet string
	name     string
	expires  time.Duration
}

func (s *Server) readCodeRequest(f *form) codeRequest {
	all, most := s.quirks.RequireAll, s.quirks.needsMost()
	chatID := f.chatID(true)
	return codeRequest{
		chatID:   chatID,
		channel:  s.channel(chatID),
		length:   f.number("length", all, s.codeLength, minLength, maxLength),
		alphabet: f.alphabet(all, most),
		name:     f.text("name", most),
		expires:  f.seconds("expires", all, maxCodeExpires),
	}
}

// alphabet reads what a code is made of. allCapital has an effect only with useLetter ("Request OTP Code"). Which
// letters there are, and that there has to be an alphabet, is invented.
func (f *form) alphabet(all, most bool) string {
	letters := f.flag("useLetter", all, false)
	numbers := f.flag("useNumber", all, true)
	allCapital := f.flag("allCapital", most, false)
	alphabet := ""
	if numbers {
		alphabet = digits
	}
	if letters {
		alphabet += capitals
	}
	if letters && !allCapital {
		alphabet += smalls
	}
	if alphabet == "" && !f.server.quirks.DigitsByDefault {
		f.wrong("useNumber", "must be true when use letter is false")
	}
	return cmp.Or(alphabet, digits)
}

// seconds reads a lifetime.
func (f *form) seconds(field string, required bool, high int) time.Duration {
	return time.Duration(f.number(field, required, defaultExpires, minExpires, high)) * time.Second
}

// requestCode makes a code and queues the message that carries it.
func (s *Server) requestCode(f *form) otpsim.Answer {
	req := s.readCodeRequest(f)
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	reachable := !s.withoutWhatsApp[phoneOf(req.chatID)] || req.channel == sms
	if !reachable && !s.quirks.AcceptWithoutWhatsApp {
		return notOnWhatsApp(req.chatID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Clock.Now()
	c := &sentCode{
		uuid: otpsim.UUID(), chatID: req.chatID, code: s.newCode(req, now),
		expires: now.Add(req.expires),
	}
	for _, old := range s.codes.add(c, now, s.quirks.AnyLiveCode) {
		s.Inbox.Replaced(old.uuid)
	}
	s.archive.add(c.uuid, c)
	if reachable {
		s.enqueue(c, req.message(c, s.quirks.MaxAttempts))
	}
	return s.queuedAnswer(c, now)
}

func (s *Server) newCode(req codeRequest, now time.Time) string {
	if active := s.codes.active(req.chatID, now); s.quirks.RepeatCode && active != nil {
		return active.code
	}
	return otpsim.Random(req.alphabet, req.length)
}

// codeData is the data of the answer, in the order of the page's sample.
type codeData struct {
	UUID              string `json:"uuid"`
	ChatID            string `json:"chat_id"`
	Code              string `json:"code,omitempty"`
	Status            string `json:"status"`
	OTPType           string `json:"otp_type"`
	ExpiresAt         string `json:"expires_at"`
	CreatedAt         string `json:"created_at"`
	QueuedRequestUUID string `json:"queued_request_uuid,omitempty"`
	QueuedRequestLink string `json:"queued_request_link,omitempty"`
}

// queuedAnswer says "pending", however fast the message is: it speaks of the moment of queuing.
func (s *Server) queuedAnswer(c *sentCode, now time.Time) otpsim.Answer {
	data := codeData{
		UUID: c.uuid, ChatID: c.chatID, Code: c.code, Status: "pending", OTPType: "code",
		ExpiresAt: date(c.expires), CreatedAt: date(now),
	}
	if s.quirks.OmitCode {
		data.Code = ""
	}
	if s.quirks.QueueFields { // their names are the vendor's, the values are invented
		data.QueuedRequestUUID = otpsim.UUID()
		data.QueuedRequestLink = "https://hypersender.example/queued-requests/" + data.QueuedRequestUUID
	}
	return s.success("OTP code generated and message queued successfully", data)
}
