package guard

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/internal/naming"
	"github.com/otp-sdk/otp-go/otp"
)

const opVerify = "verify"

// Verify asks the provider about a code, unless the verification was used before, is not for this
// number, purpose and session, or too many codes were tried. What refuses is in the error, as a
// [Refusal]. A caller who names no session is not compared by it.
//
// A person who asked again may have several live codes. Where the provider rejects the code for v,
// the others of the same number, purpose and session are asked about, the newest first: each is an
// attempt, and attempts are counted over all of them. A success ends all.
//
// An attempt counts before the vendor is asked, and is taken back only when the vendor certainly
// judged nothing, at most ten times for one verification. Nil means that the code was right and
// that nobody else has used it. When the store fails after a right code, the error is
// [otp.ErrUnavailable] with [otp.OutcomeAccepted]: the code is spent, so send a new one.
func (g *Guard) Verify(ctx context.Context, v otp.Verification, typed string) error {
	code, err := checkTyped(v, typed)
	if err != nil {
		return g.withName(opVerify, err)
	}
	if err = g.ended(ctx, opVerify); err != nil {
		return err
	}
	t := try{Guard: g, ctx: ctx, code: code}
	g.keys.try(&t.about, v, CallerFrom(ctx))
	t.limits.fill(&t.about, g.tries, false)
	return t.first(v)
}

const longestReference = 1024

