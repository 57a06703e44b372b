package route

import (
	"cmp"
	"context"
	"slices"

	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// sendAgain sends to a person who has not received what req.Previous stands for, by the first of ways
// after the one that sent it which takes the request. [Router.Send] says more.
func sendAgain(ctx context.Context, router string, ways []otp.Provider, req otp.SendRequest) (otp.Verification, error) {
	if err := otp.CheckRecipient(req.To); err != nil {
		return otp.Verification{}, named(router, err)
	}
	if req.Previous.IsZero() || req.Previous.To != req.To {
		return otp.Verification{}, refuse(router, otp.ErrInvalidRequest, "previous", "must be a verification for the same number")
	}
	if len(ways) == 1 && hasWays(ways[0]) {
		return send(ctx, ways[0], req)
	}
	h := handover{router: router}
	for _, l := range after(linesOf(ways, req.Channel), *req.Previous) {
		req.Channel = l.channel
		if v, done, err := h.try(ctx, l.provider, req); done {
			return v, err
		}
	}
	return otp.Verification{}, h.failure()
}

// hasWays reports whether p, or a provider that it wraps, goes through ways of its own.
func hasWays(p otp.Provider) bool {
	switch p.(type) {
	case *Router, *Switch:
		return true
	}
	return slices.ContainsFunc(tree.Children(p), hasWays)
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

// after turns the lines round so that the one that carried prev is the last.
func after(lines []line, prev otp.Verification) []line {
	used, exactly := -1, false
	for i, l := range lines {
		if !tree.Holds(l.provider, prev.Provider) {
			continue
		}
		if used < 0 || !exactly && l.carries == prev.Channel {
			used, exactly = i, l.carries == prev.Channel
		}
	}
	return slices.Concat(lines[used+1:], lines[:used+1])
}
