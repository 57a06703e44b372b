package otp

import (
	"cmp"
	"errors"
	"slices"

	"github.com/otp-sdk/otp-go/internal/safely"
)

// Wrapper is a provider that hands calls on to others: a router, a guard, or one of your own that
// adds something to them. With Unwrap alone it takes part in everything: its providers are found
// for verifications, asked by [CanSend], and passed over or chosen when a send is repeated.
type Wrapper interface {
	Provider

	// Unwrap returns the providers that it may hand a call to. They stay the same, but for a
	// switch.
	Unwrap() []Provider
}

// Selector is a wrapper that sends through some of its providers only, such as a router by the
// prefixes of numbers. Optional; [CanSend] asks these providers alone.
type Selector interface {
	Wrapper

	// Senders returns those of Unwrap that may get req, or an error that says why none may. The
	// form of req has been checked.
	Senders(req SendRequest) ([]Provider, error)
}

// SendChecker is a provider that knows better than its [Capabilities] what it can send, or knows
// without copying them. Optional; [CanSend] asks it, and nothing that it wraps.
type SendChecker interface {
	// CanSend is [Capabilities.Offers]: the form of req has been checked.
	CanSend(req SendRequest) error
}

// CanSend reports whether p will try to send req: nil, or why it will not. It makes no request.
//
// It asks the providers that really send, each once, and a wrapper can send what any of them can.
// The error is an [*Error] as from [Capabilities.Check], with the name of the provider that cannot;
// of several, it is the first one's. A provider that panics cannot send.
func CanSend(p Provider, req SendRequest) (err error) {
	if !safely.Do(func() { err = canSend(p, req) }) {
		return refuse(ErrUnavailable, "", "a provider panicked when it was asked whether it can send this")
	}
	return err
}

func canSend(p Provider, req SendRequest) error {
	if err := checkForm(req); err != nil {
		return refusalOf(p, err)
	}
	q := question{req: req}
	switch {
	case q.ask(p):
		return nil
	case q.refusal == nil:
		return refuse(ErrMisconfigured, "provider", "is nil, or wraps nothing but itself")
	default:
		return q.refusal
	}
}

// mostAsked bounds how many providers CanSend asks, in case an Unwrap makes new ones for ever.
const mostAsked = 1000

// question is one call of CanSend on its way through a tree of providers.
type question struct {
	req     SendRequest
	refusal error // the first

	count int
	few   [8]Provider // the first that were asked, which need no allocation
	more  []Provider
}

// ask reports whether p will try to send. If not, q has a refusal, unless p was asked before or is
// nil.
func (q *question) ask(p Provider) bool {
	switch {
	case p == nil || isNilPointer(p) || q.wasAsked(p):
		return false
	case q.count == mostAsked:
		return q.answer(p, refuse(ErrMisconfigured, "provider", "wraps more than 1000 providers"))
	}
	q.remember(p)
	if checker, ok := p.(SendChecker); ok {
		return q.answer(p, checker.CanSend(q.req))
	}
	senders, err := sendersOf(p, q.req)
	switch {
	case err != nil:
		return q.answer(p, err)
	case len(senders) == 0:
		return q.answer(p, p.Capabilities().Offers(q.req))
	}
	for _, sender := range senders {
		if q.ask(sender) {
			return true
		}
	}
	return false
}

// wasAsked reports whether p was asked before. A value on which == panics never was.
func (q *question) wasAsked(p Provider) (was bool) {
	safely.Do(func() { was = slices.Contains(q.few[:], p) || slices.Contains(q.more, p) })
	return was
}

func (q *question) remember(p Provider) {
	if q.count < len(q.few) {
		q.few[q.count] = p
	} else {
		q.more = append(q.more, p)
	}
	q.count++
}

// answer keeps the first refusal.
func (q *question) answer(p Provider, err error) (can bool) {
	if err != nil && q.refusal == nil {
		q.refusal = refusalOf(p, err)
	}
	return err == nil
}

// sendersOf are the providers that p may hand req to. None = p sends by itself.
func sendersOf(p Provider, req SendRequest) ([]Provider, error) {
	switch wrapper := p.(type) {
	case Selector:
		return wrapper.Senders(req)
	case Wrapper:
		return wrapper.Unwrap(), nil
	default:
		return nil, nil
	}
}

// refusalOf is err as a refusal of p, which may be anybody's provider: nothing was sent.
func refusalOf(p Provider, err error) error {
	refused := Error{Kind: ErrUnsupported, Err: err}
	if own, ok := err.(*Error); ok && own != nil { //nolint:errorlint // a wrapped one stays as it is
		refused = *own // a copy: it may be shared
	} else if errors.As(err, &own) && own != nil {
		refused.Kind, refused.Field = own.Kind, own.Field
	}
	if refused.Provider == "" && p != nil && !isNilPointer(p) {
		refused.Provider = p.Name()
	}
	refused.Op = cmp.Or(refused.Op, "send")
	refused.Outcome = OutcomeNotSent
	return &refused
}
