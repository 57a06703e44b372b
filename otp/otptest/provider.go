package otptest

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// Vendor is the vendor's name in the capabilities of a [Provider].
const Vendor = "otptest"

// Provider is an otp.Provider in memory: it keeps every rule of the contract, and nothing leaves
// the process. Make one with [NewProvider]. It is safe for concurrent use.
type Provider struct {
	name     string
	caps     otp.Capabilities
	losesIDs bool

	mu    sync.Mutex
	moved time.Duration
	sent  map[string]*passcode // by verification id
	last  map[string]*passcode // by number
	fail  map[string][]*otp.Error
	calls []Call
}

type passcode struct {
	code     string
	expires  time.Time
	attempts int
	used     bool
}

// Call is one call of Send or Verify, in the order in which they came.
type Call struct {
	Op string // "send" or "verify"

	Request      otp.SendRequest  // of a send
	Verification otp.Verification // what Send returned, or Verify was given
	Code         string           // what Verify was given
	Err          error            // what the call returned
}

// Option sets a [Provider] up.
type Option func(*Provider)

// WithName names the provider. Default: "otptest".
func WithName(name string) Option { return func(p *Provider) { p.name = name } }

// WithCapabilities replaces what the provider can do. The default is nearly everything: SMS,
// WhatsApp and voice, codes of 4 to 10 digits, a second to a day, 1 to 10 attempts, own codes.
func WithCapabilities(caps otp.Capabilities) Option {
	return func(p *Provider) { p.caps = caps.Clone() }
}

// WithLostIDs makes the reference lost after a send with otp.OutcomeUnknown: CanVerify is false.
func WithLostIDs() Option { return func(p *Provider) { p.losesIDs = true } }

// NewProvider returns a provider in memory.
func NewProvider(opts ...Option) *Provider {
	features := otp.Features{
		CodeLength:  otp.Range[int]{Min: 4, Max: 10},
		MaxAttempts: otp.Range[int]{Min: 1, Max: 10},
		TTL:         otp.Range[time.Duration]{Min: time.Second, Max: 24 * time.Hour},
		OwnCode:     true,
		Locales:     []string{"ar", "de", "en", "es", "fr", "hi", "it", "ja", "pt", "pt-BR", "ru", "tr", "zh"},
	}
	p := &Provider{
		name: Vendor,
		caps: otp.Capabilities{Vendor: Vendor, Default: otp.SMS, Channels: map[otp.Channel]otp.Features{
			otp.SMS: features, otp.WhatsApp: features, otp.Voice: features,
		}},
		sent: make(map[string]*passcode), last: make(map[string]*passcode), fail: make(map[string][]*otp.Error),
	}
	for _, opt := range opts {
		opt(p)
	}
	return p
}

// Code is the code that the phone at to received last. It is false for a phone that received none.
func (p *Provider) Code(to string) (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if code, received := p.last[to]; received {
		return code.code, true
	}
	return "", false
}

// Calls lists all calls so far.
func (p *Provider) Calls() []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// Advance moves the provider's clock, so that codes expire without waiting.
func (p *Provider) Advance(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.moved += d
}

// FailSend makes the next sends fail. Unless otp.OutcomeNotSent, the phone receives its code.
func (p *Provider) FailSend(failures ...otp.Error) { p.script("send", failures) }

// FailVerify makes the next verifications fail. Unless otp.OutcomeNotSent, the code is judged.
func (p *Provider) FailVerify(failures ...otp.Error) { p.script("verify", failures) }

func (p *Provider) script(op string, failures []otp.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, failure := range failures {
		failure.Provider, failure.Op = p.name, op
		p.fail[op] = append(p.fail[op], &failure)
	}
}

// Heal drops the failures that no call has met yet.
func (p *Provider) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.fail)
}

func (p *Provider) scripted(op string) (failure *otp.Error, acts bool) {
	queue := p.fail[op]
	if len(queue) == 0 {
		return nil, true
	}
	p.fail[op] = queue[1:]
	return queue[0], queue[0].Outcome != otp.OutcomeNotSent
}

// Account is the provider, as [TestProvider] wants it. Account.Provider may be one around it.
func (p *Provider) Account() Account {
	account := Account{Provider: p, Code: p.Code, Advance: p.Advance, Texts: func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.sent)
	}}
	for name, outcome := range map[string]otp.Outcome{
		"the vendor is not reached": otp.OutcomeNotSent, "the answer is lost": otp.OutcomeUnknown,
	} {
		failure := otp.Error{Kind: otp.ErrUnavailable, Outcome: outcome}
		account.Faults = append(account.Faults, Fault{
			Name: name, Acts: outcome == otp.OutcomeUnknown, Stop: p.Heal,
			Start: func() {
				p.FailSend(failure)
				p.FailVerify(failure)
			},
		})
	}
	return account
}

