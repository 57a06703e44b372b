package insider_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const bearer = "Authorization: Bearer " + simtest.HeaderSecret

func receiver(t testing.TB) (*insider.Receiver, *simtest.Receipts) {
	t.Helper()
	got := new(simtest.Receipts)
	return receiverFor(t, got.Handle), got
}

func receiverFor(t testing.TB, handle otp.ReceiptHandler) *insider.Receiver {
	t.Helper()
	r, err := insider.NewReceiver(insider.ReceiverConfig{
		PublicURL: "https://shop.example/receipts/insider", URLSecrets: []string{simtest.URLSecret},
		HeaderSecrets: []string{simtest.HeaderSecret},
	}, handle)
	require.NoError(t, err)
	return r
}

const (
	whatsAppSent = `{"messaging_product": "whatsapp", "contacts": [{"input": "+12025550123", "wa_id": "12025550123"}],
		"messages": [{"id": "wamid.EXAMPLE0001"}], "key": "k1"}`
	whatsAppRefused = `{"error": {"message": "(#131026) Example", "type": "OAuthException", "code": 131026,
		"fbtrace_id": "ExampleTrace1"}, "key": "k1"}`
	metaStatus = `{"id": "wamid.1", "status": "%s", "timestamp": "1735689600", "recipient_id": "12025550123", "errors": [{"code": 131047}]}`
)

func TestWhatsAppEventsAreRead(t *testing.T) {
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	meta := func(status otp.ReceiptStatus, word string) otp.Receipt {
		return otp.Receipt{To: "+12025550123", Status: status, VendorStatus: word, VendorCode: "131047", Time: at}
	}
	delivered := fmt.Sprintf(metaStatus, "delivered")
	for body, want := range map[string]otp.Receipt{
		whatsAppSent:                                         {To: "+12025550123", Status: otp.ReceiptSent},
		whatsAppRefused:                                      {Status: otp.ReceiptUndelivered, VendorStatus: "error", VendorCode: "131026"},
		`{"key": "k1", "error": "no"}`:                       {Status: otp.ReceiptUndelivered, VendorStatus: "error"},
		`{"key": "k1", "status": "Read"}`:                    {Status: otp.ReceiptRead, VendorStatus: "Read"},
		`{"key": "k1", "status": "warning"}`:                 {VendorStatus: "warning"},
		`{"key": "k1", "something": []}`:                     {},
		`{"key": "k1", "statuses": [` + delivered + `, {}]}`: meta(otp.ReceiptDelivered, "delivered"),
		`{"key": "k1", "entry": [{"changes": [{"value": {"statuses": [` + fmt.Sprintf(metaStatus, "failed") + `]}}]}]}`: meta(otp.ReceiptUndelivered, "failed"),
		`{"key": "k1", ` + fmt.Sprintf(metaStatus, "sent")[1:]:                                                          meta(otp.ReceiptSent, "sent"),
	} {
		r, got := receiver(t)
		w := simtest.Call(r, http.MethodPost, r.URL(), bearer, body)
		assert.Equal(t, 200, w.Code)
		assert.Empty(t, w.Body.String())
		want.Provider, want.ID, want.Channel = "insider", "k1", otp.WhatsApp
		assert.Equal(t, want, got.TakeOne(), body)
	}
}

func TestSMSEventsAreRead(t *testing.T) {
	for event, want := range map[string]otp.Receipt{
		`"event": "scheduled", "sendAt": "2025-01-01T00:00:00Z"`:                                      {Status: otp.ReceiptAccepted, VendorStatus: "scheduled"},
		`"event": "sent", "partCount": 1`:                                                             {Status: otp.ReceiptSent, VendorStatus: "sent"},
		`"event": "delivered"`:                                                                        {Status: otp.ReceiptDelivered, VendorStatus: "delivered"},
		`"event": "failed", "reason": {"code": "1500"}`:                                               {Status: otp.ReceiptUndelivered, VendorStatus: "failed", VendorCode: "1500"},
		`"event": "undelivered", "reason": {"message": "Soft Bounce", "code": 1404}`:                  {Status: otp.ReceiptUndelivered, VendorStatus: "undelivered", VendorCode: "1404"},
		`"event": "undelivered", "reason": {"message": "Unknown Delivery", "code": 1}, "reason2": {}`: {VendorStatus: "undelivered", VendorCode: "1"},
		`"event": "clicked"`:                                                                          {VendorStatus: "clicked"},
	} {
		r, got := receiver(t)
		body := `{"id": "sms-a0000000-0000-0000-0000-000000000004", "uniqueArgs": {"ref": "r-1"}, ` + event + `}`
		assert.Equal(t, 200, simtest.Call(r, http.MethodPost, r.URL("ref-1"), "", body).Code)
		want.Provider, want.ID, want.Channel = "insider", "ref-1", otp.SMS
		assert.Equal(t, want, got.TakeOne(), body)
	}
}

