package otptest_test

import (
	"context"
	"errors"
	"fmt"
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

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
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

func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) FailNow()                 { runtime.Goexit() }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = append(r.failed, fmt.Sprintf(format, args...))
}

// failures runs the checks of these names, or all, and returns the names of those that failed.
func failures(t *testing.T, h otptest.Harness, only ...string) []string {
	t.Helper()
	var names []string
	for n, name := range otptest.CheckNames() {
		if len(only) > 0 && !slices.Contains(only, name) {
			continue
		}
		for _, channel := range []otp.Channel{otp.SMS, otp.WhatsApp} {
			r := &recorder{ctx: t.Context()}
			done := make(chan struct{})
			go func() {
				defer close(done)
				otptest.RunCheck(r, h, channel, n)
			}()
			<-done
			if len(r.failed) > 0 {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

// sound is a provider that keeps every promise.
func sound() (otptest.Account, error) {
	srv := insidertest.NewServer()
	client, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL})
	return simtest.Account(client, srv.Server), err
}

// broken is a provider with one fault. Nil functions leave the sound behaviour.
type broken struct {
	otp.Provider
	account otptest.Account
	caps    func(otp.Provider) otp.Capabilities
	send    func(ctx context.Context, b *broken, req otp.SendRequest) (otp.Verification, error)
	verify  func(ctx context.Context, b *broken, v otp.Verification, code string) error
}

func (b *broken) Capabilities() otp.Capabilities {
	if b.caps != nil {
		return b.caps(b.Provider)
	}
	return b.Provider.Capabilities()
}

func (b *broken) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	if b.send != nil {
		return b.send(ctx, b, req)
	}
	return b.Provider.Send(ctx, req)
}

func (b *broken) Verify(ctx context.Context, v otp.Verification, code string) error {
	if b.verify != nil {
		return b.verify(ctx, b, v, code)
	}
	return b.Provider.Verify(ctx, v, code)
}

type (
	sender   = func(ctx context.Context, b *broken, req otp.SendRequest) (otp.Verification, error)
	verifier = func(ctx context.Context, b *broken, v otp.Verification, code string) error
)

// dropping is a send that loses part of the request.
func dropping(change func(*otp.SendRequest)) sender {
	return func(ctx context.Context, b *broken, req otp.SendRequest) (otp.Verification, error) {
		change(&req)
		return b.Provider.Send(ctx, req)
	}
}

// spoiling is a send whose result is changed.
func spoiling(change func(b *broken, req otp.SendRequest, v *otp.Verification, err *error)) sender {
	return func(ctx context.Context, b *broken, req otp.SendRequest) (otp.Verification, error) {
		v, err := b.Provider.Send(ctx, req)
		change(b, req, &v, &err)
		return v, err
	}
}

// judging is a verification whose result is changed.
func judging(change func(err error) error) verifier {
	return func(ctx context.Context, b *broken, v otp.Verification, code string) error {
		return change(b.Provider.Verify(ctx, v, code))
	}
}

// remade is a copy of a failure, changed.
func remade(err error, change func(*otp.Error)) error {
	var failure *otp.Error
	if !errors.As(err, &failure) {
		return err
	}
	changed := *failure
	change(&changed)
	return &changed
}

func TestTheSuitePassesASoundProvider(t *testing.T) {
	require.GreaterOrEqual(t, len(otptest.CheckNames()), 25)
	require.Empty(t, failures(t, otptest.Harness{New: sound}))
	otptest.TestProvider(t, otptest.Harness{New: sound})
}

func TestTheSuiteCatchesEveryBrokenProvider(t *testing.T) {
	for name, test := range map[string]struct {
		fault  broken
		caught string // the check that must see it
	}{
		"accepts a wrong code": {broken{verify: judging(func(err error) error {
			if errors.Is(err, otp.ErrWrongCode) {
				return nil
			}
			return err
		})}, "a wrong code is rejected and the right one still counts"},
		"verifies on any 2xx": {broken{verify: judging(func(err error) error {
			if errors.Is(err, otp.ErrProtocol) {
				return nil
			}
			return err
		})}, "an answer that is not the vendor's verifies nothing"},
		"calls an outage a wrong code": {broken{verify: judging(func(err error) error {
			if errors.Is(err, otp.ErrUnavailable) {
				return remade(err, func(e *otp.Error) { e.Kind, e.Outcome = otp.ErrWrongCode, otp.OutcomeAccepted })
			}
			return err
		})}, "a verification that is refused by status"},
		"verifies for another provider": {broken{verify: func(ctx context.Context, b *broken, v otp.Verification, code string) error {
			v.Provider = b.Name()
			return b.Provider.Verify(ctx, v, code)
		}}, "another provider's verification is refused"},
		"loses leading zeros": {broken{verify: func(ctx context.Context, b *broken, v otp.Verification, code string) error {
			if n, err := strconv.Atoi(code); err == nil {
				code = strconv.Itoa(n)
			}
			return b.Provider.Verify(ctx, v, code)
		}}, "leading zeros survive"},
		"asks about anything typed": {broken{verify: func(ctx context.Context, b *broken, v otp.Verification, code string) error {
			if _, err := otp.TypedCode(code); err != nil {
				code = "0000"
			}
			return b.Provider.Verify(ctx, v, code)
		}}, "what nobody can have sent is a wrong code without asking"},
		"tries a verification again": {broken{verify: func(ctx context.Context, b *broken, v otp.Verification, code string) error {
			err := b.Provider.Verify(ctx, v, code)
			if otp.OutcomeOf(err) == otp.OutcomeUnknown {
				return b.Provider.Verify(ctx, v, code)
			}
			return err
		}}, "an answer that is not the vendor's verifies nothing"},
		"sends twice": {broken{send: func(ctx context.Context, b *broken, req otp.SendRequest) (otp.Verification, error) {
			_, _ = b.Provider.Send(ctx, req)
			return b.Provider.Send(ctx, req)
		}}, "the right code is verified"},
		"sends again when its fate is unknown": {broken{send: func(ctx context.Context, b *broken, req otp.SendRequest) (otp.Verification, error) {
			v, err := b.Provider.Send(ctx, req)
			if otp.OutcomeOf(err) == otp.OutcomeUnknown {
				return b.Provider.Send(ctx, req)
			}
			return v, err
		}}, "a send is not repeated when its fate is unknown"},
		"accepts two recipients": {broken{send: func(ctx context.Context, b *broken, req otp.SendRequest) (otp.Verification, error) {
			for _, separator := range ",; " {
				for _, to := range strings.Split(req.To, string(separator))[1:] {
					_, _ = b.Provider.Send(ctx, otp.SendRequest{To: to, Channel: req.Channel})
				}
			}
			return b.Provider.Send(ctx, req)
		}}, "one recipient and nothing else"},
		"tidies recipients up": {broken{send: dropping(func(r *otp.SendRequest) {
			r.To = strings.ReplaceAll(strings.TrimSpace(r.To), " ", "")
		})}, "one recipient and nothing else"},
		"drops the lifetime": {broken{send: dropping(func(r *otp.SendRequest) { r.TTL = 0 })}, "lifetime"},
		"rounds the lifetime": {broken{send: dropping(func(r *otp.SendRequest) {
			r.TTL = r.TTL.Round(time.Second)
		})}, "lifetime"},
		"drops the number of attempts": {broken{send: dropping(func(r *otp.SendRequest) { r.MaxAttempts = 0 })}, "attempts are used up"},
		"drops the length":             {broken{send: dropping(func(r *otp.SendRequest) { r.CodeLength = 0 })}, "code length"},
		"drops the language":           {broken{send: dropping(func(r *otp.SendRequest) { r.Locale = "" })}, "languages"},
		"drops the code":               {broken{send: dropping(func(r *otp.SendRequest) { r.Code = "" })}, "a code of the caller's own"},
		"drops options":                {broken{send: dropping(func(r *otp.SendRequest) { r.Options = nil })}, "options that only claim to be the vendor's are refused"},
		"drops the channel": {broken{send: dropping(func(r *otp.SendRequest) {
			r.Channel = ""
		})}, "a channel that is not offered is refused"},
		"leaks the code": {broken{send: spoiling(func(b *broken, req otp.SendRequest, v *otp.Verification, _ *error) {
			code, _ := b.account.Code(req.To)
			v.ID += code
		})}, "a verification survives JSON and shows neither number nor code"},
		"leaks the number in an error": {broken{send: spoiling(func(_ *broken, req otp.SendRequest, _ *otp.Verification, err *error) {
			*err = remade(*err, func(e *otp.Error) { e.Message = "no route to " + req.To })
		})}, "a send that is refused by status"},
		"has errors of its own": {broken{send: spoiling(func(_ *broken, _ otp.SendRequest, _ *otp.Verification, err *error) {
			if *err != nil {
				*err = errors.New((*err).Error())
			}
		})}, "a send that is refused by status"},
		"is too sure that nothing was sent": {broken{send: spoiling(func(_ *broken, _ otp.SendRequest, _ *otp.Verification, err *error) {
			*err = remade(*err, func(e *otp.Error) { e.Outcome = otp.OutcomeNotSent })
		})}, "a send is not repeated when its fate is unknown"},
		"forgets a send that may have gone out": {broken{send: spoiling(func(_ *broken, _ otp.SendRequest, v *otp.Verification, err *error) {
			if *err != nil {
				*v = otp.Verification{}
			}
		})}, "a send is not repeated when its fate is unknown"},
		"loses Retry-After": {broken{send: spoiling(func(_ *broken, _ otp.SendRequest, _ *otp.Verification, err *error) {
			*err = remade(*err, func(e *otp.Error) { e.RetryAfter = 0 })
		})}, "Retry-After is reported"},
		"names somebody else": {broken{send: spoiling(func(_ *broken, _ otp.SendRequest, v *otp.Verification, _ *error) {
			v.Provider = "vendor"
		})}, "a verification says who sent what to whom"},
		"gives every send the same reference": {broken{send: spoiling(func(_ *broken, _ otp.SendRequest, v *otp.Verification, _ *error) {
			v.ID = "1"
		})}, "a verification says who sent what to whom"},
		"ignores the caller's context": {broken{send: func(ctx context.Context, b *broken, req otp.SendRequest) (otp.Verification, error) {
			return b.Provider.Send(context.WithoutCancel(ctx), req)
		}}, "a cancelled context"},
		"prints": {broken{send: spoiling(func(_ *broken, _ otp.SendRequest, v *otp.Verification, _ *error) {
			fmt.Fprintln(os.Stderr, "sent", v.ID)
		})}, "nothing is printed"},
		"claims a default that it has not": {broken{caps: func(p otp.Provider) otp.Capabilities {
			caps := p.Capabilities()
			caps.Default = otp.Voice
			return caps
		}}, "capabilities are consistent"},
		"claims longer codes than it sends": {broken{caps: func(p otp.Provider) otp.Capabilities {
			caps := p.Capabilities()
			for channel, features := range caps.Channels {
				features.CodeLength.Max++
				caps.Channels[channel] = features
			}
			return caps
		}}, "code length"},
	} {
		t.Run(name, func(t *testing.T) {
			names := failures(t, otptest.Harness{New: func() (otptest.Account, error) {
				account, err := sound()
				fault := test.fault
				fault.Provider, fault.account = account.Provider, account
				account.Provider = &fault
				return account, err
			}}, test.caught)
			assert.Equal(t, []string{test.caught}, names)
		})
	}
}

func TestCapabilitiesThatAreSharedAreCaught(t *testing.T) {
	const caught = "capabilities are the caller's to change"
	names := failures(t, otptest.Harness{New: func() (otptest.Account, error) {
		account, err := sound()
		caps := account.Provider.Capabilities()
		account.Provider = &broken{Provider: account.Provider, caps: func(otp.Provider) otp.Capabilities { return caps }}
		return account, err
	}}, caught)
	assert.Equal(t, []string{caught}, names)
}

func TestACodeThatStaysValidIsCaught(t *testing.T) {
	const caught = "a code is used up once verified"
	names := failures(t, otptest.Harness{New: func() (otptest.Account, error) {
		account, err := sound()
		var verified sync.Map
		account.Provider = &broken{Provider: account.Provider, verify: func(ctx context.Context, b *broken, v otp.Verification, code string) error {
			if _, before := verified.Load(v.ID + code); before {
				return nil
			}
			verdict := b.Provider.Verify(ctx, v, code)
			if verdict == nil {
				verified.Store(v.ID+code, true)
			}
			return verdict
		}}
		return account, err
	}}, caught)
	assert.Equal(t, []string{caught}, names)
}

func TestAHarnessMustBeComplete(t *testing.T) {
	_, err := otptest.Open(otptest.Harness{})
	require.Error(t, err)
	_, err = otptest.Open(otptest.Harness{New: func() (otptest.Account, error) { return otptest.Account{}, nil }})
	require.Error(t, err)
	_, err = otptest.Open(otptest.Harness{New: func() (otptest.Account, error) { return otptest.Account{}, os.ErrNotExist }})
	require.ErrorIs(t, err, os.ErrNotExist)
}