// Name is "otptest", or what [WithName] says.
func (p *Provider) Name() string { return p.name }

// Capabilities says what the provider can do.
func (p *Provider) Capabilities() otp.Capabilities { return p.caps.Clone() }

// Send "sends" a code: [Provider.Code] shows it.
func (p *Provider) Send(ctx context.Context, req otp.SendRequest) (v otp.Verification, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err = p.refused(ctx, "send", p.check(req)); err == nil {
		v, err = p.send(req)
	}
	p.calls = append(p.calls, Call{Op: "send", Request: req, Verification: v, Err: err})
	return v, err
}

func (p *Provider) check(req otp.SendRequest) error {
	if err := p.caps.Check(req); err != nil {
		return err
	}
	for _, option := range req.Options {
		if option.OTPVendor() == Vendor { // those of the vendor that it stands for are recorded
			return notTried(otp.ErrInvalidRequest, "options", "this provider has none of its own")
		}
	}
	return nil
}

func (p *Provider) send(req otp.SendRequest) (otp.Verification, error) {
	failure, acts := p.scripted("send")
	if !acts {
		return otp.Verification{}, failure
	}
	now := p.now()
	code := &passcode{
		code:     cmp.Or(req.Code, digits(cmp.Or(req.CodeLength, otp.DefaultCodeLength))),
		expires:  now.Add(cmp.Or(req.TTL, otp.DefaultTTL)),
		attempts: cmp.Or(req.MaxAttempts, 3),
	}
	v := otp.Verification{
		Provider: p.name, ID: rand.Text(), To: req.To, Channel: cmp.Or(req.Channel, p.caps.Default),
		SentAt: now, ExpiresAt: code.expires,
	}
	if p.losesIDs && failure != nil && failure.Outcome == otp.OutcomeUnknown {
		v.ID = otp.RandomID(false)
	}
	p.sent[v.ID], p.last[req.To] = code, code
	if failure == nil {
		return v, nil
	}
	return v, failure
}

// Verify judges a code as vendors do: each code once, within its time and its attempts.
func (p *Provider) Verify(ctx context.Context, v otp.Verification, typed string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	code, err := otp.TypedCode(typed)
	switch {
	case v.Provider != p.name:
		err = notTried(otp.ErrMisconfigured, "provider", "the verification belongs to another provider")
	case err == nil && !v.CanVerify():
		err = notTried(otp.ErrUnavailable, "id", "the reference was lost with the answer to the send; send again")
	}
	if err = p.refused(ctx, "verify", err); err == nil {
		err = p.verify(v.ID, code)
	}
	p.calls = append(p.calls, Call{Op: "verify", Verification: v, Code: typed, Err: err})
	return err
}

func (p *Provider) verify(id, code string) error {
	failure, acts := p.scripted("verify")
	if !acts {
		return failure
	}
	verdict := p.compare(p.sent[id], code)
	if failure != nil {
		return failure
	}
	return verdict
}

func (p *Provider) compare(sent *passcode, code string) error {
	rejected := &otp.Error{Provider: p.name, Op: "verify", Outcome: otp.OutcomeAccepted}
	switch {
	case sent == nil:
		rejected.Kind = otp.ErrNotFound
	case sent.used:
		rejected.Kind = otp.ErrAlreadyVerified
	case !p.now().Before(sent.expires):
		rejected.Kind = otp.ErrExpired
	case sent.attempts == 0:
		rejected.Kind = otp.ErrTooManyAttempts
	case sent.code != code:
		sent.attempts--
		left := sent.attempts
		rejected.Kind, rejected.AttemptsLeft = otp.ErrWrongCode, &left
	default:
		sent.used = true
		return nil
	}
	return rejected
}

func notTried(kind otp.Kind, field, rule string) error {
	return &otp.Error{Kind: kind, Outcome: otp.OutcomeNotSent, Field: field, Err: errors.New(rule)}
}

func (p *Provider) refused(ctx context.Context, op string, err error) error {
	if err == nil {
		err = otp.Rate{}.Limiter().Wait(ctx) // no limit: it waits for nothing and refuses a context that has ended
	}
	var refused *otp.Error
	if errors.As(err, &refused) {
		refused.Provider, refused.Op = p.name, op
		return refused
	}
	return nil
}

// now is in UTC and without a monotonic clock, so that a stored Verification equals itself.
func (p *Provider) now() time.Time { return time.Now().UTC().Round(0).Add(p.moved) }

func digits(n int) string {
	number, _ := rand.Int(rand.Reader, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)) // it never fails
	return fmt.Sprintf("%0*d", n, number)
}
