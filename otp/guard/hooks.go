package guard

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// BeforeSend adds a hook that is asked before a send is counted: a captcha, a risk score. An error refuses the send with
// [otp.ErrRefused], [RuleHook], and can be found in what Send returns; see to it that its text holds no secrets. A panic
// refuses, too. Hooks are asked in the order of the options until one refuses.
func BeforeSend(hook func(ctx context.Context, req otp.SendRequest) error) Option {
	return func(s *settings) error {
		if hook == nil {
			return badOption("before_send", "must not be nil")
		}
		s.before = append(s.before, hook)
		return nil
	}
}

// OnDecision adds a hook that is told every decision, for logs and metrics. It runs on the goroutine of the call, so it has
// to be quick; a panic in it is dropped.
func OnDecision(hook func(ctx context.Context, d Decision)) Option {
	return func(s *settings) error {
		if hook == nil {
			return badOption("on_decision", "must not be nil")
		}
		s.observers = append(s.observers, hook)
		return nil
	}
}

// Decision is what a guard decided about one call, before the vendor is asked. It holds no number and no code, and all
// but Err is fit for a metric's label.
type Decision struct {
	// Op is "send", "verify" or "unlock".
	Op string

	// Rule is the rule that decided. "" = no rule had anything against it.
	Rule Rule

	// Refused: the call ends here. With a Rule and not refused, the rule only records: see [RecordOnly]; or, for
	// [RuleStore], counts were lost: see [FailOpen].
	Refused bool

	// RetryAfter is when the rule lets the call pass. 0 = not known.
	RetryAfter time.Duration

	// Prefix tells the number's country: its calling code, "+33"; with the area code where countries share "+1",
	// "+1876"; with one more digit after "+7".
	Prefix string

	// Err is the store's failure, with [RuleStore], or the hook's error, with [RuleHook]. Nil otherwise.
	Err error
}

// tell tells every hook, and the context's observer what a rule has against the call.
func (g *Guard) tell(ctx context.Context, number string, d Decision) {
	if d.Rule != "" {
		if observer := otp.ObserverFrom(ctx); observer != nil {
			observer(otp.GuardEvent{Provider: g.Name(), Op: d.Op, Rule: string(d.Rule), Refused: d.Refused})
		}
	}
	if len(g.observers) == 0 {
		return
	}
	d.Prefix = prefixOf(number)
	for _, observer := range g.observers {
		tellOne(ctx, observer, d)
	}
}

func tellOne(ctx context.Context, observer func(context.Context, Decision), d Decision) {
	defer func() { _ = recover() }()
	observer(ctx, d)
}

// ask asks the hooks, until one refuses.
func (g *Guard) ask(ctx context.Context, req otp.SendRequest) error {
	for _, hook := range g.before {
		if err := askOne(ctx, hook, req); err != nil {
			return err
		}
	}
	return nil
}

func askOne(ctx context.Context, hook func(context.Context, otp.SendRequest) error, req otp.SendRequest) (err error) {
	defer func() {
		if recover() != nil { // what it holds may be secret
			err = errors.New("the hook panicked")
		}
	}()
	return hook(ctx, req)
}

func quoted(rule Rule) string { return strconv.Quote(string(rule)) }