func TestProbesAndForeignCallsReportNothing(t *testing.T) {
	r, got := receiver(t)
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS"} {
		for _, body := range []string{"", "{}", "hello", `{"event": 1}`, "[]"} {
			assert.Equal(t, 200, simtest.Call(r, method, r.URL("ref-1"), "", body).Code, method+body)
		}
	}
	for body, want := range map[string]int{`{}`: 200, `{"key": 1}`: 200, `{"key": "a", "key": "b"}`: 200, `x`: 200} {
		assert.Equal(t, want, simtest.Call(r, http.MethodPost, r.URL(), bearer, body).Code, body)
	}
	assert.Equal(t, 401, simtest.Call(r, http.MethodPost, r.URL(), "", whatsAppSent).Code)
	assert.Equal(t, 404, simtest.Call(r, http.MethodPost, "/"+simtest.HeaderSecret+"/ref-1", "", `{"event": "sent"}`).Code)
	assert.Empty(t, got.Take())
}

func TestReportToNamesTheVerification(t *testing.T) {
	r, _ := receiver(t)
	v := answering(202, sentSMS)
	c := client(t, v)
	req := otp.SendRequest{To: phone, Options: []otp.SendOption{insider.ReportTo(r)}}
	for range 2 {
		sent, err := c.Send(t.Context(), req)
		require.NoError(t, err)
		assert.False(t, sent.HasReference())
		assert.Contains(t, v.requests[len(v.requests)-1].body, `"callback":"`+r.URL(sent.ID)+`"`)
	}
	assert.NotEqual(t, v.requests[0].body, v.requests[1].body, "each send has a reference of its own")

	v = answering(500, "")
	lost, err := client(t, v).Send(t.Context(), req)
	require.Error(t, err)
	assert.Contains(t, v.requests[0].body, r.URL(lost.ID), "a send whose answer was lost is matched as well")

	v = answering(202, sentWhatsApp)
	req.Channel = otp.WhatsApp
	_, err = client(t, v).Send(t.Context(), req)
	require.NoError(t, err)
	assert.NotContains(t, v.requests[0].body, "callback")

	req.Options = []otp.SendOption{insider.ReportTo(nil)}
	_, err = c.Send(t.Context(), req)
	require.ErrorIs(t, err, otp.ErrInvalidRequest)
}

// reporting is a simulator that reports to a handler.
func reporting(t *testing.T, quirks insidertest.Quirks, handle otp.ReceiptHandler) (srv *insidertest.Server, send func(otp.Channel) otp.Verification) {
	t.Helper()
	var r *insider.Receiver
	simtest.Mount(t, func(publicURL string) http.Handler {
		var err error
		r, err = insider.NewReceiver(insider.ReceiverConfig{
			PublicURL: publicURL, URLSecrets: []string{simtest.URLSecret}, HeaderSecrets: []string{simtest.HeaderSecret},
		}, handle)
		require.NoError(t, err)
		return r
	})
	srv = insidertest.NewServer(insidertest.WithReceipts(r.URL(), simtest.HeaderSecret), insidertest.WithQuirks(quirks))
	t.Cleanup(srv.Close)
	srv.Receipts()
	c, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL})
	require.NoError(t, err)
	return srv, func(channel otp.Channel) otp.Verification {
		v, err := c.Send(t.Context(), otp.SendRequest{To: phone, Channel: channel, Options: []otp.SendOption{insider.ReportTo(r)}})
		require.NoError(t, err)
		return v
	}
}

func TestReceiptsOfTheSimulator(t *testing.T) {
	got := new(simtest.Receipts)
	srv, send := reporting(t, insidertest.Quirks{ProbeCallback: true}, got.Handle)
	v := send(otp.SMS)
	require.Equal(t, v.ID, got.Reported(t, srv.Server, phone, otpsim.Receipt{Status: "accepted"})[0].ID)
	got.Forward(t, srv.Server, phone, otp.ReceiptSent, otp.ReceiptUndelivered, otp.ReceiptDelivered)
	v = send(otp.WhatsApp)
	require.Equal(t, v.ID, got.Reported(t, srv.Server, phone, otpsim.Receipt{Status: "sent"})[0].ID)
	got.Forward(t, srv.Server, phone, otp.ReceiptUndelivered, otp.ReceiptDelivered, otp.ReceiptRead)
}

