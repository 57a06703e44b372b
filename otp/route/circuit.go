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
	state   gobreaker.State
	opened  time.Time
	changes []otp.BreakerEvent // of the step that is under way

	probe  probe
	easing easing
}

// probe is the call that finds out, in the half-open state, whether the vendor is back.
type probe struct {
	number uint64 // of the last one
	since  time.Time
	done   func(error) // nil = none is under way
}

// easing lets few calls through at a time when the vendor is back: one more than have succeeded
// since, so that they double, until all may go.
type easing struct {
	number   uint64 // of the last time that the vendor came back
	since    time.Time
	limit    int // 0 = all may go
	underWay int
}

// What ends the easing, and the longest wait for a probe. The times are for calls that hang.
const (
	easedAfter   = 100 // successes
	easedFor     = 30 * time.Second
	mostPatience = 30 * time.Second
)

// permit is leave to make one call.
type permit struct {
	done   func(error)
	probe  uint64 // 0 = the call is no probe
	easing uint64 // 0 = the call is not one of the few
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
	c.state, c.probe.done, c.easing.limit = to, nil, 0
	switch to {
	case gobreaker.StateOpen:
		c.opened = time.Now()
	case gobreaker.StateClosed:
		c.easing = easing{number: c.easing.number + 1, since: time.Now(), limit: 2}
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
	var p permit
	var err error
	changes := c.step(func() { p, err = c.admit() })
	if err != nil {
		notify(ctx, changes)
		return err
	}
	result := errNothing // if the call never returns
	defer func() { notify(ctx, c.step(func() { c.finish(p, result) })) }()
	notify(ctx, changes) // only now: else a half-open breaker would wait for this call
	start := time.Now()
	err = call()
	result = classify(ctx, err, time.Since(start))
	return err
}

// refuses reports whether a call that comes now would not be made.
func (c *circuit) refuses() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.state {
	case gobreaker.StateOpen:
		return time.Since(c.opened) < c.openFor
	case gobreaker.StateHalfOpen:
		return c.probe.done != nil && time.Since(c.probe.since) < min(c.openFor, mostPatience)
	default:
		return c.easing.limit > 0 && c.easing.underWay >= c.easing.limit && time.Since(c.easing.since) < easedFor
	}
}

// admit gives leave to make a call.
func (c *circuit) admit() (permit, error) {
	if c.easing.limit > 0 && time.Since(c.easing.since) >= easedFor {
		c.easing.limit = 0
	}
	if c.easing.limit > 0 && c.easing.underWay >= c.easing.limit {
		return permit{}, c.refuse("few calls at a time after failures")
	}
	if c.probe.done != nil && time.Since(c.probe.since) >= min(c.openFor, mostPatience) {
		c.probe.done(errNothing) // another one may try
		c.probe.done = nil
	}
	done, err := c.breaker.Allow()
	if err != nil {
		return permit{}, c.refuse("not asked after repeated failures")
	}
	p := permit{done: done}
	switch {
	case c.easing.limit > 0:
		p.easing = c.easing.number
		c.easing.underWay++
	case c.state == gobreaker.StateHalfOpen:
		c.probe = probe{number: c.probe.number + 1, since: time.Now(), done: done}
		p.probe = c.probe.number
	}
	return p, nil
}

// finish counts what became of a call. What became of a probe that has taken too long does not
// count.
func (c *circuit) finish(p permit, result error) {
	if p.easing != 0 && p.easing == c.easing.number {
		c.easing.underWay--
		if c.easing.limit > 0 && result == nil {
			c.easing.limit++
		}
		if c.easing.limit > easedAfter {
			c.easing.limit = 0
		}
	}
	switch {
	case p.probe == 0:
		p.done(result)
	case p.probe == c.probe.number && c.probe.done != nil:
		c.probe.done = nil
		p.done(result)
	}
}

func (c *circuit) refuse(why string) error {
	return &otp.Error{
		Provider: c.provider, Op: c.op, Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent,
		RetryAfter: max(0, c.openFor-time.Since(c.opened)), Err: errors.New(why),
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

// notify calls the call's observer.
func notify(ctx context.Context, changes []otp.BreakerEvent) {
	observer := otp.ObserverFrom(ctx)
	if observer == nil {
		return
	}
	for _, change := range changes {
		observer(change)
	}
}

// ownDeadline is how long a vendor may take at least. A caller with less time learns nothing about
// the vendor.
const ownDeadline = time.Second

// classify says what a call tells about the vendor: nil that it answers, errFault that it does not,
// or errNothing.
func classify(ctx context.Context, err error, took time.Duration) error {
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
