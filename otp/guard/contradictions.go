package guard

import (
	"fmt"
	"slices"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
)

// contradiction refuses options that cannot all be meant, and names them.
func (s *settings) contradiction() error {
	for _, rule := range s.record {
		if slices.Contains(s.off, rule) {
			return check.Misconfigured("record_only", "names "+quoted(rule)+", which Without switches off")
		}
	}
	for _, prefix := range s.exempt.prefixes {
		if !s.lists.allow(prefix, countryOf(prefix)) {
			return check.Misconfigured("exempt", "names "+prefix+", which is not allowed")
		}
	}
	if floors, limits := s.floors[RuleNumber], s.rates[RuleNumber]; s.on(RuleNumber) {
		if s.ownFloor[RuleNumber] && highest(floors) > highest(limits) {
			return check.Misconfigured("number", "refuses before its floor asks: "+textOf(limits[len(limits)-1]))
		}
		if len(windows(limits, floors)) > mostWindows {
			return check.Misconfigured("number", "and its floor have more than 4 windows")
		}
	}
	return s.floorsGrow()
}

// floorsGrow refuses floors with which one stranger can reach the next wider rule. Of a session and
// a device, neither is the wider one, and nor is a new country of the others.
func (s *settings) floorsGrow() error {
	var before Rule
	most := 0
	for _, level := range [][]Rule{
		{RuleSession, RuleDevice}, {RuleAddress}, {RuleSubnet}, {RuleNetwork}, {RuleBlock}, {RuleNewCountries, RuleCountry},
	} {
		reached, by := most, before
		for _, rule := range level {
			if !s.on(rule) {
				continue
			}
			if lowest := s.floors[rule][0].Events; lowest < most {
				return check.Misconfigured("floor."+string(rule), fmt.Sprintf("%d is below that of %s, %d: floors must grow outwards", lowest, before, most))
			}
			if h := highest(s.floors[rule]); h > reached {
				reached, by = h, rule
			}
		}
		most, before = reached, by
	}
	return nil
}

func (s *settings) on(rule Rule) bool { return !slices.Contains(s.off, rule) }

// highest is the most events of rates that are sorted.
func highest(rates []otp.Rate) int { return rates[len(rates)-1].Events }
