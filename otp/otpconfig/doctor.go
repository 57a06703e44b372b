package otpconfig

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// Doctor finds out what is wrong with a configuration and the way to its vendors. It texts nobody:
// it asks each vendor, through the program's client, to verify a made-up code of a number that
// belongs to nobody. The answer shows whether address and key are right. The zero Doctor is ready
// for use.
//
// Examine makes one or two requests per provider: a readiness check should call it once a minute at
// most.
type Doctor struct {
	// Request is the send whose failovers are checked. Without To, it is for a number of the United
	// States.
	Request otp.SendRequest
	// Checks are further checks, of a Redis for example.
	Checks []Check
}

// Check is a check of the caller's own:
//
//	otpconfig.Check{Name: "redis", Run: func(ctx context.Context) ([]string, error) {
//		return otpredis.Check(ctx, client)
//	}}
type Check struct {
	// Name is the text of [Finding.Check].
	Name string
	// Run returns one sentence about each thing that should be changed, or an error if it does not
	// work at all.
	Run func(ctx context.Context) (warnings []string, err error)
}

// Result is what came of one check.
type Result string

// The results of a [Finding].
const (
	ResultOK        Result = "ok"
	ResultWarning   Result = "WARNING"     // works, and should be changed
	ResultWrong     Result = "WRONG"       // does not work
	ResultUnchecked Result = "not checked" // cannot be checked without texting somebody, or not from here
)

// Finding is what one check has found. It shows no secret.
type Finding struct {
	// Provider is the name of the provider or the router. "" = the configuration as a whole.
	Provider string
	// Check is what was checked: "answer".
	Check string
	// Result is what came of it. Only ResultWrong is an error.
	Result Result
	// Text says on one line what was found and what to do. Control characters are escaped.
	Text string
}

// Findings are all that a [Doctor] has found.
type Findings []Finding

// Err is an error that names everything that is wrong, or nil: for a readiness check. Warnings do
// not count.
func (f Findings) Err() error {
	var all []error
	for _, found := range f {
		if found.Result == ResultWrong {
			who := strings.TrimPrefix(found.Provider+": ", ": ")
			all = append(all, fmt.Errorf("%s%s: %s", who, found.Check, found.Text))
		}
	}
	return errors.Join(all...)
}

// nobody's number is one of those that are reserved for fiction.
const nobodysNumber = "+12025550123"

// Examine checks the configuration c, and p, which was made of it or of anything else. c may be
// nil. It returns within ten seconds, or when ctx ends.
func (d Doctor) Examine(ctx context.Context, c *Config, p otp.Provider) Findings {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if d.Request.To == "" {
		d.Request.To = nobodysNumber
	}
	var all Findings
	if c != nil && c.plan != nil {
		all = append(all, Finding{Check: "configuration", Result: ResultOK, Text: c.String()})
		for _, warning := range c.Warnings() {
			all = append(all, Finding{Check: "configuration", Result: ResultWarning, Text: warning})
		}
	}
	if rule := tree.Check(p); rule != "" || len(tree.Leaves(p)) == 0 {
		return append(all, Finding{Check: "providers", Result: ResultWrong, Text: "there is none, or one holds itself"})
	}
	all = append(all, sharedAccounts(p)...)
	all = append(all, d.failovers(p)...)
	var steps []func() []Finding
	for _, sender := range sendersOf(p) {
		steps = append(steps, func() []Finding { return examineVendor(ctx, sender) })
	}
	for _, check := range d.Checks {
		steps = append(steps, func() []Finding { return check.examine(ctx) })
	}
	return append(all, atOnce(steps)...)
}

// atOnce runs all steps side by side, and returns what they find in their order.
func atOnce(steps []func() []Finding) (all []Finding) {
	found := make([][]Finding, len(steps))
	var wait sync.WaitGroup
	for i, step := range steps {
		wait.Go(func() {
			if !safely.Do(func() { found[i] = step() }) {
				found[i] = []Finding{{Check: "panic", Result: ResultWrong, Text: "a provider or a check panicked"}}
			}
		})
	}
	wait.Wait()
	return slices.Concat(found...)
}

func (c Check) examine(ctx context.Context) (all []Finding) {
	warnings, err := c.Run(ctx)
	for _, warning := range warnings {
		all = append(all, Finding{Check: c.Name, Result: ResultWarning, Text: warning})
	}
	switch {
	case err != nil:
		all = append(all, Finding{Check: c.Name, Result: ResultWrong, Text: err.Error()})
	case all == nil:
		all = []Finding{{Check: c.Name, Result: ResultOK}}
	}
	return all
}

// sendersOf are the leaves below p, each once, or what reads their secrets again when the vendor
// refuses them.
func sendersOf(p otp.Provider) (senders []otp.Provider) {
	tree.Search(p, func(q otp.Provider, isLeaf bool) bool {
		_, renews := q.(interface{ now() otp.Provider }) // a renewable
		isKnown := slices.ContainsFunc(senders, func(known otp.Provider) bool { return known.Name() == q.Name() })
		if (isLeaf || renews) && !isKnown {
			senders = append(senders, q)
		}
		return false
	})
	return senders
}

func kitOf(p otp.Provider) (kit *vendorkit.Client, ok bool) {
	if written, ok := p.(interface{ Kit() *vendorkit.Client }); ok {
		return written.Kit(), true
	}
	return nil, false
}

// accountOf identifies the account of a provider at its vendor; without the kit, its name does.
func accountOf(p otp.Provider) string {
	if kit, ok := kitOf(p); ok {
		return kit.Account()
	}
	return p.Name()
}

func sharedAccounts(p otp.Provider) (all []Finding) {
	first := make(map[string]string)
	for _, leaf := range tree.Leaves(p) {
		account := accountOf(leaf)
		if other, shared := first[account]; shared {
			all = append(all, Finding{leaf.Name(), "account", ResultOK, "is that of " + other + ": they share limits, pauses and credit"})
			continue
		}
		first[account] = leaf.Name()
	}
	return all
}

// failovers checks each router on the way of the request whether there is a second provider for it.
func (d Doctor) failovers(p otp.Provider) (all []Finding) {
	tree.Search(p, func(q otp.Provider, _ bool) bool {
		router, ok := q.(otp.Selector)
		if !ok {
			return false
		}
		if senders, err := router.Senders(d.Request); err == nil && len(senders) > 1 {
			all = append(all, d.failover(q.Name(), senders))
		}
		return false
	})
	return all
}

func (d Doctor) failover(router string, senders []otp.Provider) Finding {
	var able, unable []string
	accounts := make(map[string]bool)
	for _, sender := range senders {
		if err := otp.CanSend(sender, d.Request); err != nil {
			unable = append(unable, sender.Name()+" cannot: "+err.Error())
			continue
		}
		able = append(able, sender.Name())
		for _, leaf := range tree.Leaves(sender) {
			accounts[accountOf(leaf)] = true
		}
	}
	f := Finding{router, "failover", ResultOK, strings.Join(able, ", ")}
	switch {
	case len(able) == 0:
		f.Result, f.Text = ResultWrong, "nobody can send this: "+strings.Join(unable, "; ")
	case len(able) == 1:
		f.Result, f.Text = ResultWarning, "is none for this request: only "+able[0]+" can send it; "+strings.Join(unable, "; ")
	case len(accounts) == 1:
		f.Result, f.Text = ResultWarning, "is none when the account fails: "+strings.Join(able, " and ")+" share one"
	}
	return f
}
