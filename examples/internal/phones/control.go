package phones

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const (
	maxAdvance = 365 * 24 * time.Hour
	maxQuirks  = 10_000 // numbers with quirks of their own, of one vendor
)

// checkNumber wants a phone number; "" = every number.
func checkNumber(to string) error {
	if digits := strings.TrimPrefix(to, "+"); to != "" && (digits == "" || len(digits) > 20 || strings.Trim(digits, "0123456789") != "") {
		return errors.New(`to: must be a phone number, such as +12025550123, or "" for every number`)
	}
	return nil
}

// clockRequest moves the clock: POST /api/clock.
type clockRequest struct {
	Advance string `json:"advance"` // "5m"
	To      string `json:"to"`      // makes the messages to one phone older by Advance, and no others
	Set     string `json:"set"`     // stops the clock at this time (RFC 3339); "now" = it runs again at the real time
}

func (p *Phones) getClock(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]time.Time{"now": p.clock.Now()})
}

func (p *Phones) postClock(w http.ResponseWriter, r *http.Request) {
	var req clockRequest
	if read(w, r, &req) && passes(w, p.moveClock(req)) {
		p.getClock(w, r)
	}
}

func (p *Phones) moveClock(req clockRequest) error {
	if req.Set != "" {
		return p.setClock(req)
	}
	d, err := time.ParseDuration(req.Advance)
	if err != nil || d < 0 || d > maxAdvance {
		return errors.New("advance: must be a duration from 0s to 8760h, such as 5m")
	}
	if err := checkNumber(req.To); err != nil {
		return err
	}
	if req.To == "" {
		p.clock.Advance(d)
		p.board.notify("stale", "", struct{}{}) // a reader has to read everything again
		return nil
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, account := range p.accounts {
		account.Age(req.To, d)
	}
	return nil
}

func (p *Phones) setClock(req clockRequest) error {
	at, err := time.Parse(time.RFC3339, req.Set)
	switch {
	case req.Advance != "" || req.To != "":
		return errors.New("set: goes with neither advance nor to")
	case req.Set == "now":
		at = time.Time{}
	case err != nil || at.IsZero():
		return errors.New(`set: must be a time such as 2026-01-31T12:00:00Z, or "now"`)
	}
	p.clock.Set(at)
	p.board.notify("stale", "", struct{}{})
	return nil
}

// Quirks are the readings of a vendor's pages that hold for a number or for all: POST /api/quirks.
type Quirks struct {
	Vendor string   `json:"vendor"`
	To     string   `json:"to"`     // one phone number; "" = every number that has none of its own
	Quirks []string `json:"quirks"` // fields of the Quirks of the vendor's simulator; none = the usual reading
}

func (p *Phones) getQuirks(w http.ResponseWriter, _ *http.Request) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	list := slices.SortedFunc(maps.Values(p.quirks), func(a, b Quirks) int {
		return cmp.Or(strings.Compare(a.Vendor, b.Vendor), strings.Compare(a.To, b.To))
	})
	answer(w, map[string]any{"quirks": append([]Quirks{}, list...)})
}

func (p *Phones) postQuirks(w http.ResponseWriter, r *http.Request) {
	var req Quirks
	if read(w, r, &req) && passes(w, p.setQuirks(req)) {
		p.getQuirks(w, r)
	}
}

func (p *Phones) setQuirks(req Quirks) error {
	v, err := p.find(req.Vendor)
	if err == nil {
		err = checkNumber(req.To)
	}
	if err != nil {
		return err
	}
	for _, name := range req.Quirks {
		if !slices.Contains(v.quirks, name) {
			return fmt.Errorf("quirks: must be of %s", strings.Join(v.quirks, ", "))
		}
	}
	req.To = recipient(req.To)
	key := [2]string{req.Vendor, req.To}
	p.mu.Lock()
	defer p.mu.Unlock()
	account := p.accounts[v.Name]
	if len(req.Quirks) == 0 {
		delete(p.quirks, key)
		account.Divert(req.To, nil)
		return nil
	}
	if _, known := p.quirks[key]; !known && len(p.quirks) >= maxQuirks {
		return fmt.Errorf("quirks: %d numbers have some already", maxQuirks)
	}
	p.quirks[key] = req
	account.Divert(req.To, v.start(req.Quirks))
	return nil
}

// limitRequest turns on a vendor's rate limit: POST /api/limits.
type limitRequest struct {
	Vendor string `json:"vendor"`
	On     string `json:"on"`     // "send" or "verify"
	Events int    `json:"events"` // how many requests; 0 = no limit
	Per    string `json:"per"`    // in any stretch of this: "1m"
}

// postLimit is about the account, as at the vendor, and so about every number.
func (p *Phones) postLimit(w http.ResponseWriter, r *http.Request) {
	var req limitRequest
	if !read(w, r, &req) {
		return
	}
	v, err := p.find(req.Vendor)
	per, notDuration := time.ParseDuration(cmp.Or(req.Per, "0s"))
	switch {
	case err != nil:
	case v.operation(req.On) == "":
		err = errors.New(`on: must be "send" or "verify"`)
	case req.Events < 0 || req.Events > 100_000:
		err = errors.New("events: must be from 1 to 100,000, or 0 for no limit")
	case notDuration != nil, req.Events > 0 && (per <= 0 || per > maxAdvance):
		err = errors.New("per: must be a duration up to 8760h, such as 1m")
	}
	if passes(w, err) {
		p.account(v.Name).Limit(v.operation(req.On), otpsim.Rate{Events: req.Events, Per: per})
		answer(w, req)
	}
}

// resetRequest forgets: POST /api/reset.
type resetRequest struct {
	To string `json:"to"` // one phone number; "" = everything
}

func (p *Phones) postReset(w http.ResponseWriter, r *http.Request) {
	var req resetRequest
	if !read(w, r, &req) || !passes(w, checkNumber(req.To)) {
		return
	}
	if req.To != "" {
		p.forget(recipient(req.To))
	} else if err := p.Reset(); err != nil {
		refuse(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	answer(w, struct{}{})
}

func (p *Phones) forget(to string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, account := range p.accounts {
		account.Forget(to)
		delete(p.quirks, [2]string{name, to})
	}
	p.board.forget(to)
}

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
