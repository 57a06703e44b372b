package hypersendertest

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// linkCodeLength is that of the page's sample, whose code is of capital letters. Neither is said to be the rule.
const linkCodeLength = 8

// The states of a link ("Generate Link"): not those of a code.
const (
	pending  = "pending"
	verified = "verified"
	failed   = "failed"
	expired  = "expired"
)

// link is a wa.me link and what follows when a person opens it.
type link struct {
	uuid, code string
	chatID     string // whose it is; "" = anyone's
	name       string
	texts      linkTexts
	callbacks  linkCallbacks
	expires    time.Time
	judged     string // verified, failed or expired; "" = nobody has opened it
}

// linkTexts are the request's message, linkCallbacks its callback.
type (
	linkTexts     struct{ prompt, success, failed, expired string }
	linkCallbacks struct{ success, failed string }
)

func (l *link) status(now time.Time) string {
	switch {
	case l.judged != "":
		return l.judged
	case !now.Before(l.expires):
		return expired
	default:
		return pending
	}
}

// prefilled is the message that WhatsApp fills in for the person. Placeholders in the prompt stay as they are
// (invented).
func (l *link) prefilled() string {
	return strings.TrimLeft(l.texts.prompt+" ["+l.code+"] - DO NOT CHANGE THIS MESSAGE", " ")
}

// address is the whatsapp_link: the text is form-encoded, as in the page's sample.
func (l *link) address(number string) string {
	return "https://wa.me/" + number + "?text=" + url.QueryEscape(l.prefilled())
}

// generateLink makes a link: POST /{instance}/generate-link ("Generate Link"). Nothing is sent; the caller takes
// the link to the person.
func (s *Server) generateLink(f *form) otpsim.Answer {
	l, lifetime := s.readLink(f)
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Clock.Now()
	l.uuid, l.code = otpsim.UUID(), otpsim.Random(capitals, linkCodeLength)
	l.expires = now.Add(lifetime)
	s.archive.add(l.uuid, l)
	return s.linkAnswer(l, now)
}

// readLink reads a request. The page marks no field as required, see Quirks.Lenient; the texts that stand in for
// missing ones are invented.
func (s *Server) readLink(f *form) (l *link, lifetime time.Duration) {
	all, most := s.quirks.RequireAll, s.quirks.needsMost()
	l = &link{chatID: f.chatID(all || s.quirks.LinkNeedsChatID)}
	lifetime = f.seconds("expires", all, maxLinkExpires)
	l.name = f.text("name", most)
	texts := f.section("message", most)
	l.texts = linkTexts{
		prompt:  texts.text("prompt", most),
		success: cmp.Or(texts.text("success", most), "Verified."),
		failed:  cmp.Or(texts.text("failed", most), "Verification failed."),
		expired: cmp.Or(texts.text("expired", most), "This link has expired."),
	}
	callbacks := f.section("callback", most)
	l.callbacks = linkCallbacks{
		success: callbacks.webAddress("success", most),
		failed:  callbacks.webAddress("failed", most),
	}
	return l, lifetime
}

// linkData is the data of the answer, in the order of the page's sample.
type linkData struct {
	UUID         string  `json:"uuid"`
	Code         string  `json:"code"`
	ChatID       *string `json:"chat_id"`
	Status       string  `json:"status"`
	OTPType      string  `json:"otp_type"`
	ExpiresAt    string  `json:"expires_at"`
	CreatedAt    string  `json:"created_at"`
	WhatsAppLink string  `json:"whatsapp_link"`
}

// linkAnswer has chat_id null if the request had no chatId (invented; the page's sample request has none).
func (s *Server) linkAnswer(l *link, now time.Time) otpsim.Answer {
	data := linkData{
		UUID: l.uuid, Code: l.code, Status: pending, OTPType: "link",
		ExpiresAt: date(l.expires), CreatedAt: date(now), WhatsAppLink: l.address(s.number),
	}
	if l.chatID != "" {
		data.ChatID = &l.chatID
	}
	return s.success("OTP link request created successfully", data)
}
