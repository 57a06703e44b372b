package guard

import (
	"crypto/rand"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
)

// Guard is an [otp.Provider] that limits abuse of the one behind it. Make one with [New]; the
// package comment lists its rules. It is safe for concurrent use and needs no Close.
type Guard struct {
	child otp.Provider
	settings
	keys *keyring

	sends []template // the limits of a send, RuleCooldown first
	tries []template // the limits of a verification
}

// New puts a guard around a provider. An option that refuses its value makes it fail with an
// [*otp.Error] of kind [otp.ErrMisconfigured] that names it.
func New(p otp.Provider, opts ...Option) (*Guard, error) {
	if check.IsNil(p) {
		return nil, check.Misconfigured("provider", "must not be nil")
	}
	s := defaults()
	for _, opt := range opts {
		if opt == nil {
			return nil, check.Misconfigured("options", "must not hold nil")
		}
		if err := opt(&s); err != nil {
			return nil, err
		}
	}
	if err := s.complete(); err != nil {
		return nil, err
	}
	keys := newKeyring(s.key)
	s.key = nil // the keyring alone has it
	return &Guard{child: p, settings: s, keys: keys, sends: s.sendTemplates(), tries: s.tryTemplates()}, nil
}

// complete fills in what depends on several options.
func (s *settings) complete() error {
	if s.store == nil {
		s.store, _ = NewMemory(0) // never fails with 0
		if s.key == nil {
			s.key = make([]byte, 32)
			_, _ = rand.Read(s.key) // never fails
		}
	}
	if s.key == nil {
		return check.Misconfigured("key", "is required with a store, and the same for all guards that share it")
	}
	if err := s.contradiction(); err != nil {
		return err
	}
	s.memory, _ = s.store.(*Memory)
	return nil
}

// Name is that of the provider behind the guard.
func (g *Guard) Name() string { return g.child.Name() }

// Capabilities are those of the provider behind the guard.
func (g *Guard) Capabilities() otp.Capabilities { return g.child.Capabilities() }

// Unwrap returns the provider behind the guard.
func (g *Guard) Unwrap() []otp.Provider { return []otp.Provider{g.child} }
