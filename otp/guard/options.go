package guard

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
)

// settings is what the options given to New add up to.
type settings struct {
	cooldown   []time.Duration
	rates      map[Rule][]otp.Rate
	unverified UnverifiedLimit
	attempts   int

	off, record []Rule
	lists       lists
	before      []func(context.Context, otp.SendRequest) error
	observers   []func(context.Context, Decision)

	store    Store
	memory   *Memory // the store, if it is one
	timeout  time.Duration
	key      []byte
	failOpen bool
}

func defaults() settings {
	const day = 24 * time.Hour
	perHour := []otp.Rate{{Events: 10, Per: time.Hour}}
	return settings{
		cooldown: []time.Duration{30 * time.Second, 60 * time.Second, 90 * time.Second, 120 * time.Second},
		rates: map[Rule][]otp.Rate{
			RuleNumber:     {{Events: 5, Per: 10 * time.Minute}, {Events: 10, Per: day}},
			RuleIP:         perHour,
			RuleSession:    perHour,
			RuleDevice:     perHour,
			RuleRange:      perHour,
			RulePrefix:     {{Events: 200, Per: time.Hour}},
			RuleBudget:     {{Events: 60, Per: time.Minute}, {Events: 5000, Per: day}},
			RuleWrongCodes: {{Events: 20, Per: day}},
		},
		unverified: UnverifiedLimit{Window: day, Floor: 50, Share: 0.75},
		attempts:   5,
		timeout:    time.Second,
	}
}

// Option changes a default of a guard. Of two that set the same thing the later one wins. Where an option takes rates, all
// of them hold: 1 to 4 of one event or more in a second to 366 days.
type Option func(*settings) error

// WithCooldown sets how long a number has to wait for a further code for the same purpose: the first gap after the first
// code, and so on; the last one serves from then on. It begins anew when no code was sent for ten minutes, or for the
// longest gap if that is longer. A gap is a second to a day. Default: 30, 60, 90 and 120 seconds.
func WithCooldown(gaps ...time.Duration) Option {
	return func(s *settings) error {
		for _, gap := range gaps {
			if gap < time.Second || gap > 24*time.Hour {
				return badOption("cooldown", "must be gaps of 1 s to 24 h")
			}
		}
		if len(gaps) == 0 {
			return badOption("cooldown", useWithout)
		}
		s.cooldown = slices.Clone(gaps)
		return nil
	}
}

// WithNumberLimit sets how many codes a number gets, whatever the purpose. Default: 5 in 10 minutes and 10 in 24 hours.
func WithNumberLimit(rates ...otp.Rate) Option { return withRates(RuleNumber, rates) }

// WithIPLimit sets how many codes a [Caller] with the same IP gets; of IPv6 the first 64 bits count. Default: 10 an hour.
func WithIPLimit(rates ...otp.Rate) Option { return withRates(RuleIP, rates) }

// WithSessionLimit sets how many codes a [Caller] with the same session gets. Default: 10 an hour.
func WithSessionLimit(rates ...otp.Rate) Option { return withRates(RuleSession, rates) }

// WithDeviceLimit sets how many codes a [Caller] with the same device gets. Default: 10 an hour.
func WithDeviceLimit(rates ...otp.Rate) Option { return withRates(RuleDevice, rates) }

// WithRangeLimit sets how many codes all numbers get that differ in their last four digits only. Default: 10 an hour.
func WithRangeLimit(rates ...otp.Rate) Option { return withRates(RuleRange, rates) }

// WithPrefixLimit sets how many codes a country gets, as [Decision.Prefix] tells countries apart. Default: 200 an hour.
// Raise it to a little more than your busiest hour.
func WithPrefixLimit(rates ...otp.Rate) Option { return withRates(RulePrefix, rates) }

// WithBudget sets how many codes are sent in all. Default: 60 a minute and 5,000 in 24 hours. Set it to what you are
// willing to lose.
func WithBudget(rates ...otp.Rate) Option { return withRates(RuleBudget, rates) }

// WithWrongCodeLimit sets how many codes may be tried for a number without a right one among them. A new code does not
// reset the count, nor does another purpose; a right code does, and [Guard.Unlock]. Default: 20 in 24 hours. Whatever it
// is set to, 100 in a row, within 30 days, are the most.
func WithWrongCodeLimit(rates ...otp.Rate) Option { return withRates(RuleWrongCodes, rates) }

const useWithout = "is empty: use Without to switch a rule off"

// mostRates is how many rates a rule can have.
const mostRates = 4

