package hypersendertest

import (
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// sendText queues a WhatsApp text of the caller's own (page send-text, of the WhatsApp API; it stands
// here below the same base URL). The Code of the message is what looks like one in the text.
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
