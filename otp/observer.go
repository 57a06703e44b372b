package otp

import (
	"context"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
)

// Observer receives what happens inside of one call, for telemetry: see [WithObserver].
type Observer func(Event)

// Event is one of [AttemptEvent], [WaitEvent], [FailoverEvent], [PassedOverEvent], [LearningEvent],
// [BreakerEvent], [GuardEvent] and [TestNumberEvent]. Events may be added: ignore those that you do
// not know. No event holds a number, a code, a key or a text of the vendor's.
type Event interface{ otpEvent() }

// AttemptEvent says that one request to a vendor has ended. A call makes a further attempt only
// when the last one certainly did nothing.
type AttemptEvent struct {
	// Provider is the instance's name, and Op the operation: "send", "verify", or a vendor's own.
	Provider, Op string

	// Number counts the call's attempts, from 1.
	Number int

	// HTTPStatus is 0 when there was no answer.
	HTTPStatus int

	// Kind is "" when the attempt succeeded.
	Kind Kind

	// Outcome is that of this attempt alone.
	Outcome Outcome

	// Duration runs from the first byte out to the last byte in, without any waiting before it.
	Duration time.Duration
}

// The reasons of a [WaitEvent].
const (
	WaitForLimit = "limit" // the client's own limit, or the pause that a vendor's 429 asked for
	WaitForRetry = "retry" // the growing wait before a further attempt
)

// WaitEvent says that a call has waited before an attempt, for a millisecond at least.
type WaitEvent struct {
	// Provider is the instance's name, and Op the operation: "send", "verify", or a vendor's own.
	Provider, Op string

	// Reason is [WaitForLimit] or [WaitForRetry].
	Reason string

	// Duration is a millisecond or more.
	Duration time.Duration
}

// FailoverEvent says that a router hands a send to its next provider, because the last one has sent
// nothing.
type FailoverEvent struct {
	// Router is the router's name; From and To are the names of its children.
	Router, From, To string

	// Kind is why From did not send.
	Kind Kind
}

// PassedOverEvent says that a router passes over a provider that cannot serve the request. The send
// goes on with the next one, if there is one.
type PassedOverEvent struct {
	// Router is the router's name; Provider is the name of its child.
	Router, Provider string

	// Kind is [ErrUnsupported], unless the provider itself is at fault.
	Kind Kind

	// Field is the field of the request that the provider cannot serve: "ttl". "" = not known.
	Field string
}

// The changes of a [LearningEvent].
const (
	LearningLeader    = "leader"     // the provider gets most of the sends now
	LearningSetAside  = "set_aside"  // its codes have stopped coming back: it gets a few sends
	LearningTakenBack = "taken_back" // they come back again
)

// LearningEvent says that a router that learns sends in another way from now on. The call that
// notices it need not be the one that has caused it.
type LearningEvent struct {
	// Router is the router's name; Provider is the name of its child.
	Router, Provider string

	// Change is one of [LearningLeader], [LearningSetAside] and [LearningTakenBack].
	Change string

	// CallingCode is "+90", one of a few hundred values. "" = for all of them.
	CallingCode string

	// Channel is that of the sends. "" = the default channel of each provider.
	Channel Channel
}

// The states of a [BreakerEvent].
const (
	BreakerClosed   = "closed"    // calls pass
	BreakerHalfOpen = "half_open" // a few calls pass, to find out
	BreakerOpen     = "open"      // calls are refused
)

// BreakerEvent says that a circuit breaker has changed its state.
type BreakerEvent struct {
	// Provider is the name of the provider behind the breaker, and Op is "send" or "verify".
	Provider, Op string

	// From and To are two of [BreakerClosed], [BreakerOpen] and [BreakerHalfOpen].
	From, To string
}

// GuardEvent says that a guard rule matches a call, and blocks it or only records it.
type GuardEvent struct {
	// Provider is the guard's name, and Op is "send", "verify" or "unlock".
	Provider, Op string

	// Rule is the rule's name: "cooldown".
	Rule string

	// Refused: the call ends here. Otherwise the rule only records.
	Refused bool
}

// TestNumberEvent says that a number with a fixed code was used: nobody was texted, or the fixed
// code was checked. Outside of tests and reviews it should alarm somebody.
type TestNumberEvent struct {
	// Provider is the name of the provider that was not asked, and Op is "send" or "verify".
	Provider, Op string

	// Kind is why a call failed. "" = it succeeded.
	Kind Kind
}

func (AttemptEvent) otpEvent()    {}
func (WaitEvent) otpEvent()       {}
func (FailoverEvent) otpEvent()   {}
func (PassedOverEvent) otpEvent() {}
func (LearningEvent) otpEvent()   {}
func (BreakerEvent) otpEvent()    {}
func (GuardEvent) otpEvent()      {}
func (TestNumberEvent) otpEvent() {}

type observerKey struct{}

// WithObserver returns a context whose calls notify observer of what happens inside of them. An
// observer that the context has already is notified first. Observers are called on the goroutine of
// the call, so they have to be quick; a panic in one is dropped, because telemetry must not change
// what becomes of a send. A nil observer changes nothing.
func WithObserver(ctx context.Context, observer Observer) context.Context {
	if observer == nil {
		return ctx
	}
	outer := ObserverFrom(ctx)
	return context.WithValue(ctx, observerKey{}, Observer(func(e Event) {
		if outer != nil {
			outer(e)
		}
		safely.Do(func() { observer(e) })
	}))
}

// ObserverFrom returns the context's observer, for providers that have events. Nil = nobody
// listens, as with a nil context.
func ObserverFrom(ctx context.Context) Observer {
	if ctx == nil {
		return nil
	}
	observer, _ := ctx.Value(observerKey{}).(Observer)
	return observer
}
