package guard

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

const opSend = "send"

// Send sends a code unless a rule has something against it. What refuses is in the error, as a [Refusal].
//
// Within the cooldown, and when a number has had its share, nothing is sent and the verification that is running for
// this number and purpose, if there is one, is returned together with the error, so that the person can still type the
// code that they have. That is whoever asks for this number: hand it only to the session that started it, where you can.
//
// A send counts before the vendor is asked, and is taken back only when nothing was sent.
func (g *Guard) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	if err := g.screen(ctx, req); err != nil {
		return otp.Verification{}, err
	}
	about := g.keys.sendSubjects(req.To, callerFrom(ctx))
	var counted sheet
	counted.fill(&about, g.sends)
	result, err := g.step(ctx, Change{Take: counted.limits(), Get: counted.running}, counted.room[:])
	switch {
	case err != nil && g.mayPass(ctx, err):
		g.tell(ctx, req.To, Decision{Op: opSend, Rule: RuleStore, Err: err})
		return g.child.Send(ctx, req)
	case err != nil:
		return otp.Verification{}, g.storeFailed(ctx, opSend, req.To, otp.OutcomeNotSent, err)
	}
	g.tellOver(ctx, opSend, req.To, &counted, result)
	if result.Refused != RefusedByNone {
		return g.refuseSend(ctx, req.To, counted.from[result.Refused].rule, result)
	}
	g.tell(ctx, req.To, Decision{Op: opSend})

	v, err := g.child.Send(ctx, req)
	if otp.OutcomeOf(err) == otp.OutcomeNotSent {
		g.giveBack(ctx, opSend, req.To, result.Taken)
	} else {
		g.remember(ctx, req, v, &about, counted.running)
	}
	return v, err
}

// mayPass reports whether a send passes although the store has failed. A store that is full has not: whoever has filled it
// must not be let through for it.
func (g *Guard) mayPass(ctx context.Context, err error) bool {
	return g.failOpen && ctx.Err() == nil && !errors.Is(err, ErrFull)
}

// refuseSend is what Send returns when a limit refuses: perhaps with what is running for the number.
func (g *Guard) refuseSend(ctx context.Context, number string, rule Rule, result Result) (otp.Verification, error) {
	refused := g.refuse(ctx, opSend, number, Refusal{Rule: rule, RetryAfter: result.RetryAfter})
	if rule == RuleCooldown || rule == RuleNumber {
		return readRunning(result.Data, number), refused
	}
	return otp.Verification{}, refused
}

// screen refuses what must not even be counted.
func (g *Guard) screen(ctx context.Context, req otp.SendRequest) error {
	if err := otp.CheckRecipient(req.To); err != nil { // whatever the child's own check says
		return g.named(opSend, err)
	}
	if err := otp.CanSend(g.child, req); err != nil {
		return g.named(opSend, err)
	}
	if err := g.ended(ctx, opSend); err != nil {
		return err
	}
	if !g.lists.allow(req.To) {
		if err := g.refuseOrRecord(ctx, req.To, Refusal{Rule: RuleDeny}); err != nil {
			return err
		}
	}
	if err := g.ask(ctx, req); err != nil {
		return g.refuseOrRecord(ctx, req.To, Refusal{Rule: RuleHook, Err: err})
	}
	return nil
}

func (g *Guard) refuseOrRecord(ctx context.Context, number string, r Refusal) error {
	if has(g.record, r.Rule) {
		g.tell(ctx, number, Decision{Op: opSend, Rule: r.Rule, Err: r.Err})
		return nil
	}
	return g.refuse(ctx, opSend, number, r)
}

// tellOver tells what rules that only record would have refused.
func (g *Guard) tellOver(ctx context.Context, op, number string, s *sheet, result Result) {
	for _, i := range result.Over {
		g.tell(ctx, number, Decision{Op: op, Rule: s.from[i].rule})
	}
}

// giveBack takes back what a call has not used. When the store fails now, counts stay, and what became of the call is
// not changed by it.
func (g *Guard) giveBack(ctx context.Context, op, number string, taken []Taken) {
	if len(taken) == 0 {
		return
	}
	if _, err := g.finish(ctx, Change{Back: taken}); err != nil {
		g.tell(ctx, number, Decision{Op: op, Rule: RuleStore, Err: err})
	}
}

// remember keeps what was sent: which number and purpose the verification is for, and that it is running for them. When
// the store fails now, what became of the send is not changed by it.
func (g *Guard) remember(ctx context.Context, req otp.SendRequest, v otp.Verification, about *subjects, running string) {
	if v.Provider == "" || v.To != req.To {
		return
	}
	g.keys.sent(about, v)
	owner := about.appendKey(nil, "", aNumberAndPurpose)
	values := append(make([]Value, 0, 2), Value{Key: about.key(ownerKey, aVerification), Data: owner, For: lifeOf(v)})

	left := cmp.Or(req.TTL, otp.DefaultTTL)
	if !v.ExpiresAt.IsZero() {
		left = time.Until(v.ExpiresAt)
	}
	if data := writeRunning(v); left >= time.Second && len(data) <= longestData {
		values = append(values, Value{Key: running, Data: data, For: min(left, rememberedMost)})
	}
	if _, err := g.finish(ctx, Change{Set: values}); err != nil {
		g.tell(ctx, req.To, Decision{Op: opSend, Rule: RuleStore, Err: err})
	}
}

// lifeOf is how long a verification is remembered: longer than its code can live.
func lifeOf(v otp.Verification) time.Duration {
	life := remembered
	if !v.ExpiresAt.IsZero() {
		life = max(life, time.Until(v.ExpiresAt)+time.Hour)
	}
	return min(life, rememberedMost)
}
