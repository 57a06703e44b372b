package smsfactortest

import (
	"cmp"
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// generate makes a code and sends it: POST /service/otp/generate (the reference; page otp-mfa-send-a-code).
func (s *Server) generate(r *http.Request, f *form) otpsim.Answer {
	to := f.phone()
	sending := Sending{Settings: f.settings(s.settings), RecipientIP: f.address("recipient_ip")}
	refused := f.finish()
	switch {
	case f.absent("phone_number"):
		return s.refuse(noRecipient)
	case to == "":
		return s.refuse(wrongNumber)
	case refused != "":
		return s.refuseField(refused)
	}
	if failure := s.failures[to]; failure != 0 {
		return s.fail(r, failure)
	}
	sending.Repaired, sending.Ignored = f.repaired, f.ignored
	return s.send(to, sending)
}

// send stores the code, puts the text into the inbox and says so.
func (s *Server) send(to string, sending Sending) otpsim.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, now := sending.Settings, s.Clock.Now()
	expires := now.Add(st.ValidityPeriod)
	code := otpsim.Random(st.alphabet(), st.CodeLength)
	sending.Ticket, sending.Token = newTicket(st.Channel), newToken()
	if older := s.codes.newest[to]; older != nil && s.quirks.NewestCodeOnly {
		older.cancelled = true // those before it already are
		s.Inbox.Replaced(older.sending.Ticket)
	}
	s.codes.add(&sentCode{to: to, code: code, expires: expires, max: st.MaxWrongAttempts, sending: sending}, now)

	text := Message{
		ID: sending.Ticket, To: to, Channel: st.Channel, Code: code, SentAt: now, ExpiresAt: expires,
		MaxAttempts: st.MaxWrongAttempts,
		Text:        s.quirks.render(st.Text, code, now, expires),
	}
	if st.Channel == voice {
		text.Locale = st.VoiceLanguage
	}
	s.Inbox.Deliver(text)
	return s.sentAnswer(sending)
}

func (s *Server) sentAnswer(sending Sending) otpsim.Answer {
	if s.quirks.NoTicket {
		sending.Ticket = ""
	}
	return otpsim.JSON(cmp.Or(s.quirks.GenerateStatus, http.StatusOK), reply{
		Code: s.wire(success), Message: message(success), Ticket: sending.Ticket, Token: sending.Token,
	})
}

// newTicket looks like the tickets of the vendor's campaign calls: sms_5fa275dbf21dc, vocal_5fed928fda524.
// Those of OTP calls are not shown.
func newTicket(channel string) string {
	prefix := "sms_"
	if channel == voice {
		prefix = "vocal_"
	}
	return prefix + otpsim.Random("0123456789abcdef", 13)
}

// newToken looks like the sample of the page otp-mfa-code-validation, otp_111111dab2222222aaa33333. Its
// alphabet is not documented.
func newToken() string { return "otp_" + otpsim.Random(digits+lowerCase, 24) }
