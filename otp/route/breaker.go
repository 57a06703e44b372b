package route

import (
	"context"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// BreakerOption changes a default of [Breaker].
type BreakerOption func(*breakerSettings) error

type breakerSettings struct {
	faults  int
	openFor time.Duration
	other   *CircuitBreaker
}

// WithFaults is how many faults in a row open the breaker: 1 to 1000. Default: 5. Since it takes
// them in a row, a vendor that fails now and then stays in; one that fails every other time is out
// after about 60 calls.
func WithFaults(inARow int) BreakerOption {
	return func(s *breakerSettings) error {
		if inARow < 1 || inARow > 1000 {
			return check.Misconfigured("breaker.faults", "must be 1 to 1000")
		}
		s.faults = inARow
		return nil
	}
}

// WithOpenFor is how long the breaker stays open before one call may find out whether the vendor is
// back: at least a millisecond. Default: 30 s.
func WithOpenFor(d time.Duration) BreakerOption {
	return func(s *breakerSettings) error {
		if d < time.Millisecond {
			return check.Misconfigured("breaker.open_for", "must be at least 1ms")
		}
		s.openFor = d
		return nil
	}
}

// WithStateOf lets the breaker go on with what another one has counted, and share it from then on:
// one around another client of the same account, which this one may take the place of. The faults
// and the time of the other breaker count, too.
func WithStateOf(other *CircuitBreaker) BreakerOption {
	return func(s *breakerSettings) error {
		if other == nil {
			return check.Misconfigured("breaker.state_of", "must not be nil")
		}
		s.other = other
		return nil
	}
}

// CircuitBreaker is an otp.Provider that leaves a failing vendor alone for a while. Make one with
// [Breaker].
type CircuitBreaker struct {
	provider        otp.Provider
	sends, verifies *circuit
}

var _ otp.Provider = (*CircuitBreaker)(nil)

// Breaker stops asking p after some faults in a row, so that a [Failover] around it turns to the
// next vendor at once instead of after a time-out. Sends and verifications are counted and stopped
// each on their own.
//
// A fault is the vendor's: otp.ErrUnavailable and otp.ErrProtocol, so a 5xx, a time-out, a
// connection that fails, an answer that cannot be read, and a panic. Any other answer of the vendor
// ends a row of faults: a rejected code, a bad number, a rate limit, a bad key, an empty account.
// What tells nothing about the vendor does not count at all: refusals before the network, cancelled
// calls, and a deadline of the caller's that passed within a second.
//
// While the breaker is open, calls fail with otp.ErrUnavailable, otp.OutcomeNotSent, and RetryAfter
// until it lets one call through to find out (half open); that one closes it, or opens it again. If
// it has not ended after the same time once more, or 30 seconds if that is shorter, another one may
// try.
//
// A breaker that has closed lets two calls through at a time, and one more for each success, so
// that they double; the others fail as above, without RetryAfter. After a hundred successes, or 30
// seconds, all may go.
//
// The observer of the call that changes the state is notified, see [otp.BreakerEvent].
//
// The breaker has the name of p. Put it next to the vendor, inside of guards, so that it counts
// nothing of theirs.
func Breaker(p otp.Provider, opts ...BreakerOption) (*CircuitBreaker, error) {
	if check.IsNil(p) {
		return nil, check.Misconfigured("provider", "must not be nil")
	}
	if rule := tree.Check(p); rule != "" {
		return nil, check.Misconfigured("provider", rule)
	}
	s := breakerSettings{faults: 5, openFor: 30 * time.Second}
	for _, opt := range opts {
		if opt == nil {
			return nil, check.Misconfigured("breaker", "an option must not be nil")
		}
		if err := opt(&s); err != nil {
			return nil, err
		}
	}
	if s.other != nil {
		return &CircuitBreaker{provider: p, sends: s.other.sends, verifies: s.other.verifies}, nil
	}
	return &CircuitBreaker{
		provider: p,
		sends:    newCircuit(p.Name(), "send", s),
		verifies: newCircuit(p.Name(), "verify", s),
	}, nil
}

// Name is the name of the provider behind the breaker.
func (b *CircuitBreaker) Name() string { return b.provider.Name() }

// Capabilities are those of the provider behind the breaker, whether it is open or not.
func (b *CircuitBreaker) Capabilities() otp.Capabilities { return b.provider.Capabilities() }

// Unwrap returns the provider behind the breaker.
func (b *CircuitBreaker) Unwrap() []otp.Provider { return []otp.Provider{b.provider} }

// Send sends, unless the breaker for sends is open.
func (b *CircuitBreaker) Send(ctx context.Context, req otp.SendRequest) (v otp.Verification, err error) {
	err = b.sends.run(ctx, func() error {
		v, err = send(ctx, b.provider, req)
		return err
	})
	return v, err
}

// Verify verifies, unless the breaker for verifications is open.
func (b *CircuitBreaker) Verify(ctx context.Context, v otp.Verification, code string) error {
	return b.verifies.run(ctx, func() error { return verify(ctx, b.provider, v, code) })
}
