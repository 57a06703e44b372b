package guard

import (
	"context"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// Refusal says which rule of a guard refused a call. It is in the [*otp.Error] that the call returned:
//
//	var refusal *guard.Refusal
//	if errors.As(err, &refusal) && refusal.Rule == guard.RuleCooldown {
//		// show a countdown of refusal.RetryAfter
//	}
//
// It is [otp.ErrRefused], so that no router asks another provider instead. It holds no number and no code.
type Refusal struct {
	Rule Rule

	// RetryAfter is when the rule lets the call pass. 0 = not known, or never.
	RetryAfter time.Duration

	// Err is the hook's error, or the store's. Nil for all other rules.
	Err error
}

// Error names the rule.
func (r *Refusal) Error() string {
	text := "refused by the rule " + string(r.Rule)
	if r.Err != nil {
		text += ": " + r.Err.Error()
	}
	return text
}

// Unwrap gives errors.Is the kind [otp.ErrRefused], and errors.As the cause.
func (r *Refusal) Unwrap() []error {
	if r.Err == nil {
		return []error{otp.ErrRefused}
	}
	return []error{otp.ErrRefused, r.Err}
}

// refuse tells and returns that a rule refused, before the vendor was asked. A verification that was used has been judged
// already, and there is nothing to repeat.
func (g *Guard) refuse(ctx context.Context, op, number string, r Refusal) error {
	outcome := otp.OutcomeNotSent
	if r.Rule == RuleUsed {
		outcome = otp.OutcomeAccepted
	}
	return g.refuseWith(ctx, op, number, outcome, r)
}

func (g *Guard) refuseWith(ctx context.Context, op, number string, outcome otp.Outcome, r Refusal) error {
	g.tell(ctx, number, Decision{Op: op, Rule: r.Rule, Refused: true, RetryAfter: r.RetryAfter, Err: r.Err})
	return &otp.Error{
		Provider: g.Name(), Op: op, Kind: r.Rule.kind(), Outcome: outcome,
		RetryAfter: r.RetryAfter, Field: r.Rule.field(), Err: &r,
	}
}

// storeFailed is the error of a call that cannot go on without its store. A caller who gave up is told so.
func (g *Guard) storeFailed(ctx context.Context, op, number string, outcome otp.Outcome, err error) error {
	if outcome == otp.OutcomeNotSent {
		if ended := g.ended(ctx, op); ended != nil {
			return ended
		}
	}
	return g.refuseWith(ctx, op, number, outcome, Refusal{Rule: RuleStore, Err: err})
}
