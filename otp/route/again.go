package route

import (
	"cmp"
	"context"
	"slices"

	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// sendAgain sends to a person who has not received what req.Previous stands for, by the first way
// after the one that sent it which takes the request. [Router.Send] says more.
func sendAgain(ctx context.Context, router string, senders []otp.Provider, req otp.SendRequest) (otp.Verification, error) {
	if len(senders) == 1 && hasWays(senders[0]) {
		return send(ctx, senders[0], req)
	}
	h := handover{router: router}
	for _, w := range after(waysOf(senders, req.Channel), *req.Previous) {
		req.Channel = w.channel
		if v, done, err := h.try(ctx, w.provider, req); done {
			return v, err
		}
	}
	return otp.Verification{}, h.failure()
}

// hasWays reports whether p, or a provider that it wraps, goes through ways of its own.
func hasWays(p otp.Provider) bool {
	return tree.Search(p, func(q otp.Provider, _ bool) bool {
		switch q.(type) {
		case *Router, *Switch:
			return true
		default:
			return false
		}
	})
}

// way is one way to reach a person.
type way struct {
	provider otp.Provider
	channel  otp.Channel // as to be asked for; "" = the provider's default
	carries  otp.Channel // as it stands in a Verification
}

// waysOf lists every provider by its default channel, then by its others; or by the one channel
// that is asked for.
func waysOf(providers []otp.Provider, asked otp.Channel) []way {
	var first, others []way
	for _, p := range providers {
		if asked != "" {
			first = append(first, way{p, asked, asked})
			continue
		}
		caps := p.Capabilities()
		first = append(first, way{p, "", caps.Default})
		for channel := range caps.Channels {
			if channel != caps.Default {
				others = append(others, way{p, channel, channel})
			}
		}
	}
	slices.SortStableFunc(others, func(a, b way) int {
		return cmp.Or(cmp.Compare(rank(a.channel), rank(b.channel)), cmp.Compare(a.channel, b.channel))
	})
	return append(first, others...)
}

// rank is the place of a channel in the order of those that are not the default.
func rank(channel otp.Channel) int {
	known := slices.Index([]otp.Channel{otp.Voice, otp.WhatsApp, otp.SMS}, channel)
	return -known
}

// after turns the ways round so that the one that carried prev is the last.
func after(ways []way, prev otp.Verification) []way {
	used, exactly := -1, false
	for i, w := range ways {
		if !tree.Holds(w.provider, prev.Provider) {
			continue
		}
		if used < 0 || !exactly && w.carries == prev.Channel {
			used, exactly = i, w.carries == prev.Channel
		}
	}
	return slices.Concat(ways[used+1:], ways[:used+1])
}
