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

// faultNone drops what was set before.
const faultNone = "none"

// otherSchema is what a vendor might answer that has changed its API over night.
const otherSchema = `{"result":{"state":"ok","items":[]},"version":3}`

const (
	maxTimes   = 1000
	maxSeconds = 600
	maxFaults  = 100 // of one vendor, at once
)

// FaultRequest asks for a fault: POST /api/faults.
type FaultRequest struct {
	Vendor     string `json:"vendor"`
	Fault      string `json:"fault"`       // a name, see commonFaults and the vendors' own; none drops the vendor's
	On         string `json:"on"`          // "send", "verify"; "" = any request
	To         string `json:"to"`          // one phone number, so that others are not disturbed; "" = everybody's
	Times      int    `json:"times"`       // for how many requests: 1 to 1000; 0 = 1
	Accepted   bool   `json:"accepted"`    // the text goes out, or the code is checked, before things go wrong
	Seconds    int    `json:"seconds"`     // of slow and of 429's Retry-After: 1 to 600; 0 = 5
	Status     int    `json:"status"`      // of reply, status, html, success-as and error: 200 to 599; 0 = 500
	Body       string `json:"body"`        // of reply
	Code       string `json:"code"`        // of error: the vendor's code, or its text where it has no codes
	RetryAfter string `json:"retry_after"` // any text as the answer's Retry-After; "" = the fault's own
}

// PendingFault is a fault that no request has met yet.
type PendingFault struct {
	Vendor string `json:"vendor"`
	Text   string `json:"text"` // "cut, on generate, 3 times"
}

// commonFaults are those that every vendor has, by name.
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
		"redirect":            otpsim.Redirect(http.StatusTemporaryRedirect, "https://elsewhere.example/"),
		"reply":               otpsim.Reply(req.Status, req.Body),
		"reset":               otpsim.Reset(),
		"status":              otpsim.Status(req.Status),
		"unauthorized":        otpsim.Status(http.StatusUnauthorized),
		"wrong-schema":        otpsim.Reply(ok, otherSchema).Accepted(),

		// The vendor's own answer is changed.
		"byte-order-mark": otpsim.WithBOM(),
		"empty":           otpsim.Empty(),
		"gzip":            otpsim.Gzip(),
		"slow":            otpsim.Delay(pause),
		"success-as":      otpsim.SuccessAs(req.Status),
		"too-long":        otpsim.TooLong(),
		"truncated":       otpsim.Truncated(),
	}
}

// check finds what is wrong with a request, whatever its fault. Its errors say the field and the
// rule.
func (req FaultRequest) check() error {
	switch {
	case req.On != "" && req.On != "send" && req.On != "verify":
		return errors.New(`on: must be "send", "verify" or "" for any request`)
	case strings.Trim(req.To, "+0123456789") != "":
		return errors.New(`to: must be a phone number, such as +12025550123, or "" for any`)
	case req.Times < 0 || req.Times > maxTimes:
		return fmt.Errorf("times: must be from 1 to %d, or 0 for once", maxTimes)
	case req.Seconds < 0 || req.Seconds > maxSeconds:
		return fmt.Errorf("seconds: must be from 1 to %d, or 0 for 5", maxSeconds)
	case req.Status != 0 && (req.Status < 200 || req.Status > 599):
		return errors.New("status: must be from 200 to 599, or 0 for 500")
	}
	return nil
}

// fault makes what was asked for.
func (v vendor) fault(req FaultRequest) (otpsim.Fault, error) {
	if err := req.check(); err != nil {
		return otpsim.Fault{}, err
	}
	req.Seconds, req.Status = cmp.Or(req.Seconds, 5), cmp.Or(req.Status, http.StatusInternalServerError)
	faults := commonFaults(req, v.ok)
	own, err := v.faults(req)
	maps.Copy(faults, own)
	fault, known := faults[req.Fault]
	if !known {
		names := slices.Sorted(maps.Keys(faults))
		return fault, fmt.Errorf("fault: must be one of %s, %s", strings.Join(names, ", "), faultNone)
	}
	if operation := map[string]string{"send": v.send.name, "verify": v.verify.name}[req.On]; operation != "" {
		fault = fault.On(operation)
	}
	if req.Accepted {
		fault = fault.Accepted()
	}
	if req.RetryAfter != "" {
		fault = fault.WithHeader("Retry-After", req.RetryAfter)
	}
	return fault.To(req.To).Times(req.Times), err
}

// setFault does what a request asks for.
func (p *Phones) setFault(req FaultRequest) error {
	i := slices.IndexFunc(p.vendor, func(v vendor) bool { return v.Name == req.Vendor })
	if i < 0 {
		return fmt.Errorf("vendor: must be one of %s", strings.Join(p.names(), ", "))
	}
	defer p.board.tellFaults()
	account := p.account(req.Vendor)
	if req.Fault == faultNone {
		account.Heal()
		return nil
	}
	fault, err := p.vendor[i].fault(req)
	switch {
	case err != nil:
		return err
	case len(account.Faults()) >= maxFaults:
		return fmt.Errorf("fault: %s has %d of them waiting already", req.Vendor, maxFaults)
	}
	account.Fail(fault)
	return nil
}

func (p *Phones) names() []string {
	var names []string
	for _, v := range p.vendor {
		names = append(names, v.Name)
	}
	return names
}

// pendingFaults are those of all vendors.
func (p *Phones) pendingFaults() []PendingFault {
	list := []PendingFault{}
	for _, v := range p.vendor {
		for _, fault := range p.account(v.Name).Faults() {
			list = append(list, PendingFault{v.Name, fault.String()})
		}
	}
	return list
}
