// Package testnumber gives fixed codes to a few fixed numbers, in production: for those who review
// an app in a store and cannot receive your text, and for a monitor that signs in every minute.
//
// Anyone who knows a test number and its code gets in, so an account behind one must hold nothing
// of value. There are at most 20, they end by themselves within 90 days, and each use is a warning
// in the log and an otp.TestNumberEvent. Put it around the guard, not inside of it: a guard then
// never sees these numbers, and counts nothing for them.
package testnumber

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// Config is what [New] needs. Printing, logging or encoding it masks numbers and codes.
type Config struct {
	// Codes are the codes by number, E.164: 1 to 20, of 6 to 32 characters each. Required.
	Codes map[string]string `mask:"secret"`

	// Until is when the numbers end, within 90 days. From then on they are numbers like all others.
	// Required.
	Until time.Time

	// AllowReal accepts numbers that may be somebody's. Such a person can never sign in, and anyone
	// who knows the code signs in as that person. False = only numbers that are reserved for fiction,
	// in Australia, France, North America, Sweden and the United Kingdom.
	AllowReal bool

	// Logger gets a warning for each use. Nil = none; the events remain.
	Logger *slog.Logger `mask:"secret"`
}

const idPrefix = "otp-test-"

// fiction are numbers that the regulators (ACMA, Arcep, NANPA, PTS and Ofcom) give to nobody.
var fiction = regexp.MustCompile(`\A\+(1[2-9]\d\d55501\d\d|447700900\d{3}|3363998\d{4}|467017406(0[5-9]|[1-9]\d)|` +
	`61491570(006|110|156|157|158|159|313|737))\z`)

// Provider is an [otp.Provider] around another. Make one with [New].
type Provider struct {
	otp.Provider

	core func() *core // a function, so that nothing that prints it shows a code
}

type core struct {
	Config

	tries map[string]*tries // of each number: a fixed code must not be guessed
}

// tries are the times of the wrong codes of a number. It is no limiter: a right code must not hold
// a place that the next right one then lacks, and must not be refused because the machine is slow.
type tries struct {
	mu    sync.Mutex
	wrong []time.Time // oldest first
}

const (
	mostWrong = 10
	wrongStay = time.Hour
)

// New puts test numbers around a provider. Errors are *otp.Error of kind otp.ErrMisconfigured that
// name the field.
func New(p otp.Provider, cfg Config) (*Provider, error) {
	cfg.Codes = maps.Clone(cfg.Codes)
	k, until := &core{Config: cfg, tries: make(map[string]*tries)}, time.Until(cfg.Until)
	err := vendorkit.First(
		vendorkit.When(check.IsNil(p), "provider", "must not be nil"),
		vendorkit.When(len(cfg.Codes) == 0 || len(cfg.Codes) > 20, "codes", "must be 1 to 20"),
		vendorkit.When(until <= 0 || until > 90*24*time.Hour, "until", "must be in the future, and within 90 days"),
	)
	for number, code := range cfg.Codes {
		typed, unfit := otp.TypedCode(code)
		err = vendorkit.First(err,
			vendorkit.When(otp.CheckRecipient(number) != nil, "codes", "must be by number in E.164"),
			vendorkit.When(!cfg.AllowReal && !fiction.MatchString(number), "codes",
				"holds "+otp.Mask(number)+", which may be somebody's number: see allow_real"),
			vendorkit.When(unfit != nil || typed != code || len(code) < 6, "codes",
				"must be 6 to 32 printable ASCII characters without spaces and dashes"))
		k.tries[number] = new(tries)
	}
	var failure *otp.Error
	if errors.As(err, &failure) {
		failure.Kind = otp.ErrMisconfigured
		return nil, failure
	}
	k.warn(context.Background(), "test numbers have fixed codes", slog.Int("numbers", len(cfg.Codes)), slog.Time("until", cfg.Until))
	return &Provider{Provider: p, core: func() *core { return k }}, nil
}

