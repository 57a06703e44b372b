package hypersendertest

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Callback is a call that the vendor would have made because of a link. The server records it and calls nobody:
// neither method nor body nor headers of the real one are documented.
type Callback struct {
	At     time.Time // on the server's clock
	URL    string    // callback.success or callback.failed of the request
	UUID   string    // of the link
	Status string    // of the link: verified, failed or expired
}

// Callbacks lists the last 10,000 callbacks, oldest first.
func (s *Server) Callbacks() []Callback {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.callbacks)
}

// OpenLink plays a person who opens a whatsapp_link of generate-link and sends the message that WhatsApp has
// filled in: Receive(from, that message). It fails if the link does not lead to this server's number.
func (s *Server) OpenLink(whatsAppLink, from string) (reply Message, err error) {
	u, err := url.Parse(whatsAppLink)
	if err != nil || u.Scheme != "https" || u.Host != "wa.me" {
		return Message{}, errors.New("hypersendertest: this is not a wa.me link")
	}
	if u.Path != "/"+s.number {
		return Message{}, errors.New("hypersendertest: this link leads to another number than that of the instance")
	}
	return s.Receive(from, u.Query().Get("text"))
}

// Receive plays a person who sends a message to the instance's number, on WhatsApp: the pre-filled one of a link,
// or that one changed. from is the person's phone, in any form that Code takes; "" = the person that the link
// was made for. It returns the reply, which is in the Inbox, too:
//
//   - message.success, and the link is verified: the pre-filled message, in time, from the right person
//   - message.expired, and the link is expired: it came too late
//   - message.failed, and the link is failed: it was changed (its code apart), or another person sent it
//
// callback.success or, for the other two, callback.failed is then recorded in Callbacks. Only the first message
// counts; to later ones the reply is message.expired or message.failed, and nothing else happens.
//
// It fails if the message belongs to no link: one without the code of one of the last 10,000 codes and links
// gets no reply. The same goes for from "" if the link had no chatId.
//
// The states, the texts and the callbacks are on the page "Generate Link"; what leads to which, and that a
// link works once, is invented.
func (s *Server) Receive(from, text string) (reply Message, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.archive.links[codeIn(text)]
	if l == nil {
		return Message{}, errors.New("hypersendertest: this message belongs to no link")
	}
	if from = cmp.Or(from, l.chatID); from == "" {
		return Message{}, errors.New("hypersendertest: this link was made for nobody in particular: say who opens it")
	}
	now := s.Clock.Now()
	outcome := s.outcome(l, from, text, now)
	if l.judged == "" {
		l.judged = outcome
		s.callBack(l, now)
	}
	reply = s.reply(l, outcome, from, now)
	s.Inbox.Deliver(reply)
	return reply, nil
}

// codeIn is what stands in the last brackets of a message.
func codeIn(text string) string {
	start, end := strings.LastIndex(text, "["), strings.LastIndex(text, "]")
	if start < 0 || end < start {
		return ""
	}
	return text[start+1 : end]
}

// outcome is what a message leads to.
func (s *Server) outcome(l *link, from, text string, now time.Time) string {
	switch {
	case !now.Before(l.expires):
		return expired
	case l.judged != "", text != l.prefilled():
		return failed
	case l.chatID != "" && phoneOf(from) != phoneOf(l.chatID) && !s.quirks.AnyoneMayOpen:
		return failed
	default:
		return verified
	}
}

// callBack records the call that follows a judgment; without a URL there is none.
func (s *Server) callBack(l *link, now time.Time) {
	address := l.callbacks.failed
	if l.judged == verified {
		address = l.callbacks.success
	}
	if address == "" {
		return
	}
	s.callbacks = append(s.callbacks, Callback{At: now, URL: address, UUID: l.uuid, Status: l.judged})
	if len(s.callbacks) > maxArchived {
		s.callbacks = s.callbacks[1:]
	}
}

// reply is the text for an outcome, with its placeholders replaced. Which text may have which is documented for
// {link} in message.success only; here all may have all. What {link} becomes is invented.
func (s *Server) reply(l *link, outcome, from string, now time.Time) Message {
	template := l.texts.failed
	switch outcome {
	case verified:
		template = l.texts.success
	case expired:
		template = l.texts.expired
	}
	login := cmp.Or(s.quirks.LoginURL, l.callbacks.success)
	m := Message{ID: l.uuid, To: phoneOf(from), Channel: whatsApp, SentAt: now}
	m.Text = strings.NewReplacer("{link}", login, "{name}", l.name, "{code}", l.code).Replace(template)
	if strings.Contains(template, "{code}") {
		m.Code, m.ExpiresAt = l.code, l.expires
	}
	return m
}
