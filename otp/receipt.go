package otp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Receipt is what a vendor reports later about a send: whether it arrived. The handlers of the
// vendors make them, see insider.NewReceiver.
//
// A receipt is a hint and no proof, because no vendor signs it. It never says that a code was
// right: only [Provider.Verify] does.
//
// Printing, logging or encoding it, in whatever form, masks the number, as with [SendRequest]. To
// store one, convert it to a type of your own, which has the fields and their JSON names without
// the methods:
//
//	type storedReceipt otp.Receipt
type Receipt struct {
	// Provider is the name of the instance whose account reports.
	Provider string `json:"provider"`

	// ID is the vendor's reference to the message, as the answer to the send has it, or the
	// reference in the URL that the send brought. "" = the vendor gives none.
	ID string `json:"id,omitempty"`

	// To is the recipient, E.164. "" = the vendor does not say.
	To string `json:"to,omitempty"`

	// Channel is how the message travels. "" = not known.
	Channel Channel `json:"channel,omitempty"`

	// Status is what became of the message.
	Status ReceiptStatus `json:"status"`

	// VendorStatus is the vendor's word for it, at most 64 printable ASCII characters:
	// "NOT_DELIVERED".
	VendorStatus string `json:"vendor_status,omitempty"`

	// VendorCode is the vendor's reason, in the same form: "1404". "" = none.
	VendorCode string `json:"vendor_code,omitempty"`

	// Time is when it happened, in UTC: the vendor's time where it has a zone, else when the
	// receipt arrived.
	Time time.Time `json:"time,omitzero"`
}

// ReceiptHandler takes a receipt. Its context ends when the vendor has to be answered. An error
// says that the receipt was not taken; a vendor that repeats its calls then sends it again.
type ReceiptHandler func(ctx context.Context, r Receipt) error

// IsZero reports whether r is empty: nothing was reported.
func (r Receipt) IsZero() bool { return r == Receipt{} }

// String describes r on one line, with its number masked.
func (r Receipt) String() string {
	return fmt.Sprintf("%s %s to %s by %q: %s (%s %s) at %s", oneLine(r.Provider), oneLine(r.ID), Mask(r.To),
		string(r.Channel), r.Status, oneLine(r.VendorStatus), oneLine(r.VendorCode), timeText(r.Time))
}

// GoString is String: the %#v form would show the number.
func (r Receipt) GoString() string { return r.String() }

// Format serves every verb of package fmt.
func (r Receipt) Format(s fmt.State, verb rune) { formatMasked(s, verb, r.String, r.GoString) }

// LogValue is the structured form for log/slog, with the number masked.
func (r Receipt) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("provider", r.Provider), slog.String("id", r.ID), slog.String("to", Mask(r.To)),
		slog.String("channel", string(r.Channel)), slog.String("status", r.Status.String()),
		slog.String("vendor_status", r.VendorStatus), slog.String("vendor_code", r.VendorCode),
		slog.Time("time", r.Time),
	)
}

// MarshalText is String, for encoders of text such as XML and YAML.
func (r Receipt) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// GobEncode is String.
func (r Receipt) GobEncode() ([]byte, error) { return r.MarshalText() }

// MarshalJSON has the fields of r with the number masked.
func (r Receipt) MarshalJSON() ([]byte, error) {
	type masked Receipt
	r.To = Mask(r.To)
	return json.Marshal(masked(r))
}

// ReceiptStatus is what became of a message.
type ReceiptStatus int

// The statuses, in the order in which they replace each other, see [ReceiptStatus.After]. Receipts
// may come late, twice, and in any order.
const (
	ReceiptUnknown     ReceiptStatus = iota // the vendor says nothing that is known
	ReceiptAccepted                         // the vendor has the message, and has not sent it on
	ReceiptSent                             // an operator, or WhatsApp, has it
	ReceiptUndelivered                      // it will not arrive
	ReceiptExpired                          // it did not arrive in time
	ReceiptDelivered                        // the phone has it
	ReceiptRead                             // the person has opened it
	ReceiptVerified                         // the person has used a link: a hint, not a verified code
)

var statusTexts = [...]string{ //nolint:gochecknoglobals // nothing changes it
	"unknown", "accepted", "sent", "undelivered", "expired", "delivered", "read", "verified",
}

// After reports whether s replaces earlier: a stored status only moves forward, so that what comes
// late or twice changes nothing. Undelivered and expired are on a par, and delivered replaces both:
// one message may reach a second phone.
func (s ReceiptStatus) After(earlier ReceiptStatus) bool { return s.rank() > earlier.rank() }

func (s ReceiptStatus) rank() int {
	if s == ReceiptExpired {
		s = ReceiptUndelivered
	}
	return int(s)
}

// String returns "unknown", "accepted", "sent", "undelivered", "expired", "delivered", "read" or
// "verified".
func (s ReceiptStatus) String() string {
	if s < 0 || int(s) >= len(statusTexts) {
		s = ReceiptUnknown
	}
	return statusTexts[s]
}

// MarshalText is String.
func (s ReceiptStatus) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes, and nothing else.
func (s *ReceiptStatus) UnmarshalText(text []byte) error {
	for i, known := range statusTexts {
		if known == string(text) {
			*s = ReceiptStatus(i)
			return nil
		}
	}
	return errors.New(`otp: a receipt's status is one of "unknown", "accepted", "sent", "undelivered", "expired", ` +
		`"delivered", "read", "verified"`)
}
