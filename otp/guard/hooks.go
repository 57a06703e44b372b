package guard

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
)

// BeforeSend adds a hook that is asked before a send is counted: a captcha, a risk score. An error
// refuses the send with [otp.ErrRefused], [RuleHook], and can be found in what Send returns; make
// sure that its text holds no secrets. A panic refuses, too. Hooks are asked in the order of the
// options until one refuses.
func BeforeSend(hook func(ctx context.Context, req otp.SendRequest) error) Option {
	return option(hook != nil, "before_send", notNil, func(s *settings) { s.before = append(s.before, hook) })
}

// OnDecision adds a hook that gets every decision, one for each call, for logs and metrics. It runs
// on the goroutine of the call, so it has to be quick; a panic in it is dropped.
func OnDecision(hook func(ctx context.Context, d Decision)) Option {
	return option(hook != nil, "on_decision", notNil, func(s *settings) { s.observers = append(s.observers, hook) })
}

// Decision is what a guard decided about one call, before the vendor is asked. It holds no number
// and no code, and all but Err is fit for a metric's label.
type Decision struct {
	// Op is "send", "verify", "satisfied", "unlock" or "forget".
	Op string

	// Rule is the rule that decided. "" = no rule refused.
	Rule Rule

	// Refused: the call ends here. With [RuleStore] and not refused, counts were lost: see [FailOpen].
	Refused bool

	// Recorded are the rules that would have refused, if they did not only record: see [RecordOnly].
	Recorded []Rule

	// RetryAfter is when the rule lets the call pass. 0 = not known.
	RetryAfter time.Duration

	// Challenge is the number of the challenge that the caller was asked for. 0 = none.
	Challenge int

	// Resend: the send repeats another one, see [otp.SendRequest.Previous].
	Resend bool

	// Country is the number's country, "TR", or its calling code where that is no country's. "" =
	// there is no number.
	Country string

	// Err is the store's failure, with [RuleStore], or a hook's error. Nil otherwise.
	Err error
}

// report tells every hook, and the context's observer which rules have something against the call.
func (g *Guard) report(ctx context.Context, number string, d *decision) {
	if !d.reported {
		return
	}
	if d.Rule != "" || len(d.Recorded) > 0 {
		if observer := otp.ObserverFrom(ctx); observer != nil {
			for _, rule := range d.Recorded {
				observer(otp.GuardEvent{Provider: g.Name(), Op: d.Op, Rule: string(rule)})
			}
			if d.Rule != "" {
				observer(otp.GuardEvent{Provider: g.Name(), Op: d.Op, Rule: string(d.Rule), Refused: d.Refused})
			}
		}
	}
	if len(g.observers) == 0 {
		return
	}
	if number != "" {
		d.Country = countryOf(number)
	}
	for _, observer := range g.observers {
		safely.Do(func() { observer(ctx, d.Decision) })
	}
}

// askHooks asks the hooks, until one refuses.
func (g *Guard) askHooks(ctx context.Context, req otp.SendRequest) error {
	for _, hook := range g.before {
		var err error
		if !safely.Do(func() { err = hook(ctx, req) }) {
			err = errors.New("the hook panicked")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func quoted(rule Rule) string { return strconv.Quote(string(rule)) }
