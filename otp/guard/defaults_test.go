package guard

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// The table of the package comment is what a guard does.
func TestTheTableOfDefaults(t *testing.T) {
	s := defaults()
	want := map[string]string{
		"deny": "all are allowed", "hook": "none", "used": "1", "binding": "0", "store": "0",
		"attempts": fmt.Sprint(s.attempts), "cooldown": join(s.cooldown),
	}
	for rule, rates := range s.rates {
		want[string(rule)] = join(rates)
	}
	for rule, rates := range s.floors {
		want[string(rule)+" floor"] = join(rates)
	}
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	options, err := os.ReadFile("options.go")
	require.NoError(t, err)
	row := regexp.MustCompile(`(?m)^//\t([a-z_]+)\s{2,}(\S.*?)\s{2,}(\S.*?)\s+(\S+|Allow, AllowCountries)$`)
	got := map[string]string{}
	for _, cells := range row.FindAllStringSubmatch(string(doc), -1) {
		name := cells[1]
		if strings.HasPrefix(cells[2], "floor") {
			name += " floor"
		}
		got[name] = strings.TrimSpace(cells[3])
		if option := cells[4]; strings.HasPrefix(option, "With") {
			assert.Contains(t, string(options), "\nfunc "+option+"(", "an option for every default")
		}
	}
	assert.Equal(t, want, got)
	text := strings.ReplaceAll(string(doc), "\n// ", " ")
	assert.Contains(t, text, fmt.Sprintf("%d wrong codes in a row within 30 days", ceilingCodes))
	for _, number := range []float64{growMany, growFew, topMany, topFew} {
		assert.Contains(t, text, fmt.Sprintf("%g times", number))
	}
}

func join[T fmt.Stringer](all []T) string {
	var texts []string
	for _, one := range all {
		texts = append(texts, one.String())
	}
	return strings.Join(texts, " ")
}

func TestWhatIsRememberedIsReadAsItWasWritten(t *testing.T) {
	v := otp.Verification{Provider: "main", ID: "2b4f8c", To: "+905321234567", Channel: otp.SMS}
	all := []sent{
		{Verification: v, session: 7, mark: 1 << 60, passed: 2, known: true, counted: 1<<anAddress | 1<<aBlock | 1<<aNumber},
		{Verification: v, counted: 0xffff},
	}
	all[0].ids[2] = id{1, 2, 3}
	var data []byte
	for i := range all {
		data = all[i].write(data)
	}
	assert.NotContains(t, string(data), v.To[1:])
	assert.Equal(t, all, readSent(data, v.To))
	for end := range data { // what is cut off is not read
		assert.Less(t, len(readSent(data[:end], v.To)), 2)
	}
}

func FuzzReadSent(f *testing.F) {
	f.Add((&sent{Verification: otp.Verification{Provider: "main", ID: "1"}, counted: 0xffff}).write(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, s := range readSent(data, "+905321234567") {
			again := readSent(s.write(nil), "+905321234567")
			require.Len(t, again, 1)
			require.Equal(t, s, again[0])
		}
	})
}

func TestTheTableOfCountries(t *testing.T) {
	table := countries()
	assert.Greater(t, len(table.prefixes), 235)
	for prefix, country := range table.byPrefix {
		assert.Regexp(t, `^\+[1-9][0-9]{0,6}$`, prefix)
		assert.Equal(t, country, countryOf((prefix + "5551234567")[:12]), prefix)
	}
	for _, country := range slices.Sorted(maps.Keys(table.prefixes)) {
		assert.Regexp(t, `^[A-Z]{2}$`, country)
	}
}
