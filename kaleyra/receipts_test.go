package kaleyra_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
)

const receiptHeader = kaleyra.ReceiptHeader + ": " + simtest.HeaderSecret

func receiver(t testing.TB) (*kaleyra.Receiver, *simtest.Receipts) {
	t.Helper()
	got := new(simtest.Receipts)
	r, err := kaleyra.NewReceiver(kaleyra.ReceiverConfig{
		PublicURL: "https://shop.example/receipts", URLSecrets: []string{simtest.URLSecret},
		HeaderSecrets: []string{simtest.HeaderSecret},
	}, got.Handle)
	require.NoError(t, err)
	return r, got
}

func TestReceiptsOfAProfileAreRead(t *testing.T) {
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for body, want := range map[string]otp.Receipt{
		`{"id": "4d3d:1", "to": "12025550123", "status": "Delivered", "trace": "DELIVRD", "time": "1735689600"}`: {
			To: "+12025550123", Status: otp.ReceiptDelivered, VendorStatus: "Delivered", VendorCode: "DELIVRD", Time: at,
		},
		`{"id": "4d3d", "to": "+12025550123", "status": "Undelivered", "trace": "EXPIRED", "time": 1735689600000}`: {
			To: "+12025550123", Status: otp.ReceiptExpired, VendorStatus: "Undelivered", VendorCode: "EXPIRED", Time: at,
		},
		`{"id": "4d3d:0", "status": "Odd", "trace": "SENT - NO DLR", "time": "2025-01-01T02:00:00+02:00"}`: {
			Status: otp.ReceiptSent, VendorStatus: "Odd", VendorCode: "SENT - NO DLR", Time: at,
		},
		`{"id": "4d3d:0", "status": "Odd", "time": "2025-01-01 02:00:00"}`: {VendorStatus: "Odd"},
	} {
		r, got := receiver(t)
		assert.Equal(t, 200, simtest.Call(r, http.MethodPost, r.URL(), receiptHeader, body).Code)
		want.Provider, want.ID, want.Channel = "kaleyra", "4d3d", otp.SMS
		assert.Equal(t, want, got.TakeOne(), body)
	}
}

func TestReceiptsOfWhatsAppAreRead(t *testing.T) {
	r, got := receiver(t)
	assert.Equal(t, 200, simtest.Call(r, http.MethodHead, r.URL()+"?id=0&status=sent", "", "").Code, "as GET")
	assert.Empty(t, got.Take(), "and reports nothing")
	for status, want := range map[string]otp.ReceiptStatus{
		"0": otp.ReceiptUndelivered, "sent": otp.ReceiptSent, "delivered": otp.ReceiptDelivered, "read": otp.ReceiptRead,
		"warming": otp.ReceiptUnknown,
	} {
		assert.Equal(t, 200, simtest.Call(r, http.MethodGet, r.URL()+"?id=00000000-"+status+"%3A0&status="+status, "", "").Code)
		assert.Equal(t, otp.Receipt{
			Provider: "kaleyra", ID: "00000000-" + status, Channel: otp.WhatsApp, Status: want, VendorStatus: status,
		}, got.TakeOne())
	}
}

func TestEveryStatusIsRead(t *testing.T) {
	for want, words := range map[otp.ReceiptStatus][]string{
		otp.ReceiptSent:      {"Sent", "SUBMITTED", "EnRoute", "AWAITED-DLR", "SENT - NO DLR", "sent-no-dlr", "NO-DLR-OPTR"},
		otp.ReceiptDelivered: {"Delivered", "DELIVRD"},
		otp.ReceiptRead:      {"read"},
		otp.ReceiptExpired:   {"EXPIRED"},
		otp.ReceiptUndelivered: {
			"0", "Failed", "UnDelivered", "NotSent", "NOT-SENT", "NO-CREDITS", "NOTALLOWED", "BLACKLIST", "CON-DND", "DNDNUMB",
			"INVALID-SUB", "MOB-OFF", "TEMPLATE-NOT-FOUND", "OPT-OUT", "KYC-NOT-APPROVED",
		},
		otp.ReceiptUnknown: {"1", "whatever"},
	} {
		for _, word := range words {
			r, got := receiver(t)
			simtest.Call(r, http.MethodPost, r.URL(), receiptHeader, `{"id": 1, "status": "`+word+`"}`)
			assert.Equal(t, want, got.TakeOne().Status, word)
		}
	}
}

