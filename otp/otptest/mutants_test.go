package otptest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestMain(m *testing.M) { simtest.Main(m) }

// recorder is a test that may fail without failing anything else.
type recorder struct {
	ctx context.Context

	mu     sync.Mutex
	failed []string
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) FailNow()                 { runtime.Goexit() }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = append(r.failed, fmt.Sprintf(format, args...))
}

// recorded is what a test says that fails; nil = it passes.
func recorded(t *testing.T, test func(r *recorder)) []string {
	t.Helper()
	r := &recorder{ctx: t.Context()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(r)
	}()
	<-done
	return r.failed
}

// said is what one check of the suite says about a provider.
func said(t *testing.T, h otptest.Harness, check string) []string {
	t.Helper()
	n := slices.Index(otptest.CheckNames(), check)
	require.GreaterOrEqual(t, n, 0, "no check %q", check)
	return recorded(t, func(r *recorder) { otptest.RunCheck(r, h, otp.SMS, n) })
}

// mutant is a provider with one mistake. Nil functions leave the sound behaviour.
type mutant struct {
	otp.Provider
	account otptest.Account
	caps    func(otp.Provider) otp.Capabilities
	send    func(ctx context.Context, m *mutant, req otp.SendRequest) (otp.Verification, error)
	verify  func(ctx context.Context, m *mutant, v otp.Verification, code string) error
}

func (m *mutant) Capabilities() otp.Capabilities {
	if m.caps != nil {
		return m.caps(m.Provider)
	}
	return m.Provider.Capabilities()
}

func (m *mutant) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	if m.send != nil {
		return m.send(ctx, m, req)
	}
	return m.Provider.Send(ctx, req)
}

func (m *mutant) Verify(ctx context.Context, v otp.Verification, code string) error {
	if m.verify != nil {
		return m.verify(ctx, m, v, code)
	}
	return m.Provider.Verify(ctx, v, code)
}

// dropping is a send that loses part of the request.
func dropping(change func(*otp.SendRequest)) mutant {
	return mutant{send: func(ctx context.Context, m *mutant, req otp.SendRequest) (otp.Verification, error) {
		change(&req)
		return m.Provider.Send(ctx, req)
	}}
}

// spoiling is a send whose result is changed.
func spoiling(change func(m *mutant, v *otp.Verification, err *error)) mutant {
	return mutant{send: func(ctx context.Context, m *mutant, req otp.SendRequest) (otp.Verification, error) {
		v, err := m.Provider.Send(ctx, req)
		change(m, &v, &err)
		return v, err
	}}
}

// failing is a provider whose errors are changed.
func failing(change func(*otp.Error)) mutant {
	changed := func(err error) error {
		var failure *otp.Error
		if !errors.As(err, &failure) {
			return err
		}
		copied := *failure
		change(&copied)
		return &copied
	}
	m := spoiling(func(_ *mutant, _ *otp.Verification, err *error) { *err = changed(*err) })
	m.verify = func(ctx context.Context, m *mutant, v otp.Verification, code string) error {
		return changed(m.Provider.Verify(ctx, v, code))
	}
	return m
}

// judging is a verification whose result is changed.
func judging(change func(err error) error) mutant {
	return mutant{verify: func(ctx context.Context, m *mutant, v otp.Verification, code string) error {
		return change(m.Provider.Verify(ctx, v, code))
	}}
}

// asking is a verification that asks about something else.
func asking(change func(m *mutant, v *otp.Verification, code *string)) mutant {
	return mutant{verify: func(ctx context.Context, m *mutant, v otp.Verification, code string) error {
		change(m, &v, &code)
		return m.Provider.Verify(ctx, v, code)
	}}
}

func with(m mutant) otptest.Harness {
	return otptest.Harness{New: func() (otptest.Account, error) {
		a, err := account(careless{})
		changed := m
		changed.Provider, changed.account = a.Provider, a
		a.Provider = &changed
		return a, err
	}}
}

