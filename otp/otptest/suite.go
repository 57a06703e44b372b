package otptest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// TestProvider runs the conformance suite on every channel of a provider. What it cannot do is
// checked to be refused. Providers over HTTP run [TestFaults] as well.
//
//	func TestConformance(t *testing.T) {
//		otptest.TestProvider(t, otptest.Harness{New: func() (otptest.Account, error) { ... }})
//	}
func TestProvider(t *testing.T, h Harness) {
	t.Helper()
	account, err := open(h)
	must(t, err == nil, "the harness must open an account: %v", err)
	channels := slices.Sorted(maps.Keys(account.Provider.Capabilities().Channels))
	account.close()
	must(t, len(channels) > 0, "Capabilities.Channels must hold at least one channel")

	for _, check := range checks() {
		for _, channel := range channels {
			t.Run(check.name+"/"+string(channel), func(t *testing.T) { run(t, h, channel, check) })
		}
	}
}

type check struct {
	name string
	test func(s *session)
}

func checks() []check {
	return slices.Concat(basicChecks(), codeChecks(), requestChecks(), faultChecks())
}

// tester is what a check needs of a test. The suite's own tests put a recorder in its place.
type tester interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	FailNow()
}

// must ends the check unless ok. The rule says what a provider has to do, and what this one did.
func must(t tester, ok bool, rule string, args ...any) {
	t.Helper()
	if !ok {
		t.Errorf(rule, args...)
		t.FailNow()
	}
}

type session struct {
	tester
	Account

	harness  Harness
	channel  otp.Channel
	features otp.Features
}

func open(h Harness) (Account, error) {
	if h.New == nil {
		return Account{}, errors.New("otptest: Harness.New is required")
	}
	account, err := h.New()
	if err != nil {
		return Account{}, err
	}
	return account, account.check()
}

func run(t tester, h Harness, channel otp.Channel, c check) {
	account, err := open(h)
	must(t, err == nil, "the harness must open an account: %v", err)
	defer account.close()
	c.test(&session{
		tester: t, Account: account, harness: h, channel: channel,
		features: account.Provider.Capabilities().Channels[channel],
	})
}

func number() string { return fmt.Sprintf("+90532%07d", rand.IntN(10_000_000)) } //nolint:gosec // no secret

func (s *session) must(ok bool, rule string, args ...any) {
	s.Helper()
	must(s.tester, ok, rule, args...)
}

func (s *session) request(changes ...func(*otp.SendRequest)) otp.SendRequest {
	req := otp.SendRequest{To: number(), Channel: s.channel}
	for _, change := range changes {
		change(&req)
	}
	return req
}

func (s *session) send(changes ...func(*otp.SendRequest)) (otp.Verification, string) {
	s.Helper()
	req := s.request(changes...)
	texts := s.Texts()
	v, err := s.Provider.Send(s.Context(), req)
	s.must(err == nil, "%v must be sent, and failed: %v", req, err)
	s.must(s.Texts() == texts+1, "one Send must be one text, and was %d", s.Texts()-texts)
	code, received := s.Code(req.To)
	s.must(received, "after a Send without an error the phone must receive a code")
	return v, code
}

func (s *session) verify(v otp.Verification, code string) error {
	return s.Provider.Verify(s.Context(), v, code)
}

func (s *session) verifies(v otp.Verification, code, rule string) {
	s.Helper()
	err := s.verify(v, code)
	s.must(err == nil, "%s: %v", rule, err)
}

func (s *session) failure(err error, op string, secrets ...string) *otp.Error {
	s.Helper()
	return wellFormed(s.tester, s.Provider.Name(), op, err, append(secrets, s.Secrets...))
}

