package owncode

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// Vendor is the vendor's name in the capabilities, and the provider's unless otp.WithName names it.
const Vendor = "owncode"

const (
	opSend, opVerify = "send", "verify"

	defaultTimeout = 10 * time.Second // of one text
	wholeCall      = 15 * time.Second // of a call without a deadline
)

// Provider is an [otp.Provider] that makes and checks codes itself. Make one with [New]. It is safe
// for concurrent use, holds no goroutines and needs no Close.
type Provider struct{ core func() *core } // a function, so that nothing that prints it shows a key

// core is what a provider is made of.
type core struct {
	name     string
	keys     []*key // the first makes codes
	config   Config // without its keys
	caps     otp.Capabilities
	send     Sender
	memory   *guard.Memory // the store, if it is one
	timeout  time.Duration
	logger   *slog.Logger
	messages map[string]template
	attempts sync.Pool // of *attempt
}

// New makes a provider of a way to send texts. It takes otp.WithName, otp.WithLogger and
// otp.WithTimeout, which bounds one text and is 10 seconds by default; whatever else options set
// belongs to the sender, and is refused. Errors are *otp.Error of kind otp.ErrMisconfigured that
// name the field: a key that is too short, a sender that is nil, a template without the code.
func New(cfg Config, send Sender, opts ...otp.Option) (*Provider, error) {
	cfg = cfg.filled()
	k := &core{name: Vendor, send: send, config: cfg}
	settings, err := otp.Apply(opts...)
	if err == nil {
		err = vendorkit.First(k.apply(settings),
			vendorkit.When(check.IsNil(send), "sender", "must not be nil"),
			vendorkit.When(tree.Same(send, cfg.Fallback), "fallback", "must be another sender"),
			cfg.check())
	}
	if err == nil {
		k.messages, err = cfg.Message.compile(cfg)
	}
	if err != nil {
		failure := k.failed("new", err)
		failure.Kind = otp.ErrMisconfigured
		return nil, failure
	}
	for _, secret := range cfg.Keys {
		k.keys = append(k.keys, newKey(slices.Clone(secret)))
	}
	if cfg.Store == nil {
		k.config.Store, _ = guard.NewMemory(0) // never fails with 0
	}
	k.memory, _ = k.config.Store.(*guard.Memory)
	k.config.Keys, k.caps = nil, cfg.capabilities()
	return &Provider{core: func() *core { return k }}, nil
}

// apply takes the settings that a provider without a network of its own can use.
func (k *core) apply(s otp.Settings) error {
	k.name, k.logger, k.timeout = cmp.Or(s.Name, Vendor), s.Logger, cmp.Or(s.Timeout, defaultTimeout)
	const rule = "belongs to the sender: give it to that"
	return vendorkit.First(
		vendorkit.When(s.HTTPClient != nil, "http_client", rule),
		vendorkit.When(s.Retry != otp.RetryPolicy{}, "retry", rule),
		vendorkit.When(s.UserAgent != "", "user_agent", rule),
		vendorkit.When(s.PlainHTTP, "plain_http", rule),
		vendorkit.When(len(s.Unused()) > 0, strings.Join(s.Unused(), "_limit, ")+"_limit", rule),
	)
}

// Name is the instance's name.
func (p *Provider) Name() string { return p.core().name }

// String is the name, and nothing else.
func (p *Provider) String() string { return p.Name() }

// Capabilities says what may be asked for: what the [Config] allows.
func (p *Provider) Capabilities() otp.Capabilities { return p.core().caps.Clone() }

// CanSend says whether a request can be served: see [otp.CanSend].
func (p *Provider) CanSend(req otp.SendRequest) error { return p.core().offers(req) }

func (k *core) offers(req otp.SendRequest) error {
	isOurs := func(o otp.SendOption) bool { return o.OTPVendor() == Vendor }
	return vendorkit.First(k.caps.Offers(req),
		vendorkit.When(slices.ContainsFunc(req.Options, isOurs), "options", "holds one for "+Vendor+", which has none"))
}

// failed is the error of a check, with the provider's name in it.
func (k *core) failed(op string, err error) *otp.Error {
	own := otp.Error{Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Err: err}
	var known *otp.Error
	if errors.As(err, &known) && known != nil {
		own = *known
	}
	own.Provider, own.Op = k.name, op
	return &own
}

// ended is the error of a context that has ended before anything was done; nil = it has not.
func (k *core) ended(ctx context.Context, op string) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	return &otp.Error{Provider: k.name, Op: op, Kind: endedKind(err), Outcome: otp.OutcomeNotSent, Err: err}
}

func endedKind(err error) otp.Kind {
	if errors.Is(err, context.Canceled) {
		return otp.ErrCanceled
	}
	return otp.ErrUnavailable
}

// change makes one change of the store. A guard.Memory answers at once, and keeps nothing of the
// change; another store needs a deadline, may look at the change for longer, and gets a copy.
func (k *core) change(ctx context.Context, op string, c guard.Change) (result guard.Result, err error) {
	if k.memory != nil {
		result, err = k.memory.Apply(ctx, c)
	} else {
		result, err = k.ask(ctx, guard.Change{
			Unless: copied(c.Unless), Marks: copied(c.Marks), Take: copied(c.Take), Back: copied(c.Back),
			Clear: copied(c.Clear), Set: copied(c.Set), Get: strings.Clone(c.Get),
		})
	}
	if err == nil && result.Refused == guard.RefusedByNone && len(result.Taken) != len(c.Take) {
		err = errors.New("the store's answer does not fit the change")
	}
	if err == nil {
		return result, nil
	}
	return result, k.storeFailed(ctx, op, err)
}

func copied[T any](all []T) []T { return append([]T(nil), all...) }

func (k *core) ask(ctx context.Context, c guard.Change) (guard.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	return safely.Value(func() (guard.Result, error) { return k.config.Store.Apply(ctx, c) })
}

// storeFailed is the error of a call that cannot go on without its store. Nothing was sent then,
// but an attempt may have been counted.
func (k *core) storeFailed(ctx context.Context, op string, err error) error {
	failure := &otp.Error{Provider: k.name, Op: op, Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, Field: "store", Err: err}
	if op == opVerify && otp.OutcomeOf(err) != otp.OutcomeNotSent {
		failure.Outcome = otp.OutcomeUnknown
	}
	if ctx.Err() != nil {
		failure.Kind = endedKind(ctx.Err())
	}
	return failure
}
