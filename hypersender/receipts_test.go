package hypersender_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const webhookHeader = "authorization: " + simtest.HeaderSecret

func receiver(t testing.TB) (*hypersender.Receiver, *simtest.Receipts) {
	t.Helper()
	got := new(simtest.Receipts)
	r, err := hypersender.NewReceiver(hypersender.ReceiverConfig{
		PublicURL: "https://shop.example/receipts", URLSecrets: []string{simtest.URLSecret},
		HeaderSecrets: []string{simtest.HeaderSecret},
	}, got.Handle)
	require.NoError(t, err)
	return r, got
}

const (
	ackEvent = `{ "event": "message.ack", "data": { "id": "evt_example0001", "event": "message.ack", "metadata": [], "me": { "id": "12025550100@c.us" },
	"payload": { "id": "true_12025550123@c.us_EXAMPLE0001", "from": "12025550123@c.us", "fromMe": true, "ack": 2, "ackName": "DEVICE" },
	"instanceId": "00000000-0000-4000-8000-000000000005", "userId": "00000000-0000-4000-8000-000000000006" } }`
	smsEvent = `{ "event": "message.phone.delivered", "data": { "id": "00000000-0000-4000-8000-000000000007", "request_id": "00000000-0000-4000-8000-000000000008",
	"from_phone_number": "+12025550100", "to_phone_number": "+12025550123", "content": "123456", "delivered_at": "2025-01-22 20:04:06",
	"failure_reason": null, "timezone": "GMT+2", "status": "delivered", "type": "sent_to_mobile" } }`
)

func TestAcksAreRead(t *testing.T) {
	for ack, want := range map[string]otp.ReceiptStatus{
		"0": otp.ReceiptAccepted, "1": otp.ReceiptSent, "2": otp.ReceiptDelivered, "3": otp.ReceiptRead, "4": otp.ReceiptRead,
		"-1": otp.ReceiptUndelivered, `"2"`: otp.ReceiptDelivered, "9": otp.ReceiptUnknown, "null": otp.ReceiptUnknown,
	} {
		r, got := receiver(t)
		w := simtest.Call(r, http.MethodPost, r.URL(), webhookHeader, strings.Replace(ackEvent, `"ack": 2`, `"ack": `+ack, 1))
		assert.Equal(t, 200, w.Code)
		assert.Equal(t, `{"status":"ok"}`, w.Body.String())
		assert.Equal(t, otp.Receipt{
			Provider: "hypersender", ID: "EXAMPLE0001", To: "+12025550123", Channel: otp.WhatsApp, Status: want, VendorStatus: "DEVICE",
		}, got.TakeOne(), ack)
	}
	for _, chat := range []string{"12025550123@g.us", "12025550123@lid", "12025550123", ""} {
		r, got := receiver(t)
		simtest.Call(r, http.MethodPost, r.URL(), webhookHeader, strings.Replace(ackEvent, `"from": "12025550123@c.us"`, `"from": "`+chat+`"`, 1))
		receipt := got.TakeOne()
		assert.Equal(t, "EXAMPLE0001", receipt.ID)
		assert.Empty(t, receipt.To, chat)
	}
}

func TestEventsOfSMSAreRead(t *testing.T) {
	for event, want := range map[string]otp.ReceiptStatus{
		"message.notification.scheduled": otp.ReceiptAccepted, "message.phone.sent": otp.ReceiptSent,
		"message.phone.delivered": otp.ReceiptDelivered, "message.send.failed": otp.ReceiptUndelivered,
		"message.send.expired": otp.ReceiptExpired,
	} {
		r, got := receiver(t)
		body := strings.Replace(smsEvent, "message.phone.delivered", event, 1)
		assert.Equal(t, 200, simtest.Call(r, http.MethodPost, r.URL(), webhookHeader, body).Code)
		receipt := got.TakeOne()
		if event == "message.phone.delivered" {
			assert.Equal(t, time.Date(2025, 1, 22, 18, 4, 6, 0, time.UTC), receipt.Time)
			receipt.Time = time.Time{}
		}
		assert.Equal(t, otp.Receipt{
			Provider: "hypersender", ID: "00000000-0000-4000-8000-000000000007", To: "+12025550123", Channel: otp.SMS,
			Status: want, VendorStatus: event,
		}, receipt)
	}
	for reason, code := range map[string]string{`"NO_SERVICE"`: "NO_SERVICE", `"the phone is off"`: "", "17": "17", "{}": ""} {
		r, got := receiver(t)
		simtest.Call(r, http.MethodPost, r.URL(), webhookHeader, strings.Replace(smsEvent, `"failure_reason": null`, `"failure_reason": `+reason, 1))
		assert.Equal(t, code, got.TakeOne().VendorCode, reason)
	}
}

func TestTimesOfAPhoneHaveItsZone(t *testing.T) {
	for zone, hour := range map[string]int{
		"GMT+2": 18, "GMT-3": 23, "GMT+0": 20, "GMT": 20, "UTC": 20, "GMT+5:30": 14, "GMT+14": 6, "Asia/Tokyo": 11,
		"": -1, "Local": -1, "GMT+x": -1, "Nowhere/Town": -1, "../../etc/passwd": -1,
	} {
		r, got := receiver(t)
		simtest.Call(r, http.MethodPost, r.URL(), webhookHeader, strings.Replace(smsEvent, "GMT+2", zone, 1))
		receipt := got.TakeOne()
		if hour < 0 {
			assert.Zero(t, receipt.Time, "that of arrival")
			continue
		}
		assert.Equal(t, hour, receipt.Time.Hour(), zone)
	}
}

