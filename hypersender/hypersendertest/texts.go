package hypersendertest

import (
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// sendText queues a WhatsApp text of the caller's own (page send-text, of another base URL).
func (s *Server) sendText(_ *http.Request, body []byte) otpsim.Answer {
	object, err := otpsim.ParseObject(body)
	if err != nil {
		return refuseStatus(http.StatusBadRequest)
	}
	to, text := phoneOf(object.String("chatId")), object.String("text")
	for field, missing := range map[string]bool{"chatId": to == "", "text": text == ""} {
		if missing {
			return otpsim.JSON(http.StatusUnprocessableEntity, errorBody{
				Message: invalidData, Errors: map[string][]string{field: {"The " + field + " field is required."}},
			})
		}
	}
	id := otpsim.UUID()
	s.Inbox.Deliver(otpsim.Message{
		ID: id, To: to, Channel: "whatsapp", Text: text, Code: otpsim.Passcode(text), SentAt: s.Clock.Now(),
		Callback: s.webhook.url,
	})
	if s.quirks.DirectTexts {
		return otpsim.JSON(http.StatusOK, map[string]any{
			"key":    map[string]any{"remoteJid": to[1:] + "@s.whatsapp.net", "fromMe": true, "id": id},
			"status": "PENDING", "message": map[string]any{"extendedTextMessage": map[string]string{"text": text}},
		})
	}
	return otpsim.JSON(http.StatusOK, map[string]any{
		"queued": true, "message": "The request is queued.", "queued_request_uuid": id,
		"queued_request_link": s.URL + "/" + s.Instance + "/queued-requests/" + id,
	})
}

type webhook struct{ url, secret string }

// WithReceipts reports what becomes of texts to a URL, with the secret of the webhook.
func WithReceipts(url, secret string) Option {
	return func(s *Server) error {
		s.webhook = webhook{url, secret}
		return otpsim.CheckHeader(secret)
	}
}

// receipt is the event message.ack (fixture message-ack.json of the official client).
func (s *Server) receipt(m otpsim.Message, status string) (otpsim.ReceiptCall, bool) {
	ack, known := map[string]int{"accepted": 0, "sent": 1, "delivered": 2, "read": 3, "undelivered": -1}[status]
	name := map[int]string{-1: "ERROR", 0: "PENDING", 1: "SERVER", 2: "DEVICE", 3: "READ"}[ack]
	chat := m.To[1:] + "@c.us"
	type object = map[string]any
	return otpsim.ReceiptCall{
		Header: http.Header{
			"Content-Type": {"application/json"}, "Authorization": {s.webhook.secret}, "X-Instanceid": {s.Instance},
		},
		Secret: "Authorization",
		Body: otpsim.JSON(0, object{"event": "message.ack", "data": object{
			"id": "evt_" + otpsim.UUID(), "event": "message.ack", "metadata": []string{}, "me": object{"id": businessNumber + "@c.us"},
			"payload":    object{"id": "true_" + chat + "_" + m.ID, "from": chat, "fromMe": true, "ack": ack, "ackName": name},
			"instanceId": s.Instance,
		}}).Body,
	}, known
}

type links struct{ success, failed string }

const mostLinks = 10_000

// FinishLink lets the person of a link send its message, or fail to: it calls the success or the
// failed URL of the request by POST (invented). It is false for a link that is unknown or finished.
func (s *Server) FinishLink(uuid string, verified bool) bool {
	s.linksLock.Lock()
	link, found := s.links[uuid]
	delete(s.links, uuid)
	s.linksLock.Unlock()
	url := link.failed
	if verified {
		url = link.success
	}
	if found && url != "" {
		s.Call(otpsim.ReceiptCall{URL: url})
	}
	return found
}

func (s *Server) keepLink(uuid string, link links) {
	s.linksLock.Lock()
	defer s.linksLock.Unlock()
	if len(s.links) < mostLinks {
		s.links[uuid] = link
	}
}