func TestVendorRepeatsWhatWasNotTaken(t *testing.T) {
	var tries atomic.Int32
	got := new(simtest.Receipts)
	srv, send := reporting(t, insidertest.Quirks{}, func(ctx context.Context, r otp.Receipt) error {
		if tries.Add(1) <= 10 {
			return errors.New("the database is down")
		}
		return got.Handle(ctx, r)
	})
	send(otp.SMS)
	got.Reported(t, srv.Server, phone, otpsim.Receipt{Status: "delivered"})
	assert.Equal(t, 503, srv.ReceiptAnswers()[0].Code)
	srv.Clock.Advance(59 * time.Minute)
	require.Eventually(t, func() bool { return len(srv.ReceiptAnswers()) == 10 }, 10*time.Second, time.Millisecond)
	assert.Empty(t, got.Take())
	srv.Clock.Advance(time.Minute)
	require.Eventually(t, func() bool { return len(srv.ReceiptAnswers()) == 11 }, 10*time.Second, time.Millisecond)
	assert.Equal(t, 200, srv.ReceiptAnswers()[10].Code)
	assert.Equal(t, otp.ReceiptDelivered, got.TakeOne().Status)
}

func TestCallbackThatIsNotThereIsRefused(t *testing.T) {
	srv := insidertest.NewServer(insidertest.WithQuirks(insidertest.Quirks{ProbeCallback: true}))
	defer srv.Close()
	c, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL})
	require.NoError(t, err)
	_, err = c.Send(t.Context(), otp.SendRequest{To: phone, Options: []otp.SendOption{insider.Callback("http://127.0.0.1:1/x")}})
	require.ErrorIs(t, err, otp.ErrInvalidRequest)
}

// FuzzReceipts: whatever comes, with the right secrets it is answered 200, and what is handed over
// is fit to be stored and printed.
func FuzzReceipts(f *testing.F) {
	for _, body := range []string{whatsAppSent, whatsAppRefused, fmt.Sprintf(metaStatus, "read"), `{"event":"undelivered","reason":{"code":1404}}`} {
		f.Add(body, true)
		f.Add(body, false)
	}
	f.Fuzz(func(t *testing.T, body string, onWhatsApp bool) {
		r, got := receiver(t)
		url := r.URL("ref-1")
		if onWhatsApp {
			url = r.URL()
		}
		require.Equal(t, 200, simtest.Call(r, http.MethodPost, url, bearer, body).Code)
		for _, receipt := range got.Take() {
			simtest.RequireFit(t, receipt)
		}
	})
}

const mostAllocations = 12

// The handler alone: the request and the recorder are used again, and every receipt is a new one.
func receiving(tb testing.TB) func() {
	tb.Helper()
	r := receiverFor(tb, func(context.Context, otp.Receipt) error { return nil })
	req := httptest.NewRequest(http.MethodPost, r.URL(), nil)
	req.Header.Set("Authorization", "Bearer "+simtest.HeaderSecret)
	body := []byte(`{"key": "0123456789", "statuses": [` + fmt.Sprintf(metaStatus, "delivered") + `]}`)
	w, reader, n := httptest.NewRecorder(), new(bytes.Reader), 1_000_000_000
	req.Body = noClose{reader}
	return func() {
		n++
		_ = strconv.AppendInt(body[:len(`{"key": "`)], int64(n), 10)
		reader.Reset(body)
		r.ServeHTTP(w, req)
	}
}

type noClose struct{ *bytes.Reader }

func (noClose) Close() error { return nil }

func TestReceivingAllocatesLittle(t *testing.T) {
	receive, least := receiving(t), math.Inf(1) // pools of the race detector forget now and then
	for range 500 {
		least = min(least, testing.AllocsPerRun(1, receive))
	}
	assert.LessOrEqual(t, least, float64(mostAllocations))
}

func BenchmarkReceipts(b *testing.B) {
	receive := receiving(b)
	b.ReportAllocs()
	for b.Loop() {
		receive()
	}
}
