package guard

import (
	"strconv"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// Rule names one of a guard's rules. Its text is stable and fit for a metric's label. Rules may be added.
type Rule string

// The rules of a send.
const (
	// RuleDeny: the number's prefix is not allowed: see [Allow] and [Deny].
	RuleDeny Rule = "deny"
	// RuleHook: a hook refused: see [BeforeSend].
	RuleHook Rule = "hook"
	// RuleCooldown: too soon after the last code for this number and purpose: see [WithCooldown].
	RuleCooldown Rule = "cooldown"
	// RuleNumber: too many codes for this number: see [WithNumberLimit].
	RuleNumber Rule = "number"
	// RuleIP, RuleSession and RuleDevice: too many codes for this caller: see [WithCaller], [WithIPLimit].
	RuleIP      Rule = "ip"
	RuleSession Rule = "session"
	RuleDevice  Rule = "device"
	// RuleRange: too many codes for numbers that differ in their last four digits only: see [WithRangeLimit].
	RuleRange Rule = "range"
	// RulePrefix: too many codes for one country: see [WithPrefixLimit].
	RulePrefix Rule = "prefix"
	// RuleUnverified: too few of the codes for one country come back: see [WithUnverifiedLimit].
	RuleUnverified Rule = "unverified"
	// RuleBudget: too many codes in all: see [WithBudget].
	RuleBudget Rule = "budget"
)

// The rules of a verification.
const (
	// RuleUsed: this verification has succeeded before. Nothing switches it off.
	RuleUsed Rule = "used"
	// RuleBinding: this verification was sent to another number, or for another purpose. Nothing switches it off, but it
	// holds only for sends that the store remembers: what it does not know, of a store that has failed, a restart or
	// another process, is the vendor's to judge, so that nobody is locked out. Whoever can edit a verification can make it
	// one that is not known: seal it, see [Sealer].
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

	// remembered is how long a verification's attempts are counted, and its use remembered, at least.
	remembered     = 24 * time.Hour
	rememberedMost = 30 * 24 * time.Hour

	// cooldownForgotten is how long after the last code a cooldown begins anew with its first gap, at least.
	cooldownForgotten = 10 * time.Minute
)

// subject is what a limit counts.
type subject byte

const (
	everybody subject = iota
	aNumber
	aNumberAndPurpose
	aRange
	aPrefix
	anIP
	aSession
	aDevice
	aVerification
	subjectCount
)

// What keys of values, and of the counter that learns what was verified, begin with. Those of other counters do not begin
// with these letters.
const (
	runningKey    = "v:" // of a number and purpose: the verification that is running
	ownerKey      = "o:" // of a verification: the number and purpose that it was sent for
	usedKey       = "m:" // of a verification: it has succeeded
	unverifiedKey = "u:"
)

// template is a limit without the subject in its key.
type template struct {
	rule    Rule
	subject subject
	name    string // begins the key
	limit   Limit
}

func (s *settings) sendTemplates() []template {
	var all []template
	if !has(s.off, RuleCooldown) {
		window := max(cooldownForgotten, longest(s.cooldown))
		all = append(all, template{RuleCooldown, aNumberAndPurpose, "c:", Limit{Window: window, Gaps: s.cooldown}})
	}
	all = append(all, s.rated(RuleNumber, aNumber, "n")...)
	all = append(all, s.rated(RuleIP, anIP, "i")...)
	all = append(all, s.rated(RuleSession, aSession, "s")...)
	all = append(all, s.rated(RuleDevice, aDevice, "d")...)
	all = append(all, s.rated(RuleRange, aRange, "r")...)
	all = append(all, s.rated(RulePrefix, aPrefix, "p")...)
	if !has(s.off, RuleUnverified) {
		u := s.unverified
		all = append(all, template{RuleUnverified, aPrefix, unverifiedKey, Limit{Window: u.Window, Floor: u.Floor, Share: u.Share}})
	}
	all = append(all, s.rated(RuleBudget, everybody, "b")...)
	return s.recorded(all)
}

func (s *settings) tryTemplates() []template {
	var all []template
	if !has(s.off, RuleAttempts) {
		all = append(all, template{RuleAttempts, aVerification, "a:", Limit{Window: remembered, Max: s.attempts}})
	}
	all = append(all, s.rated(RuleWrongCodes, aNumber, "w")...)
	all = s.recorded(all)
	return append(all, template{RuleWrongCodes, aNumber, "x:", Limit{Window: ceilingTime, Max: ceilingCodes}})
}

// rated makes one limit of each of a rule's rates.
func (s *settings) rated(rule Rule, subject subject, name string) []template {
	if has(s.off, rule) {
		return nil
	}
	var all []template
	for i, rate := range s.rates[rule] {
		limit := Limit{Window: rate.Per, Max: rate.Events}
		all = append(all, template{rule, subject, name + strconv.Itoa(i) + ":", limit})
	}
	return all
}

// recorded marks the limits that only record.
func (s *settings) recorded(all []template) []template {
	for i := range all {
		all[i].limit.RecordOnly = has(s.record, all[i].rule)
	}
	return all
}

func longest(gaps []time.Duration) time.Duration {
	var most time.Duration
	for _, gap := range gaps {
		most = max(most, gap)
	}
	return most
}

// field is the field of a request that a rule is about.
func (r Rule) field() string {
	switch r {
	case RuleDeny, RuleCooldown, RuleNumber, RuleRange, RulePrefix, RuleUnverified, RuleWrongCodes:
		return "to"
	case RuleIP, RuleSession, RuleDevice:
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
