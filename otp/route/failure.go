package route

import (
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// failure is why one provider has not sent.
type failure struct {
	err        error
	passedOver bool // it cannot serve the request
}

// failures collects them in order. The first few need no allocation: most sends that are handed on
// succeed in the end.
type failures struct {
	few  [4]failure
	n    int
	more []failure
}

func (f *failures) add(one failure) {
	if f.n == len(f.few) {
		f.more = append(f.more, one)
		return
	}
	f.few[f.n] = one
	f.n++
}

// together is the one error of a send through router that has ended with f. Of all providers but
// the last it is known that nothing was sent.
func (f *failures) together(router string) error {
	all := joined(slices.Concat(f.few[:f.n], f.more))
	if len(all) == 1 {
		return all[0].err
	}
	tried := all.tried()
	if len(tried) == 1 { // its error, which also says who was passed over
		only := *failureIn(tried[0].err)
		only.Message, only.Err = "", all
		return &only
	}
	if len(tried) == 0 {
		tried = all
	}
	outcome := otp.OutcomeOf(all)
	last := tried[len(tried)-1].err
	lead := failureIn(last)
	wait := lead.RetryAfter
	if outcome == otp.OutcomeNotSent && !isFinal(last) {
		lead, wait = foremost(tried), soonest(tried)
	}
	return &otp.Error{
		Provider: router, Op: "send", Kind: lead.Kind, Outcome: outcome, Field: lead.Field, RetryAfter: wait,
		Err: all,
	}
}

// joined are the failures of several providers as one error, on one line.
type joined []failure

func (j joined) tried() joined {
	return slices.DeleteFunc(slices.Clone(j), func(one failure) bool { return one.passedOver })
}

func (j joined) Error() string {
	isOnly := len(j.tried()) == 1
	var texts []string
	for _, one := range j {
		text := one.err.Error()
		switch {
		case one.passedOver:
			text = "passed over " + text
		case isOnly:
			text = reason(one.err)
		}
		if text != "" {
			texts = append(texts, strings.ReplaceAll(text, "\n", " "))
		}
	}
	return strings.Join(texts, "; ")
}

// reason is what the text of err says behind its kind.
func reason(err error) string {
	failure, ok := err.(*otp.Error) //nolint:errorlint // of another one, the whole text
	switch {
	case !ok:
		return err.Error()
	case failure.Message != "":
		return `"` + failure.Message + `"`
	case failure.Err != nil:
		return failure.Err.Error()
	default:
		return ""
	}
}

// Unwrap lets errors.Is and errors.As find each of them.
func (j joined) Unwrap() []error {
	var errs []error
	for _, one := range j {
		errs = append(errs, one.err)
	}
	return errs
}

// foremost is the failure that passes soonest; of two alike, the earlier one.
func foremost(all []failure) *otp.Error {
	first := slices.MinFunc(all, func(a, b failure) int { return patience(kindOf(a.err)) - patience(kindOf(b.err)) })
	return failureIn(first.err)
}

// patience ranks kinds by how soon they pass: limits by themselves, at a known time; outages by
// themselves; an account when somebody mends it; and a person may be out of reach for ever.
func patience(kind otp.Kind) int {
	switch kind {
	case otp.ErrRateLimited:
		return 0
	case otp.ErrUnavailable:
		return 1
	case otp.ErrProtocol:
		return 2
	case otp.ErrUnreachable:
		return 4
	default:
		return 3
	}
}

// soonest is the shortest RetryAfter that was said; 0 = none was.
func soonest(all []failure) time.Duration {
	var shortest time.Duration
	for _, one := range all {
		if wait := failureIn(one.err).RetryAfter; wait > 0 && (shortest == 0 || wait < shortest) {
			shortest = wait
		}
	}
	return shortest
}
