package smsfactortest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"time"

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

// WithReceipts reports on codes (invented) and texts to a URL, as in the client area (callbacks).
func WithReceipts(url string) Option {
	return func(s *Server) error { s.callback = url; return nil }
}

// receipt is an acknowledge receipt; the vendor waits one second for the answer (page callbacks).
func (s *Server) receipt(m otpsim.Message, status string) (otpsim.ReceiptCall, bool) {
	word := map[string]string{
		"accepted": "PROCESSED", "sent": "ACK", "delivered": "DELIVERED", "undelivered": "NOT_DELIVERED", "read": "READ", "expired": "EXPIRED",
	}[status]
	channel, _, _ := strings.Cut(m.Channel, "_")
	return otpsim.ReceiptCall{
		Header: http.Header{"Content-Type": {"application/json"}}, Within: time.Second,
		Body: otpsim.JSON(0, map[string]any{
			"channel": channel, "message_id": cmp.Or(m.Note, m.ID), "list_name": "", "number": m.To, "status": word,
			"unit_price": 0.05, "delivery_date": s.Clock.Now().UTC().Format(time.DateTime), "meta_data": map[string]any{},
		}).Body,
	}, word != ""
}
