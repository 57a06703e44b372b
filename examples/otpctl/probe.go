package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// probe is one request that texts nobody, whatever the vendor makes of it.
type probe struct {
	name string
	safe string // why it texts nobody
	call vendorkit.Call
}

// The reasons why a probe texts nobody. Each holds at the most lenient vendor, too.
const (
	noKey       = "without a key nothing is sent, and the number is reserved for fiction"
	wrongKey    = "with a wrong key nothing is sent, and the number is reserved for fiction"
	noRecipient = "it names no recipient"
	noPhone     = "the recipient has no digit, so it is no phone"
	onlyChecks  = "it checks a code, and a check sends nothing"
)

const (
	probedNumber = "+12025550123" // reserved for fiction
	madeUpKey    = "otpctl-probe-made-up-key"
	madeUpID     = "00000000-0000-4000-8000-000000000000"
	madeUpCode   = "000000"
)

// client is a vendor's provider, with the kit that makes its requests.
type client interface {
	otp.Provider
	Kit() *vendorkit.Client
}

// suite is what there is to probe at one vendor: the vendor's client, that of our simulator, and
// the probes of each.
type suite struct {
	vendor, simulator client
	atVendor, atOurs  []probe
	stop              func()
}

func runProbes(ctx context.Context, o *options, names []string) error {
	_, provider, err := o.load(otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		return err
	}
	suites, err := suitesOf(provider, names)
	for _, s := range suites {
		defer s.stop()
	}
	if err != nil {
		return err
	}
	for _, s := range suites {
		s.announce(o)
	}
	if o.dryRun {
		return nil
	}
	fmt.Fprintf(o.out, "otpctl probe, %s\n", version())
	drift := false
	for _, s := range suites {
		drift = s.run(ctx, o) || drift
	}
	if drift {
		return errFound
	}
	return nil
}

// suitesOf are those of the named providers; of all without a name.
func suitesOf(provider otp.Provider, names []string) (suites []suite, err error) {
	all := tree.Leaves(provider)
	for _, name := range names {
		if !slices.ContainsFunc(all, func(p otp.Provider) bool { return p.Name() == name }) {
			return nil, usagef("there is no provider %q in the configuration; otpctl caps lists them", name)
		}
	}
	for _, leaf := range all {
		if len(names) > 0 && !slices.Contains(names, leaf.Name()) {
			continue
		}
		s, ok, err := suiteOf(leaf)
		if err != nil {
			return suites, err
		}
		if ok {
			suites = append(suites, s)
		}
	}
	if len(suites) == 0 {
		return nil, usagef("there are probes for insider, kaleyra, hypersender and smsfactor alone, and none of them is configured")
	}
	return suites, nil
}

type answer struct {
	status int
	header string // those that matter
	body   map[string]string
	err    error // there was no answer
}

// probe makes one request through the client that the program uses.
func (o *options) probe(ctx context.Context, c client, p probe) (a answer) {
	ctx, cancel := o.within(ctx)
	defer cancel()
	p.call.Op, p.call.Class, p.call.Number = "probe", vendorkit.Send, probedNumber // what sends is not repeated
	p.call.Secrets = append(slices.Clone(p.call.Segments), madeUpKey, madeUpID)
	p.call.Success = func(answered vendorkit.Answer) bool {
		a.status, a.header, a.body = answered.Status, masked(answered, headerOf(answered.Header)), bodyOf(answered)
		return true
	}
	if err := c.Kit().Do(ctx, p.call); a.status == 0 {
		a.err = err
	}
	return a
}

func headerOf(h http.Header) string {
	mediaType, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	parts := []string{strings.TrimSpace(mediaType)}
	for _, name := range []string{"Allow", "Location", "Retry-After", "Www-Authenticate"} {
		if h.Get(name) != "" {
			parts = append(parts, "with "+name)
		}
	}
	return strings.Join(parts, " ")
}

// bodyOf are the values of a body by their path, "errors[0].message", with what is secret masked.
// What is no JSON has the path "". The type of a value shows: 1 is not "1".
func bodyOf(a vendorkit.Answer) map[string]string {
	found := make(map[string]string)
	var value any
	decoder := json.NewDecoder(bytes.NewReader(a.Body))
	decoder.UseNumber()
	switch err := decoder.Decode(&value); {
	case len(a.Body) == 0:
		found[""] = "(empty)"
	case err != nil || decoder.More():
		found[""] = "(no JSON) " + masked(a, string(a.Body))
	default:
		addValues(a, found, "", value)
	}
	return found
}

func addValues(a vendorkit.Answer, found map[string]string, path string, value any) {
	members, isObject := value.(map[string]any)
	items, isList := value.([]any)
	text, isText := value.(string)
	switch {
	case isObject && len(members) > 0:
		for name, member := range members {
			addValues(a, found, strings.TrimPrefix(path+"."+masked(a, name), "."), member)
		}
	case isList && len(items) > 0:
		for i, item := range items {
			addValues(a, found, fmt.Sprintf("%s[%d]", path, i), item)
		}
	case isText:
		found[path] = `"` + masked(a, text) + `"`
	default:
		literal, _ := json.Marshal(value) // a number, true, null, {} or []
		found[path] = masked(a, string(literal))
	}
}

// longDigits may be a number or a code, and unique is a reference or a moment: each differs from
// answer to answer.
var (
	longDigits = regexp.MustCompile(`[0-9]{5,}`)
	unique     = regexp.MustCompile(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[0-9.]*(Z|[+-]\d\d:?\d\d)?`)
)

func masked(a vendorkit.Answer, text string) string {
	return longDigits.ReplaceAllString(unique.ReplaceAllString(a.Text(text), "…"), "…")
}
