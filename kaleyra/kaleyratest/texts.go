package kaleyratest

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

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

type profile struct{ id, url, header, secret string }

// WithReceipts makes a callback profile, as in the dashboard (create-callback-profile-for-sms):
// what becomes of texts that name it goes to the URL, with the secret in the header. Its method is
// POST, and its body is
//
//	{"id": <message id>, "to": <mobile number>, "status": <status>,
//	"trace": <status trace>, "time": <timestamp>}
//
// The codes of Verify have no receipts. See Server.Receipts of package otpsim.
func WithReceipts(profileID, url, header, secret string) Option {
	return func(s *Server) error {
		s.profile = profile{profileID, url, header, secret}
		return otpsim.CheckHeader(secret)
	}
}

func (s *Server) callback(profileID string) string {
	if profileID == "" || profileID != s.profile.id {
		return ""
	}
	return s.profile.url
}

// receipt is a call of the profile. Its repetitions and its time are invented.
func (s *Server) receipt(m otpsim.Message, status string) (otpsim.ReceiptCall, bool) {
	word := map[string][2]string{
		"sent": {"Sent", "SUBMITTED"}, "delivered": {"Delivered", "DELIVRD"},
		"undelivered": {"Undelivered", "MOB-OFF"}, "expired": {"Undelivered", "EXPIRED"},
	}[status]
	header := http.Header{"Content-Type": {"application/json"}}
	header.Set(s.profile.header, s.profile.secret)
	return otpsim.ReceiptCall{
		Header: header, Secret: s.profile.header,
		Body: otpsim.JSON(0, map[string]string{
			"id": m.ID + ":1", "to": m.To[1:], "status": word[0], "trace": word[1], "time": strconv.FormatInt(s.Clock.Now().Unix(), 10),
		}).Body,
		Retries: []time.Duration{10 * time.Second, 20 * time.Second, 30 * time.Second},
	}, word[0] != ""
}
