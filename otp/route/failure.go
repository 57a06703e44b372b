package route

import (
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// tally collects errors. The first few need no allocation: most sends that are handed on succeed in the end.
type tally struct {
	few  [4]error
	n    int
	more []error
}

func (t *tally) add(err error) {
	if t.n == len(t.few) {
		t.more = append(t.more, err)
		return
	}
	t.few[t.n] = err
	t.n++
}

func (t *tally) all() []error { return slices.Concat(t.few[:t.n], t.more) }

// failures are the errors of several providers on one line.
type failures []error

func (f failures) Error() string {
	texts := make([]string, len(f))
	for i, err := range f {
		texts[i] = strings.ReplaceAll(err.Error(), "\n", " ")
	}
	return strings.Join(texts, "; ")
}

// Unwrap lets errors.Is and errors.As find each of them.
func (f failures) Unwrap() []error { return f }

// together is the one error of several providers, in the order in which they were asked. Of all but the last it is known
// that nothing was sent.
func together(router string, errs []error) error {
	var all error = failures(errs)
	outcome := otp.OutcomeOf(all)
	last := errs[len(errs)-1]
	lead := failureIn(last)
	wait := lead.RetryAfter
	if outcome == otp.OutcomeNotSent && !isFinal(last) {
		lead, wait = foremost(errs), soonest(errs)
	}
	return &otp.Error{
		Provider: router, Op: "send", Kind: lead.Kind, Outcome: outcome, Field: lead.Field, RetryAfter: wait,
		Err: all,
	}
}

// foremost is the failure that passes soonest; of two alike, the earlier one.
func foremost(errs []error) *otp.Error {
	first := slices.MinFunc(errs, func(a, b error) int { return patience(kindOf(a)) - patience(kindOf(b)) })
	return failureIn(first)
}

// patience ranks kinds by how soon they pass: limits by themselves, at a known time; outages by themselves; the rest when
// somebody mends them.
func patience(kind otp.Kind) int {
	switch kind {
	case otp.ErrRateLimited:
		return 0
	case otp.ErrUnavailable:
		return 1
	case otp.ErrProtocol:
		return 2
	default:
		return 3
	}
}

// soonest is the shortest RetryAfter that was said; 0 = none was.
func soonest(errs []error) time.Duration {
	var shortest time.Duration
	for _, err := range errs {
		if wait := failureIn(err).RetryAfter; wait > 0 && (shortest == 0 || wait < shortest) {
			shortest = wait
		}
	}
	return shortest
}
