package kaleyratest

import (
	"net/http"
	"net/url"
	"regexp"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

var oneNumber = regexp.MustCompile(`\A\+[1-9][0-9]{6,14}\z`)

// sms sends a text of the caller's own, a form: POST /v1/{sid}/sms (sms-api-send-otp-sms). No page
// prints an answer: they are as public users of the call read them.
func (s *Server) sms(_ *http.Request, body []byte) otpsim.Answer {
	form, err := url.ParseQuery(string(body))
	for _, name := range []string{"to", "type", "sender", "body"} {
		if err != nil || form.Get(name) == "" || name == "to" && !oneNumber.MatchString(form.Get(name)) {
			return otpsim.JSON(http.StatusBadRequest, map[string]any{"error": map[string]string{name: "is not valid"}})
		}
	}
	id, to, text := otpsim.UUID(), form.Get("to"), form.Get("body")
	s.Inbox.Deliver(otpsim.Message{
		ID: id, To: to, Channel: "sms", Text: text, Code: otpsim.Passcode(text), SentAt: s.Clock.Now(),
		Callback: s.callback(form.Get("callback_profile_id")),
	})
	return otpsim.JSON(http.StatusAccepted, map[string]any{
		"id": id, "data": []map[string]string{{"recipient": to, "messageId": id + ":1"}}, "totalCount": 1, "error": nil,
	})
}

func smsRecipient(_ *http.Request, body []byte) string {
	form, _ := url.ParseQuery(string(body))
	return form.Get("to")
}
