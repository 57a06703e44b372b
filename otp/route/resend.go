package route

import (
	"cmp"
	"context"
	"slices"

	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// Resend sends to a person who has not received what prev stands for, by another way if there is one: the next provider
// or channel after the one that sent prev, and that one itself last. It is the only way in which a second text goes out
// after a send with an unknown outcome, and so two codes may be on their way. Keep both verifications, or the new one.
//
// The ways are the providers that may send to the number, in order, each by its default channel; after them the same
// providers by their other channels, SMS before WhatsApp before voice. With req.Channel set they are the providers by that
// channel. The list runs in a circle, so that asking again and again, each time with the last Verification, tries all of
// it. Ways that cannot serve req are passed over, and a way that provably has not sent hands on to the next, by the rules
// of [Failover]. Shares do not matter here.
//
// A provider that is a router or a [Switch] goes on in its own list when it has sent prev. A router with a single way,
// such as [ByPrefix] for one number, leaves everything to it. A prev of a provider that the router does not have, or the
// zero Provider, is no reason to skip any way.
//
// The request is a new one: prev says only which way to avoid. req.To has to be the number of prev; another number is
// otp.ErrInvalidRequest, because to send to it is an ordinary Send.
//
// A guard around the router does not see this call: call the guard's own Resend, which is limited like a Send and then
// calls this one.
func (r *Router) Resend(ctx context.Context, prev otp.Verification, req otp.SendRequest) (otp.Verification, error) {
	ways, err := r.ways(req)
	if err != nil {
		return otp.Verification{}, err
	}
	return resend(ctx, r.name, ways, prev, req)
}

// resender is a composite that knows which of its ways has sent.
type resender interface {
	Resend(ctx context.Context, prev otp.Verification, req otp.SendRequest) (otp.Verification, error)
}

// goesOn reports whether p has a list of its own: routers and switches do, and a guard does if what it guards has one.
func goesOn(p otp.Provider) bool {
	switch p.(type) {
	case *Router, *Switch:
		return true
	}
	_, passesOn := p.(resender)
	return passesOn && slices.ContainsFunc(tree.Children(p), goesOn)
}

// resend sends by the first of the lines after that of prev that takes the request.
func resend(
	ctx context.Context, router string, ways []otp.Provider, prev otp.Verification, req otp.SendRequest,
) (otp.Verification, error) {
	if err := otp.CheckRecipient(req.To); err != nil {
		return otp.Verification{}, named(router, err)
	}
	if req.To != prev.To {
		return otp.Verification{}, refuse(router, otp.ErrInvalidRequest, "to", "must be the number of the verification")
	}
	if len(ways) == 1 && goesOn(ways[0]) {
		return send(ctx, another{ways[0], ways[0].(resender), prev}, req)
	}
	h := handover{router: router}
	for _, l := range after(linesOf(ways, req.Channel), prev) {
		req.Channel = l.channel
		if v, done, err := h.try(ctx, l.provider, req); done {
			return v, err
		}
	}
	return otp.Verification{}, h.failure()
}

// line is one way to reach a person.
type line struct {
	provider otp.Provider
	channel  otp.Channel // as to be asked for; "" = the provider's default
	carries  otp.Channel // as it stands in a Verification
}

// linesOf lists every provider by its default channel, then by its others; or by the one channel that is asked for.
func linesOf(providers []otp.Provider, asked otp.Channel) []line {
	var first, others []line
	for _, p := range providers {
		if asked != "" {
			first = append(first, line{p, asked, asked})
			continue
		}
		caps := p.Capabilities()
		first = append(first, line{p, "", caps.Default})
		for channel := range caps.Channels {
			if channel != caps.Default {
				others = append(others, line{p, channel, channel})
			}
		}
	}
	slices.SortStableFunc(others, func(a, b line) int {
		return cmp.Or(cmp.Compare(rank(a.channel), rank(b.channel)), cmp.Compare(a.channel, b.channel))
	})
	return append(first, others...)
}

func rank(channel otp.Channel) int {
	known := slices.Index([]otp.Channel{otp.Voice, otp.WhatsApp, otp.SMS}, channel)
	return -known
}

// after turns the lines round so that the one that carried prev is the last, and lets its provider know about prev.
func after(lines []line, prev otp.Verification) []line {
	used, exactly := -1, false
	for i, l := range lines {
		if !tree.Holds(l.provider, prev.Provider) {
			continue
		}
		if again, ok := l.provider.(resender); ok {
			lines[i].provider = another{l.provider, again, prev}
		}
		if used < 0 || !exactly && l.carries == prev.Channel {
			used, exactly = i, l.carries == prev.Channel
		}
	}
	return slices.Concat(lines[used+1:], lines[:used+1])
}

// another is a composite whose Send avoids the way of prev.
type another struct {
	otp.Provider
	composite resender
	prev      otp.Verification
}

func (a another) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	return a.composite.Resend(ctx, a.prev, req)
}

func (a another) Unwrap() []otp.Provider { return []otp.Provider{a.Provider} }