func withRates(rule Rule, rates []otp.Rate) Option {
	return func(s *settings) error {
		switch {
		case len(rates) == 0:
			return badOption(string(rule), useWithout)
		case len(rates) > mostRates:
			return badOption(string(rule), "must be 1 to 4 rates")
		}
		for _, rate := range rates {
			if rate.Events < 1 || rate.Per < time.Second || rate.Per > longestLife {
				return badOption(string(rule), "must be rates of 1 event or more in 1 s to 366 days")
			}
		}
		s.rates[rule] = slices.SortedFunc(slices.Values(rates), func(a, b otp.Rate) int { return cmp.Compare(a.Per, b.Per) })
		return nil
	}
}

// UnverifiedLimit stops sending to a country whose codes do not come back, which is what pumping looks like: within a
// Window, Floor or more codes that were not verified, and these more than Share of all. Codes that are on their way
// count as not verified, so Floor must be more than what is on its way at any time.
type UnverifiedLimit struct {
	Window time.Duration // a second to 366 days
	Floor  int           // 1 or more
	Share  float64       // 0 to 1
}

// WithUnverifiedLimit sets when too few codes come back. Default: 50 codes and three quarters of all, in 24 hours.
func WithUnverifiedLimit(limit UnverifiedLimit) Option {
	return func(s *settings) error {
		switch {
		case limit.Window < time.Second || limit.Window > longestLife:
			return badOption("unverified.window", "must be 1 s to 366 days")
		case limit.Floor < 1:
			return badOption("unverified.floor", "must be 1 or more")
		case !(limit.Share >= 0 && limit.Share <= 1): // NaN is refused, too
			return badOption("unverified.share", "must be 0 to 1")
		}
		s.unverified = limit
		return nil
	}
}

// WithAttempts sets how many codes may be tried for one verification, 1 to 100. Default: 5.
func WithAttempts(n int) Option {
	return func(s *settings) error {
		if n < 1 || n > 100 {
			return badOption("attempts", "must be 1 to 100")
		}
		s.attempts = n
		return nil
	}
}

// sendLimits are the rules of a send that count.
func sendLimits() []Rule {
	return []Rule{
		RuleCooldown, RuleNumber, RuleIP, RuleSession, RuleDevice, RuleRange, RulePrefix, RuleUnverified, RuleBudget,
	}
}

// Without switches rules off: any that count. What keeps codes from being guessed is better kept on.
func Without(rules ...Rule) Option {
	return func(s *settings) error {
		for _, rule := range rules {
			if !has(append(sendLimits(), RuleAttempts, RuleWrongCodes), rule) {
				return badOption("without", "cannot switch off "+quoted(rule))
			}
		}
		s.off = append(s.off, rules...)
		return nil
	}
}

// RecordOnly makes rules decide, count and tell, but block nothing, to see what they would do: any rule that counts,
// [RuleDeny] and [RuleHook]. Without arguments it is all rules of a send. [OnDecision] shows what they decide.
func RecordOnly(rules ...Rule) Option {
	return func(s *settings) error {
		possible := append(sendLimits(), RuleDeny, RuleHook)
		if len(rules) == 0 {
			rules = possible
		}
		for _, rule := range rules {
			if !has(append(possible, RuleAttempts, RuleWrongCodes), rule) {
				return badOption("record_only", "cannot be "+quoted(rule))
			}
		}
		s.record = append(s.record, rules...)
		return nil
	}
}

// WithStore keeps the counts in a store that several processes share. [WithKey] is then required. Default: a [Memory] of
// the guard's own.
func WithStore(store Store) Option {
	return func(s *settings) error {
		if check.IsNil(store) { // it would panic whenever it is asked, and FailOpen let everything pass
			return badOption("store", "must not be nil")
		}
		s.store = store
		return nil
	}
}

// WithKey sets the secret with which numbers are hashed before a store sees them: 16 bytes or more, the same for all
// guards that share a store, kept when programs restart. Default: a random one.
func WithKey(key []byte) Option {
	return func(s *settings) error {
		if len(key) < 16 {
			return badOption("key", "must have 16 bytes or more")
		}
		s.key = slices.Clone(key)
		return nil
	}
}

// WithStoreTimeout bounds every call of the store. A call makes one before the vendor is asked and at most one after.
// Default: a second. A [Memory] needs none.
func WithStoreTimeout(timeout time.Duration) Option {
	return func(s *settings) error {
		if timeout <= 0 {
			return badOption("store_timeout", "must be positive")
		}
		s.timeout = timeout
		return nil
	}
}

// FailOpen lets sends pass, uncounted, while the store fails: people can sign in, and so can whoever abuses it. Codes are
// never verified without a store. A store that is full, a [Memory] or a Redis, has not failed, and refuses: see [ErrFull].
//
// What passes is not remembered either: once the store is back, such a send's verification is not bound to its number and
// purpose by [RuleBinding]. Only a [Sealer] binds it then. Default: nothing passes.
func FailOpen() Option {
	return func(s *settings) error {
		s.failOpen = true
		return nil
	}
}

func badOption(field, rule string) error {
	return &otp.Error{Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: field, Err: errors.New(rule)}
}
