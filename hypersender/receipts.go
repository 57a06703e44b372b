package hypersender

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// ReceiverConfig is what [NewReceiver] needs. HeaderSecrets are the secrets of webhooks.
type ReceiverConfig = vendorkit.ReceiverConfig

// Receiver is the http.Handler that [NewReceiver] returns.
type Receiver = vendorkit.Receiver

// NewReceiver returns the handler for the webhooks of an instance and for the results of links.
//
//   - Webhooks of texts: enter Receiver.URL() in the dashboard, with one of HeaderSecrets as its
//     secret, and subscribe to message.ack alone: message.any brings the text, and with it the
//     code. Receipt.ID is the id of the message. Without HeaderSecrets webhooks are refused.
//   - Results of GenerateLink: see [Callbacks]. The status is otp.ReceiptVerified for a success,
//     and otp.ReceiptUnknown with the word "failed" otherwise. Nothing is signed: the result is a
//     hint that is as good as the secrecy of the URL.
//
// No event carries the UUID of RequestCode, so there is no receipt for the codes of Send.
func NewReceiver(cfg ReceiverConfig, handle otp.ReceiptHandler) (*Receiver, error) {
	link := func(path string, id func(reference string) string, status otp.ReceiptStatus, word string) vendorkit.Hook {
		return vendorkit.Hook{
			Path: path, Methods: []string{http.MethodGet, http.MethodPost},
			Read: func(c vendorkit.HookCall) (otp.Receipt, error) {
				return otp.Receipt{ID: id(c.Reference), Channel: otp.WhatsApp, Status: status, VendorStatus: word}, nil
			},
			Body: linkPage,
			AnswerHeader: http.Header{
				"Content-Type": {"text/html; charset=utf-8"}, "Referrer-Policy": {"no-referrer"}, "Cache-Control": {"no-store"},
			},
		}
	}
	return vendorkit.NewReceiver(vendor, cfg, handle,
		vendorkit.Hook{
			Methods: []string{http.MethodPost}, Header: "Authorization", Read: readEvent, Unreadable: http.StatusBadRequest,
			Body: `{"status":"ok"}`, AnswerHeader: http.Header{"Content-Type": {"application/json"}},
		},
		link(pathSuccess+"/{reference}", referenceOf, otp.ReceiptVerified, "verified"),
		link(pathFailed+"/{reference}", strings.Clone, otp.ReceiptUnknown, "failed"),
	)
}

// What stands in the URLs of a link.
const (
	pathSuccess = "success"
	pathFailed  = "failed"
)

const linkPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Done</title><p>You can close this page.</p></html>`

// Callbacks returns the URLs of one link for [GenerateLinkRequest], and the reference that its
// receipts have as their ID. Keep the reference beside the session that the link is for, take one
// receipt for it, and none after the link has expired.
//
// The vendor may send a person's browser to either URL. So the one for a success cannot be made
// from the other, nor from the reference: somebody who fails on purpose learns nothing that
// verifies.
func Callbacks(receiver *Receiver) (callback LinkCallback, reference string) {
	secret := rand.Text()
	reference = referenceOf(secret)
	return LinkCallback{
		Success: receiver.URL(pathSuccess, secret), Failed: receiver.URL(pathFailed, reference),
	}, reference
}

func referenceOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func readEvent(c vendorkit.HookCall) (otp.Receipt, error) {
	call, err := c.Object()
	event := call.Text("event")
	data, badData := call.Object("data")
	if err != nil || badData != nil || event == "" {
		return otp.Receipt{}, vendorkit.ErrUnreadable
	}
	if event == "message.ack" || event == "message.waiting" {
		return readAck(data)
	}
	r := otp.Receipt{
		ID: data.Scalar("id"), To: data.Text("to_phone_number"), Channel: otp.SMS,
		VendorStatus: event, VendorCode: data.Scalar("failure_reason"),
	}
	var at string
	switch event { // of a text that a phone has sent
	case "message.notification.scheduled":
		r.Status, at = otp.ReceiptAccepted, "created_at"
	case "message.phone.sent":
		r.Status, at = otp.ReceiptSent, "sent_at"
	case "message.phone.delivered":
		r.Status, at = otp.ReceiptDelivered, "delivered_at"
	case "message.send.failed":
		r.Status, at = otp.ReceiptUndelivered, "failed_at"
	case "message.send.expired":
		r.Status, at = otp.ReceiptExpired, "expired_at"
	default:
		return otp.Receipt{}, nil // not about what became of a text
	}
	if r.ID == "" {
		return otp.Receipt{}, vendorkit.ErrUnreadable
	}
	if strings.Contains(r.VendorCode, " ") {
		r.VendorCode = "" // a sentence
	}
	r.Time = localTime(data.Text(at), data.Text("timezone"))
	return r, nil
}

// readAck reads what became of a WhatsApp text. Of its id, which begins with the chat, a phone
// number, only the id of the message is kept, as in the answer to a text that was sent at once.
func readAck(data vendorkit.Object) (otp.Receipt, error) {
	payload, err := data.Object("payload")
	id := payload.Text("id")
	switch {
	case err != nil || id == "":
		return otp.Receipt{}, vendorkit.ErrUnreadable
	case string(payload.Get("fromMe")) == "false":
		return otp.Receipt{}, nil // about a text to us
	}
	chat, server, _ := strings.Cut(payload.Text("from"), "@")
	if server != "c.us" {
		chat = "" // not that of one person with a number
	}
	r := otp.Receipt{
		ID: id[strings.LastIndexByte(id, '_')+1:], To: chat, Channel: otp.WhatsApp, VendorStatus: payload.Text("ackName"),
	}
	r.Status = map[string]otp.ReceiptStatus{ // above 2 by inference
		"0": otp.ReceiptAccepted, "1": otp.ReceiptSent, "2": otp.ReceiptDelivered, "3": otp.ReceiptRead, "4": otp.ReceiptRead,
		"-1": otp.ReceiptUndelivered,
	}[payload.Scalar("ack")]
	return r, nil
}

// localTime reads a time in "GMT+2", "GMT+5:30" or an IANA zone. Zero = unreadable.
func localTime(text, zone string) time.Time {
	location, err := time.LoadLocation(zone)
	if offset, found := strings.CutPrefix(zone, "GMT"); found && offset != "" {
		hours, minutes, _ := strings.Cut(offset, ":")
		var east time.Duration
		east, err = time.ParseDuration(hours + "h" + cmp.Or(minutes, "0") + "m")
		location = time.FixedZone(zone, int(east/time.Second))
	}
	if err != nil || zone == "" || zone == "Local" {
		return time.Time{}
	}
	at, _ := time.ParseInLocation(time.DateTime, text, location)
	return at
}
