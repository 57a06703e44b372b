package guard

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
)

// settings is what the options given to New add up to.
type settings struct {
	cooldown []time.Duration
	rates    map[Rule][]otp.Rate // from which rules refuse
	floors   map[Rule][]otp.Rate // from which rules ask
	ownFloor map[Rule]bool       // floors that are not the defaults
	reserve  float64             // the share of the budget that is kept for known numbers
	attempts int
	trust    time.Duration

	off, record []Rule
	lists       lists
	exempt      exempt
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
	rate := func(events int, per time.Duration) otp.Rate { return otp.Rate{Events: events, Per: per} }
	return settings{
		cooldown: []time.Duration{30 * time.Second, 60 * time.Second, 90 * time.Second, 120 * time.Second},
		rates: map[Rule][]otp.Rate{
			RuleNumber:     {rate(5, 10*time.Minute), rate(10, day)},
			RuleBudget:     {rate(200, time.Minute), rate(10_000, day)},
			RuleWrongCodes: {rate(30, day)},
		},
		floors: map[Rule][]otp.Rate{
			RuleNumber:       {rate(6, day)},
			RuleSession:      {rate(10, day)},
			RuleDevice:       {rate(10, day)},
			RuleAddress:      {rate(20, day)},
			RuleSubnet:       {rate(20, day)},
			RuleNetwork:      {rate(25, day)},
			RuleBlock:        {rate(30, day)},
			RuleCountry:      {rate(40, 10*time.Minute), rate(50, time.Hour), rate(60, day)},
			RuleNewCountries: {rate(35, 10*time.Minute), rate(40, time.Hour), rate(45, day)},
		},
		ownFloor: map[Rule]bool{},
		reserve:  0.3,
		attempts: 5,
		trust:    90 * day,
		timeout:  time.Second,
	}
}

// Option changes a default of a guard. Of two that set the same thing the later one wins. Where an
// option takes rates, all of them hold: 1 to 3 of one event or more in a second to 366 days.
type Option func(*settings) error

// WithCooldown sets how long a number has to wait for a further code for the same purpose: the
// first gap after the first code, and so on; the last one serves from then on. It begins anew when
// no code was sent for ten minutes, or for the longest gap if that is longer. A gap is a second to
// a day. Default: 30, 60, 90 and 120 seconds.
func WithCooldown(gaps ...time.Duration) Option {
	isBad := func(gap time.Duration) bool { return gap < time.Second || gap > 24*time.Hour }
	if len(gaps) == 0 {
		return option(false, "cooldown", useWithout, nil)
	}
	return option(!slices.ContainsFunc(gaps, isBad), "cooldown", "must be gaps of 1 s to 24 h",
		func(s *settings) { s.cooldown = slices.Clone(gaps) })
}

// WithNumberLimit sets how many codes a number gets that are not typed, whatever the purpose; known
// callers, see [TrustVerified], and strangers have as many each. Default: 5 in 10 minutes and 10 in
// 24 hours.
func WithNumberLimit(rates ...otp.Rate) Option { return withRates(RuleNumber, rates) }

// WithBudget sets how many codes are sent in all, typed or not. Set it to ten normal days, or what
// you are willing to lose: it is all that stops somebody who types the codes. Default: 200 a minute
// and 10,000 in 24 hours.
func WithBudget(rates ...otp.Rate) Option { return withRates(RuleBudget, rates) }

// WithReserve sets the share of every budget that is kept for known numbers, 0 to 1: see
// [TrustVerified]. Default: 0.3.
func WithReserve(share float64) Option {
	isShare := share >= 0 && share <= 1 // NaN is none
	return option(isShare, "reserve", "must be 0 to 1", func(s *settings) { s.reserve = share })
}

// WithWrongCodeLimit sets how many codes may be tried for a number without a right one among them,
// by strangers and by known callers each. A new code does not reset the count, nor does another
// purpose; a right code does, and [Guard.Unlock]. Default: 30 in 24 hours. Whatever it is set to,
// 100 in a row, within 30 days, are the most.
func WithWrongCodeLimit(rates ...otp.Rate) Option { return withRates(RuleWrongCodes, rates) }

// WithFloor sets from how many codes on that were not typed a rule asks for a challenge:
// [RuleNumber], [RuleSession], [RuleDevice], [RuleAddress], [RuleSubnet], [RuleNetwork],
// [RuleBlock], [RuleCountry] or [RuleNewCountries]. What is usual is added to it, except for a
// number. Floors must grow outwards, so that one stranger cannot reach the next wider rule: a
// rule's lowest floor must not be below the highest one of the rules before it in this list. Codes
// that are on their way count as well, so a floor must be more than what is on its way at any time.
// The package comment lists the defaults.
func WithFloor(rule Rule, rates ...otp.Rate) Option {
	return func(s *settings) error {
		if s.floors[rule] == nil {
			return check.Misconfigured("floor", "cannot be set for "+quoted(rule))
		}
		sorted, err := checkedRates("floor."+string(rule), rates)
		if err == nil {
			s.floors[rule] = sorted
			s.ownFloor[rule] = true
		}
		return err
	}
}

// TrustVerified sets how long a number is known after it has verified a code, and a caller's
// session or device known for that number: rules about strangers do not apply to known numbers.
// What is kept for it is a keyed hash and a date. 0 = nobody is known, at most 366 days. Default:
// 90 days.
func TrustVerified(duration time.Duration) Option {
	return option(duration == 0 || duration >= time.Second && duration <= longestLife,
		"trust_verified", "must be 0, or 1 s to 366 days", func(s *settings) { s.trust = duration })
}

