package smsfactor_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/smsfactor"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

func receiver(t testing.TB) (*smsfactor.Receiver, *simtest.Receipts) {
	t.Helper()
	got := new(simtest.Receipts)
	r, err := smsfactor.NewReceiver(smsfactor.ReceiverConfig{
		Provider: "octopush-eu", PublicURL: "https://shop.example/receipts", URLSecrets: []string{simtest.URLSecret},
	}, got.Handle)
	require.NoError(t, err)
	return r, got
}

const delivered = `{
	"channel": "sms", "message_id": "sms_0000000000001", "list_name": "", "number": "+33639980001",
	"status": "DELIVERED", "unit_price": 0.05, "delivery_date": "2025-01-22 11:46:06", "meta_data": {}
}`

func TestReceiptsAreRead(t *testing.T) {
	for body, want := range map[string]otp.Receipt{
		delivered: {To: "+33639980001", Channel: otp.SMS, Status: otp.ReceiptDelivered, VendorStatus: "DELIVERED"},
		`{"message_id": "sms_0000000000001", "number": "33639980001", "status": "ack", "meta_data": []}`: {
			To: "+33639980001", Status: otp.ReceiptSent, VendorStatus: "ack",
		},
		`{"channel": "voice", "message_id": "sms_0000000000001", "status": "NOT_DELIVERED", "pressed_keys_code": "123456"}`: {
			Channel: otp.Voice, Status: otp.ReceiptUndelivered, VendorStatus: "NOT_DELIVERED",
		},
		"channel=whatsapp&message_id=sms_0000000000001&number=%2B33639980001&status=READ&delivery_date=x\n": {
			To: "+33639980001", Channel: otp.WhatsApp, Status: otp.ReceiptRead, VendorStatus: "READ",
		},
	} {
		r, got := receiver(t)
		w := simtest.Call(r, http.MethodPost, r.URL(), "", body)
		assert.Equal(t, 200, w.Code)
		assert.Empty(t, w.Header())
		assert.Empty(t, w.Body.String())
		want.Provider, want.ID = "octopush-eu", "sms_0000000000001"
		assert.Equal(t, want, got.TakeOne(), body)
	}
}

func TestEveryStatusIsRead(t *testing.T) {
	for word, want := range map[string]otp.Receipt{
		"PROCESSED": {Status: otp.ReceiptAccepted}, "ACK": {Status: otp.ReceiptSent}, "TRANSMITTED": {Status: otp.ReceiptSent},
		"ISP_SEND": {Status: otp.ReceiptSent}, "DELIVERED": {Status: otp.ReceiptDelivered}, "READ": {Status: otp.ReceiptRead},
		"OPENED": {Status: otp.ReceiptRead}, "CLICKED": {Status: otp.ReceiptRead}, "NOT_DELIVERED": {Status: otp.ReceiptUndelivered},
		"NOT_ALLOWED":        {Status: otp.ReceiptUndelivered, VendorCode: "NOT_ALLOWED"},
		"BAD_DESTINATION":    {Status: otp.ReceiptUndelivered, VendorCode: "BAD_DESTINATION"},
		"BLACKLISTED_NUMBER": {Status: otp.ReceiptUndelivered, VendorCode: "BLACKLISTED_NUMBER"},
		"ANTI_FLOODING":      {Status: otp.ReceiptUndelivered, VendorCode: "ANTI_FLOODING"},
		"SPAM_PRESUMPTION":   {Status: otp.ReceiptUndelivered, VendorCode: "SPAM_PRESUMPTION"},
		"EXPIRED":            {Status: otp.ReceiptExpired}, "UNKNOWN_DELIVERY": {}, "UNDEFINED": {}, "SOMETHING_NEW": {},
	} {
		r, got := receiver(t)
		simtest.Call(r, http.MethodPost, r.URL(), "", `{"message_id": 1, "status": "`+word+`"}`)
		want.Provider, want.ID, want.VendorStatus = "octopush-eu", "1", word
		assert.Equal(t, want, got.TakeOne(), word)
	}
}

func TestOtherCallsReportNothing(t *testing.T) {
	r, got := receiver(t)
	for _, body := range []string{
		"", "<html>", "{}", `{"message_id": "1"}`, `{"message_id": {}, "status": []}`, `{"message_id": "1", "status": "ACK"`, "%zz",
		`{"message_id": "1", "status": "ACK", "answer_date": "x"}`, `{"message_id": "1", "status": "ACK", "stop_date": "x"}`,
		`{"channel": "email", "deliveries": [{"email": "a@b.example", "status": "OPENED"}]}`,
	} {
		assert.Equal(t, 200, simtest.Call(r, http.MethodPost, r.URL(), "", body).Code, body)
	}
	assert.Equal(t, 200, simtest.Call(r, http.MethodGet, r.URL(), "", "").Code, "the vendor advises to test with GET")
	assert.Equal(t, 404, simtest.Call(r, http.MethodPost, r.URL()+"x", "", delivered).Code)
	assert.Empty(t, got.Take())
}

func TestReceiptsOfTheSimulator(t *testing.T) {
	got := new(simtest.Receipts)
	var r *smsfactor.Receiver
	simtest.Mount(t, func(publicURL string) http.Handler {
		var err error
		r, err = smsfactor.NewReceiver(smsfactor.ReceiverConfig{PublicURL: publicURL, URLSecrets: []string{simtest.URLSecret}}, got.Handle)
		require.NoError(t, err)
		return r
	})
	srv := smsfactortest.NewServer(smsfactortest.WithReceipts(r.URL()))
	defer srv.Close()
	srv.Receipts()
	c, err := smsfactor.New(smsfactor.Config{APILogin: srv.APILogin, APIKey: srv.APIKey, BaseURL: srv.URL})
	require.NoError(t, err)
	for _, channel := range []otp.Channel{otp.SMS, otp.Voice} {
		_, err = c.Send(t.Context(), otp.SendRequest{To: phone, Channel: channel})
		require.NoError(t, err)
		got.Forward(t, srv.Server, phone, otp.ReceiptAccepted, otp.ReceiptSent, otp.ReceiptExpired, otp.ReceiptDelivered, otp.ReceiptRead)
	}
	resp, err := c.SendSMS(t.Context(), otp.Text{To: phone, Body: "123456 is your code."})
	require.NoError(t, err)
	receipt := got.Reported(t, srv.Server, phone, otpsim.Receipt{Status: "undelivered"})[0]
	assert.Equal(t, resp.Ticket, receipt.ID)
	assert.Equal(t, phone, receipt.To)
}

// FuzzReceipts: every call with the secret is answered 200, and what is handed over is fit to be
// stored and printed.
func FuzzReceipts(f *testing.F) {
	f.Add(delivered)
	f.Add("channel=sms&message_id=sms_1&status=ACK")
	f.Fuzz(func(t *testing.T, body string) {
		r, got := receiver(t)
		require.Equal(t, 200, simtest.Call(r, http.MethodPost, r.URL(), "", body).Code)
		for _, receipt := range got.Take() {
			simtest.RequireFit(t, receipt)
		}
	})
}
