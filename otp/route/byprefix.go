package route

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// ByPrefix sends through the provider whose prefix of the number is longest. A prefix is "+" and 1
// to 15 digits, the first not 0; "" is for all other numbers. Several prefixes may have one
// provider.
//
// A number without a route is refused with otp.ErrUnsupported and the field "to", so that a
// [Failover] around the router passes it over. Nothing is handed on to another route.
func ByPrefix(name string, prefixes map[string]otp.Provider) (*Router, error) {
	found := routes{byPrefix: make(map[string]int)}
	for _, prefix := range slices.Sorted(maps.Keys(prefixes)) {
		field := fmt.Sprintf("routes[%q]", shown(prefix))
		provider := prefixes[prefix]
		switch {
		case !isPrefix(prefix):
			return nil, check.Misconfigured(field, `must be "" or "+" and 1 to 15 digits, the first not 0`)
		case check.IsNil(provider):
			return nil, check.Misconfigured(field, "must not be nil")
		}
		found.add(prefix, provider)
	}
	r, err := newRouter(name, "by_prefix", found.providers)
	if err != nil {
		return nil, err
	}
	r.routes = &found
	return r, nil
}

// shown is prefix as errors may show it: a long one may be somebody's whole number.
func shown(prefix string) string {
	const longest = 8
	if len(prefix) > longest {
		return otp.Mask(prefix)
	}
	return prefix
}

// longestNumber is "+" and 15 digits.
const longestNumber = 16

func isPrefix(s string) bool {
	if s == "" {
		return true
	}
	return len(s) >= 2 && len(s) <= longestNumber && s[0] == '+' && s[1] != '0' && strings.Trim(s[1:], "0123456789") == ""
}

// routes finds the provider of a number.
type routes struct {
	byPrefix  map[string]int // index into providers
	providers []otp.Provider // each once
}

func (r *routes) add(prefix string, p otp.Provider) {
	i := slices.IndexFunc(r.providers, func(known otp.Provider) bool { return tree.Same(known, p) })
	if i < 0 {
		i = len(r.providers)
		r.providers = append(r.providers, p)
	}
	r.byPrefix[prefix] = i
}

// lookup returns the one provider for a number, or none.
func (r *routes) lookup(to string) []otp.Provider {
	for length := min(len(to), longestNumber); length >= 0; length-- {
		if i, found := r.byPrefix[to[:length]]; found {
			return r.providers[i : i+1]
		}
	}
	return nil
}
