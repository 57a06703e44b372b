package otptest

import (
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/otp-sdk/otp-go/otp"
)

// FaultHarness is how [TestFaults] makes a provider over HTTP, and what the vendor behind it answers.
type FaultHarness struct {
	// Open makes the provider for a vendor at baseURL, with the http.Client that is in opts, if there is one. A provider
	// that takes no otp.Option reads them with otp.Apply. Required.
	Open func(baseURL string, opts ...otp.Option) (otp.Provider, error)

	// Request is sent, and Sent is the vendor's success for it, as its pages document it. Required.
	Request otp.SendRequest
	Sent    Answer

	// Verification and Code are verified, and Verified is the vendor's success for them. Verification.Provider is filled
	// in. Required.
	Verification otp.Verification
	Code         string
	Verified     Answer

	// Refusal is the body of an error as the vendor writes it, with "%s" where its texts stand. A code in it, if the
	// vendor has codes, is one that its pages do not list. Required.
	Refusal string

	// Secrets are texts that nobody may be shown, such as the account's key. Number and code need not be listed.
	Secrets []string
}

// Answer is an answer of a vendor.
type Answer struct {
	Status int
	Body   string
}

// FaultResult is what came of one fault.
type FaultResult struct {
	Fault    string
	Op       string      // "send" or "verify"
	Requests int         // that the vendor has read to the last byte
	Outcome  otp.Outcome // of the call
	Kind     otp.Kind    // of the error; "" = success
	Slow     bool        // such a fault lasts until the caller's deadline
}

// TestFaults puts a provider before a server on loopback that does everything wrong that a vendor, a proxy in front of
// one, or the network between can do wrong. Whatever it does: nobody is texted twice, nothing verifies without the
// vendor's success, no outage is told as a rejected code, no secret is shown, and a call ends by its deadline.
//
// It returns what it measured.
func TestFaults(t *testing.T, h FaultHarness) []FaultResult {
	t.Helper()
	must(t, h.Open != nil && h.Request.To != "" && h.Sent.Status != 0 && h.Verification.To != "" && h.Code != "" &&
		h.Verified.Status != 0 && h.Refusal != "", "every field of FaultHarness is required, but for Secrets")
	cells := h.cells()
	text := captured(func() { runCells(t, cells) })
	secret := shows(text, h.hidden())
	must(t, secret == "", "nothing of an answer may be printed, or logged without a logger, and %q was", secret)
	var results []FaultResult
	for _, c := range cells {
		results = append(results, c.result)
	}
	return results
}

func (h FaultHarness) cells() []*cell {
	var cells []*cell
	for _, op := range []string{"send", "verify"} {
		t := h.table(op)
		for _, f := range t.faults {
			cells = append(cells, &cell{table: t, fault: f})
		}
	}
	return cells
}

// runCells runs many at once, because they wait more than they work. What has no end runs alone: the memory that it takes
// is measured for the whole process.
func runCells(t *testing.T, cells []*cell) {
	var running sync.WaitGroup
	free := make(chan struct{}, 32)
	run := func(c *cell) { t.Run(c.fault.name+"/"+c.op, func(t *testing.T) { c.run(t) }) }
	for _, c := range cells {
		if !c.fault.endless {
			free <- struct{}{}
			running.Go(func() {
				run(c)
				<-free
			})
		}
	}
	running.Wait()
	for _, c := range cells {
		if c.fault.endless {
			run(c)
		}
	}
}

// refusal is an error of the vendor's with this text.
func (h FaultHarness) refusal(text string) string {
	quoted, _ := json.Marshal(text) // a string always can be
	return strings.ReplaceAll(h.Refusal, "%s", string(quoted[1:len(quoted)-1]))
}

// hidden are the texts that must not be shown.
func (h FaultHarness) hidden() []string {
	return append([]string{h.Request.To[1:], h.Verification.To[1:], h.Request.Code, h.Code}, h.Secrets...)
}

// echo is everything that must not be shown, in several spellings.
func (h FaultHarness) echo() string {
	text := strings.Join(append(h.hidden(), h.Request.To), " ")
	return text + " " + url.QueryEscape(text) + " " + strings.ToLower(url.QueryEscape(text))
}
