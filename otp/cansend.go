package otp

import "errors"

// Wrapper is a provider that hands calls on to others: a router, a guard, or one of your own that adds
// something to them. With Unwrap alone it takes part in everything: its providers are found for
// verifications, asked by [CanSend], and passed over or chosen when a send is repeated.
type Wrapper interface {
	Provider

	// Unwrap returns the providers that it may hand a call to. They stay the same, but for a switch.
	Unwrap() []Provider
}

// SendChecker is a provider that knows better than its [Capabilities] what it can send, or knows without
// copying them. Optional; [CanSend] asks it.
type SendChecker interface {
	// CanSend is [Capabilities.Offers]: the form of req has been checked.
	CanSend(req SendRequest) error
}

// mostAsked bounds how many providers CanSend asks, in case an Unwrap makes new ones for ever.
const mostAsked = 1000

// CanSend reports whether p will try to send req: nil, or why it will not. It makes no request.
//
// It asks the providers that really send, and a wrapper can send what any of them can. The error is an
// [*Error] as from [Capabilities.Check], with the provider's name; of several that cannot, the first one's.
func CanSend(p Provider, req SendRequest) error {
	if err := checkForm(req); err != nil {
		return withProvider(p, err)
	}
	q := question{req: req, left: mostAsked}
	return q.ask(p)
}

// question is one call of CanSend on its way through a tree of providers.
type question struct {
	req   SendRequest
	left  int
	asked map[Provider]bool // wrappers, so that a shared one is asked once
}

func (q *question) ask(p Provider) error {
	if p == nil || isNilPointer(p) {
		return badOption("provider", "must not be nil")
	}
	if q.left--; q.left < 0 {
		return badOption("providers", "has more than 1000 providers, or a wrapper that makes new ones")
	}
	if knows, ok := p.(SendChecker); ok {
		return withProvider(p, knows.CanSend(q.req))
	}
	if wrapper, ok := p.(Wrapper); ok {
		return q.askBelow(wrapper)
	}
	return withProvider(p, p.Capabilities().Offers(q.req))
}

func (q *question) askBelow(w Wrapper) error {
	children := w.Unwrap()
	if len(children) == 0 {
		return withProvider(w, w.Capabilities().Offers(q.req))
	}
	if len(children) > 1 && isComparable(w) {
		if q.asked[w] {
			return refuse(ErrUnsupported, "", "already asked")
		}
		if q.asked == nil {
			q.asked = make(map[Provider]bool)
		}
		q.asked[w] = true
	}
	var first error
	for _, child := range children {
		err := q.ask(child)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// withProvider puts p's name into the refusal of p.
func withProvider(p Provider, err error) error {
	if err == nil {
		return nil
	}
	var refused *Error
	if errors.As(err, &refused) && refused.Provider == "" && p != nil && !isNilPointer(p) {
		refused.Provider = p.Name()
	}
	return err
}
