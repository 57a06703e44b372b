package insidertest

import (
	"crypto/rand"
	"fmt"
	"math"
	"net/http"
	"strconv"
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

func readGenerate(f *form) generateRequest {
	var req generateRequest
	req.channel = f.oneOf("channel", whatsApp+" "+sms)
	channel := req.channel
	if channel != sms && channel != whatsApp {
		channel = "" // what depends on the channel cannot be checked
	}
	req.to = f.phone(channel)
	req.locale = f.locale(channel)
	req.ttl = f.number("ttl", 180, 60, 600)
	req.length = f.number("code-length", 4, minCodeLength, maxCodeLength)
	req.custom = f.customCode(channel)
	req.attempts = f.number("max-attempts", 3, 1, 10)
	f.knows("is-unique")
	req.unique = f.Bool("is-unique")
	f.only("is-unique", whatsApp, channel)
	req.callback = f.webAddress("callback")
	f.only("callback", sms, channel)
	return req
}

func (f *form) locale(channel string) string {
	locale := f.text("locale")
	if !f.Has("locale") {
		return "en"
	}
	if list := localesOf(channel); channel != "" && !isOneOf(locale, list) {
		f.wrong("locale", fieldOneOf+list)
	}
	return locale
}

// generate makes a code and sends it. An own code goes out as it is (invented).
func (s *Server) generate(f *form) otpsim.Answer {
	req := readGenerate(f)
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	if refusal, refused := s.notSetUp(req.channel, req.locale); refused {
		return refusal
	}
	if s.quirks.ProbeCallback && req.callback != "" && s.Call(otpsim.ReceiptCall{URL: req.callback}) != http.StatusOK {
		f.wrong("callback", "Callback URL value is not valid")
		refusal, _ := f.refusal()
		return refusal
	}
	now, code := s.Clock.Now(), req.custom
	if code == "" {
		var ok bool
		if code, ok = s.newCode(req, now); !ok {
			return refuseStatus(http.StatusInternalServerError)
		}
	}
	return s.send(req, code, now)
}

// newCode makes a code, with is-unique one that is not live. It fails when every code is taken.
func (s *Server) newCode(req generateRequest, now time.Time) (code string, ok bool) {
	taken := make(map[string]bool)
	if req.unique {
		for _, m := range s.Inbox.All() {
			taken[m.Code] = taken[m.Code] || m.StateAt(now) == otpsim.Pending
		}
	}
	lowest, count := 0, int(math.Pow10(req.length))
	if s.quirks.RefuseStringCode {
		lowest, count = count/10, count-count/10
	}
	first, _ := strconv.Atoi(otpsim.Digits(req.length + 4)) // the four more make every code equally likely
	for i := range count {
		code = fmt.Sprintf("%0*d", req.length, lowest+(first+i)%count)
		if !taken[code] {
			return code, true
		}
	}
	return "", false
}

// send puts the text into the inbox. A new code replaces the one of its channel (invented).
func (s *Server) send(req generateRequest, code string, now time.Time) otpsim.Answer {
	old, found := s.Inbox.Find(req.to, func(m otpsim.Message) bool {
		return m.Channel == req.channel && m.StateAt(now) == otpsim.Pending
	})
	if found && !s.quirks.AnyLiveCode {
		s.Inbox.Replace(old.ID)
	}
	id := req.channel + "-" + rand.Text() // the page's sample is whatsapp-12345
	if req.channel == whatsApp {
		req.callback = s.webhook.url
	}
	s.Inbox.Deliver(otpsim.Message{
		ID: id, To: req.to, Channel: req.channel, Locale: req.locale,
		Text: s.account.text(req.channel, req.locale, code), Code: code,
		SentAt: now, ExpiresAt: now.Add(time.Duration(req.ttl) * time.Second), MaxAttempts: req.attempts,
		Callback: req.callback,
	})
	return s.sent(req, id, now)
}

type hyphenReply struct {
	Key         string `json:"key"`
	Channel     string `json:"channel"`
	DateCreated string `json:"date-created"`
	DateUpdated string `json:"date-updated"`
	Locale      string `json:"locale"`
	MaxAttempts int    `json:"max-attempts"`
	TTL         int    `json:"ttl"`
}

type camelReply struct {
	Key         string `json:"key,omitempty"`
	Channel     string `json:"channel"`
	DateCreated string `json:"dateCreated"`
	DateUpdated string `json:"dateUpdated"`
	Locale      string `json:"locale"`
	MaxAttempts int    `json:"maxAttempts"`
	TTL         int    `json:"ttl"`
}

func (s *Server) sent(req generateRequest, key string, now time.Time) otpsim.Answer {
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