const useWithout = "is empty: use Without to switch a rule off"

// mostRates is how many rates a rule can have.
const mostRates = 3

func withRates(rule Rule, rates []otp.Rate) Option {
	return func(s *settings) error {
		sorted, err := checkedRates(string(rule), rates)
		if err == nil {
			s.rates[rule] = sorted
		}
		return err
	}
}

// checkedRates are rates, the shortest first. A short window must allow less than a longer one, or
// it limits nothing.
func checkedRates(field string, rates []otp.Rate) ([]otp.Rate, error) {
	switch {
	case len(rates) == 0:
		return nil, check.Misconfigured(field, useWithout)
	case len(rates) > mostRates:
		return nil, check.Misconfigured(field, "must be 1 to 3 rates")
	}
	for _, rate := range rates {
		if rate.Events < 1 || rate.Per < time.Second || rate.Per > longestLife {
			return nil, check.Misconfigured(field, "must be rates of 1 event or more in 1 s to 366 days")
		}
	}
	sorted := slices.SortedFunc(slices.Values(rates), func(a, b otp.Rate) int { return cmp.Compare(a.Per, b.Per) })
	for i, longer := range sorted[1:] {
		if shorter := sorted[i]; shorter.Per == longer.Per || shorter.Events > longer.Events {
			return nil, check.Misconfigured(field, fmt.Sprintf("%s and %s contradict each other", textOf(shorter), textOf(longer)))
		}
	}
	return sorted, nil
}

func textOf(rate otp.Rate) string { return fmt.Sprintf("%d in %s", rate.Events, rate.Per) }

// WithAttempts sets how many codes may be tried for one verification, 1 to 100. Default: 5.
func WithAttempts(n int) Option {
	return option(n >= 1 && n <= 100, "attempts", "must be 1 to 100", func(s *settings) { s.attempts = n })
}

// countedRules are the rules of sends and of verifications that count.
func countedRules() []Rule {
	return []Rule{
		RuleCooldown, RuleNumber, RuleSession, RuleDevice, RuleAddress, RuleSubnet, RuleNetwork, RuleBlock, RuleCountry,
		RuleNewCountries, RuleBudget, RuleAttempts, RuleWrongCodes,
	}
}

// Without switches rules off: any that count. What keeps codes from being guessed is better kept
// on. Without [RuleCountry] there is no [RuleNewCountries] either.
func Without(rules ...Rule) Option {
	return func(s *settings) error {
		for _, rule := range rules {
			if !slices.Contains(countedRules(), rule) {
				return check.Misconfigured("without", "cannot switch off "+quoted(rule))
			}
		}
		s.off = append(s.off, rules...)
		return nil
	}
}

// RecordOnly makes rules decide, count and report, but block nothing, to see what they would do:
// any rule that counts, [RuleDeny] and [RuleHook]. Without arguments it is all rules of a send.
// [OnDecision] shows what they decide.
func RecordOnly(rules ...Rule) Option {
	return func(s *settings) error {
		possible := append(countedRules(), RuleDeny, RuleHook)
		if len(rules) == 0 {
			rules = slices.DeleteFunc(slices.Clone(possible), func(r Rule) bool { return r == RuleAttempts || r == RuleWrongCodes })
		}
		for _, rule := range rules {
			if !slices.Contains(possible, rule) {
				return check.Misconfigured("record_only", "cannot be "+quoted(rule))
			}
		}
		s.record = append(s.record, rules...)
		return nil
	}
}

// WithStore keeps the counts in a store that several processes share. [WithKey] is then required,
// and a verification that the store does not know is refused: see [RuleBinding]. Default: a
// [Memory] of the guard's own.
func WithStore(store Store) Option {
	// A nil pointer would panic whenever it is asked, and FailOpen let everything pass.
	return option(!check.IsNil(store), "store", notNil, func(s *settings) { s.store = store })
}

// WithKey sets the secret with which numbers are hashed before a store sees them: 16 bytes or more,
// the same for all guards that share a store, kept when programs restart. Default: a random one.
func WithKey(key []byte) Option {
	return option(len(key) >= 16, "key", "must have 16 bytes or more", func(s *settings) { s.key = slices.Clone(key) })
}

// WithStoreTimeout bounds every call of the store. A call makes one before the vendor is asked and
// at most one after. Default: a second. A [Memory] needs none.
func WithStoreTimeout(timeout time.Duration) Option {
	return option(timeout > 0, "store_timeout", "must be positive", func(s *settings) { s.timeout = timeout })
}

// FailOpen lets sends pass, uncounted, while the store fails: people can sign in, and so can anyone
// who abuses it. Codes are never verified without a store. A store that is full, a [Memory] or a
// Redis, has not failed, and refuses: see [ErrFull].
//
// What passes is not remembered either. So that its codes can be verified once the store is back, a
// verification that the store does not know is left to the vendor, and only a [Sealer] binds it to
// its number and purpose. A store that loses what it has counted then brings further guesses: see
// [RuleBinding]. Default: nothing passes.
func FailOpen() Option { return option(true, "", "", func(s *settings) { s.failOpen = true }) }

const notNil = "must not be nil"

// option is set, unless its value breaks a rule.
func option(ok bool, field, rule string, set func(*settings)) Option {
	return func(s *settings) error {
		if !ok {
			return check.Misconfigured(field, rule)
		}
		set(s)
		return nil
	}
}
