package guard

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/otp-sdk/otp-go/internal/doubt"
	"github.com/otp-sdk/otp-go/otp"
)

const opSend = "send"

// decision is what became of a send before the provider was asked.
type decision struct {
	Decision

	reported bool             // somebody has to be told
	err      error            // nil = the provider is asked
	running  otp.Verification // comes with the error
	passed   bool             // no rule refuses, and the store has counted the send
	taken    []Taken          // what it has counted
}

// Send sends a code unless a rule refuses. What refuses is in the error, as a [Refusal].
//
// Within the cooldown, and when a number has had its share, nothing is sent, and the verification
// that is running for this number, purpose and session, if there is one, is returned together with
// the error, so that the person can still type the code that they have. Nobody else gets it, and
// nobody who names no session.
//
// A send counts before the provider is asked, and is taken back only when nothing was sent. When a
// shared store fails right after the send, nothing changes about it, but its code will be refused:
// see [RuleBinding]. To the rules a send with [otp.SendRequest.Previous] is one more send: it
// counts everywhere, and the cooldown grows with it. The provider behind the guard gets it as it
// is.
func (g *Guard) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	w := g.workspace()
	defer g.keys.workspaces.Put(w)
	d := g.decideSend(ctx, req, w)
	g.report(ctx, req.To, &d)
	if d.err != nil {
		return d.running, d.err
	}
	if d.Rule != "" || len(d.Recorded) > 0 {
		ctx = doubt.With(ctx)
	}
	v, err := g.child.Send(ctx, req)
	if d.passed {
		g.finishSend(ctx, req, v, err, w, d.taken)
	}
	return v, err
}

// workspace is what a send needs, used again by later ones.
type workspace struct {
	about  subjects
	limits limitSet
	sent   sent
	change Change
	set    [2]Value
}

func (g *Guard) workspace() *workspace {
	w := g.keys.workspaces.Get().(*workspace)
	w.about, w.limits.n, w.sent, w.change = subjects{}, 0, sent{}, Change{}
	return w
}

// decideSend counts a send, or says why it is refused.
func (g *Guard) decideSend(ctx context.Context, req otp.SendRequest, w *workspace) decision {
	d := decision{Decision: Decision{Op: opSend, Resend: req.Previous != nil}}
	if err := g.checkSend(ctx, req); err != nil {
		d.err = err
		return d
	}
	d.reported = true
	caller, about, limits := CallerFrom(ctx), &w.about, &w.limits
	g.keys.send(about, req.To, caller)
	if r := g.checkLists(ctx, req, about.country, &d); r != nil {
		return g.refuse(d, *r)
	}
	limits.fill(about, g.sends, g.exempt.has(req, caller.IP))
	w.change = Change{
		Marks: limits.marks[:limits.marked], Passed: caller.Passed, Take: limits.limits(), Get: limits.running,
	}
	result, err := g.step(ctx, &w.change, limits.room[:])
	switch {
	// A store that is full has not failed: anyone who has filled it must not be let through for it.
	case err != nil && g.failOpen && ctx.Err() == nil && !errors.Is(err, ErrFull):
		d.Rule, d.Err = RuleStore, err
		return d
	case err != nil:
		return g.storeFailed(ctx, d, otp.OutcomeNotSent, err)
	}
	if len(result.Over) > 0 {
		d.Recorded = append(d.Recorded, limits.rules(result.Over)...)
	}
	if result.Refused != RefusedByNone {
		rule := limits.from[result.Refused].rule
		if rule == RuleCooldown || rule == RuleNumber {
			d.running = runningOf(result.Data, req.To, about)
		}
		return g.refuse(d, Refusal{Rule: rule, RetryAfter: result.RetryAfter, Challenge: result.Challenge})
	}
	d.passed, d.taken = true, result.Taken
	return d
}

// checkSend refuses what is no request, and is nobody's decision.
func (g *Guard) checkSend(ctx context.Context, req otp.SendRequest) error {
	if err := checkNumber(req.To); err != nil { // whatever the child's own check says
		return g.withName(opSend, err)
	}
	if err := otp.CanSend(g.child, req); err != nil {
		return g.withName(opSend, err)
	}
	return g.ended(ctx, opSend)
}

