package phones

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// The faults that can be asked for by name.
const (
	faultAfterAccepting = "500-after-accepting" // the text goes out, or the code is judged, and the answer is a 500
	faultCut            = "cut"                 // the connection is cut after the request was read; nothing is done
	faultTooMany        = "429"                 // with a Retry-After
	faultSlow           = "slow"                // the answer comes late
	faultWrongSchema    = "wrong-schema"        // it is done, and the answer is JSON of another shape
	faultNone           = "none"                // drops what was set before
)

func faultNames() []string {
	return []string{faultAfterAccepting, faultCut, faultTooMany, faultSlow, faultWrongSchema, faultNone}
}

// otherSchema is what a vendor might answer that has changed its API over night.
const otherSchema = `{"result":{"state":"ok","items":[]},"version":3}`

const (
	maxTimes   = 1000
	maxSeconds = 600
	maxFaults  = 100 // of one vendor, at once
)

// FaultRequest asks for a fault: POST /api/faults.
type FaultRequest struct {
	Vendor  string `json:"vendor"`
	Fault   string `json:"fault"`   // 500-after-accepting, cut, 429, slow, wrong-schema, or none to drop the vendor's
	On      string `json:"on"`      // "send", "verify"; "" = any request
	Times   int    `json:"times"`   // for how many requests: 1 to 1000; 0 = 1
	Seconds int    `json:"seconds"` // of slow and of 429's Retry-After: 1 to 600; 0 = 5
}

// PendingFault is a fault that no request has met yet.
type PendingFault struct {
	Vendor string `json:"vendor"`
	Text   string `json:"text"` // "cut, on generate, 3 times"
}

// fault makes what was asked for. Its errors name the field and the rule.
func (v vendor) fault(req FaultRequest) (otpsim.Fault, error) {
	on := map[string]string{"": "", "send": v.send.name, "verify": v.verify.name}
	operation, known := on[req.On]
	switch {
	case !known:
		return otpsim.Fault{}, errors.New(`on: must be "send", "verify" or "" for any request`)
	case req.Times < 0 || req.Times > maxTimes:
		return otpsim.Fault{}, fmt.Errorf("times: must be from 1 to %d, or 0 for once", maxTimes)
	case req.Seconds < 0 || req.Seconds > maxSeconds:
		return otpsim.Fault{}, fmt.Errorf("seconds: must be from 1 to %d, or 0 for 5", maxSeconds)
	}
	pause := time.Duration(req.Seconds) * time.Second
	if pause == 0 {
		pause = 5 * time.Second
	}
	var fault otpsim.Fault
	switch req.Fault {
	case faultAfterAccepting:
		fault = v.afterSend(500)
	case faultCut:
		fault = otpsim.Cut()
	case faultTooMany:
		fault = v.tooMany(pause)
	case faultSlow:
		fault = otpsim.Delay(pause)
	case faultWrongSchema:
		fault = otpsim.Reply(v.ok, otherSchema).Accepted()
	default:
		return fault, fmt.Errorf("fault: must be one of %s", strings.Join(faultNames(), ", "))
	}
	return fault.On(operation).Times(max(req.Times, 1)), nil
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
