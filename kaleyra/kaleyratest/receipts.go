package kaleyratest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// profile is a callback profile.
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

// callback is where the receipts of a text go that names a profile.
func (s *Server) callback(profileID string) string {
	if profileID == "" || profileID != s.profile.id {
		return ""
	}
	return s.profile.url
}

// receipt is a call of the profile. Its repetitions, and what stands for the time, are invented:
// the page leaves them to the account's owner.
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
