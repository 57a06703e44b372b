package otpotel_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otp-sdk/otp-go/otp"
)

// sending is a fake whose sends have IDs.
func sending() fake {
	n := 0
	return fake{name: "main", vendor: "insider", send: func(_ context.Context, req otp.SendRequest) (otp.Verification, error) {
		n++
		return otp.Verification{
			Provider: "main", ID: fmt.Sprintf("id-%d", n), To: req.To, Channel: otp.WhatsApp, SentAt: time.Now().Add(-20 * time.Second),
		}, nil
	}}
}

func TestReceiptsAreCountedForTheirSend(t *testing.T) {
	watched, told := watch(t, sending())
	for range 2 {
		_, err := watched.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
	}
	for _, r := range []otp.Receipt{
		{ID: "id-1", Status: otp.ReceiptSent},
		{ID: "id-1", Status: otp.ReceiptDelivered, Time: time.Now()},
		{ID: "id-2", Status: otp.ReceiptDelivered, Time: time.Now().Add(-time.Hour)}, // by a clock that is wrong
		{ID: "id-2", Status: otp.ReceiptRead, Time: time.Now()},
		{ID: "ticket", To: number, Status: otp.ReceiptDelivered, Time: time.Now()}, // by the number
		{ID: "elsewhere", To: "+33611223344", Channel: otp.SMS, Status: otp.ReceiptDelivered, Time: time.Now()},
		{ID: "elsewhere-2", Status: otp.ReceiptUndelivered, VendorCode: "1404"},
	} {
		r.Provider = "main"
		watched.Receipt(t.Context(), r)
	}
	watched.Receipt(t.Context(), otp.Receipt{Provider: number, ID: number, Channel: number})
	assert.Equal(t, []string{
		"otp.calling_code=+33 otp.channel=sms otp.status=delivered otp.vendor=insider: 1",
		"otp.calling_code=+90 otp.channel=whatsapp otp.status=delivered otp.vendor=insider: 3",
		"otp.calling_code=+90 otp.channel=whatsapp otp.status=read otp.vendor=insider: 1",
		"otp.calling_code=+90 otp.channel=whatsapp otp.status=sent otp.vendor=insider: 1",
		"otp.calling_code=unknown otp.channel=unknown otp.status=undelivered otp.vendor=insider: 1",
		"otp.calling_code=unknown otp.channel=unknown otp.status=unknown otp.vendor=unknown: 1",
	}, told.series("otp.receipts"))
	assert.Equal(t, []string{"otp.vendor=insider otp.vendor_code=1404: 1"}, told.series("otp.receipts.undelivered"))
	assert.Equal(t, []string{"otp.calling_code=+90 otp.channel=whatsapp otp.vendor=insider: 3"}, told.series("otp.delivery.duration"))
	for _, m := range told.metrics() {
		if data, ok := m.Data.(metricdata.Histogram[float64]); ok && m.Name == "otp.delivery.duration" {
			assert.InDelta(t, 40, data.DataPoints[0].Sum, 5, "twenty seconds, none and twenty")
		}
	}
}

func TestCodesOfVendorsMakeFewSeries(t *testing.T) {
	watched, told := watch(t, sending())
	for i := range 1_000 {
		watched.Receipt(t.Context(), otp.Receipt{Provider: "main", ID: "x", Status: otp.ReceiptExpired, VendorCode: fmt.Sprint(i)})
	}
	assert.Len(t, told.series("otp.receipts.undelivered"), 101)

	watched, told = watch(t, sending())
	for _, code := range []string{"", "NO-CREDITS", number, number[1:], "call " + number, "a\nb"} {
		watched.Receipt(t.Context(), otp.Receipt{Provider: "main", ID: "x", Status: otp.ReceiptUndelivered, VendorCode: code})
	}
	assert.Equal(t, []string{
		"otp.vendor=insider otp.vendor_code=NO-CREDITS: 1",
		"otp.vendor=insider otp.vendor_code=_OTHER: 4",
		"otp.vendor=insider otp.vendor_code=none: 1",
	}, told.series("otp.receipts.undelivered"))
}

func TestAReceiptOfAnOldSendIsCounted(t *testing.T) {
	watched, told := watch(t, sending())
	for range 10_001 {
		_, _ = watched.Send(t.Context(), otp.SendRequest{To: number})
	}
	watched.Receipt(t.Context(), otp.Receipt{Provider: "main", ID: "id-10001", Status: otp.ReceiptDelivered})
	assert.Equal(t, []string{"otp.calling_code=+90 otp.channel=whatsapp otp.vendor=insider: 1"}, told.series("otp.delivery.duration"))
	watched, told = watch(t, sending())
	watched.Receipt(t.Context(), otp.Receipt{Provider: "main", ID: "id-1", Status: otp.ReceiptDelivered})
	assert.Empty(t, told.series("otp.delivery.duration"))
	assert.Len(t, told.series("otp.receipts"), 1)
}
