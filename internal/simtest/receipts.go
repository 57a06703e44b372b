package simtest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Secrets of a handler of receipts.
const (
	URLSecret    = "url-canary-0123456789-0123456789"    //nolint:gosec // opens nothing
	HeaderSecret = "header-canary-0123456789-0123456789" //nolint:gosec // likewise
)

// Receipts collects what a handler of receipts hands over.
type Receipts struct {
	mu   sync.Mutex
	list []otp.Receipt
}

// Handle is the callback.
func (l *Receipts) Handle(_ context.Context, r otp.Receipt) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, r)
	return nil
}

// Take returns what came since the last Take.
func (l *Receipts) Take() []otp.Receipt {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	return list
}

// TakeOne returns the only receipt of a call, without a time of arrival; zero = none or several.
func (l *Receipts) TakeOne() otp.Receipt {
	list := l.Take()
	if len(list) != 1 {
		return otp.Receipt{}
	}
	if time.Since(list[0].Time) < time.Minute {
		list[0].Time = time.Time{}
	}
	return list[0]
}

// Call calls a handler as a vendor does. header is "Name: value", or "".
func Call(handler http.Handler, method, url, header, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if name, value, found := strings.Cut(header, ": "); found {
		req.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, req)
	return w
}

// RequireFit fails unless a receipt is fit to be stored and printed.
func RequireFit(t testing.TB, r otp.Receipt) {
	t.Helper()
	_, err := json.Marshal(r)
	isStrange := func(c rune) bool { return c < ' ' || c > '~' }
	if err != nil || r.ID+r.To == "" || len(r.ID) > 256 || len(r.VendorStatus) > 64 || len(r.VendorCode) > 64 ||
		strings.ContainsFunc(r.ID+r.VendorStatus+r.VendorCode, isStrange) || r.To != "" && otp.CheckRecipient(r.To) != nil {
		t.Fatalf("unfit: %v", r)
	}
}

// Mount serves a handler of receipts that is made for its address.
func Mount(t testing.TB, open func(publicURL string) http.Handler) {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.Handle("/receipts/", open(server.URL+"/receipts"))
}

// Reported lets a simulator report on the newest text of a phone, and returns what was handed over.
func (l *Receipts) Reported(t testing.TB, srv *otpsim.Server, to string, receipts ...otpsim.Receipt) []otp.Receipt {
	t.Helper()
	want := len(srv.ReceiptAnswers()) + len(receipts)
	srv.Report(to, receipts...)
	for range 5_000 {
		if len(srv.ReceiptAnswers()) >= want {
			return l.Take()
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("the simulator has not called")
	return nil
}

// Forward checks that a simulator and a handler have the same words for statuses, and that nothing
// changes what is late, repeated or forged. statuses are those that the vendor has, in their order.
func (l *Receipts) Forward(t testing.TB, srv *otpsim.Server, to string, statuses ...otp.ReceiptStatus) {
	t.Helper()
	for i, status := range statuses {
		calls := []otpsim.Receipt{{Status: "delivered", Forged: true}, {Status: status.String()}, {Status: status.String()}}
		if i > 0 {
			calls = append(calls, otpsim.Receipt{Status: statuses[i-1].String()})
		}
		got := l.Reported(t, srv, to, calls...)
		if len(got) != 1 || got[0].Status != status {
			t.Errorf("reported %s, handed over %v", status, got)
		}
	}
}