func wellFormed(t tester, provider, op string, err error, secrets []string) *otp.Error {
	t.Helper()
	must(t, err != nil, "%s must return an error here, and returned none", op)
	var failure *otp.Error
	must(t, errors.As(err, &failure), "every error must be or wrap an *otp.Error, and this is a %T: %v", err, err)
	must(t, failure.Kind != "", "every error must have a Kind: %v", err)
	must(t, failure.Provider == provider, "Error.Provider must be %q, and is %q", provider, failure.Provider)
	must(t, failure.Op == op, "Error.Op must be %q, and is %q", op, failure.Op)
	must(t, failure.Outcome == otp.OutcomeOf(err), "Error.Outcome must agree with otp.OutcomeOf: %v", err)
	must(t, op != "send" || !errors.Is(err, otp.ErrCodeRejected), "a send must never reject a code: %v", err)
	mustHide(t, err, secrets)
	return failure
}

func (s *session) rejected(err error, rule string) {
	s.Helper()
	s.must(err != nil, "%s: Verify must return an error, and returned none", rule)
	failure := s.failure(err, "verify")
	s.must(errors.Is(err, otp.ErrCodeRejected), "%s: the error must be an otp.ErrCodeRejected: %v", rule, err)
	s.must(failure.Outcome == otp.OutcomeAccepted, "%s: the outcome must be accepted: %v", rule, err)
}

func (s *session) refused(failure *otp.Error, requests int, kind otp.Kind, field string) {
	s.Helper()
	s.must(failure.Kind == kind, "the Kind must be %q, and is %q: %v", string(kind), string(failure.Kind), failure)
	s.must(failure.Outcome == otp.OutcomeNotSent, "what is refused here must have OutcomeNotSent: %v", failure)
	s.must(field == "" || failure.Field == field, "Error.Field must be %q, and is %q", field, failure.Field)
	s.must(s.requests() == requests, "it must be refused before any request, and the vendor was asked: %v", failure)
}

func wrong(code string) string {
	other := "7"
	if strings.HasSuffix(code, other) {
		other = "3"
	}
	return code[:len(code)-1] + other
}

// Harness is how [TestProvider] gets at a provider and what is behind it: a simulator, a map.
type Harness struct {
	// New opens an account that has sent nothing yet. The suite opens many, and closes each. Required.
	New func() (Account, error)

	SecondSend SecondSend       // what a send does to a number whose first code is still alive. Zero = [AnotherID]
	Letters    []otp.SendOption // send options that make codes with letters, where Features.Alphanumeric is true
}

// SecondSend is what a send to a number whose first code is alive does: other ID, same ID, refusal.
type SecondSend int

// What vendors do with a second send.
const (
	AnotherID SecondSend = iota
	SameID
	Refused
)

// Account is a provider and what is behind it. Provider, Code and Texts are required.
type Account struct {
	Provider otp.Provider                                 // the one under test
	Code     func(to string) (code string, received bool) // the code that the phone at to received last
	Texts    func() int                                   // how many texts have been sent, to any phone
	Requests func() int                                   // how many requests have reached the vendor; nil = no network
	Advance  func(d time.Duration)                        // moves the clock by which codes expire; nil = it stands
	Faults   []Fault                                      // what can be made to go wrong, each on an account of its own
	Secrets  []string                                     // that nobody may be shown: the key; not numbers and codes
	Close    func()                                       // ends the account; nil = there is nothing to end
}

// Fault is something that can be made to go wrong behind a provider.
type Fault struct {
	Name        string // what goes wrong, in a few words: "500 after accepting"
	Op          string // what it happens to: "send" or "verify"; "" = both
	Start, Stop func() // between them every call meets the fault

	// Acts: the work is done anyway, and only the answer does not say so.
	Acts bool
}

func (a Account) check() error {
	if a.Provider == nil || a.Code == nil || a.Texts == nil {
		return errors.New("otptest: Account.Provider, Code and Texts are required")
	}
	for _, f := range a.Faults {
		if f.Name == "" || f.Start == nil || f.Stop == nil {
			return errors.New("otptest: Name, Start and Stop of every Fault are required")
		}
	}
	return nil
}

func (a Account) close() {
	if a.Close != nil {
		a.Close()
	}
}

func (a Account) requests() int {
	if a.Requests == nil {
		return 0
	}
	return a.Requests()
}
