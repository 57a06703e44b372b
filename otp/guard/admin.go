package guard

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
)

// Unlock forgets what was counted about one of these, so that rules let it pass again:
//
//   - a number, "+905321234567": codes sent and wrong codes typed; for a person who has shown by
//     other means who they are
//   - a block of numbers, without their last four digits, "+90532123*"
//   - an IPv4 address, or an IPv6 address or network up to /48: "192.0.2.7", "2001:db8::/48"
//   - a country, "TR"; what is usual for it stays known
//
// The error is an [*otp.Error]: of kind [otp.ErrInvalidRecipient], or [otp.ErrUnavailable] when
// the store fails.
func (g *Guard) Unlock(ctx context.Context, what string) error {
	const op = "unlock"
	keys, err := g.unlocked(what)
	if err != nil {
		return g.withName(op, err)
	}
	if otp.CheckRecipient(what) != nil {
		what = "" // it is no number
	}
	return g.administer(ctx, op, what, &Change{Clear: keys})
}

// unlocked are the counters that Unlock forgets.
func (g *Guard) unlocked(what string) ([]string, error) {
	var about subjects
	h := g.keys.take()
	defer g.keys.hashers.Put(h)
	block, isBlock := strings.CutSuffix(what, "*")
	network, isNetwork := parseNetwork(what)
	switch {
	case isNetwork && (network.Addr().Is4() && network.Bits() == 32 || network.Addr().Is6() && network.Bits() >= 48):
		return g.unlockedNetwork(h, network), nil
	case isCountry(what):
		about.country = what
		return []string{about.keyOf(aCountry, "", noTag)}, nil
	case isBlock && isPrefix(block):
		about.add(aBlock, h.id(aBlock, block))
		return []string{about.keyOf(aBlock, "", noTag)}, nil
	case strings.HasPrefix(what, "+"):
		if err := checkNumber(what); err != nil {
			return nil, err
		}
		about.begin(h, what, Caller{})
		keys := []string{about.keyOf(aNumber, "s", noTag), about.keyOf(aNumber, "S", noTag)}
		for _, t := range g.tries {
			if t.rule == RuleWrongCodes {
				keys = append(keys, about.keyOf(aNumber, t.part, noTag))
			}
		}
		return keys, nil
	}
	return nil, &otp.Error{
		Kind: otp.ErrInvalidRecipient, Outcome: otp.OutcomeNotSent, Field: "what",
		Err: errors.New(`must be a number, a block such as "+90532123*", an address, a network or a country`),
	}
}

// unlockedNetwork are the counters that count all of a network.
func (g *Guard) unlockedNetwork(h *hasher, network netip.Prefix) []string {
	var about subjects
	about.address(h, network.Addr())
	var keys []string
	for subject, bits := range map[subject]int{anAddress: 64, aSubnet: 56, aNetwork: 48} {
		if about.set[subject] && (network.Bits() >= bits || network.Addr().Is4()) {
			keys = append(keys, about.keyOf(subject, "", noTag))
		}
	}
	return keys
}

// Forget forgets a number: afterwards nothing that is derived from it is stored, neither that it is
// known, nor what was sent to it or typed for it. Its verifications do not verify any more. What is
// left are sums over all numbers of its block, that is ten thousand, and of its country. Errors are
// as with [Guard.Unlock].
func (g *Guard) Forget(ctx context.Context, number string) error {
	const op = "forget"
	if err := checkNumber(number); err != nil {
		return g.withName(op, err)
	}
	h := g.keys.take()
	defer g.keys.hashers.Put(h)
	var about subjects
	about.begin(h, number, Caller{})
	return g.administer(ctx, op, number, &Change{Clear: []string{about.keyOf(aNumber, "", noTag) + "/"}})
}

// Satisfied says that the person for whom v was sent has come in by another way, such as a passkey,
// so that the codes of this number, purpose and session are not needed any more: they end, and do
// not count as codes that nobody typed. It does not make the number known. Call it with the same
// [Caller] as Send. Nil also when the store does not know v, or the person has verified; errors are
// as with [Guard.Unlock].
func (g *Guard) Satisfied(ctx context.Context, v otp.Verification) error {
	const op = "satisfied"
	if err := checkNumber(v.To); err != nil {
		return g.withName(op, err)
	}
	if err := g.ended(ctx, op); err != nil {
		return err
	}
	t := try{Guard: g, ctx: ctx}
	g.keys.try(&t.about, v, CallerFrom(ctx))
	t.limits.fill(&t.about, nil, false)
	result, err := g.step(ctx, &Change{Get: t.limits.running}, nil)
	if err != nil {
		d := g.storeFailed(ctx, decision{reported: true, Decision: Decision{Op: op}}, otp.OutcomeNotSent, err)
		g.report(ctx, v.To, &d)
		return d.err
	}
	if !t.readSends(result.Data, v) {
		return nil
	}
	c := t.success(v)
	return g.administer(ctx, op, v.To, &c)
}

// administer makes a change that nothing refuses.
func (g *Guard) administer(ctx context.Context, op, number string, c *Change) error {
	d := decision{Decision: Decision{Op: op}}
	if _, err := g.step(ctx, c, nil); err != nil {
		d.reported = true
		d = g.storeFailed(ctx, d, otp.OutcomeUnknown, err)
	}
	g.report(ctx, number, &d)
	return d.err
}
