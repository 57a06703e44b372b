package owncode

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

// Send texts a code. The store has it before the text goes out: when the store fails, nothing is
// sent.
//
// With an unknown outcome the verification is complete, because the code is known: let the person
// type.
func (p *Provider) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	k, start := p.core(), time.Now()
	v, err := k.sendCode(ctx, req)
	k.log(ctx, opSend, req.To, start, err)
	return v, err
}

func (k *core) sendCode(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	err := k.caps.Check(req)
	if err == nil {
		err = k.offers(req)
	}
	if err != nil {
		return otp.Verification{}, k.failed(opSend, err)
	}
	if err = k.ended(ctx, opSend); err != nil {
		return otp.Verification{}, err
	}
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, max(wholeCall, k.timeout))
		defer cancel()
	}
	i, d, err := k.issue(ctx, req)
	if err != nil {
		return otp.Verification{}, err
	}
	v := otp.Verification{
		Provider: k.name, ID: i.String(), To: req.To, Channel: cmp.Or(req.Channel, k.caps.Default),
		SentAt: i.made(), ExpiresAt: i.expires(),
	}
	text := k.text(req.Locale, string(d.code[:d.length]), v)
	byFallback, err := k.deliver(ctx, text)
	if otp.OutcomeOf(err) == otp.OutcomeNotSent {
		return otp.Verification{}, err
	}
	if byFallback { // no matter by which channel it uses
		v.Channel = ""
	}
	return v, err
}

// issue returns the id to send, which the store has: the one of Previous, or a new one.
func (k *core) issue(ctx context.Context, req otp.SendRequest) (id, derived, error) {
	purpose, t, first := guard.CallerFrom(ctx).Purpose, k.termsOf(req), k.keys[0]
	if i, key := k.previous(req, t); key != nil {
		d := key.derive(i, purpose, req.To)
		if live, err := k.isLive(ctx, i, d); live || err != nil {
			return i, d, err
		}
	}
	i := newID(first.tag, t, time.Now())
	d := first.derive(i, purpose, req.To)
	c := guard.Change{Set: []guard.Value{
		{Key: d.newest, Data: []byte(i.String()), For: t.ttl},
		{Key: d.sent, For: t.ttl},
	}}
	for _, old := range k.keys[1:] {
		c.Clear = append(c.Clear, string(old.appendNewest(nil, purpose, req.To)))
	}
	result, err := k.change(ctx, opSend, c)
	if err == nil && result.Refused != guard.RefusedByNone { // the store does not have the id then
		err = k.storeFailed(ctx, opSend, errors.New("the store has refused a new code"))
	}
	return i, d, err
}

// termsOf is what a request asks for, with what it leaves open.
func (k *core) termsOf(req otp.SendRequest) terms {
	return terms{
		letters:  k.config.Letters,
		length:   orNearest(req.CodeLength, otp.DefaultCodeLength, k.config.CodeLength),
		attempts: orNearest(req.MaxAttempts, defaultAttempts, k.config.MaxAttempts),
		ttl:      orNearest(req.TTL, otp.DefaultTTL, k.config.TTL),
	}
}

// orNearest is what was asked for, else ours, held to what may be asked for.
func orNearest[T cmp.Ordered](asked, ours T, may otp.Range[T]) T {
	return cmp.Or(asked, min(max(ours, may.Min), may.Max))
}

// previous returns the id of the send that req repeats, if its code may be sent once more. A nil
// key means that it may not: it is not ours, other terms are asked for, or less than half of its
// life is left.
func (k *core) previous(req otp.SendRequest, t terms) (id, *key) {
	if req.Previous == nil || req.Previous.Provider != k.name {
		return id{}, nil
	}
	i, ok := parseID(req.Previous.ID)
	if !ok || i.terms() != t || time.Until(i.expires()) < t.ttl/2 {
		return id{}, nil
	}
	return i, k.keyOf(i)
}

// isLive reports whether the store knows an id as the newest, not used, and with an attempt left.
// It changes nothing, because the last limit always refuses: an attempt that were taken to look,
// and given back, would be missed by anyone who types the code in between, and lost when the call
// ends there.
func (k *core) isLive(ctx context.Context, i id, d derived) (bool, error) {
	const attempts, look = 0, 1
	t := i.terms()
	result, err := k.change(ctx, opSend, guard.Change{
		Unless: []string{d.used}, Marks: []string{d.sent}, Get: d.newest,
		Take: []guard.Limit{
			attempts: {Key: d.tried, Window: t.ttl, Max: t.attempts},
			look:     {Key: d.sent + "?", Window: t.ttl, Max: 1, Reserve: 1, ReserveFor: nobody},
		},
	})
	return err == nil && result.Refused == look && result.Marks == known && string(result.Data) == i.String(), err
}

// The marks of a change: the store knows of the send, and one that nothing has.
const known, nobody guard.MarkSet = 1, 2
