package phones

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// receiptRequest says what becomes of texts, and what the vendor reports of it: POST /api/receipts.
type receiptRequest struct {
	Vendor   string   `json:"vendor"`
	To       string   `json:"to"`       // the newest text of one phone; "" = every further text of the vendor
	Further  bool     `json:"further"`  // every further text to To, in place of the newest
	Statuses []string `json:"statuses"` // in this order; none = the usual: sent, delivered
	After    string   `json:"after"`    // how long each comes after the one before, on the clock: "30s"
}

var receiptStatuses = []string{ //nolint:gochecknoglobals // nothing changes it
	"accepted", "sent", "delivered", "read", "undelivered", "expired",
}

func (p *Phones) postReceipts(w http.ResponseWriter, r *http.Request) {
	var req receiptRequest
	if read(w, r, &req) && passes(w, p.setReceipts(req)) {
		req.Statuses = append([]string{}, req.Statuses...) // JSON: [], not null
		req.Statuses = append([]string{}, req.Statuses...) // JSON: [], not null
		answer(w, req)
	}
}

func (p *Phones) setReceipts(req receiptRequest) error {
	const most = 10
	v, err := p.find(req.Vendor)
	if err == nil {
		err = checkNumber(req.To)
	}
	after, notDuration := time.ParseDuration(cmp.Or(req.After, "0s"))
	switch {
	case err != nil:
		return err
	case notDuration != nil || after < 0 || after > maxAdvance:
		return errors.New("after: must be a duration from 0s to 8760h, such as 30s")
	case len(req.Statuses) > most:
		return fmt.Errorf("statuses: must be %d at most", most)
	}
	receipts := make([]otpsim.Receipt, len(req.Statuses))
	for i, status := range req.Statuses {
		if !slices.Contains(receiptStatuses, status) {
			return fmt.Errorf("statuses: must be of %s", strings.Join(receiptStatuses, ", "))
		}
		receipts[i] = otpsim.Receipt{Status: status, After: after}
	}
	if len(receipts) == 0 {
		receipts = []otpsim.Receipt{{Status: "sent", After: after}, {Status: "delivered", After: after}}
	}
	account := p.account(v.Name)
	if req.To == "" || req.Further {
		account.ReceiptsTo(req.To, receipts...)
	} else if !account.Report(recipient(req.To), receipts...) {
		return fmt.Errorf("to: %s has sent no text to this number", v.Name)
	}
	return nil
}
