package otp_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

func receipt() otp.Receipt {
	return otp.Receipt{
		Provider: "main", ID: "2b4f8c", To: number, Channel: otp.SMS, Status: otp.ReceiptUndelivered,
		VendorStatus: "NOT_DELIVERED", VendorCode: "1404", Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}
}

func TestReceiptIsMaskedInEveryForm(t *testing.T) {
	r, all := receipt(), held(receipt())
	document, err := xml.Marshal(r)
	require.NoError(t, err)
	forms := []map[string]string{{"XML": string(document)}}
	for _, v := range []any{r, &r, all, &all} {
		forms = append(forms, printed(v), logForms(v), encoded(t, v))
	}
	for _, some := range forms {
		for _, form := range some {
			requireMasked(t, form)
		}
	}
	assert.Equal(t, `main 2b4f8c to +905*****67 by "sms": undelivered (NOT_DELIVERED 1404) at 2026-03-01T12:00:00Z`, r.String())
	r.ID = "two\nlines"
	assert.NotContains(t, r.String(), "\n")
}

func TestReceiptOfOnesOwnTypeSurvivesJSON(t *testing.T) {
	type stored otp.Receipt
	written, err := json.Marshal(stored(receipt()))
	require.NoError(t, err)
	assert.JSONEq(t, `{"provider": "main", "id": "2b4f8c", "to": "`+number+`", "channel": "sms", "status": "undelivered",
		"vendor_status": "NOT_DELIVERED", "vendor_code": "1404", "time": "2026-03-01T12:00:00Z"}`, string(written))
	var read stored
	require.NoError(t, json.Unmarshal(written, &read))
	assert.Equal(t, receipt(), otp.Receipt(read))
	assert.False(t, receipt().IsZero())
	assert.True(t, otp.Receipt{}.IsZero())
}

func TestStatusMovesForwardOnly(t *testing.T) {
	order := [][]otp.ReceiptStatus{
		{otp.ReceiptUnknown},
		{otp.ReceiptAccepted},
		{otp.ReceiptSent},
		{otp.ReceiptUndelivered, otp.ReceiptExpired},
		{otp.ReceiptDelivered},
		{otp.ReceiptRead},
		{otp.ReceiptVerified},
	}
	for i, earlier := range order {
		for j, later := range order {
			for _, a := range earlier {
				for _, b := range later {
					assert.Equal(t, j > i, b.After(a), "%s after %s", b, a)
				}
			}
		}
	}
}

func TestStatusHasText(t *testing.T) {
	for s := otp.ReceiptUnknown; s <= otp.ReceiptVerified; s++ {
		text, err := s.MarshalText()
		require.NoError(t, err)
		read := otp.ReceiptStatus(-1)
		require.NoError(t, read.UnmarshalText(text))
		assert.Equal(t, s, read)
	}
	for _, other := range []otp.ReceiptStatus{-1, otp.ReceiptVerified + 1} {
		assert.Equal(t, "unknown", other.String())
	}
	for _, text := range []string{"", "Delivered", "delivered ", "1"} {
		require.Error(t, new(otp.ReceiptStatus).UnmarshalText([]byte(text)), text)
	}
}

// matched collects what a matcher hands over.
type matched struct {
	mu       sync.Mutex
	receipts []string
	err      error
}

func (m *matched) handle(_ context.Context, v otp.Verification, r otp.Receipt) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.receipts = append(m.receipts, v.To+" "+r.ID+" "+r.Status.String())
	return m.err
}

func TestReceiptBeforeItsSendIsMatched(t *testing.T) {
	got := &matched{err: errors.New("the database is down")}
	matcher, ctx := otp.NewReceiptMatcher(got.handle), t.Context()
	v := otp.Verification{Provider: "main", ID: "token", To: number}
	for _, r := range []otp.Receipt{
		{Provider: "main", ID: "token", Status: otp.ReceiptSent},
		{Provider: "main", ID: "ticket", Status: otp.ReceiptDelivered},
		{Provider: "other", ID: "token", Status: otp.ReceiptUndelivered},
		{Provider: "main", Status: otp.ReceiptUndelivered},
	} {
		require.NoError(t, matcher.Receive(ctx, r))
	}
	assert.Empty(t, got.receipts)
	require.ErrorIs(t, matcher.Sent(ctx, v, "ticket", ""), got.err)
	assert.Equal(t, []string{number + " token sent", number + " ticket delivered"}, got.receipts)

	require.ErrorIs(t, matcher.Receive(ctx, otp.Receipt{Provider: "main", ID: "token", Status: otp.ReceiptRead}), got.err)
	assert.Len(t, got.receipts, 3, "once known, it is matched at once")
	require.NoError(t, matcher.Sent(ctx, v))
	assert.Len(t, got.receipts, 3, "early receipts are handed over once")
}

func TestMatcherForgetsTheOldest(t *testing.T) {
	got := new(matched)
	matcher := otp.NewReceiptMatcher(got.handle)
	receive := func(id string) {
		require.NoError(t, matcher.Receive(t.Context(), otp.Receipt{Provider: "main", ID: id}))
	}
	for i := range 1_001 {
		receive(fmt.Sprintf("early-%d", i))
	}
	for range 20 {
		receive("early-1000")
	}
	for i := range 10_001 {
		require.NoError(t, matcher.Sent(t.Context(), otp.Verification{Provider: "main", ID: fmt.Sprintf("sent-%d", i)}))
	}
	receive("sent-0")
	receive("sent-1")
	receive("sent-10000")
	require.NoError(t, matcher.Sent(t.Context(), otp.Verification{Provider: "main", ID: "early-0"}))
	assert.Len(t, got.receipts, 2)
	require.NoError(t, matcher.Sent(t.Context(), otp.Verification{Provider: "main", ID: "early-1000"}))
	assert.Len(t, got.receipts, 2+8, "and keeps few of one message")
}

func TestMatcherTakesManyCallsAtOnce(t *testing.T) {
	const sends = 200
	got := new(matched)
	matcher := otp.NewReceiptMatcher(got.handle)
	var wait sync.WaitGroup
	for i := range sends {
		id := fmt.Sprint(i)
		wait.Go(func() { _ = matcher.Sent(t.Context(), otp.Verification{Provider: "main", ID: id}) })
		wait.Go(func() { _ = matcher.Receive(t.Context(), otp.Receipt{Provider: "main", ID: id}) })
	}
	wait.Wait()
	assert.Len(t, got.receipts, sends)
}
