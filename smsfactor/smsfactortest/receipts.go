package smsfactortest

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// WithReceipts reports what becomes of codes and texts to a URL, as set in the client area (page
// callbacks). That codes have receipts, with their ticket as message_id, is invented.
func WithReceipts(url string) Option {
	return func(s *Server) error { s.callback = url; return nil }
}

// receipt is an acknowledge receipt (pages acknowledge-receipt and get_callbacks-statuses). The
// vendor waits one second for the answer (page callbacks).
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
