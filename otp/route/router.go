package route

import (
	"context"
	"errors"
	"slices"

	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// Router is an otp.Provider that is composed of others. Make one with [Failover], [Weighted],
// [ByPrefix], [Learning] or [Draining]. It holds no goroutine and needs no Close.
type Router struct {
	name, vendor string
	children     []otp.Provider // all of them, the senders first
	senders      []otp.Provider // those that may send
	routes       *routes        // which of them a number goes to; nil = any
	shares       *shares        // which of them gets the next send; nil = the first that can
	learner      *learner       // the same, by what came of the sends before
}

var _ otp.Selector = (*Router)(nil)

// newRouter makes a router all of whose children send.
func newRouter(name, vendor string, children []otp.Provider) (*Router, error) {
	if err := checkNames(name, children); err != nil {
		return nil, err
	}
	children = slices.Clone(children)
	return &Router{name: name, vendor: vendor, children: children, senders: children}, nil
}

// Name is the name given to the constructor. It stands in events and errors. A [otp.Verification]
// names the provider that has really sent.
func (r *Router) Name() string { return r.name }

// Unwrap returns the providers that the router is made of.
func (r *Router) Unwrap() []otp.Provider { return slices.Clone(r.children) }

// Send sends through one of the providers, as the router's constructor says. The Verification names
// the one that sent.
//
// When a single provider was asked, the error is its own. When several were, the error is an
// *otp.Error of this router whose text names each of them with its cause. The outcome is the least
// certain one. The kind is that of the last provider that was asked, if that was the end of it: its
// outcome is not known, or another one must not be asked. Otherwise the kind is that of the failure
// which passes soonest, the limit of a rate first, and RetryAfter is the shortest that any of them
// has said. The text also says which providers were passed over, and why; errors.Is and errors.As
// find all of these errors.
//
// A request with Previous goes by another way than that send took, if there is one: the next
// provider or channel after it, and itself last. This is the only way in which a second text goes
// out after a send with an unknown outcome, and so two codes may be on their way. The ways are the
// providers that may send to the number, in order, each by its default channel; after them the same
// providers by their other channels, SMS before WhatsApp before voice. With req.Channel set they
// are the providers by that channel. The list runs in a circle, so that asking again and again,
// each time with the last Verification, tries all of it. Ways that cannot serve the request are
// passed over, and a way that has certainly not sent hands on to the next, by the rules of
// [Failover]. Shares do not matter here. A provider that is itself a router or a [Switch], or wraps
// one, goes on in its own list. A Previous of a provider that the router does not have skips no
// way.
func (r *Router) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	senders, err := r.Senders(req)
	if err != nil {
		return otp.Verification{}, err
	}
	if r.learner != nil {
		return r.learner.send(ctx, req)
	}
	if req.Previous != nil {
		return sendAgain(ctx, r.name, senders, req)
	}
	if r.shares != nil {
		senders = r.shares.draw(senders, req)
	}
	return sendFirst(ctx, r.name, senders, req)
}

// sendFirst sends through the first of senders, and through the next one when nothing was sent.
func sendFirst(ctx context.Context, router string, senders []otp.Provider, req otp.SendRequest) (otp.Verification, error) {
	h := handover{router: router}
	for _, child := range senders {
		if v, done, err := h.try(ctx, child, req); done {
			return v, err
		}
	}
	return otp.Verification{}, h.failure()
}

// Senders returns the providers that may get req, in order, or why there is none. [otp.CanSend]
// asks them: they may serve more than the router's [otp.Capabilities], which hold only what all of
// them can do. The slice is the router's own: only read it.
func (r *Router) Senders(req otp.SendRequest) ([]otp.Provider, error) {
	if slices.ContainsFunc(req.Options, r.isClaimedBy) {
		return nil, refuse(r.name, otp.ErrInvalidRequest, "options", "holds one for "+r.vendor+", which has none")
	}
	if senders := r.routed(req.To); len(senders) > 0 {
		return senders, nil
	}
	if err := otp.CheckRecipient(req.To); err != nil {
		return nil, withName(r.name, err)
	}
	return nil, refuse(r.name, otp.ErrUnsupported, "to", "there is no route for this number")
}

// Verify asks the provider that has sent, however deep below the router, even if it sends no more.
// A Verification of a provider that the router does not have is refused with otp.ErrMisconfigured.
// So is one whose provider's name has come to mean two, by a [Switch] below. The error is that
// provider's.
func (r *Router) Verify(ctx context.Context, v otp.Verification, code string) error {
	child := r.childWith(v)
	if child == nil {
		return foreign(r.name)
	}
	if r.isAmbiguous(v.Provider) {
		return unverifiable(r.name, "the name of the verification's provider means two here")
	}
	err := verify(ctx, child, v, code)
	if r.learner != nil && err == nil {
		r.learner.verified(ctx, v)
	}
	return err
}

// isAmbiguous reports whether name means different senders below different children. The
// constructors refuse that, but a [Switch.Replace] does not know what stands beside the switch.
func (r *Router) isAmbiguous(name string) bool {
	var sender otp.Provider
	for _, child := range r.children {
		leaf, found := tree.Find(child, name)
		if found && sender != nil && !tree.Same(sender, leaf) {
			return true
		}
		if found {
			sender = leaf
		}
	}
	return false
}

// childWith returns the direct child through which the sender of v is reached; nil = there is none.
// It is always a direct child, never one further below, because on the way there may be a guard
// that counts attempts.
func (r *Router) childWith(v otp.Verification) otp.Provider {
	for _, child := range r.routed(v.To) { // where several have the sender, the number's own route knows most
		if tree.Holds(child, v.Provider) {
			return child
		}
	}
	for _, child := range r.children {
		if tree.Holds(child, v.Provider) {
			return child
		}
	}
	return nil
}

// routed are the children that may send to a number, in order.
func (r *Router) routed(to string) []otp.Provider {
	if r.routes != nil {
		return r.routes.lookup(to)
	}
	return r.senders
}

// isClaimedBy reports whether option is for routers of this sort. One that panics is for somebody
// else.
func (r *Router) isClaimedBy(option otp.SendOption) (claimed bool) {
	safely.Do(func() { claimed = option.OTPVendor() == r.vendor })
	return claimed
}

// withName is the refusal err of a check, in the name of a composite.
func withName(composite string, err error) error {
	if refused := failureIn(err); refused != nil {
		refused.Provider = composite
	}
	return err
}

// refuse is the error of a send that a composite itself refuses.
func refuse(composite string, kind otp.Kind, field, rule string) error {
	return &otp.Error{
		Provider: composite, Op: "send", Kind: kind, Outcome: otp.OutcomeNotSent, Field: field, Err: errors.New(rule),
	}
}

// foreign is the error of a Verification whose sender is not below a composite.
func foreign(composite string) error {
	return unverifiable(composite, "the verification belongs to a provider that is not here")
}

// unverifiable is the error of a Verification that a composite cannot bring back to its sender.
func unverifiable(composite, why string) error {
	return &otp.Error{
		Provider: composite, Op: "verify", Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: "provider",
		Err: errors.New(why),
	}
}