func TestOtherCallsReportNothing(t *testing.T) {
	r, got := receiver(t)
	for _, body := range []string{"", "{}", "x", `{"id": "1"}`, `{"status": "Sent"}`, `{"id": "1", "id": "2", "status": "Sent"}`} {
		assert.Equal(t, 400, simtest.Call(r, http.MethodPost, r.URL(), receiptHeader, body).Code, body)
	}
	assert.Equal(t, 401, simtest.Call(r, http.MethodPost, r.URL(), "", `{"id": "1", "status": "Sent"}`).Code)
	assert.Equal(t, 401, simtest.Call(r, http.MethodPost, r.URL()+"?id=1&status=sent", "", "").Code)
	assert.Equal(t, 400, simtest.Call(r, http.MethodGet, r.URL()+"?id=1", "", "").Code)
	assert.Equal(t, 200, simtest.Call(r, http.MethodGet, r.URL(), "", "").Code)
	assert.Equal(t, 404, simtest.Call(r, http.MethodGet, "/wrong?id=1&status=sent", "", "").Code)
	assert.Empty(t, got.Take())
}

func TestReceiptsOfTheSimulator(t *testing.T) {
	got := new(simtest.Receipts)
	var r *kaleyra.Receiver
	simtest.Mount(t, func(publicURL string) http.Handler {
		var err error
		r, err = kaleyra.NewReceiver(kaleyra.ReceiverConfig{
			PublicURL: publicURL, URLSecrets: []string{simtest.URLSecret}, HeaderSecrets: []string{simtest.HeaderSecret},
		}, got.Handle)
		require.NoError(t, err)
		return r
	})
	srv := kaleyratest.NewServer(kaleyratest.WithReceipts("IN_1", r.URL(), kaleyra.ReceiptHeader, simtest.HeaderSecret))
	defer srv.Close()
	srv.Receipts()
	for _, profile := range []string{"IN_1", "", "IN_2"} {
		c, err := kaleyra.New(kaleyra.Config{
			SID: srv.SID, APIKey: srv.APIKey, SMSSender: "EXAMPL", BaseURL: srv.URL, SMSCallbackProfileID: profile,
		})
		require.NoError(t, err)
		_, err = c.SendSMS(t.Context(), text)
		require.NoError(t, err)
		if message, _ := srv.Inbox.Last(text.To); profile != "IN_1" {
			assert.Empty(t, message.Callback)
			continue
		}
		got.Forward(t, srv.Server, text.To, otp.ReceiptSent, otp.ReceiptExpired, otp.ReceiptDelivered)
	}
}

// FuzzReceipts: what is handed over is fit to be stored and printed.
func FuzzReceipts(f *testing.F) {
	f.Add(`{"id": "4d3d:1", "to": "12025550123", "status": "Delivered", "trace": "DELIVRD", "time": "1735689600"}`, "4d3d:0", "read")
	f.Fuzz(func(t *testing.T, body, id, status string) {
		r, got := receiver(t)
		query := url.Values{"id": {id}, "status": {status}}.Encode()
		require.Contains(t, []int{200, 400, 413}, simtest.Call(r, http.MethodPost, r.URL(), receiptHeader, body).Code)
		require.Contains(t, []int{200, 400}, simtest.Call(r, http.MethodGet, r.URL()+"?"+query, "", "").Code)
		for _, receipt := range got.Take() {
			simtest.RequireFit(t, receipt)
		}
	})
}