func TestSuiteKillsWrappedMutants(t *testing.T) {
	for name, test := range map[string]struct {
		mutant mutant
		killer string
	}{
		"accepts a wrong code": {judging(func(err error) error {
			if errors.Is(err, otp.ErrWrongCode) {
				return nil
			}
			return err
		}), "a wrong code is rejected, the right one counts"},
		"verifies for another provider": {asking(func(m *mutant, v *otp.Verification, _ *string) {
			v.Provider = m.Name()
		}), "another provider's verification is refused"},
		"loses leading zeros": {asking(func(_ *mutant, _ *otp.Verification, code *string) {
			if n, err := strconv.Atoi(*code); err == nil {
				*code = strconv.Itoa(n)
			}
		}), "leading zeros survive"},
		"asks about anything typed": {asking(func(_ *mutant, _ *otp.Verification, code *string) {
			if _, err := otp.TypedCode(*code); err != nil {
				*code = "0000"
			}
		}), "what can be no code is wrong without asking"},
		"takes codes to the letter": {mutant{verify: func(ctx context.Context, m *mutant, v otp.Verification, code string) error {
			if strings.Trim(code, "0123456789") != "" {
				return &otp.Error{Provider: m.Name(), Op: "verify", Kind: otp.ErrWrongCode, Outcome: otp.OutcomeNotSent}
			}
			return m.Provider.Verify(ctx, v, code)
		}}, "a typed code is what the person meant"},
		"verifies without a reference": {asking(func(m *mutant, v *otp.Verification, _ *string) {
			if !v.CanVerify() {
				v.ID = "lost"
			}
		}), "a fault on a send never texts twice"},
		"sends twice": {mutant{send: func(ctx context.Context, m *mutant, req otp.SendRequest) (otp.Verification, error) {
			_, _ = m.Provider.Send(ctx, req)
			return m.Provider.Send(ctx, req)
		}}, "a code verifies once"},
		"accepts two recipients": {mutant{send: func(ctx context.Context, m *mutant, req otp.SendRequest) (otp.Verification, error) {
			for _, separator := range ",; " {
				for _, to := range strings.Split(req.To, string(separator))[1:] {
					_, _ = m.Provider.Send(ctx, otp.SendRequest{To: to, Channel: req.Channel})
				}
			}
			return m.Provider.Send(ctx, req)
		}}, "one recipient and nothing else"},
		"tidies recipients up": {dropping(func(r *otp.SendRequest) {
			r.To = strings.ReplaceAll(strings.TrimSpace(r.To), " ", "")
		}), "one recipient and nothing else"},
		"drops the lifetime":        {dropping(func(r *otp.SendRequest) { r.TTL = 0 }), "lifetime"},
		"rounds the lifetime":       {dropping(func(r *otp.SendRequest) { r.TTL = r.TTL.Round(time.Second) }), "lifetime"},
		"drops the attempts":        {dropping(func(r *otp.SendRequest) { r.MaxAttempts = 0 }), "attempts are used up"},
		"drops too many attempts":   {dropping(func(r *otp.SendRequest) { r.MaxAttempts %= 11 }), "number of attempts"},
		"drops the length":          {dropping(func(r *otp.SendRequest) { r.CodeLength = 0 }), "code length"},
		"drops the code":            {dropping(func(r *otp.SendRequest) { r.Code = "" }), "a code of the caller's own"},
		"drops options":             {dropping(func(r *otp.SendRequest) { r.Options = nil }), "options that pretend to be ours are refused"},
		"drops the channel":         {dropping(func(r *otp.SendRequest) { r.Channel = "" }), "a channel that is not offered is refused"},
		"drops the send before":     {dropping(func(r *otp.SendRequest) { r.Previous = nil }), "a send again names the send before"},
		"refuses options of others": {refusing(func(r otp.SendRequest) bool { return len(r.Options) > 0 }, "options"), "options of other vendors are ignored"},
		"refuses unknown languages": {refusing(func(r otp.SendRequest) bool { return len(r.Locale) > 5 }, "locale"), "a language is a preference"},
		"refuses a send again":      {refusing(func(r otp.SendRequest) bool { return r.Previous != nil }, "previous"), "a send again names the send before"},
		"has no default channel":    {refusing(func(r otp.SendRequest) bool { return r.Channel == "" }, "channel"), "no channel means the default channel"},
		"leaks the code":            {spoiling(func(m *mutant, v *otp.Verification, _ *error) { code, _ := m.account.Code(v.To); v.ID += code }), "a verification shows neither number nor code"},
		"has errors of its own":     {spoiling(func(_ *mutant, _ *otp.Verification, err *error) { *err = plain(*err) }), "a fault on a send never texts twice"},
		"names somebody else":       {spoiling(func(_ *mutant, v *otp.Verification, _ *error) { v.Provider = "vendor" }), "a verification says who sent what to whom"},
		"has one reference for all": {spoiling(func(_ *mutant, v *otp.Verification, _ *error) { v.ID = "1" }), "a second send to one number"},
		"has times of its own zone": {spoiling(func(_ *mutant, v *otp.Verification, _ *error) {
			v.ExpiresAt = v.ExpiresAt.Local().In(time.FixedZone("", 3600))
		}), "a verification is the same after JSON"},
		"has a monotonic clock":        {spoiling(func(_ *mutant, v *otp.Verification, _ *error) { v.SentAt = time.Now() }), "a verification is the same after JSON"},
		"gives expired codes":          {spoiling(func(_ *mutant, v *otp.Verification, _ *error) { v.ExpiresAt = v.SentAt.Add(-time.Hour) }), "a verification says who sent what to whom"},
		"prints":                       {spoiling(func(_ *mutant, v *otp.Verification, _ *error) { fmt.Fprintln(os.Stderr, "sent", v.ID) }), "nothing is printed"},
		"forgets an unknown send":      {spoiling(forget), "a fault on a send never texts twice"},
		"leaks the number":             {failing(func(e *otp.Error) { e.Message = "no route to +905321234567" }), "one recipient and nothing else"},
		"is too sure of failures":      {failing(func(e *otp.Error) { e.Outcome = otp.OutcomeNotSent }), "a fault on a send never texts twice"},
		"has no kinds":                 {failing(func(e *otp.Error) { e.Kind = "" }), "a cancelled context"},
		"rejects codes when it sends":  {failing(func(e *otp.Error) { e.Kind = otp.ErrWrongCode }), "a deadline that has passed"},
		"takes outages for wrong":      {failing(rejectOutages), "a fault on a verification is no verdict"},
		"names no field":               {failing(func(e *otp.Error) { e.Field = "" }), "number of attempts"},
		"forgets who failed":           {failing(func(e *otp.Error) { e.Provider = "" }), "attempts are used up"},
		"is unsure of verdicts":        {failing(func(e *otp.Error) { e.Outcome = otp.OutcomeUnknown }), "somebody else's code is rejected"},
		"verifies what was never sent": {judging(func(err error) error { return unless(err, otp.ErrNotFound) }), "a verification of nothing sent is rejected"},
		"lets codes live for ever":     {judging(func(err error) error { return unless(err, otp.ErrExpired) }), "a code expires"},
		"counts no attempts":           {judging(func(err error) error { return unless(err, otp.ErrTooManyAttempts) }), "attempts are used up"},
		"verifies twice":               {judging(func(err error) error { return unless(err, otp.ErrAlreadyVerified) }), "a code verifies once"},
		"claims a default it has not": {claiming(func(caps *otp.Capabilities) {
			caps.Default = "pigeon"
		}), "capabilities are consistent"},
		"claims longer codes": {claiming(func(caps *otp.Capabilities) {
			sms := caps.Channels[otp.SMS]
			sms.CodeLength.Max++
			caps.Channels[otp.SMS] = sms
		}), "code length"},
		"claims letters": {claiming(func(caps *otp.Capabilities) {
			sms := caps.Channels[otp.SMS]
			sms.Alphanumeric = true
			caps.Channels[otp.SMS] = sms
		}), "codes with letters"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.NotEmpty(t, said(t, with(test.mutant), test.killer), "it survives %q", test.killer)
		})
	}
}

