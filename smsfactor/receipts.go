package smsfactor

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// ReceiverConfig is what [NewReceiver] needs. The vendor sends no header: no HeaderSecrets.
type ReceiverConfig = vendorkit.ReceiverConfig

// Receiver is the http.Handler that [NewReceiver] returns.
type Receiver = vendorkit.Receiver

// NewReceiver returns the handler for the delivery receipts of an account ("Callbacks"). Enter
// Receiver.URL() in the client area, in the menu "Callbacks". Replies and opt-outs that come to it
// are answered and dropped.
//
// Receipt.ID is the number of the message: SMSResponse.Ticket of a text, for a code most likely
// what [Ticket] keeps. That codes raise receipts is not documented; texts do, as SMS Premium.
//
// The only authentication is the secret in the URL. The vendor is said to switch off a URL that
// does not answer within a second, so every call with the secret is answered 200.
func NewReceiver(cfg ReceiverConfig, handle otp.ReceiptHandler) (*Receiver, error) {
	return vendorkit.NewReceiver(vendor, cfg, handle,
		vendorkit.Hook{Methods: []string{http.MethodPost}, Read: readReceipt})
}

type fields func(name string) string

func fieldsOf(c vendorkit.HookCall) (fields, error) {
	if object, err := c.Object(); err == nil {
		return object.Scalar, nil
	}
	if form, err := url.ParseQuery(string(bytes.TrimSpace(c.Body))); err == nil {
		return form.Get, nil
	}
	return nil, vendorkit.ErrUnreadable
}

// readReceipt reads an acknowledge receipt ("Acknowledge receipt"). Its date has no zone.
func readReceipt(c vendorkit.HookCall) (otp.Receipt, error) {
	get, err := fieldsOf(c)
	if err != nil {
		return otp.Receipt{}, err
	}
	r := otp.Receipt{ID: get("message_id"), To: get("number"), VendorStatus: get("status")}
	switch {
	case get("answer_date") != "" || get("stop_date") != "" || get("channel") == "email":
		return otp.Receipt{}, nil // a reply, an opt-out, an e-mail
	case r.ID == "" || r.VendorStatus == "":
		return otp.Receipt{}, vendorkit.ErrUnreadable
	}
	switch channel := strings.ToLower(get("channel")); {
	case channel == "sms" || channel == "text_sms":
		r.Channel = otp.SMS
	case strings.HasPrefix(channel, "voice") || strings.HasPrefix(channel, "vocal"):
		r.Channel = otp.Voice
	case channel == "whatsapp":
		r.Channel = otp.WhatsApp
	}
	r.Status, r.VendorCode = statusOf(r.VendorStatus)
	return r, nil
}

// statusOf reads the statuses of "Acknowledge receipt" and more. Reasons are the code, too.
func statusOf(word string) (status otp.ReceiptStatus, code string) {
	switch word = strings.ToUpper(word); word {
	case "PROCESSED":
		return otp.ReceiptAccepted, ""
	case "ACK", "TRANSMITTED", "ISP_SEND":
		return otp.ReceiptSent, ""
	case "DELIVERED":
		return otp.ReceiptDelivered, ""
	case "READ", "OPENED", "CLICKED":
		return otp.ReceiptRead, ""
	case "NOT_DELIVERED":
		return otp.ReceiptUndelivered, ""
	case "NOT_ALLOWED", "BAD_DESTINATION", "BLACKLISTED_NUMBER", "ANTI_FLOODING", "SPAM_PRESUMPTION":
		return otp.ReceiptUndelivered, word
	case "EXPIRED":
		return otp.ReceiptExpired, ""
	default:
		return otp.ReceiptUnknown, ""
	}
}
