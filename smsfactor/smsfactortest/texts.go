package smsfactortest

import (
	"encoding/json"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// sms sends a text of the caller's own: POST /sms-campaign/send (page send-sms). A request_id is
// taken once, as that page says; the code of the refusal is invented.
func (s *Server) sms(f *form) otpsim.Answer {
	var recipients []struct {
		To json.RawMessage `json:"phone_number"`
	}
	text, id := f.String("text"), f.String("request_id")
	f.sender()
	switch err := json.Unmarshal(f.Raw("recipients"), &recipients); {
	case text == "":
		return s.refuse(textMissing)
	case err != nil || len(recipients) != 1: // groups are no business of this simulator
		return s.refuse(noRecipient)
	case f.misfit == "sender":
		return s.refuse(wrongSender)
	case id != "" && s.requestIDs[id]:
		return s.refuse(sentBefore)
	}
	to, how := castPhone(recipients[0].To)
	if how == useless {
		return s.refuse(wrongNumber)
	}
	s.requestIDs[id] = true
	ticket := "sms_" + otpsim.Random("0123456789abcdef", 13)
	s.Inbox.Deliver(otpsim.Message{
		ID: ticket, To: to, Channel: sms, Text: text, Code: otpsim.Passcode(text), SentAt: s.Clock.Now(),
		Callback: s.callback,
	})
	return otpsim.JSON(200, map[string]any{
		"sms_ticket": ticket, "number_of_contacts": 1, "total_cost": 0.05, "number_of_sms_needed": 1, "residual_credit": 10.5,
	})
}