func forget(_ *mutant, v *otp.Verification, err *error) {
	if *err != nil {
		*v = otp.Verification{}
	}
}

func plain(err error) error {
	if err != nil {
		err = errors.New(err.Error())
	}
	return err
}

func unless(err error, kind otp.Kind) error {
	if errors.Is(err, kind) {
		return nil
	}
	return err
}

func rejectOutages(e *otp.Error) {
	if e.Op == "verify" && (e.Kind == otp.ErrUnavailable || e.Kind == otp.ErrUnauthorized) {
		e.Kind, e.Outcome = otp.ErrWrongCode, otp.OutcomeAccepted
	}
}

// refusing is a send that knows something as unsupported that it has to take.
func refusing(what func(otp.SendRequest) bool, field string) mutant {
	return mutant{send: func(ctx context.Context, m *mutant, req otp.SendRequest) (otp.Verification, error) {
		if what(req) {
			return otp.Verification{}, &otp.Error{
				Provider: m.Name(), Op: "send", Kind: otp.ErrUnsupported, Outcome: otp.OutcomeNotSent, Field: field,
			}
		}
		return m.Provider.Send(ctx, req)
	}}
}

func claiming(change func(caps *otp.Capabilities)) mutant {
	return mutant{caps: func(p otp.Provider) otp.Capabilities {
		caps := p.Capabilities()
		change(&caps)
		return caps
	}}
}

// The mistakes that somebody makes who writes a provider, in the provider itself.
func TestSuiteKillsCarelessProviders(t *testing.T) {
	for name, test := range map[string]struct {
		mistakes careless
		killer   string
	}{
		"any 2xx sends":                     {careless{anyStatusSends: true}, "a fault on a send never texts twice"},
		"any 2xx verifies":                  {careless{anyStatusVerifies: true}, "a fault on a verification is no verdict"},
		"a bad key is a wrong code":         {careless{rejectsOn: on(401)}, "a fault on a verification is no verdict"},
		"an outage is a wrong code":         {careless{rejectsOn: on(500)}, "a fault on a verification is no verdict"},
		"it repeats what may have happened": {careless{retries: always}, "a fault on a send never texts twice"},
		"it is sure that nothing was sent":  {careless{certain: notSent}, "a fault on a send never texts twice"},
		"it ignores the context":            {careless{ignoresContext: true}, "a cancelled context"},
		"it prints":                         {careless{prints: true}, "nothing is printed"},
		"it shows its key":                  {careless{shows: showKey}, "a fault on a send never texts twice"},
	} {
		t.Run(name, func(t *testing.T) {
			h := otptest.Harness{New: func() (otptest.Account, error) { return account(test.mistakes) }}
			assert.NotEmpty(t, said(t, h, test.killer))
		})
	}
}

