package guard

import (
	_ "embed" // countries.txt
	"slices"
	"strings"
	"sync"

	"github.com/otp-sdk/otp-go/internal/callingcode"
)

// countryCodes are countries, ISO 3166-1 alpha-2, with what their numbers begin with: ITU-T, List
// of Recommendation E.164 assigned country codes; then those that share a calling code with another
// country: ITU-T, national numbering plans; NANPA, area codes. The longest entry that fits counts.
//
//go:embed countries.txt
var countryCodes string

// zeroCodes are the calling codes behind which numbers may begin with 0. Everywhere else a 0 there
// is the one that is dialled inside of the country, and the number another spelling of one without
// it.
const zeroCodes = "+39 +225 +226 +229 +241 +242 +378 +379"

// longestShared is the length of the longest entry.
const longestShared = len("+4477003") + 1

// countryTable finds countries.
type countryTable struct {
	byPrefix map[string]string   // "+44" and "+447781"
	prefixes map[string][]string // of a country
	shared   map[string]bool     // calling codes with longer entries
}

// countries is read only, and the same for all guards.
//
//nolint:gochecknoglobals // a table that nothing changes, made once
var countries = sync.OnceValue(func() countryTable {
	t := countryTable{map[string]string{}, map[string][]string{}, map[string]bool{}}
	for _, entry := range strings.Fields(countryCodes) {
		country, prefix := entry[:2], "+"+entry[2:]
		t.byPrefix[prefix] = country
		t.prefixes[country] = append(t.prefixes[country], prefix)
		if code := callingcode.Of(prefix + "000"); code != prefix {
			t.shared[code] = true
		}
	}
	return t
})

// countryOf is the country of a number in E.164, "TR"; its calling code where that is no country's,
// "+881".
func countryOf(number string) string {
	code := callingcode.Of(number)
	t := countries()
	if t.shared[code] {
		for n := min(longestShared, len(number)); n > len(code); n-- {
			if country := t.byPrefix[number[:n]]; country != "" {
				return country
			}
		}
	}
	if country := t.byPrefix[code]; country != "" {
		return country
	}
	return code
}

// isCountry reports whether s is a country of the table.
func isCountry(s string) bool { return len(countries().prefixes[s]) > 0 }

// hasTrunkZero reports whether a number has the zero that is dialled inside of its country only.
func hasTrunkZero(number string) bool {
	code := callingcode.Of(number)
	return len(number) > len(code) && number[len(code)] == '0' && !slices.Contains(strings.Fields(zeroCodes), code)
}
