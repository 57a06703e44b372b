package insider

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// ReceiverConfig is what [NewReceiver] needs. HeaderSecrets are the bearer tokens of the panel.
type ReceiverConfig = vendorkit.ReceiverConfig

// Receiver is the http.Handler that [NewReceiver] returns.
type Receiver = vendorkit.Receiver

// NewReceiver returns the handler for the events of an account.
//
//   - WhatsApp: enter Receiver.URL() in the panel, in the settings of WhatsApp, for the API type
//     "Verify", with one of HeaderSecrets as its bearer token. Receipt.ID is Verification.ID.
//     Without HeaderSecrets these events are refused.
//   - SMS: the URL is part of each send, see [ReportTo]. Receipt.ID is Verification.ID. With
//     [Callback] and Receiver.URL(reference) it is that reference. That Verify calls the URL is
//     documented in a sample only; the events, and ten repeats within the hour, are those of the
//     vendor's SMS API ("Send Transactional Single SMS").
//
// Nothing is signed, so a receipt is a hint. Delivered is reported for one device: another may
// fail, and some messages never get a report ("Webhooks for OTP WhatsApp").
func NewReceiver(cfg ReceiverConfig, handle otp.ReceiptHandler) (*Receiver, error) {
	return vendorkit.NewReceiver(vendor, cfg, handle,
		vendorkit.Hook{Methods: []string{http.MethodPost}, Header: "Authorization", Prefix: "Bearer ", Read: readWhatsAppEvent},
		vendorkit.Hook{Path: "{reference}", Read: readSMSEvent, Repeats: true},
	)
}

// ReportTo makes the vendor report to receiver what becomes of this send. On SMS it is a [Callback]
// with a reference that becomes Verification.ID. On WhatsApp the panel has the URL.
func ReportTo(receiver *Receiver) otp.SendOption {
	return vendorkit.Option(vendor, func(r *GenerateRequest) error {
		if receiver == nil {
			return vendorkit.Invalid("receiver", "must not be nil")
		}
		if r.Channel == otp.SMS {
			r.reference = otp.RandomID(true)
			r.Callback = receiver.URL(r.reference)
		}
		return nil
	})
}

// readWhatsAppEvent reads an event ("Webhooks for OTP WhatsApp"). The page shows two without a
// status; the others are Meta's with a key. Where their status stands is by inference.
func readWhatsAppEvent(c vendorkit.HookCall) (otp.Receipt, error) {
	event, err := c.Object()
	r := otp.Receipt{ID: event.Text("key"), Channel: otp.WhatsApp}
	if err != nil || r.ID == "" {
		return otp.Receipt{}, vendorkit.ErrUnreadable
	}
	if event.Has("error") {
		failure, _ := event.Object("error") // of what is no object there is no code
		r.Status, r.VendorStatus, r.VendorCode = otp.ReceiptUndelivered, "error", failure.Scalar("code")
		return r, nil
	}
	if status, found := metaStatus(event); found {
		return withMetaStatus(r, status), nil
	}
	message, _ := event.First("messages")
	contact, _ := event.First("contacts")
	if message.Text("id") != "" {
		r.Status = otp.ReceiptSent
		r.To = cmp.Or(contact.Text("input"), contact.Text("wa_id"))
	}
	return r, nil
}

// metaStatus finds the status at the top, in statuses, or where Meta nests it.
func metaStatus(event vendorkit.Object) (status vendorkit.Object, found bool) {
	if event.Has("status") {
		return event, true
	}
	entry, _ := event.First("entry")
	change, _ := entry.First("changes")
	value, _ := change.Object("value")
	for _, o := range []vendorkit.Object{event, value} {
		if status, _ := o.First("statuses"); status.Has("status") {
			return status, true
		}
	}
	return vendorkit.Object{}, false
}

func withMetaStatus(r otp.Receipt, status vendorkit.Object) otp.Receipt {
	r.VendorStatus, r.To = status.Text("status"), status.Text("recipient_id")
	if seconds, err := strconv.ParseInt(status.Scalar("timestamp"), 10, 64); err == nil {
		r.Time = time.Unix(seconds, 0)
	}
	failure, _ := status.First("errors")
	r.VendorCode = failure.Scalar("code")
	r.Status = map[string]otp.ReceiptStatus{
		"sent": otp.ReceiptSent, "delivered": otp.ReceiptDelivered, "read": otp.ReceiptRead, "failed": otp.ReceiptUndelivered,
	}[strings.ToLower(r.VendorStatus)]
	return r
}

// readSMSEvent reads an event ("Webhooks for Transactional SMS"). A call without one is how the
// vendor tests the URL before it sends ("Send Transactional Single SMS").
func readSMSEvent(c vendorkit.HookCall) (otp.Receipt, error) {
	if len(c.Body) == 0 {
		return otp.Receipt{}, nil
	}
	event, err := c.Object()
	r := otp.Receipt{ID: c.Reference, Channel: otp.SMS, VendorStatus: event.Text("event")}
	if err != nil || r.VendorStatus == "" {
		return otp.Receipt{}, vendorkit.ErrUnreadable
	}
	reason, _ := event.Object("reason")
	r.VendorCode = reason.Scalar("code")
	word := strings.ToLower(r.VendorStatus)
	if word == "undelivered" && strings.Contains(strings.ToLower(reason.Text("message")), "unknown") {
		return r, nil
	}
	r.Status = map[string]otp.ReceiptStatus{
		"scheduled": otp.ReceiptAccepted, "sent": otp.ReceiptSent, "delivered": otp.ReceiptDelivered,
		"failed": otp.ReceiptUndelivered, "undelivered": otp.ReceiptUndelivered,
	}[word]
	return r, nil
}
