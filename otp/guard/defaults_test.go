package guard

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The table of the package comment is what a guard does.
func TestTheTableOfDefaults(t *testing.T) {
	s := defaults()
	want := map[Rule]string{
		RuleDeny: "all are allowed", RuleHook: "none", RuleUsed: "1", RuleBinding: "0", RuleStore: "0",
		RuleAttempts: fmt.Sprint(s.attempts),
		RuleUnverified: fmt.Sprintf("%d and %.0f%% in %s", s.unverified.Floor, 100*s.unverified.Share,
			strings.TrimSuffix(s.unverified.Window.String(), "0m0s")),
		RuleCooldown: join(s.cooldown),
	}
	for rule, rates := range s.rates {
		want[rule] = join(rates)
	}

	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	options, err := os.ReadFile("options.go")
	require.NoError(t, err)
	row := regexp.MustCompile(`(?m)^//\t([a-z_]+)\s{2,}(\S.*?)\s{2,}(\S.*?)\s+(\S+|Allow, Deny)$`)
	got := map[Rule]string{}
	for _, cells := range row.FindAllStringSubmatch(string(doc), -1) {
		got[Rule(cells[1])] = strings.TrimSpace(cells[3])
		if option := cells[4]; strings.HasPrefix(option, "With") {
			assert.Contains(t, string(options), "\nfunc "+option+"(", "an option for every default")
		}
	}
	assert.Equal(t, want, got)
	assert.Contains(t, string(doc), fmt.Sprintf("%d wrong codes in a row within %d days", ceilingCodes, ceilingTime/(24*time.Hour)))
}

func join[T fmt.Stringer](all []T) string {
	var texts []string
	for _, one := range all {
		texts = append(texts, one.String())
	}
	return strings.Join(texts, " ")
}
