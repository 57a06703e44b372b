package guard

import (
	"maps"
	"strings"

	"github.com/otp-sdk/otp-go/internal/callingcode"
)

// lists says which prefixes are allowed (true) and denied (false).
type lists map[string]bool

// Allow allows numbers that begin with one of these prefixes, "+33" or "+1876", and no others. Where [Deny] names a longer
// prefix of a number, that one counts. Recommended: without it, all countries are allowed. It adds to earlier ones.
func Allow(prefixes ...string) Option { return withList("allow", prefixes, true) }

// Deny refuses numbers that begin with one of these prefixes. Where [Allow] names a longer prefix of a number, that one
// counts. It adds to earlier ones.
func Deny(prefixes ...string) Option { return withList("deny", prefixes, false) }

func withList(field string, prefixes []string, allowed bool) Option {
	return func(s *settings) error {
		if len(prefixes) == 0 {
			return badOption(field, "must name a prefix")
		}
		all := maps.Clone(s.lists)
		if all == nil {
			all = make(lists)
		}
		for _, prefix := range prefixes {
			if !isPrefix(prefix) {
				return badOption(field, `must be prefixes in E.164: "+" and 1 to 15 digits, the first not 0`)
			}
			if already, listed := all[prefix]; listed && already != allowed {
				return badOption(field, "names a prefix that is both allowed and denied")
			}
			all[prefix] = allowed
		}
		s.lists = all
		return nil
	}
}

// isPrefix reports whether s begins an E.164 number.
func isPrefix(s string) bool {
	return len(s) >= 2 && len(s) <= 16 && s[0] == '+' && s[1] != '0' && strings.Trim(s[1:], "0123456789") == ""
}

// allow reports whether number may be texted: its longest prefix in the lists decides.
func (l lists) allow(number string) bool {
	for n := len(number); n >= 2; n-- {
		if allowed, listed := l[number[:n]]; listed {
			return allowed
		}
	}
	for _, allowed := range l {
		if allowed {
			return false // there is a list of what is allowed, and the number is not on it
		}
	}
	return true
}

// prefixOf is the country of a number, roughly: see [Decision.Prefix]. The number is E.164.
func prefixOf(number string) string {
	switch {
	case number == "":
		return ""
	case number[1] == '1':
		return number[:5]
	case number[1] == '7':
		return number[:3]
	default:
		return callingcode.Of(number)
	}
}

// rangeOf is a number without its last four digits.
func rangeOf(number string) string { return number[:len(number)-4] }
