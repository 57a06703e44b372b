package hypersendertest

import (
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const (
	digits   = "0123456789"
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	smalls   = "abcdefghijklmnopqrstuvwxyz"
)

// The ranges of the vendor's client, and the defaults ("Request OTP Code", "Generate Link").
const (
	minLength, maxLength, defaultLength = 4, 10, 6

	minExpires, maxCodeExpires, maxLinkExpires, defaultExpires = 60, 1800, 3600, 1800 // seconds
)

type codeRequest struct {
	chatID   string
	length   int
	alphabet string
	name     string
	expires  time.Duration
}

func readCodeRequest(f *form) codeRequest {
	all, most := f.quirks.RequireAll, f.quirks.needsMost()
	return codeRequest{
		chatID:   f.chatID(true),
		length:   f.number("length", all, defaultLength, minLength, maxLength),
		alphabet: f.alphabet(all, most),
		name:     f.text("name", most),
		expires:  f.seconds("expires", all, maxCodeExpires),
	}
}

// alphabet reads what a code is made of ("Request OTP Code"). Which letters is invented.
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
	if alphabet == "" {
		f.wrong("useNumber", "must be true when use letter is false")
	}
	return alphabet
}

func (f *form) seconds(field string, required bool, high int) time.Duration {
	return time.Duration(f.number(field, required, defaultExpires, minExpires, high)) * time.Second
}

// requestCode makes a code and sends the message that carries it. The text is invented.
func (s *Server) requestCode(f *form) otpsim.Answer {
	req := readCodeRequest(f)
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	now, code := s.Clock.Now(), otpsim.Random(req.alphabet, req.length)
	if active, found := s.active(req.chatID, now); found {
		if s.quirks.RepeatCode {
			code = active.Code
		}
		if !s.quirks.AnyLiveCode {
			s.Inbox.Replace(active.ID)
		}
	}
	m := otpsim.Message{
		ID: otpsim.UUID(), To: phoneOf(req.chatID), Channel: "whatsapp", Code: code, Note: req.chatID,
		Text: code + " is your verification code.", SentAt: now, ExpiresAt: now.Add(req.expires),
	}
	if req.name != "" {
		m.Text = code + " is your " + req.name + " verification code."
	}
	if s.quirks.ThreeAttempts {
		m.MaxAttempts = 3
	}
	s.Inbox.Deliver(m)
	return s.queued(m)
}

type codeData struct {
	UUID      string `json:"uuid"`
	ChatID    string `json:"chat_id"`
	Code      string `json:"code,omitempty"`
	Status    string `json:"status"`
	OTPType   string `json:"otp_type"`
	ExpiresAt string `json:"expires_at"`
	CreatedAt string `json:"created_at"`
}

func (s *Server) queued(m otpsim.Message) otpsim.Answer {
	code := m.Code
	if s.quirks.OmitCode {
		code = ""
	}
	return s.success("OTP code generated and message queued successfully", codeData{
		UUID: m.ID, ChatID: m.Note, Code: code, Status: "pending", OTPType: "code",
		ExpiresAt: date(m.ExpiresAt), CreatedAt: date(m.SentAt),
	})
}

// date is how the samples write a moment: whole seconds, with +00:00 for Z.
func date(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+00:00") }