// Unwrap returns the provider inside.
func (p *Provider) Unwrap() []otp.Provider { return []otp.Provider{p.Provider} }

// Send sends nothing to a test number, and says that it did.
func (p *Provider) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	k := p.core()
	if _, ok := k.Codes[req.To]; !ok || k.hasEnded() {
		return p.Provider.Send(ctx, req)
	}
	err := otp.CanSend(p.Provider, req)
	k.used(ctx, p.Name(), "send", req.To, err)
	if err != nil {
		return otp.Verification{}, err
	}
	now := time.Now().UTC().Round(0)
	return otp.Verification{
		Provider: p.Name(), ID: idPrefix + rand.Text(), To: req.To, SentAt: now,
		Channel:   cmp.Or(req.Channel, p.Capabilities().Default),
		ExpiresAt: now.Add(cmp.Or(req.TTL, otp.DefaultTTL)),
	}, nil
}

// Verify checks the fixed code where Send has sent nothing. A number gets ten wrong ones an hour.
func (p *Provider) Verify(ctx context.Context, v otp.Verification, typed string) error {
	if !strings.HasPrefix(v.ID, idPrefix) || v.Provider != p.Name() {
		return p.Provider.Verify(ctx, v, typed)
	}
	k := p.core()
	err := k.verify(v, typed)
	var failure *otp.Error
	if errors.As(err, &failure) {
		failure.Provider, failure.Op = p.Name(), "verify"
	}
	k.used(ctx, p.Name(), "verify", v.To, err)
	return err
}

func (k *core) verify(v otp.Verification, typed string) error {
	code, err := otp.TypedCode(typed)
	want, known := k.Codes[v.To]
	failure := &otp.Error{Outcome: otp.OutcomeAccepted}
	switch {
	case err != nil:
		return err
	case !known:
		failure.Kind = otp.ErrNotFound
	case k.hasEnded() || !time.Now().Before(v.ExpiresAt):
		failure.Kind = otp.ErrExpired
	default:
		failure.Kind = k.tries[v.To].check(code, want)
	}
	if failure.Kind == "" {
		return nil
	}
	return failure
}

func (k *core) hasEnded() bool { return !time.Now().Before(k.Until) }

// check returns why a code is rejected; "" = it is right, and takes nothing of what may be tried.
func (t *tries) check(code, want string) otp.Kind {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	t.wrong = slices.DeleteFunc(t.wrong, func(at time.Time) bool { return now.Sub(at) >= wrongStay })
	switch {
	case len(t.wrong) >= mostWrong:
		return otp.ErrTooManyAttempts
	case subtle.ConstantTimeCompare([]byte(code), []byte(want)) == 1:
		return ""
	}
	t.wrong = append(t.wrong, now)
	return otp.ErrWrongCode
}

// used warns of a use, and notifies the observer.
func (k *core) used(ctx context.Context, name, op, number string, err error) {
	var failure *otp.Error
	event := otp.TestNumberEvent{Provider: name, Op: op}
	if errors.As(err, &failure) {
		event.Kind = failure.Kind
	}
	k.warn(ctx, "a test number was used", slog.String("provider", name), slog.String("op", op),
		slog.String("to", otp.Mask(number)), slog.String("kind", string(event.Kind)))
	if observer := otp.ObserverFrom(ctx); observer != nil {
		observer(event)
	}
}

func (k *core) warn(ctx context.Context, text string, attrs ...slog.Attr) {
	if k.Logger != nil {
		safely.Do(func() { k.Logger.LogAttrs(context.WithoutCancel(ctx), slog.LevelWarn, text, attrs...) })
	}
}

// Format prints c masked, under every verb.
func (c Config) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, c) }

// MarshalJSON is c masked.
func (c Config) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(c) }

// MarshalText is c masked, on one line.
func (c Config) MarshalText() ([]byte, error) { return vendorkit.MarshalText(c) }

// GobEncode is MarshalText.
func (c Config) GobEncode() ([]byte, error) { return c.MarshalText() }