func TestResultsOfLinksAreRead(t *testing.T) {
	r, got := receiver(t)
	callback, reference := hypersender.Callbacks(r)
	want := otp.Receipt{Provider: "hypersender", ID: reference, Channel: otp.WhatsApp, VendorStatus: "failed"}
	w := simtest.Call(r, http.MethodPost, callback.Failed, "", "anything")
	assert.Equal(t, want, got.TakeOne())
	assert.Equal(t, "no-referrer", w.Header().Get("Referrer-Policy"))
	assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	assert.Contains(t, w.Body.String(), "You can close this page.")

	assert.Equal(t, 200, simtest.Call(r, http.MethodHead, callback.Success, "", "").Code)
	assert.Empty(t, got.Take(), "HEAD reports nothing")
	want.Status, want.VendorStatus = otp.ReceiptVerified, "verified"
	assert.Equal(t, 200, simtest.Call(r, http.MethodGet, callback.Success, "", "").Code)
	assert.Equal(t, want, got.TakeOne())
	for _, url := range []string{callback.Success, callback.Failed} {
		assert.Equal(t, 200, simtest.Call(r, http.MethodGet, url, "", "").Code)
	}
	assert.Empty(t, got.Take(), "a link has one result")

	assert.NotContains(t, callback.Success, reference, "who fails must not be able to make the other URL")
	simtest.Call(r, http.MethodGet, strings.Replace(callback.Failed, "/failed/", "/success/", 1), "", "")
	assert.NotEqual(t, reference, got.TakeOne().ID)

	_, other := hypersender.Callbacks(r)
	assert.NotEqual(t, reference, other)
	assert.Equal(t, 404, simtest.Call(r, http.MethodGet, "/wrong-secret-01234567/success/"+other, "", "").Code)
	assert.Empty(t, got.Take())
}

func TestOtherEventsReportNothing(t *testing.T) {
	r, got := receiver(t)
	for body, want := range map[string]int{
		``: 400, `x`: 400, `{}`: 400, `{"event": "message.ack"}`: 400, `{"event": "message.ack", "data": []}`: 400,
		`{"event": "message.phone.sent", "data": {}}`:                                                 400, // it has no id
		`{"event": "message.any", "data": {"payload": {"id": "true_1_2", "ack": 2, "body": "1234"}}}`: 200,
		`{"event": "phone.heartbeat.online", "data": {}}`:                                             200,
		strings.Replace(ackEvent, `"fromMe": true`, `"fromMe": false`, 1):                             200,
	} {
		assert.Equal(t, want, simtest.Call(r, http.MethodPost, r.URL(), webhookHeader, body).Code, body)
	}
	for _, header := range []string{"", "authorization: x-sms-webhook", "authorization: Bearer " + simtest.HeaderSecret} {
		assert.Equal(t, 401, simtest.Call(r, http.MethodPost, r.URL(), header, ackEvent).Code)
	}
	assert.Empty(t, got.Take())
}

func TestReceiptsOfTheSimulator(t *testing.T) {
	got := new(simtest.Receipts)
	var r *hypersender.Receiver
	simtest.Mount(t, func(publicURL string) http.Handler {
		var err error
		r, err = hypersender.NewReceiver(hypersender.ReceiverConfig{
			PublicURL: publicURL, URLSecrets: []string{simtest.URLSecret}, HeaderSecrets: []string{simtest.HeaderSecret},
		}, got.Handle)
		require.NoError(t, err)
		return r
	})
	srv := hypersendertest.NewServer(
		hypersendertest.WithReceipts(r.URL(), simtest.HeaderSecret), hypersendertest.WithQuirks(hypersendertest.Quirks{DirectTexts: true}))
	defer srv.Close()
	srv.Receipts()
	c, err := hypersender.New(hypersender.Config{Instance: srv.Instance, Token: srv.Token, AppName: "Shop", BaseURL: srv.URL})
	require.NoError(t, err)
	resp, err := c.SendWhatsApp(t.Context(), otp.Text{To: phone, Body: "123456 is your code."})
	require.NoError(t, err)
	receipt := got.Reported(t, srv.Server, phone, otpsim.Receipt{Status: "accepted"})[0]
	assert.Equal(t, resp.UUID, receipt.ID, "the id of a text that was sent at once")
	assert.Equal(t, phone, receipt.To)
	got.Forward(t, srv.Server, phone, otp.ReceiptSent, otp.ReceiptUndelivered, otp.ReceiptDelivered, otp.ReceiptRead)

	callback, reference := hypersender.Callbacks(r)
	link, err := c.GenerateLink(t.Context(), hypersender.GenerateLinkRequest{
		Message: hypersender.LinkMessage{Prompt: "a", Success: "b", Failed: "c", Expired: "d"}, Callback: callback,
	})
	require.NoError(t, err)
	assert.True(t, srv.FinishLink(link.UUID, false))
	assert.False(t, srv.FinishLink(link.UUID, true), "a link has one result")
	receipt = got.TakeOne()
	assert.Equal(t, reference, receipt.ID)
	assert.Equal(t, "failed", receipt.VendorStatus)
}

// FuzzReceipts: what is handed over is fit to be stored and printed, and holds no text.
func FuzzReceipts(f *testing.F) {
	f.Add(ackEvent)
	f.Add(smsEvent)
	f.Fuzz(func(t *testing.T, body string) {
		r, got := receiver(t)
		require.Contains(t, []int{200, 400, 413}, simtest.Call(r, http.MethodPost, r.URL(), webhookHeader, body).Code)
		for _, receipt := range got.Take() {
			simtest.RequireFit(t, receipt)
		}
	})
}
