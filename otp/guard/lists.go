package guard

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
)

// lists says which prefixes and countries are allowed (true) and denied (false).
type lists map[string]bool

// Allow allows numbers that begin with one of these prefixes, "+33" or "+905", and no others.
// Recommended, this or [AllowCountries]: without it, all countries are allowed. It adds to earlier
// ones.
//
// A prefix admits every number that begins with it, whatever country that is: "+1" the United
// States, Canada, and twenty more with prices of their own, such as Jamaica and Bermuda; "+7"
// Russia and Kazakhstan; "+44" Jersey. A prefix goes before a country, and the longest prefix
// before the others.
func Allow(prefixes ...string) Option { return withList("allow", prefixes, isPrefix, true) }

// Deny refuses numbers that begin with one of these prefixes, and goes with [Allow] and
// [AllowCountries] as described there. It adds to earlier ones.
func Deny(prefixes ...string) Option { return withList("deny", prefixes, isPrefix, false) }

// AllowCountries allows numbers of these countries, ISO 3166-1 alpha-2 such as "US", and no others.
// Countries that share a calling code are told apart by the digits after it. It adds to earlier
// ones, and to [Allow].
func AllowCountries(countries ...string) Option {
	return withList("allow_countries", countries, isCountry, true)
}

// DenyCountries refuses numbers of these countries. It adds to earlier ones.
func DenyCountries(countries ...string) Option {
	return withList("deny_countries", countries, isCountry, false)
}

func withList(field string, entries []string, valid func(string) bool, allowed bool) Option {
	return func(s *settings) error {
		if len(entries) == 0 {
			return check.Misconfigured(field, "must name one at least")
		}
		all := maps.Clone(s.lists)
		if all == nil {
			all = make(lists)
		}
		for _, entry := range entries {
			switch already, listed := all[entry]; {
			case !valid(entry) && strings.HasSuffix(field, "countries"):
				return check.Misconfigured(field, `must be countries of their own numbers, as ISO 3166-1 alpha-2: "TR"`)
			case !valid(entry):
				return check.Misconfigured(field, `must be prefixes in E.164: "+" and 1 to 15 digits, the first not 0`)
			case listed && already != allowed:
				return check.Misconfigured(field, "names "+entry+", which is both allowed and denied")
			}
			all[entry] = allowed
		}
		s.lists = all
		return nil
	}
}

// isPrefix reports whether s begins an E.164 number.
func isPrefix(s string) bool {
	return len(s) >= 2 && len(s) <= 16 && s[0] == '+' && s[1] != '0' && strings.Trim(s[1:], "0123456789") == ""
}

// allow reports whether number may be texted: its longest prefix in the lists decides, else its
// country.
func (l lists) allow(number, country string) bool {
	if len(l) == 0 {
		return true
	}
	for n := len(number); n >= 2; n-- {
		if allowed, listed := l[number[:n]]; listed {
			return allowed
		}
	}
	if allowed, listed := l[country]; listed {
		return allowed
	}
	// When there is a list of what is allowed, the number is not on it.
	for _, allowed := range l {
		if allowed {
			return false
		}
	}
	return true
}

// exempt are addresses and numbers that the rules about strangers do not apply to.
type exempt struct {
	networks []netip.Prefix
	prefixes []string
}

// Exempt takes callers or numbers out of all rules about strangers: addresses, "192.0.2.7" or
// "2001:db8::/48", and prefixes of numbers. What remains are the cooldown, the limit of the number
// and the budget. It is for a place where hundreds sign up within minutes, and for a company's own
// numbers. It adds to earlier ones.
func Exempt(callers ...string) Option {
	return func(s *settings) error {
		if len(callers) == 0 {
			return check.Misconfigured("exempt", "must name one at least")
		}
		for _, text := range callers {
			network, ok := parseNetwork(text)
			switch {
			case ok:
				s.exempt.networks = append(s.exempt.networks, network)
			case isPrefix(text):
				s.exempt.prefixes = append(s.exempt.prefixes, text)
			default:
				return check.Misconfigured("exempt", "must be addresses, networks or prefixes of numbers")
			}
		}
		return nil
	}
}

func parseNetwork(text string) (netip.Prefix, bool) {
	if network, err := netip.ParsePrefix(text); err == nil {
		return network.Masked(), true
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	addr = addr.Unmap().WithZone("")
	return netip.PrefixFrom(addr, addr.BitLen()), true
}

func (e *exempt) has(req otp.SendRequest, ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return slices.ContainsFunc(e.prefixes, func(prefix string) bool { return strings.HasPrefix(req.To, prefix) }) ||
		slices.ContainsFunc(e.networks, func(network netip.Prefix) bool { return network.Contains(ip) })
}

// blockOf is a number without its last four digits.
func blockOf(number string) string { return number[:len(number)-4] }
