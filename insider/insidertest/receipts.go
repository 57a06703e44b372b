package insidertest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

type webhook struct{ url, token string }

// WithReceipts reports what becomes of messages on WhatsApp to a URL, with a bearer token, as set
// in the panel ("Webhooks for OTP WhatsApp"). For SMS, that goes to the callback of each request.
func WithReceipts(url, token string) Option {
	return func(s *Server) error {
		s.webhook = webhook{url, token}
		return otpsim.CheckHeader(token)
	}
}

// smsRetries are when an unanswered call is repeated ("Send Transactional Single SMS").
var smsRetries = []time.Duration{ //nolint:gochecknoglobals // nothing changes it
	1 * time.Minute, 2 * time.Minute, 3 * time.Minute, 8 * time.Minute, 13 * time.Minute, 18 * time.Minute,
	28 * time.Minute, 38 * time.Minute, 48 * time.Minute, 60 * time.Minute,
}

func (s *Server) receipt(m otpsim.Message, status string) (otpsim.ReceiptCall, bool) {
	if m.Channel == sms {
		return smsEvent(m, status)
	}
	body, known := whatsAppEvent(m, status, s.Clock.Now())
	return otpsim.ReceiptCall{
		Header: http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + s.webhook.token}},
		Secret: "Authorization", Body: otpsim.JSON(0, body).Body,
	}, known
}

type object = map[string]any

// whatsAppEvent has the two bodies of the page. The place of Meta's status is invented.
func whatsAppEvent(m otpsim.Message, status string, now time.Time) (body object, known bool) {
	number := m.To[1:]
	switch status {
	case "sent":
		return object{
			"messaging_product": "whatsapp", "contacts": []object{{"input": m.To, "wa_id": number}},
			"messages": []object{{"id": "wamid." + m.ID}}, "key": m.ID,
		}, true
	case "delivered", "read":
		return object{"key": m.ID, "statuses": []object{{
			"id": "wamid." + m.ID, "status": status, "timestamp": strconv.FormatInt(now.Unix(), 10), "recipient_id": number,
		}}}, true
	case "undelivered":
		return object{"error": object{
			"message": "(#131026) Message undeliverable", "type": "OAuthException", "code": 131026, "fbtrace_id": "ExampleTrace1",
		}, "key": m.ID}, true
	default:
		return nil, false
	}
}

// smsEvent is that of the vendor's SMS API ("Webhooks for Transactional SMS").
func smsEvent(m otpsim.Message, status string) (otpsim.ReceiptCall, bool) {
	event := object{"id": m.ID, "uniqueArgs": object{}}
	switch status {
	case "accepted":
		event["event"], event["sendAt"] = "scheduled", m.SentAt.UTC().Format(time.RFC3339)
	case "sent":
		event["event"], event["partCount"] = "sent", 1
	case "delivered":
		event["event"] = "delivered"
	case "undelivered":
		event["event"], event["reason"] = "undelivered", object{"message": "Soft Bounce", "code": 1404}
	default:
		return otpsim.ReceiptCall{}, false
	}
	return otpsim.ReceiptCall{
		Header: http.Header{"Content-Type": {"application/json"}}, Body: otpsim.JSON(0, event).Body, Retries: smsRetries,
	}, true
}