// checkNumber refuses a number that could be written in another way, too: each way would have its
// own limits.
func checkNumber(number string) error {
	if err := otp.CheckRecipient(number); err != nil {
		return err
	}
	if hasTrunkZero(number) {
		return &otp.Error{
			Kind: otp.ErrInvalidRecipient, Outcome: otp.OutcomeNotSent, Field: "to",
			Err: errors.New("must not have a 0 behind the calling code: it is dialled inside of the country only"),
		}
	}
	return nil
}

// checkLists asks the lists and the hooks. Nil = nothing refuses.
func (g *Guard) checkLists(ctx context.Context, req otp.SendRequest, country string, d *decision) *Refusal {
	refused := func(r Refusal) bool {
		if slices.Contains(g.record, r.Rule) {
			d.Recorded = append(d.Recorded, r.Rule)
			return false
		}
		return true
	}
	if !g.lists.allow(req.To, country) {
		if r := (Refusal{Rule: RuleDeny}); refused(r) {
			return &r
		}
	}
	if err := g.askHooks(ctx, req); err != nil {
		if r := (Refusal{Rule: RuleHook, Err: err}); refused(r) {
			return &r
		}
		d.Err = err
	}
	return nil
}

// runningOf is the newest live verification of the caller's session; the zero value if there is
// none.
func runningOf(data []byte, number string, about *subjects) otp.Verification {
	if !about.set[aSession] {
		return otp.Verification{}
	}
	for _, s := range slices.Backward(readSent(data, number)) {
		if s.session == about.session() && s.live() {
			return s.Verification
		}
	}
	return otp.Verification{}
}

// finishSend gives back what was not sent, and remembers what was. When the store fails now, counts
// stay, and what became of the send is not changed by it.
func (g *Guard) finishSend(ctx context.Context, req otp.SendRequest, v otp.Verification, sendErr error, w *workspace, taken []Taken) {
	w.change = Change{}
	switch {
	case otp.OutcomeOf(sendErr) == otp.OutcomeNotSent:
		w.change.Back = counted(taken)
	case v.Provider == "" || v.To != req.To:
		return
	default:
		g.remember(w, req, v, taken)
	}
	if _, err := g.finish(ctx, &w.change); err != nil {
		g.report(ctx, req.To, &decision{reported: true, Decision: Decision{Op: opSend, Rule: RuleStore, Err: err}})
	}
}

// counted is what was taken, without the limits that were skipped.
func counted(taken []Taken) []Taken {
	return slices.DeleteFunc(slices.Clone(taken), func(t Taken) bool { return t.N == 0 })
}

// remember is the change that keeps a send.
func (g *Guard) remember(w *workspace, req otp.SendRequest, v otp.Verification, taken []Taken) {
	about, s := &w.about, &w.sent
	g.keys.sent(about, v)
	s.Verification = v
	if s.until = v.ExpiresAt; s.until.IsZero() {
		s.until = time.Now().Add(cmp.Or(req.TTL, otp.DefaultTTL))
	}
	if about.set[aSession] {
		s.session = about.session()
	}
	s.count(about, &w.limits, taken)
	life := lifeOf(s.Verification)
	set := append(w.set[:0], Value{Key: about.referenceKey(ownerPart), For: life, Expendable: true})
	if data := s.write(nil); len(data) <= longestData {
		set = append(set, Value{Key: w.limits.running, Data: data, For: life, Append: true, Expendable: true})
	}
	w.change.Set = set
	if v.ID == "" { // the one before was called the same
		w.change.Clear = []string{about.referenceKey(usedPart), about.referenceKey(spentPart)}
	}
}

// lifeOf is how long a send is remembered: longer than its code can live.
func lifeOf(v otp.Verification) time.Duration {
	if v.ExpiresAt.IsZero() {
		return remembered
	}
	return min(max(time.Until(v.ExpiresAt), 0)+rememberedAfter, longestCode)
}

// withName is an error of a check, with the guard's name in it.
func (g *Guard) withName(op string, err error) error {
	var failure *otp.Error
	if !errors.As(err, &failure) {
		return err
	}
	own := *failure
	own.Provider, own.Op = g.Name(), op
	return &own
}

// ended is the error of a context that has ended before anything was done; nil = it has not.
func (g *Guard) ended(ctx context.Context, op string) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	kind := otp.ErrUnavailable
	if errors.Is(err, context.Canceled) {
		kind = otp.ErrCanceled
	}
	return &otp.Error{Provider: g.Name(), Op: op, Kind: kind, Outcome: otp.OutcomeNotSent, Err: err}
}
