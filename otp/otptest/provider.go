package otptest

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// Vendor is the vendor's name in the capabilities of a [Provider].
const Vendor = "otptest"

const defaultAttempts = 3

// Provider is an otp.Provider in memory: it keeps every rule of the contract, and nothing leaves the process. Make one
// with [NewProvider]. It is safe for concurrent use.
type Provider struct {
	name string
	caps otp.Capabilities

	mu    sync.Mutex
	moved time.Duration
	sent  map[string]*passcode // by verification id
	last  map[string]*passcode // by number
	fail  map[string][]*otp.Error
	calls []Call
}

// passcode is one code on its way.
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

// WithCapabilities replaces what the provider can do. The default is nearly everything: SMS, WhatsApp and voice, codes of
// 4 to 10 digits, own codes, a second to a day, 1 to 10 attempts, and a few languages.
func WithCapabilities(caps otp.Capabilities) Option { return func(p *Provider) { p.caps = caps } }

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
		sent: make(map[string]*passcode),
		last: make(map[string]*passcode),
		fail: make(map[string][]*otp.Error),
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

// FailSend makes the next sends fail, one after the other. Kind and Outcome say how; Provider and Op are filled in. With
// otp.OutcomeNotSent nothing is sent; otherwise the phone receives its code all the same, as it may in life.
func (p *Provider) FailSend(failures ...otp.Error) { p.script("send", failures) }

// FailVerify makes the next verifications fail, one after the other, whatever the code. With otp.OutcomeNotSent no
// attempt is spent; otherwise the code is judged first, and a right one is used up.
func (p *Provider) FailVerify(failures ...otp.Error) { p.script("verify", failures) }

func (p *Provider) script(op string, failures []otp.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, failure := range failures {
		failure.Provider, failure.Op = p.name, op
		p.fail[op] = append(p.fail[op], &failure)
	}
}

// scripted takes the next failure of op; nil = none.
func (p *Provider) scripted(op string) *otp.Error {
	queue := p.fail[op]
	if len(queue) == 0 {
		return nil
	}
	p.fail[op] = queue[1:]
	return queue[0]
}

// Name is "otptest", or what [WithName] says.
func (p *Provider) Name() string { return p.name }

// Capabilities says what the provider can do.
func (p *Provider) Capabilities() otp.Capabilities {
	caps := p.caps
	caps.Channels = maps.Clone(caps.Channels)
	for channel, features := range caps.Channels {
		features.Locales = slices.Clone(features.Locales)
		caps.Channels[channel] = features
	}
	return caps
}

// Send "sends" a code: [Provider.Code] shows it.
func (p *Provider) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, err := p.send(ctx, req)
	p.calls = append(p.calls, Call{Op: "send", Request: req, Verification: v, Err: err})
	return v, err
}

func (p *Provider) send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	if err := p.refused("send", ctx.Err(), p.caps.Check(req)); err != nil {
		return otp.Verification{}, err
	}
	failure := p.scripted("send")
	if failure != nil && failure.Outcome == otp.OutcomeNotSent {
		return otp.Verification{}, failure
	}
	channel := cmp.Or(req.Channel, p.caps.Default)
	code := &passcode{
		code:     cmp.Or(req.Code, digits(cmp.Or(req.CodeLength, otp.DefaultCodeLength))),
		expires:  p.now().Add(cmp.Or(req.TTL, otp.DefaultTTL)),
		attempts: cmp.Or(req.MaxAttempts, defaultAttempts),
	}
	v := otp.Verification{Provider: p.name, ID: rand.Text(), To: req.To, Channel: channel, ExpiresAt: code.expires}
	p.sent[v.ID], p.last[req.To] = code, code
	if failure != nil {
		return v, failure
	}
	return v, nil
}

// Verify judges a code as vendors do: each code once, within its time and its attempts.
func (p *Provider) Verify(ctx context.Context, v otp.Verification, typed string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.verify(ctx, v, typed)
	p.calls = append(p.calls, Call{Op: "verify", Verification: v, Code: typed, Err: err})
	return err
}

func (p *Provider) verify(ctx context.Context, v otp.Verification, typed string) error {
	code, unfit := otp.TypedCode(typed)
	if v.Provider != p.name {
		unfit = &otp.Error{Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: "provider"}
	}
	if err := p.refused("verify", ctx.Err(), unfit); err != nil {
		return err
	}
	failure := p.scripted("verify")
	if failure != nil && failure.Outcome == otp.OutcomeNotSent {
		return failure
	}
	verdict := p.judge(v.ID, code)
	if failure != nil {
		return failure
	}
	return verdict
}

func (p *Provider) judge(id, typed string) error {
	code := p.sent[id]
	switch {
	case code == nil:
		return p.reject(otp.ErrNotFound, nil)
	case code.used:
		return p.reject(otp.ErrAlreadyVerified, nil)
	case !p.now().Before(code.expires):
		return p.reject(otp.ErrExpired, nil)
	case code.attempts == 0:
		return p.reject(otp.ErrTooManyAttempts, nil)
	case code.code != typed:
		code.attempts--
		left := code.attempts
		return p.reject(otp.ErrWrongCode, &left)
	}
	code.used = true
	return nil
}

func (p *Provider) reject(kind otp.Kind, attemptsLeft *int) error {
	return &otp.Error{Provider: p.name, Op: "verify", Kind: kind, Outcome: otp.OutcomeAccepted, AttemptsLeft: attemptsLeft}
}

// refused is the reason for which nothing is even tried: a check that failed, or a context that has ended.
func (p *Provider) refused(op string, ended, unfit error) error {
	var refused *otp.Error
	if errors.As(unfit, &refused) {
		refused.Provider, refused.Op = p.name, op
		return refused
	}
	if ended == nil {
		return nil
	}
	kind := otp.ErrUnavailable
	if errors.Is(ended, context.Canceled) {
		kind = otp.ErrCanceled
	}
	return &otp.Error{Provider: p.name, Op: op, Kind: kind, Outcome: otp.OutcomeNotSent, Err: ended}
}

func (p *Provider) now() time.Time { return time.Now().Add(p.moved) }

// digits is a random code of n digits, leading zeros included.
func digits(n int) string {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	number, err := rand.Int(rand.Reader, limit)
	if err != nil { // crypto/rand never fails
		return ""
	}
	return fmt.Sprintf("%0*d", n, number)
}
