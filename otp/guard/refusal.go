package guard

import (
	"context"
	"errors"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// Refusal says which rule of a guard refused a call. It is in the [*otp.Error] that the call
// returned:
//
//	var refusal *guard.Refusal
//	switch {
//	case !errors.As(err, &refusal): // something else
//	case refusal.Challenge > 0:
//		// ask for this challenge, then call again with Caller.Passed
//	case refusal.Rule == guard.RuleCooldown:
//		// show a countdown of refusal.RetryAfter
//	}
//
// It is [otp.ErrRefused], so that no router asks another provider instead, except with [RuleStore]:
// an outage is nobody's decision, and is [otp.ErrUnavailable] alone. It holds no number and no
// code.
type Refusal struct {
	Rule Rule

	// RetryAfter is when the rule lets the call pass if nothing else is sent. 0 = not known, or never.
	RetryAfter time.Duration

	// Challenge is the number of the challenge that lets the call pass, 1 to [MostChallenges]: call
	// again with [Caller.Passed]. Higher ones are for what passes the lower ones too easily: a captcha
	// is passed for a thousandth of a text. 0 = none does.
	Challenge int

	// Err is the hook's error, or the store's. Nil for all other rules.
	Err error
}

// Error names the rule.
func (r *Refusal) Error() string {
	text := "refused by the rule " + string(r.Rule)
	switch r.Rule {
	case RuleStore:
		text = "the guard's store failed"
	case RuleBinding:
		text += ": send a new code"
	}
	if r.Err != nil {
		text += ": " + textOfError(r.Err)
	}
	return text
}

// textOfError leaves out what an error of a store says about an outcome: it means the change, not
// the call.
func textOfError(err error) string {
	var failure *otp.Error
	if errors.As(err, &failure) && failure.Err != nil {
		return failure.Err.Error()
	}
	return err.Error()
}

// Unwrap gives errors.Is the kind [otp.ErrRefused], and errors.As the cause.
func (r *Refusal) Unwrap() []error {
	var all []error
	if r.Rule != RuleStore {
		all = append(all, otp.ErrRefused)
	}
	if r.Err != nil {
		all = append(all, r.Err)
	}
	return all
}

// refuse is a decision that a rule refuses, before the vendor was asked. A verification that was
// used has been judged already, and there is nothing to repeat.
func (g *Guard) refuse(d decision, r Refusal) decision {
	outcome := otp.OutcomeNotSent
	if r.Rule == RuleUsed {
		outcome = otp.OutcomeAccepted
	}
	return g.refuseWith(d, outcome, r)
}

func (g *Guard) refuseWith(d decision, outcome otp.Outcome, r Refusal) decision {
	d.Rule, d.Refused, d.RetryAfter, d.Challenge, d.Err = r.Rule, true, r.RetryAfter, r.Challenge, r.Err
	d.err = &otp.Error{
		Provider: g.Name(), Op: d.Op, Kind: r.Rule.kind(), Outcome: outcome,
		RetryAfter: r.RetryAfter, Field: r.Rule.field(), Err: &r,
	}
	return d
}

// storeFailed is the decision about a call that cannot go on without its store. A caller who gave
// up is told so.
func (g *Guard) storeFailed(ctx context.Context, d decision, outcome otp.Outcome, err error) decision {
	if outcome == otp.OutcomeNotSent {
		if ended := g.ended(ctx, d.Op); ended != nil {
			d.reported, d.err = false, ended
			return d
		}
	}
	return g.refuseWith(d, outcome, Refusal{Rule: RuleStore, Err: err})
}
