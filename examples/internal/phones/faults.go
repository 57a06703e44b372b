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
	faultNone   = "none"                                             // drops what was set before
	otherSchema = `{"result":{"state":"ok","items":[]},"version":3}` // of a vendor that has changed its API over night
	maxTimes    = 1000
	maxSeconds  = 600

	// Of one vendor, for one number and for all. No tester can use up what others need.
	maxFaults, maxAllFaults = 100, 10_000
)

// FaultRequest asks for a fault: POST /api/faults.
type FaultRequest struct {
	Vendor   string `json:"vendor"`
	Fault    string `json:"fault"`    // a name, see commonFaults and the vendors' own; none drops what waits, for To
	On       string `json:"on"`       // "send", "verify"; "" = any request
	To       string `json:"to"`       // one phone number, so that others are not disturbed; "" = everybody's
	Times    int    `json:"times"`    // for how many requests: 1 to 1000; 0 = 1
	Always   bool   `json:"always"`   // for all requests, until none drops it
	Accepted bool   `json:"accepted"` // the text goes out, or the code is checked, before things go wrong
	After    string `json:"after"`    // silence before things go wrong: "2s"; "" = none
	Seconds  int    `json:"seconds"`  // of slow and of 429's Retry-After: 1 to 600; 0 = 5
	Status   int    `json:"status"`   // of reply, status, html, success-as, error: 200 to 599; 0 = 500
	Body     string `json:"body"`     // of reply
	Code     string `json:"code"`     // of error: the vendor's code, or its text where it has no codes

	// Header is added to the answer, or replaces what is there: {"Retry-After":"soon"}.
	Header map[string]string `json:"header"`
}

// PendingFault is a fault that no request has met yet.
type PendingFault struct {
	Vendor string `json:"vendor"`
	Text   string `json:"text"` // "cut, on generate, 3 times"
}

func commonFaults(req FaultRequest, ok int) map[string]otpsim.Fault {
	pause := time.Duration(req.Seconds) * time.Second
	return map[string]otpsim.Fault{
		// The vendor does nothing, unless the request says accepted.
		"429":                 otpsim.TooMany(pause),
		"500-after-accepting": otpsim.AfterAccepting(http.StatusInternalServerError),
		"cut":                 otpsim.Cut(),
		"endless":             otpsim.Endless(),
		"framework-404":       otpsim.Reply(http.StatusNotFound, "404 page not found\n"),
		"hang":                otpsim.Hang(),
		"html":                otpsim.HTML(req.Status),
		"insufficient-funds":  otpsim.Status(http.StatusPaymentRequired), // where the vendor documents no other answer
		"redirect":            otpsim.Redirect(http.StatusTemporaryRedirect, "https://elsewhere.example/"),
		"reply":               otpsim.Reply(req.Status, req.Body),
		"reset":               otpsim.Reset(),
		"status":              otpsim.Status(req.Status),
		"unauthorized":        otpsim.Status(http.StatusUnauthorized),
		"wrong-schema":        otpsim.Reply(ok, otherSchema).Accepted(),

		// The vendor's own answer is changed.
		"byte-order-mark": otpsim.WithBOM(),
		"drip":            otpsim.Drip(10 * time.Millisecond),
		"empty":           otpsim.Empty(),
		"gzip":            otpsim.Gzip(),
		"slow":            otpsim.Delay(pause),
		"success-as":      otpsim.SuccessAs(req.Status),
		"too-long":        otpsim.TooLong(),
		"truncated":       otpsim.Truncated(),
	}
}

// check finds what is wrong with a request, whatever its fault.
func (req FaultRequest) check() error {
	after, err := time.ParseDuration(cmp.Or(req.After, "0s"))
	switch {
	case req.On != "" && req.On != "send" && req.On != "verify":
		return errors.New(`on: must be "send", "verify" or "" for any request`)
	case req.Times < 0 || req.Times > maxTimes:
		return fmt.Errorf("times: must be from 1 to %d, or 0 for once", maxTimes)
	case req.Seconds < 0 || req.Seconds > maxSeconds:
		return fmt.Errorf("seconds: must be from 1 to %d, or 0 for 5", maxSeconds)
	case req.Status != 0 && (req.Status < 200 || req.Status > 599):
		return errors.New("status: must be from 200 to 599, or 0 for 500")
	case err != nil || after < 0 || after > maxSeconds*time.Second:
		return errors.New("after: must be a duration up to 10m, such as 2s")
	}
	return checkNumber(req.To)
}

func (v vendor) faultsFor(req FaultRequest) (map[string]otpsim.Fault, error) {
	req.Seconds, req.Status = cmp.Or(req.Seconds, 5), cmp.Or(req.Status, http.StatusInternalServerError)
	faults := commonFaults(req, v.ok)
	own, err := v.faults(req)
	maps.Copy(faults, own)
	return faults, err
}

func (v vendor) faultNames() []string {
	faults, _ := v.faultsFor(FaultRequest{}) // the error is about what the request leaves out
	return slices.Sorted(maps.Keys(faults))
}

func (v vendor) fault(req FaultRequest) (otpsim.Fault, error) {
	if err := req.check(); err != nil {
		return otpsim.Fault{}, err
	}
	faults, err := v.faultsFor(req)
	fault, known := faults[req.Fault]
	if !known {
		return fault, fmt.Errorf("fault: must be one of %s, %s", strings.Join(v.faultNames(), ", "), faultNone)
	}
	if operation := v.operation(req.On); operation != "" {
		fault = fault.On(operation)
	}
	if req.Accepted {
		fault = fault.Accepted()
	}
	for name, value := range req.Header {
		fault = fault.WithHeader(name, value)
	}
	if after, _ := time.ParseDuration(req.After); after > 0 { // check has read it
		fault = fault.After(after)
	}
	if fault = fault.To(req.To).Times(req.Times); req.Always {
		fault = fault.Always()
	}
	return fault, err
}

func (p *Phones) postFault(w http.ResponseWriter, r *http.Request) {
	var req FaultRequest
	if read(w, r, &req) && passes(w, p.setFault(req)) {
		p.board.notify("faults", recipient(req.To), struct{}{})
		answer(w, map[string]any{"faults": p.pendingFaults(req.To)})
	}
}

func (p *Phones) getFaults(w http.ResponseWriter, r *http.Request) {
	answer(w, map[string]any{"faults": p.pendingFaults(recipient(r.URL.Query().Get("to")))})
}

func (p *Phones) setFault(req FaultRequest) error {
	v, err := p.find(req.Vendor)
	if err != nil {
		return err
	}
	account := p.account(v.Name)
	if req.Fault == faultNone && req.To == "" {
		account.Heal()
		return nil
	}
	if req.Fault == faultNone {
		account.HealTo(req.To)
		return req.check()
	}
	fault, err := v.fault(req)
	if err != nil {
		return err
	}
	waiting := len(account.FaultsTo(req.To))
	if waiting >= maxFaults || len(account.Faults()) >= maxAllFaults {
		return fmt.Errorf("fault: %s has %d of them waiting already", req.Vendor, waiting)
	}
	account.Fail(fault)
	return nil
}

func (p *Phones) pendingFaults(to string) []PendingFault {
	list := []PendingFault{}
	for _, v := range p.vendor {
		faults := p.account(v.Name).Faults()
		if to != "" {
			faults = p.account(v.Name).FaultsTo(to)
		}
		for _, fault := range faults {
			list = append(list, PendingFault{v.Name, fault.String()})
		}
	}
	return list
}
