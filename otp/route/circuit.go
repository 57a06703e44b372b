package route

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/otp-sdk/otp-go/otp"
)

// circuit is the breaker of one operation.
type circuit struct {
	provider, op string
	openFor      time.Duration

	mu      sync.Mutex // around each step of the breaker, to know which call has changed the state
	breaker *gobreaker.TwoStepCircuitBreaker[struct{}]
	opened  time.Time
	changes []otp.BreakerEvent // of the step that is under way
}

// What is reported to the breaker in place of errors.
var (
	errFault   = errors.New("the vendor's fault")
	errNothing = errors.New("says nothing about the vendor")
)

func newCircuit(provider, op string, s breakerSettings) *circuit {
	c := &circuit{provider: provider, op: op, openFor: s.openFor}
	c.breaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:       s.openFor - 1, // it is open for longer than this, so for openFor and no longer
		ReadyToTrip:   func(n gobreaker.Counts) bool { return int(n.ConsecutiveFailures) >= s.faults },
		IsExcluded:    func(err error) bool { return errors.Is(err, errNothing) },
		OnStateChange: c.changed,
	})
	return c
}

// changed is called by the breaker within a step.
func (c *circuit) changed(_ string, from, to gobreaker.State) {
	if to == gobreaker.StateOpen {
		c.opened = time.Now()
	}
	c.changes = append(c.changes, otp.BreakerEvent{Provider: c.provider, Op: c.op, From: stateName(from), To: stateName(to)})
}

func stateName(s gobreaker.State) string {
	switch s {
	case gobreaker.StateOpen:
		return otp.BreakerOpen
	case gobreaker.StateHalfOpen:
		return otp.BreakerHalfOpen
	default:
		return otp.BreakerClosed
	}
}

// run makes the call, unless the circuit is open, and counts what became of it.
func (c *circuit) run(ctx context.Context, call func() error) error {
	var done func(error)
	var err error
	changes := c.step(func() { done, err = c.admit() })
	if err != nil {
		tell(ctx, changes)
		return err
	}
	seen := errNothing // if the call never returns
	defer func() { tell(ctx, c.step(func() { done(seen) })) }()
	tell(ctx, changes) // only now: without done, a half-open breaker would wait for this call for ever
	start := time.Now()
	err = call()
	seen = judge(ctx, err, time.Since(start))
	return err
}

func (c *circuit) admit() (done func(error), err error) {
	if done, err = c.breaker.Allow(); err == nil {
		return done, nil
	}
	return nil, &otp.Error{
		Provider: c.provider, Op: c.op, Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent,
		RetryAfter: max(0, c.openFor-time.Since(c.opened)), Err: errors.New("not asked after repeated failures"),
	}
}

// step does one step of the breaker and returns what it has changed.
func (c *circuit) step(do func()) []otp.BreakerEvent {
	c.mu.Lock()
	defer c.mu.Unlock()
	do()
	changes := c.changes
	c.changes = nil
	return changes
}

// tell tells the call's observer.
func tell(ctx context.Context, changes []otp.BreakerEvent) {
	observer := otp.ObserverFrom(ctx)
	if observer == nil {
		return
	}
	for _, change := range changes {
		observer(change)
	}
}

// ownDeadline is how long a vendor may take at least. A caller with less time learns nothing about the vendor.
const ownDeadline = time.Second

// judge says what a call tells about the vendor: nil that it answers, errFault that it does not, or errNothing.
func judge(ctx context.Context, err error, took time.Duration) error {
	if err == nil {
		return nil
	}
	failure := failureIn(err)
	answered := failure.HTTPStatus != 0 || otp.OutcomeOf(err) == otp.OutcomeAccepted
	if failure.Kind != otp.ErrUnavailable && failure.Kind != otp.ErrProtocol {
		if answered {
			return nil
		}
		return errNothing
	}
	ended := ctx.Err()
	switch {
	case answered, ended == nil:
		return errFault
	case errors.Is(ended, context.DeadlineExceeded) && took >= ownDeadline:
		return errFault
	default:
		return errNothing
	}
}
