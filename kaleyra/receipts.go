package kaleyra

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// ReceiptHeader is the header of a callback profile with one of ReceiverConfig.HeaderSecrets.
const ReceiptHeader = "X-Receipt-Secret"

// ReceiverConfig is what [NewReceiver] needs. HeaderSecrets are what [ReceiptHeader] holds.
type ReceiverConfig = vendorkit.ReceiverConfig

// Receiver is the http.Handler that [NewReceiver] returns.
type Receiver = vendorkit.Receiver

// NewReceiver returns the handler for the receipts of texts of your own. No page documents any for
// the codes of Verify.
//
//   - SMS: make a callback profile in the dashboard ("Create Callback Profile for SMS"), with the
//     method POST, Receiver.URL() as its URL, the header [ReceiptHeader], and this JSON body with
//     the dashboard's variables on the right; its id is [Config.SMSCallbackProfileID]. Receipt.ID
//     is SMSResponse.ID.
//
//     {"id": <message id>, "to": <mobile number>, "status": <status>,
//     "trace": <status trace>, "time": <timestamp>}
//
//   - WhatsApp, version 1: Receiver.URL() as callback_url. The vendor calls it with GET, and with
//     id and status in the query, as public users of the call read it.
//
// The suffix of an id that numbers the recipient, ":0" or ":1", is left out.
func NewReceiver(cfg ReceiverConfig, handle otp.ReceiptHandler) (*Receiver, error) {
	return vendorkit.NewReceiver(vendor, cfg, handle,
		vendorkit.Hook{
			Methods: []string{http.MethodPost}, Header: ReceiptHeader, Read: readProfile,
			Unreadable: http.StatusBadRequest, Repeats: true,
		},
		vendorkit.Hook{
			Methods: []string{http.MethodGet}, Read: readQuery, Unreadable: http.StatusBadRequest, Repeats: true,
		},
	)
}

func readProfile(c vendorkit.HookCall) (otp.Receipt, error) {
	body, err := c.Object()
	if err != nil {
		return otp.Receipt{}, vendorkit.ErrUnreadable
	}
	r, err := receipt(body.Scalar("id"), body.Scalar("status"))
	r.To, r.Channel, r.VendorCode, r.Time = body.Scalar("to"), otp.SMS, body.Scalar("trace"), timestamp(body.Scalar("time"))
	if trace := statusOf(r.VendorCode); r.Status == otp.ReceiptUnknown || trace == otp.ReceiptExpired {
		r.Status = trace // the finer of the two
	}
	return r, err
}

func readQuery(c vendorkit.HookCall) (otp.Receipt, error) {
	if c.Request.URL.RawQuery == "" {
		return otp.Receipt{}, nil // somebody tests the URL
	}
	query := c.Request.URL.Query()
	r, err := receipt(query.Get("id"), query.Get("status"))
	r.Channel = otp.WhatsApp
	return r, err
}

var recipientNumber = regexp.MustCompile(`:[0-9]+\z`)

func receipt(id, status string) (otp.Receipt, error) {
	if id == "" || status == "" {
		return otp.Receipt{}, vendorkit.ErrUnreadable
	}
	if at := recipientNumber.FindStringIndex(id); at != nil {
		id = id[:at[0]]
	}
	return otp.Receipt{ID: id, VendorStatus: status, Status: statusOf(status)}, nil
}

// timestamp reads seconds or milliseconds since 1970, and RFC 3339. Other texts have no zone.
func timestamp(text string) time.Time {
	const latestSeconds = 1e11 // what is larger are milliseconds
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 {
		if n > latestSeconds {
			return time.UnixMilli(n)
		}
		return time.Unix(n, 0)
	}
	t, _ := time.Parse(time.RFC3339, text)
	return t
}

// statusOf reads "SMS Callback", "SMS API Status", and known traces, without blanks, "-" and "_".
func statusOf(word string) otp.ReceiptStatus {
	word = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -_", r) {
			return -1
		}
		return r
	}, strings.ToUpper(word))
	switch word {
	case "SENT", "SUBMITTED", "ENROUTE", "AWAITEDDLR", "SENTNODLR", "NODLROPTR":
		return otp.ReceiptSent
	case "DELIVERED", "DELIVRD":
		return otp.ReceiptDelivered
	case "READ":
		return otp.ReceiptRead
	case "EXPIRED":
		return otp.ReceiptExpired
	case "0", "FAILED", "UNDELIVERED", "NOTSENT", "NOCREDITS", "NOTALLOWED", "BLACKLIST", "CONDND", "DNDNUMB",
		"INVALIDSUB", "MOBOFF", "TEMPLATENOTFOUND", "OPTOUT", "KYCNOTAPPROVED":
		return otp.ReceiptUndelivered
	default:
		return otp.ReceiptUnknown
	}
}
