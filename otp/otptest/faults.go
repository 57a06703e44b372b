package otptest

import (
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/otp-sdk/otp-go/otp"
)

// FaultHarness is how [TestFaults] makes a provider over HTTP. All but Secrets is required.
type FaultHarness struct {
	// Open makes the provider for a vendor at baseURL, by options, or the http.Client in them.
	Open func(baseURL string, opts ...otp.Option) (otp.Provider, error)

	Request otp.SendRequest // what is sent
	Sent    Answer          // the vendor's success for it, as its pages document it

	Verification otp.Verification // what is verified; its Provider is filled in
	Code         string           // the code that is verified
	Verified     Answer           // the vendor's success for it, as its pages document it

	// Refusal is the body of an error as the vendor writes it, with "%s" for each text, and a code, if
	// any, that the pages do not list. It names no field of the request.
	Refusal string

	Secrets []string // texts that nobody may be shown, such as the account's key; number and code need not be listed
}

// Answer is an answer of a vendor: a status of HTTP and a body.
type Answer struct {
	Status int    // 202, say
	Body   string // to the letter
}

// FaultResult is what came of one fault.
type FaultResult struct {
	Fault    string      // what went wrong
	Op       string      // "send" or "verify"
	Requests int         // how many the vendor has read to the last byte
	Outcome  otp.Outcome // what the call says
	Kind     otp.Kind    // of its error; "" = success
	Slow     bool        // such a fault lasts until the caller's deadline
}

// TestFaults puts a provider before a server on loopback that does everything wrong that a vendor,
// a proxy or the network can. Nobody is texted twice, nothing verifies without the vendor's
// success, no outage is a rejected code, no secret is shown, and a call ends by its deadline. What
// was not run has no Fault in the results.
func TestFaults(t *testing.T, h FaultHarness) []FaultResult {
	t.Helper()
	must(t, h.Open != nil && h.Request.To != "" && h.Sent.Status != 0 && h.Verification.To != "" && h.Code != "" &&
		h.Verified.Status != 0 && h.Refusal != "", "every field of FaultHarness is required, but for Secrets")
	cells := h.cells()
	text := captured(func() {
		var waiting sync.WaitGroup
		for _, c := range cells {
			run := func() { t.Run(c.fault.name+"/"+c.op, func(t *testing.T) { c.run(t) }) }
			if c.waits() {
				waiting.Go(run)
			} else {
				waiting.Wait()
				run()
			}
		}
	})
	if secret := shows(text, h.hidden()); secret != "" {
		t.Errorf("nothing of an answer may be printed, or logged without a logger, and %q was", secret)
	}
	results := make([]FaultResult, len(cells))
	for i, c := range cells {
		results[i] = c.result
	}
	return results
}

// cells are all faults of both operations, first those that last: they wait together.
func (h FaultHarness) cells() []*cell {
	var waiting, working []*cell
	for _, t := range []*table{h.table("send"), h.table("verify")} {
		for _, f := range t.faults {
			if c := (&cell{table: t, fault: f}); c.waits() {
				waiting = append(waiting, c)
			} else {
				working = append(working, c)
			}
		}
	}
	return append(waiting, working...)
}

func (h FaultHarness) refusal(text string) string {
	quoted, _ := json.Marshal(text) // a string always can be
	return strings.ReplaceAll(h.Refusal, "%s", string(quoted[1:len(quoted)-1]))
}

func (h FaultHarness) hidden() []string {
	return append([]string{h.Request.To[1:], h.Verification.To[1:], h.Request.Code, h.Code}, h.Secrets...)
}

func (h FaultHarness) echo() string {
	text := strings.Join(append(h.hidden(), h.Request.To), " ")
	return text + " " + url.QueryEscape(text) + " " + strings.ToLower(url.QueryEscape(text))
}
