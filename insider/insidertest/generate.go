package insidertest

import (
	"math"
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// generateRequest is the body of POST /v1/generate ("Generate OTP Codes", WhatsApp and SMS).
type generateRequest struct {
	channel, to, locale string
	ttl                 int // seconds
	length              int
	custom              string
	attempts            int
	unique              bool
	callback            string
}

func (s *Server) readGenerate(f *form) generateRequest {
	var req generateRequest
	f.sampled = fieldRequired
	req.channel = f.oneOf("channel", whatsApp+" "+sms)
	known := req.channel
	if known != sms && known != whatsApp {
		known = "" // what depends on the channel cannot be judged
	}
	req.to = f.phone(known)
	req.locale = f.locale(known)
	req.ttl = f.number("ttl", 180, 60, 600)
	req.length = f.number("code-length", s.codeLength, minCodeLength, maxCodeLength)
	req.custom = f.customCode(known)
	req.attempts = f.number("max-attempts", 3, 1, 10)
	req.unique = f.flag("is-unique")
	f.only("is-unique", whatsApp, known)
	req.callback = f.webAddress("callback")
	f.only("callback", sms, known)
	return req
}

// generate makes a code and sends it. An own code goes out as it is, whatever code-length and is-unique say
// (invented).
func (s *Server) generate(f *form) otpsim.Answer {
	req := s.readGenerate(f)
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if refusal, refused := s.notSetUp(req.channel, req.locale); refused {
		return refusal
	}
	now := s.Clock.Now()
	code := req.custom
	if code == "" {
		var ok bool
		if code, ok = s.newCode(req, now); !ok {
			return refuse(http.StatusInternalServerError, problem{Message: serverError})
		}
	}
	return s.send(req, code, now)
}

// newCode makes a code; is-unique makes it one that no live verification of the account has. It fails when
// every code of that length is taken.
func (s *Server) newCode(req generateRequest, now time.Time) (code string, ok bool) {
	if !req.unique || req.channel != whatsApp {
		return otpsim.Digits(req.length), true
	}
	inUse := s.codes.inUse(now)
	taken := 0
	for used := range inUse {
		if len(used) == req.length {
			taken++
		}
	}
	if taken >= int(math.Pow10(req.length)) {
		return "", false
	}
	for {
		if code = otpsim.Digits(req.length); !inUse[code] {
			return code, true
		}
	}
}

// send stores the code, puts the text into the inbox and says so.
func (s *Server) send(req generateRequest, code string, now time.Time) otpsim.Answer {
	expires := now.Add(time.Duration(req.ttl) * time.Second)
	id := req.channel + "-" + otpsim.ID() // the page's sample is whatsapp-12345
	sent := &sentCode{id: id, channel: req.channel, code: code, expires: expires, max: req.attempts}
	if req.channel == sms {
		sent.callback = req.callback
	}
	if s.quirks.LockOutlivesGenerate {
		sent.lockedUntil = s.codes.lockedUntil(req.to, now)
	}
	for _, old := range s.codes.add(req.to, sent, now, s.quirks.AnyLiveCode) {
		s.Inbox.Replaced(old.id)
	}
	s.Inbox.Deliver(Message{
		ID: id, To: req.to, Channel: req.channel, Locale: req.locale,
		Text: s.account.text(req.channel, req.locale, code), Code: code,
		SentAt: now, ExpiresAt: expires, MaxAttempts: req.attempts,
	})
	return s.sentAnswer(req, id, now)
}

// hyphenReply is the reply on WhatsApp as the page spells it.
type hyphenReply struct {
	Key         string `json:"key"`
	Channel     string `json:"channel"`
	DateCreated string `json:"date-created"`
	DateUpdated string `json:"date-updated"`
	Locale      string `json:"locale"`
	MaxAttempts int    `json:"max-attempts"`
	TTL         int    `json:"ttl"`
}

// camelReply is the reply on SMS, and with a key the one on WhatsApp in the Postman collection.
type camelReply struct {
	Key         string `json:"key,omitempty"`
	Channel     string `json:"channel"`
	DateCreated string `json:"dateCreated"`
	DateUpdated string `json:"dateUpdated"`
	Locale      string `json:"locale"`
	MaxAttempts int    `json:"maxAttempts"`
	TTL         int    `json:"ttl"`
}

func (s *Server) sentAnswer(req generateRequest, key string, now time.Time) otpsim.Answer {
	date := now.UTC().Format("2006-01-02T15:04:05Z")
	reply := hyphenReply{key, req.channel, date, date, req.locale, req.attempts, req.ttl}
	switch {
	case req.channel == sms:
		reply.Key = ""
		return otpsim.JSON(http.StatusAccepted, camelReply(reply))
	case s.quirks.CamelCaseWhatsApp:
		return otpsim.JSON(http.StatusAccepted, camelReply(reply))
	default:
		return otpsim.JSON(http.StatusAccepted, reply)
	}
}
