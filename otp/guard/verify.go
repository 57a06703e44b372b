package guard

import (
	"context"
	"errors"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
)

const opVerify = "verify"

// Verify lets the provider judge a code, unless the verification was used before, is not for this number and purpose, or
// too many codes were tried. What refuses is in the error, as a [Refusal].
//
// An attempt counts before the vendor is asked, and is taken back only when the vendor judged nothing. Nil means that the
// code was right and that nobody else has used it. When the store fails after a right code, the error is
// [otp.ErrUnavailable] with [otp.OutcomeAccepted]: the code is spent, so send a new one.
func (g *Guard) Verify(ctx context.Context, v otp.Verification, typed string) error {
	code, err := g.legible(v, typed)
	if err != nil {
		return g.named(opVerify, err)
	}
	if err = g.ended(ctx, opVerify); err != nil {
		return err
	}
	about := g.keys.trySubjects(v, callerFrom(ctx))
	var counted sheet
	counted.fill(&about, g.tries)
	result, err := g.step(ctx, Change{
		Unless: []string{about.key(usedKey, aVerification)},
		Take:   counted.limits(),
		Get:    about.key(ownerKey, aVerification),
	}, counted.room[:])
	if err != nil {
		return g.storeFailed(ctx, opVerify, v.To, otp.OutcomeNotSent, err)
	}
	g.tellOver(ctx, opVerify, v.To, &counted, result)
	if r := refusalOf(&counted, result, &about); r.Rule != "" {
		return g.refuse(ctx, opVerify, v.To, r)
	}
	g.tell(ctx, v.To, Decision{Op: opVerify})

	err = g.child.Verify(ctx, v, code)
	switch {
	case err == nil:
		return g.win(ctx, v, &about, &counted)
	case otp.OutcomeOf(err) == otp.OutcomeNotSent && !errors.Is(err, otp.ErrCodeRejected):
		g.giveBack(ctx, opVerify, v.To, result.Taken)
		return err
	default:
		return withAttemptsLeft(err, &counted, result.Taken)
	}
}

const longestReference = 1024

// legible checks what needs no store, and returns the code in what was typed.
func (g *Guard) legible(v otp.Verification, typed string) (string, error) {
	if err := otp.CheckRecipient(v.To); err != nil {
		return "", err
	}
	if !isReference(v.Provider) || !isReference(v.ID) {
		return "", &otp.Error{
			Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Field: "verification",
			Err: errors.New("must hold at most 1024 characters of printable ASCII without spaces"),
		}
	}
	return otp.TypedCode(typed)
}

// isReference refuses what no vendor gives, and what some vendor may take for another reference.
func isReference(s string) bool {
	return len(s) <= longestReference && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// refusalOf is what refuses an attempt; without a rule in it, nothing does.
func refusalOf(s *sheet, result Result, about *subjects) Refusal {
	switch {
	case result.Refused == RefusedByUnless:
		return Refusal{Rule: RuleUsed}
	case result.Refused != RefusedByNone && s.from[result.Refused].rule == RuleAttempts:
		return Refusal{Rule: RuleAttempts} // waiting does not help: a new code does
	case result.Refused != RefusedByNone:
		return Refusal{Rule: s.from[result.Refused].rule, RetryAfter: result.RetryAfter}
	case result.Data != nil && string(result.Data) != string(about.ids[aNumberAndPurpose].text[:]):
		return Refusal{Rule: RuleBinding}
	}
	return Refusal{}
}

// win uses a verification up. Of many who come with the right code one wins.
func (g *Guard) win(ctx context.Context, v otp.Verification, about *subjects, s *sheet) error {
	used := about.key(usedKey, aVerification)
	c := Change{
		Unless: []string{used},
		Set:    []Value{{Key: used, For: lifeOf(v)}},
		Clear:  append(s.keysOf(RuleWrongCodes), s.running),
		Good:   []string{about.key(unverifiedKey, aPrefix)},
	}
	result, err := g.finish(ctx, c)
	switch {
	case err != nil:
		return g.storeFailed(ctx, opVerify, v.To, otp.OutcomeAccepted, err)
	case result.Refused != RefusedByNone:
		return g.refuse(ctx, opVerify, v.To, Refusal{Rule: RuleUsed})
	}
	return nil
}

// withAttemptsLeft lowers the attempts that the vendor says are left to those that the guard still allows.
func withAttemptsLeft(err error, s *sheet, taken []Taken) error {
	failure, ok := err.(*otp.Error) //nolint:errorlint // a copy of a wrapped one could not be put in its place
	if !ok || failure.AttemptsLeft == nil {
		return err
	}
	own, left := *failure, *failure.AttemptsLeft
	for i, limit := range s.limits() {
		if !limit.RecordOnly {
			left = min(left, max(0, limit.Max-taken[i].N))
		}
	}
	own.AttemptsLeft = &left
	return &own
}
