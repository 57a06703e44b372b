package guard

import (
	"slices"
	"strconv"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// Rule names one of a guard's rules. Its text is stable and fit for a metric's label. Rules may be
// added.
type Rule string

// The rules of a send, in the order in which they are asked: what is about few people goes before
// what is about many.
const (
	// RuleDeny: the number is not allowed: see [Allow] and [AllowCountries].
	RuleDeny Rule = "deny"
	// RuleHook: a hook refused: see [BeforeSend].
	RuleHook Rule = "hook"
	// RuleCooldown: too soon after the last code for this number and purpose: see [WithCooldown].
	RuleCooldown Rule = "cooldown"
	// RuleNumber: too many codes for this number: see [WithNumberLimit].
	RuleNumber Rule = "number"
	// RuleSession and RuleDevice: too many codes of this caller do not come back: see [WithFloor].
	RuleSession Rule = "session"
	RuleDevice  Rule = "device"
	// RuleAddress, RuleSubnet and RuleNetwork: too many codes asked for from this address, IPv4 or
	// IPv6 /64, or from this IPv6 /56 or /48, do not come back, or go to too many countries: see
	// [WithFloor].
	RuleAddress Rule = "address"
	RuleSubnet  Rule = "subnet"
	RuleNetwork Rule = "network"
	// RuleBlock: too many codes for numbers that differ in their last four digits only do not come
	// back.
	RuleBlock Rule = "block"
	// RuleCountry: too many codes for this country do not come back.
	RuleCountry Rule = "country"
	// RuleNewCountries: too many codes for all countries together that are new to the guard do not
	// come back. A country is new until a day has seen 20 codes that were typed.
	RuleNewCountries Rule = "new_countries"
	// RuleBudget: too many codes in all: see [WithBudget].
	RuleBudget Rule = "budget"
)

// The rules of a verification.
const (
	// RuleUsed: this verification has succeeded before, or another one of the same person has. Nothing
	// switches it off.
	RuleUsed Rule = "used"
	// RuleBinding: this verification was sent to another number, for another purpose or in another
	// session, or the store of [WithStore] does not know it: not sent by a guard with that store, or
	// lost. Its attempts would be lost, too, so the person needs a new code. Nothing switches the rule
	// off. With a [Memory], which knows nothing of other processes and of those before a restart, and
	// with [FailOpen], what is not known is the vendor's to judge instead. Anyone who can edit a
	// verification can make it one that is not known: seal it, see [Sealer].
	RuleBinding Rule = "binding"
	// RuleAttempts: too many codes were tried for this verification: see [WithAttempts].
	RuleAttempts Rule = "attempts"
	// RuleWrongCodes: too many wrong codes for this number: see [WithWrongCodeLimit].
	RuleWrongCodes Rule = "wrong_codes"
)

// RuleStore is the rule of both that without a store nothing passes: see [FailOpen].
const RuleStore Rule = "store"

// What no option changes.
const (
	// ceiling is how many wrong codes in a row a number is allowed in any case.
	ceilingCodes = 100
	ceilingTime  = 30 * 24 * time.Hour

	// remembered is how long a verification whose end is not known is remembered, and rememberedAfter
	// how long one is after its end.
	remembered      = 24 * time.Hour
	rememberedAfter = time.Hour

	// longestCode is longer than any vendor's code lives (SMSFactor: 10,000,000 seconds), and how long
	// attempts count.
	longestCode = 120 * 24 * time.Hour

	// refunds is how many attempts a verification gets back at most.
	refunds = 10

	// cooldownForgotten is how long after the last code a cooldown begins anew with its first gap, at
	// least.
	cooldownForgotten = 10 * time.Minute

	growFew  = 1.75 // how much of what is usual is added to a floor of a rule about few people
	growMany = 1.3  // and about many

	topFew  = 1.5 // how much of the threshold those get who have passed a challenge
	topMany = 1.2
)

// subject is what a limit counts.
type subject byte

const (
	everybody subject = iota
	aNumber           // its record; the parts of strangers and of known callers have names of their own
	aBlock
	aCountry
	newCountries
	aSession
	aDevice
	anAddress
	aSubnet
	aNetwork
	aReference // of a verification
	subjectCount
)

// tag is what follows the name of a part.
type tag byte

const (
	noTag tag = iota
	ofPurpose
	ofGroup // purpose and session
)

// The marks of a call.
const (
	numberKnown  MarkSet = 1 << iota // of a send: the number has verified a code
	callerKnown                      // this caller has verified a code for this number
	sentByGuards                     // of a verification: the store knows who sent it
)

// template is a limit without its key: a row of the table of rules.
type template struct {
	rule    Rule
	subject subject
	part    string
	tag     tag
	limit   Limit
}

// sendTemplates is the table of the rules of a send that count.
func (s *settings) sendTemplates() []template {
	strangers, known := Limit{Without: callerKnown, Expendable: true}, Limit{With: callerKnown}
	cooldown := func(l Limit) Limit {
		l.Window, l.Gaps = max(cooldownForgotten, slices.Max(s.cooldown)), s.cooldown
		return l
	}
	number := func(l Limit, floors []otp.Rate) Limit {
		l.Load = &Load{Windows: windows(s.rates[RuleNumber], floors)}
		return l
	}
	few := func(rule Rule, kinds, trustBelow int) Limit {
		return Limit{Without: numberKnown, Expendable: true, Load: &Load{
			Windows: windows(nil, s.floors[rule]), Grow: growFew, Top: topFew, Latch: true, Kinds: kinds, TrustBelow: trustBelow,
		}}
	}
	many := func(rule Rule) Limit {
		return Limit{Without: numberKnown, Load: &Load{
			Windows: windows(nil, s.floors[rule]), Grow: growMany, Top: topMany, Latch: true, Learn: true, Known: 20,
			OnlyYoung: rule == RuleNewCountries,
			Second:    []Window{{Per: time.Hour, Floor: 10}, {Per: 24 * time.Hour, Floor: 15}},
		}}
	}
	all := []template{
		{RuleCooldown, aNumber, "c", ofPurpose, cooldown(strangers)},
		{RuleCooldown, aNumber, "C", ofPurpose, cooldown(known)},
		{RuleNumber, aNumber, "s", noTag, number(strangers, s.floors[RuleNumber])},
		{RuleNumber, aNumber, "S", noTag, number(known, nil)},
		{RuleSession, aSession, "", noTag, few(RuleSession, 0, 0)},
		{RuleDevice, aDevice, "", noTag, few(RuleDevice, 0, 0)},
		{RuleAddress, anAddress, "", noTag, few(RuleAddress, 3, 3)},
		{RuleSubnet, aSubnet, "", noTag, few(RuleSubnet, 0, 0)},
		{RuleNetwork, aNetwork, "", noTag, few(RuleNetwork, 0, 0)},
		{RuleBlock, aBlock, "", noTag, few(RuleBlock, 0, 0)},
		{RuleCountry, aCountry, "", noTag, many(RuleCountry)},
		{RuleNewCountries, newCountries, "", noTag, many(RuleNewCountries)},
	}
	for _, rate := range s.rates[RuleBudget] {
		reserve := int(s.reserve * float64(rate.Events))
		all = append(all, template{RuleBudget, everybody, partOf("b", rate), noTag, Limit{
			Window: rate.Per, Max: rate.Events, Reserve: reserve, ReserveFor: numberKnown,
		}})
	}
	return s.enabled(all)
}

// tryTemplates is the table of the rules of a verification that count.
func (s *settings) tryTemplates() []template {
	all := []template{
		{RuleAttempts, aReference, "", noTag, Limit{Window: longestCode, Max: s.attempts, Expendable: true}},
		{RuleAttempts, aNumber, "a", ofGroup, Limit{Window: longestCode, Max: s.attempts}},
	}
	for _, rate := range s.rates[RuleWrongCodes] {
		all = append(all,
			template{RuleWrongCodes, aNumber, partOf("w", rate), noTag, Limit{Window: rate.Per, Max: rate.Events, Without: callerKnown}},
			template{RuleWrongCodes, aNumber, partOf("W", rate), noTag, Limit{Window: rate.Per, Max: rate.Events, With: callerKnown}})
	}
	return append(s.enabled(all),
		template{RuleWrongCodes, aNumber, "x", noTag, Limit{Window: ceilingTime, Max: ceilingCodes, Without: callerKnown}},
		template{RuleWrongCodes, aNumber, "X", noTag, Limit{Window: ceilingTime, Max: ceilingCodes, With: callerKnown}})
}

// partOf names the part of a rate, so that guards with other windows count by themselves.
func partOf(name string, rate otp.Rate) string {
	return name + strconv.FormatInt(int64(rate.Per/time.Second), 36)
}

// enabled drops the limits that are switched off, and marks those that only record.
func (s *settings) enabled(all []template) []template {
	var kept []template
	for _, t := range all {
		if slices.Contains(s.off, t.rule) || t.rule == RuleNewCountries && slices.Contains(s.off, RuleCountry) {
			continue
		}
		t.limit.RecordOnly = slices.Contains(s.record, t.rule)
		kept = append(kept, t)
	}
	return kept
}

// windows are those of limits and floors, the shortest first.
func windows(limits, floors []otp.Rate) []Window {
	var all []Window
	for len(limits) > 0 || len(floors) > 0 {
		var w Window
		switch {
		case len(floors) == 0 || len(limits) > 0 && limits[0].Per < floors[0].Per:
			w.Per = limits[0].Per
		default:
			w.Per = floors[0].Per
		}
		if len(limits) > 0 && limits[0].Per == w.Per {
			w.Max, limits = limits[0].Events, limits[1:]
		}
		if len(floors) > 0 && floors[0].Per == w.Per {
			w.Floor, floors = floors[0].Events, floors[1:]
		}
		all = append(all, w)
	}
	return all
}

// field is the field of a request that a rule is about.
func (r Rule) field() string {
	switch r {
	case RuleDeny, RuleCooldown, RuleNumber, RuleBlock, RuleCountry, RuleNewCountries, RuleWrongCodes:
		return "to"
	case RuleSession, RuleDevice, RuleAddress, RuleSubnet, RuleNetwork:
		return string(r)
	case RuleUsed, RuleBinding, RuleAttempts:
		return "verification"
	default:
		return ""
	}
}

// kind is the kind of the error with which a rule refuses.
func (r Rule) kind() otp.Kind {
	switch r {
	case RuleDeny, RuleHook:
		return otp.ErrRefused
	case RuleUsed:
		return otp.ErrAlreadyVerified
	case RuleBinding:
		return otp.ErrNotFound
	case RuleAttempts, RuleWrongCodes:
		return otp.ErrTooManyAttempts
	case RuleStore:
		return otp.ErrUnavailable
	default:
		return otp.ErrRateLimited
	}
}