// checkTyped checks what needs no store, and returns the code in what was typed.
func checkTyped(v otp.Verification, typed string) (string, error) {
	if err := checkNumber(v.To); err != nil {
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
func isReference(s string) bool { return len(s) <= longestReference && naming.IsPrintable(s) }

// try is one typed code on its way.
type try struct {
	*Guard

	ctx    context.Context //nolint:containedctx // of one call, and not kept
	code   string
	about  subjects
	limits limitSet

	sends   []sent // of the number, purpose and session
	foreign []byte // those of other sessions
	unasked []sent // those of the session when v is none of them
	known   bool   // the caller is, for the number
	left    int    // attempts
	most    int    // wrong codes
}

// The marks of a verification: callerKnown, and these.
const (
	sentMark  = sentByGuards
	spentMark = sentByGuards << 1
)

// first counts an attempt for v, and asks the provider.
func (t *try) first(v otp.Verification) error {
	taken, r, err := t.take(v)
	d := decision{reported: true, Decision: Decision{Op: opVerify}}
	switch {
	case err != nil:
		d = t.storeFailed(t.ctx, d, otp.OutcomeNotSent, err)
	case r.Rule != "":
		d.Recorded = r.recorded
		d = t.refuse(d, r.Refusal)
	default:
		d.Recorded = r.recorded
	}
	t.report(t.ctx, v.To, &d)
	if d.err != nil {
		return d.err
	}
	err = t.child.Verify(t.ctx, v, t.code)
	switch {
	case err == nil:
		return t.succeed(v)
	case otp.OutcomeOf(err) == otp.OutcomeNotSent && !errors.Is(err, otp.ErrCodeRejected):
		t.giveBack(v, taken)
		return err
	case errors.Is(err, otp.ErrCodeRejected):
		return t.others(v, err)
	}
	return err
}

// refused is what refuses an attempt, and what only records. Without a rule nothing refuses.
type refused struct {
	Refusal

	recorded []Rule
}

// take counts an attempt.
func (t *try) take(v otp.Verification) ([]Taken, refused, error) {
	used, spent := t.about.referenceKey(usedPart), t.about.referenceKey(spentPart)
	caller := used // is not there when limits are looked at
	if t.limits.marked > 1 {
		caller = t.limits.marks[1]
	}
	result, err := t.step(t.ctx, &Change{
		Unless: []string{used, spent},
		Marks:  []string{used, caller, t.about.referenceKey(ownerPart), spent},
		Take:   t.limits.limits(),
		Get:    t.limits.running,
	}, t.limits.room[:])
	if err != nil {
		return nil, refused{}, err
	}
	t.known = t.limits.marked > 1 && result.Marks&callerKnown != 0
	bound := t.readSends(result.Data, v)
	r := refused{recorded: t.limits.rules(result.Over)}
	switch {
	case result.Refused == RefusedByUnless && result.Marks&spentMark != 0:
		r.Rule = RuleAttempts
	case result.Refused == RefusedByUnless:
		r.Rule = RuleUsed
	case result.Refused != RefusedByNone && t.limits.from[result.Refused].rule == RuleAttempts:
		r.Rule = RuleAttempts // waiting does not help: a new code does
		t.spend(v)
	case result.Refused != RefusedByNone:
		r.Rule, r.RetryAfter = t.limits.from[result.Refused].rule, result.RetryAfter
	case result.Marks&sentMark != 0 && !bound, result.Marks&sentMark == 0 && t.refusesUnknown():
		r.Rule = RuleBinding
	}
	if result.Taken != nil {
		t.left, t.most = t.limits.left(RuleAttempts, result.Taken), t.limits.left(RuleWrongCodes, result.Taken)
	}
	return result.Taken, r, nil
}

// refusesUnknown reports whether a verification is refused because the store does not know of its
// send. A store that outlives the process may have lost it, and what was counted of it at the same
// time.
func (g *Guard) refusesUnknown() bool { return g.memory == nil && !g.failOpen }

// readSends keeps what was sent to the session of v, and reports whether v is among it.
func (t *try) readSends(data []byte, v otp.Verification) (bound bool) {
	all := readSent(data, v.To)
	at := slices.IndexFunc(all, func(s sent) bool { return s.Provider == v.Provider && strings.EqualFold(s.ID, v.ID) })
	if at < 0 || t.about.set[aSession] && all[at].session != t.about.session() {
		t.unasked = slices.DeleteFunc(all, func(s sent) bool { return s.session != t.about.session() })
		return false
	}
	for i := range all {
		if all[i].session == all[at].session {
			t.sends = append(t.sends, all[i])
		} else {
			t.foreign = all[i].write(t.foreign)
		}
	}
	return true
}

// others asks about the other live codes of the person. Err is what came of v.
func (t *try) others(v otp.Verification, err error) error {
	asked := []otp.Verification{v}
	for _, s := range slices.Backward(t.sends) {
		same := slices.ContainsFunc(asked, func(a otp.Verification) bool { return sameQuestion(a, s.Verification) })
		if same || !s.live() || !s.CanVerify() || t.left == 0 {
			continue
		}
		asked = append(asked, s.Verification)
		if !t.again(s.Verification) {
			continue
		}
		switch other := t.child.Verify(t.ctx, s.Verification, t.code); {
		case other == nil:
			return t.succeed(s.Verification)
		case errors.Is(other, otp.ErrWrongCode) && !errors.Is(err, otp.ErrWrongCode):
			err = other
		}
	}
	if t.left == 0 {
		t.spend(v)
	}
	return withAttemptsLeft(err, min(t.left, t.most))
}

// sameQuestion reports whether a vendor cannot tell two verifications apart.
func sameQuestion(a, b otp.Verification) bool {
	return a.Provider == b.Provider && (strings.EqualFold(a.ID, b.ID) || !a.HasReference() && !b.HasReference())
}

// again counts one more attempt, for another live code.
func (t *try) again(v otp.Verification) bool {
	about, limits := t.about, new(limitSet)
	t.keys.sent(&about, v)
	wrongCodes := slices.IndexFunc(t.tries, func(row template) bool { return row.rule != RuleAttempts })
	limits.fill(&about, t.tries[:wrongCodes], false)
	take := limits.limits()
	result, err := t.step(t.ctx, &Change{
		Unless: []string{about.referenceKey(usedPart), about.referenceKey(spentPart)},
		Marks:  []string{about.referenceKey(ownerPart)},
		Take:   take,
	}, nil)
	if err != nil || result.Refused != RefusedByNone || result.Marks == 0 && t.refusesUnknown() {
		return false
	}
	for i, taken := range result.Taken {
		t.left = min(t.left, max(0, take[i].Max-taken.N))
	}
	return true
}

// giveBack gives an attempt back, so many times at most.
func (t *try) giveBack(v otp.Verification, taken []Taken) {
	bound := Limit{Key: t.about.referenceKey("b"), Window: longestCode, Max: refunds}
	if _, err := t.finish(t.ctx, &Change{Take: []Limit{bound}, Back: counted(taken)}); err != nil {
		t.report(t.ctx, v.To, &decision{reported: true, Decision: Decision{Op: opVerify, Rule: RuleStore, Err: err}})
	}
}

// spend ends all verifications of the person, because as many codes were tried as are allowed, and
// begins to count attempts anew for the next one. Those that were tried beside them, which nobody
// may have sent, bring no further attempts.
func (t *try) spend(v otp.Verification) {
	t.sends = append(t.sends, t.unasked...)
	c := Change{Clear: []string{t.about.keyOf(aNumber, "a", ofGroup)}, Set: t.endings(spentPart, v)}
	_, _ = t.finish(t.ctx, &c) // otherwise the next attempt, which the limit refuses, ends them
}

// endings are the values that end v and the other verifications of the person.
func (t *try) endings(part string, v otp.Verification) []Value {
	var values []Value
	add := func(v otp.Verification) {
		about := t.about
		t.keys.sent(&about, v)
		key, life := about.referenceKey(part), longestCode
		if !v.ExpiresAt.IsZero() {
			life = max(remembered, lifeOf(v))
		}
		if !slices.ContainsFunc(values, func(v Value) bool { return v.Key == key }) {
			values = append(values, Value{Key: key, For: life})
		}
	}
	add(v)
	for _, s := range t.sends {
		add(s.Verification)
	}
	return values
}

// succeed uses a verification up. Of many who come with the right code one succeeds.
func (t *try) succeed(v otp.Verification) error {
	c := t.success(v)
	if t.trust > 0 {
		for _, mark := range t.limits.marks[:t.limits.marked] {
			c.Set = append(c.Set, Value{Key: mark, For: t.trust, Expendable: true})
		}
	}
	d := decision{Decision: Decision{Op: opVerify}}
	result, err := t.finish(t.ctx, &c)
	switch {
	case err != nil:
		d = t.storeFailed(t.ctx, d, otp.OutcomeAccepted, err)
	case result.Refused != RefusedByNone:
		d = t.refuse(d, Refusal{Rule: RuleUsed})
	}
	if d.err != nil {
		d.reported = true
		t.report(t.ctx, v.To, &d)
	}
	return d.err
}

// success is the change that ends what was sent to a person who has come in by v.
func (t *try) success(v otp.Verification) Change {
	ends := t.endings(usedPart, v) // v's own first
	c := Change{Unless: []string{ends[0].Key}, Set: ends}
	for i := range t.sends {
		s := &t.sends[i]
		if s.Provider == v.Provider && strings.EqualFold(s.ID, v.ID) {
			c.Good = append(c.Good, s.taken(t.about)...)
		} else {
			c.Back = append(c.Back, s.taken(t.about)...)
		}
	}
	c.Clear = []string{t.about.keyOf(aNumber, "a", ofGroup)}
	switch {
	case len(t.foreign) > 0:
		c.Set = append(c.Set, Value{Key: t.limits.running, Data: t.foreign, For: remembered, Expendable: true})
	case len(t.sends) > 0:
		c.Clear = append(c.Clear, t.limits.running)
	}
	for i, limit := range t.limits.limits() {
		if t.limits.from[i].rule == RuleWrongCodes && (limit.With != 0) == t.known {
			c.Clear = append(c.Clear, limit.Key)
		}
	}
	return c
}

// withAttemptsLeft says how many attempts are left: as many as both the vendor and the guard allow.
func withAttemptsLeft(err error, left int) error {
	failure, ok := err.(*otp.Error) //nolint:errorlint // a copy of a wrapped one could not be put in its place
	if !ok || !errors.Is(err, otp.ErrWrongCode) {
		return err
	}
	own := *failure
	if own.AttemptsLeft != nil {
		left = min(left, *own.AttemptsLeft)
	}
	own.AttemptsLeft = &left
	return &own
}
