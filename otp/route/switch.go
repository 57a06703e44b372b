package route

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// Switch is an otp.Provider that can be replaced by another one while it is in use: when a
// configuration is read again, or a key is rotated. Make one with [NewSwitch]. It holds no
// goroutine, and sends and verifications take no lock.
type Switch struct {
	name string
	keep time.Duration

	replacing sync.Mutex
	state     atomic.Pointer[[]generation] // newest first; never changed in place
}

// generation is a provider in its time.
type generation struct {
	provider otp.Provider
	senders  []otp.Provider // the provider, as the one that sends
	until    time.Time      // when it is forgotten; zero = it is the current one
}

func newGeneration(p otp.Provider) generation {
	return generation{provider: p, senders: []otp.Provider{p}}
}

func (g generation) live() bool { return g.until.IsZero() || time.Now().Before(g.until) }

var _ otp.Selector = (*Switch)(nil)

// NewSwitch makes a switch called name whose provider is p until [Switch.Replace]. A provider that
// was replaced can still verify what it has sent for the time keep. 0 is 30 minutes, longer than
// codes usually live; requests with a longer TTL need a longer time.
func NewSwitch(name string, p otp.Provider, keep time.Duration) (*Switch, error) {
	if keep < 0 {
		return nil, check.Misconfigured("keep", "must not be negative")
	}
	if keep == 0 {
		keep = 30 * time.Minute
	}
	if err := checkNames(name, []otp.Provider{p}); err != nil {
		return nil, err
	}
	s := &Switch{name: name, keep: keep}
	s.state.Store(&[]generation{newGeneration(p)})
	return s, nil
}

// Replace makes p the provider of all further sends. A send under way finishes with the provider
// that it began with, and can be verified as long as that is kept. Replacing a provider by itself
// changes nothing.
//
// Refused is, besides what the constructors refuse, a p that holds the switch itself, and one in
// which a name means another vendor than it does in a provider that is still kept: names live in
// stored verifications, so a new vendor needs a new name. After an error everything is as before.
func (s *Switch) Replace(p otp.Provider) error {
	if err := checkNames(s.name, []otp.Provider{p}); err != nil {
		return err
	}
	if tree.Contains(p, s) {
		return check.Misconfigured("providers", "must not hold the switch itself")
	}
	s.replacing.Lock()
	defer s.replacing.Unlock()
	now := time.Now()
	next := []generation{newGeneration(p)}
	for _, g := range s.live() {
		if tree.Same(g.provider, p) {
			continue // back again
		}
		if err := sameVendors(g.provider, p); err != nil {
			return err
		}
		if g.until.IsZero() {
			g.until = now.Add(s.keep)
		}
		next = append(next, g)
	}
	s.state.Store(&next)
	return nil
}

// sameVendors refuses a name that means different vendors in two generations.
func sameVendors(before, after otp.Provider) error {
	var err error
	tree.Search(after, func(p otp.Provider, isLeaf bool) bool {
		if !isLeaf {
			return false
		}
		earlier, known := tree.Find(before, p.Name())
		if known && earlier.Capabilities().Vendor != p.Capabilities().Vendor {
			err = check.Misconfigured("providers", fmt.Sprintf(
				"%q was another vendor until now: stored verifications name it, so give the new one a new name", p.Name()))
		}
		return err != nil
	})
	return err
}

// Name is the name given to [NewSwitch].
func (s *Switch) Name() string { return s.name }

// Capabilities are those of the current provider.
func (s *Switch) Capabilities() otp.Capabilities { return s.current().Capabilities() }

// Senders returns the current provider alone. [otp.CanSend] asks it.
func (s *Switch) Senders(otp.SendRequest) ([]otp.Provider, error) {
	return (*s.state.Load())[0].senders, nil
}

// Unwrap returns the current provider and, after it, those that can still verify, the latest first.
func (s *Switch) Unwrap() []otp.Provider {
	var providers []otp.Provider
	for _, g := range s.live() {
		providers = append(providers, g.provider)
	}
	return providers
}

// Send sends through the current provider. A request with Previous goes by another way, as in
// [Router.Send]: another of the provider's channels if it is no router.
func (s *Switch) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	if req.Previous != nil {
		return sendAgain(ctx, s.name, (*s.state.Load())[0].senders, req)
	}
	return send(ctx, s.current(), req)
}

// Verify asks the newest provider that has the sender of v. Where a replaced one has a sender of
// that name, too, such as the same account with its former key, it is asked in two cases, neither
// of which spends an attempt: when the newer sender knows of no live code (otp.ErrNotFound), and
// when it judged nothing because its account is at fault (otp.ErrUnauthorized,
// otp.ErrMisconfigured, otp.ErrInsufficientFunds). A guard that refuses (otp.ErrRefused) is the end
// of it.
//
// A verdict on the code is returned from whomever it comes. Without one, the error is the first by
// which nothing was judged; only when all know of no live code is it otp.ErrNotFound.
func (s *Switch) Verify(ctx context.Context, v otp.Verification, code string) error {
	err := foreign(s.name)
	var unjudged error // the first
	var asked otp.Provider
	for _, g := range *s.state.Load() {
		sender, found := tree.Find(g.provider, v.Provider)
		if !found || tree.Same(sender, asked) || !g.live() {
			continue
		}
		asked = sender
		err = verify(ctx, g.provider, v, code)
		switch {
		case isOf(v.Provider, err) && kindOf(err) == otp.ErrNotFound:
			continue
		case otp.OutcomeOf(err) != otp.OutcomeNotSent || errors.Is(err, otp.ErrCodeRejected):
			return err // judged, or perhaps judged
		case unjudged == nil:
			unjudged = err
		}
		if !isOf(v.Provider, err) || !isAccountsFault(kindOf(err)) {
			break
		}
	}
	return cmp.Or(unjudged, err)
}

// isOf reports whether err is the sender's own, and not that of a guard or a router on the way to
// it. A guard that judges must not be gone past, whatever the kind of its refusal; it may well bear
// the sender's name.
func isOf(sender string, err error) bool {
	failure := failureIn(err)
	return failure != nil && failure.Provider == sender && !errors.Is(err, otp.ErrRefused)
}

func isAccountsFault(kind otp.Kind) bool {
	return kind == otp.ErrUnauthorized || kind == otp.ErrMisconfigured || kind == otp.ErrInsufficientFunds
}

func (s *Switch) current() otp.Provider { return (*s.state.Load())[0].provider }

// live returns the generations that are kept now, in a slice of its own.
func (s *Switch) live() []generation {
	return slices.DeleteFunc(slices.Clone(*s.state.Load()), func(g generation) bool { return !g.live() })
}