func on(statuses ...int) func(int, string) bool {
	return func(status int, _ string) bool { return slices.Contains(statuses, status) }
}

// showKey wraps what a careless client wraps: an error with the request in it.
func showKey(err *otp.Error, body string, req *http.Request) {
	err.Err = fmt.Errorf("%s: %s: %v", req.URL, body, req.Header)
}

func always(int, error) bool         { return true }
func notSent(int, error) otp.Outcome { return otp.OutcomeNotSent }

func TestSuiteKillsSharedCapabilities(t *testing.T) {
	h := otptest.Harness{New: func() (otptest.Account, error) {
		a, err := account(careless{})
		caps := a.Provider.Capabilities()
		a.Provider = &mutant{Provider: a.Provider, caps: func(otp.Provider) otp.Capabilities { return caps }}
		return a, err
	}}
	assert.NotEmpty(t, said(t, h, "capabilities are the caller's to change"))
}

// shown is a provider whose fields hold what nobody may be shown.
type shown struct {
	otp.Provider
	Key string
}

func TestSuiteKillsProviderThatShowsItsKey(t *testing.T) {
	h := otptest.Harness{New: func() (otptest.Account, error) {
		a, err := account(careless{})
		a.Provider = shown{a.Provider, key}
		return a, err
	}}
	assert.NotEmpty(t, said(t, h, "a provider shows no secret"))
}

// secondSend is a stranger that treats a second send to one number in its own way.
func secondSend(second func(m *mutant, first otp.Verification) (otp.Verification, error), declared otptest.SecondSend) otptest.Harness {
	return otptest.Harness{SecondSend: declared, New: func() (otptest.Account, error) {
		a, err := account(careless{})
		var sent sync.Map
		a.Provider = &mutant{Provider: a.Provider, send: func(ctx context.Context, m *mutant, req otp.SendRequest) (otp.Verification, error) {
			if first, again := sent.Load(req.To); again && otp.CanSend(m.Provider, req) == nil {
				return second(m, first.(otp.Verification))
			}
			v, failure := m.Provider.Send(ctx, req)
			if failure == nil {
				sent.Store(req.To, v)
			}
			return v, failure
		}}
		return a, err
	}}
}

func TestSecondSendIsAsDeclared(t *testing.T) {
	same := func(_ *mutant, first otp.Verification) (otp.Verification, error) { return first, nil }
	refused := func(m *mutant, _ otp.Verification) (otp.Verification, error) {
		return otp.Verification{}, &otp.Error{Provider: m.Name(), Op: "send", Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent}
	}
	otptest.TestProvider(t, secondSend(same, otptest.SameID))
	otptest.TestProvider(t, secondSend(refused, otptest.Refused))
	const check = "a second send to one number"
	for _, declared := range []otptest.SecondSend{otptest.AnotherID, otptest.SameID, otptest.Refused} {
		if declared != otptest.SameID {
			assert.NotEmpty(t, said(t, secondSend(same, declared), check))
		}
		if declared != otptest.Refused {
			assert.NotEmpty(t, said(t, secondSend(refused, declared), check))
		}
	}
}

// The clock of an account need not be movable, and nothing needs to go wrong.
func TestSuiteNeedsLittle(t *testing.T) {
	otptest.TestProvider(t, otptest.Harness{New: func() (otptest.Account, error) {
		a := otptest.NewProvider().Account()
		return otptest.Account{Provider: a.Provider, Code: a.Code, Texts: a.Texts}, nil
	}})
}

func TestHarnessMustBeComplete(t *testing.T) {
	none := func() {}
	for name, h := range map[string]otptest.Harness{
		"empty":         {},
		"empty account": {New: func() (otptest.Account, error) { return otptest.Account{}, nil }},
		"without a stop": {New: func() (otptest.Account, error) {
			a := otptest.NewProvider().Account()
			a.Faults = []otptest.Fault{{Name: "one", Start: none}}
			return a, nil
		}},
	} {
		_, err := otptest.Open(h)
		require.Error(t, err, name)
	}
	_, err := otptest.Open(otptest.Harness{New: func() (otptest.Account, error) { return otptest.Account{}, os.ErrNotExist }})
	require.ErrorIs(t, err, os.ErrNotExist)
}
