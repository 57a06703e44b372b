package route_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The table of docs/routing.md is printed by
//
//	go test -v -run TestTable ./otp/route -table
var (
	table = flag.Bool("table", false, "print the table of docs/routing.md")
	seeds = flag.Int("seeds", 40, "how many seeds a figure of the table is the mean of")
	from  = flag.Uint64("from", 0, "the first of them")
	rows  = flag.String("rows", "", "print only rows whose name begins so")
)

// bounds are on the means of all seeds.
type bounds struct{ bad, quiet, changes float64 }

// shapes are the rows of the table. Those with bounds are checked with every test.
func shapes() []shape {
	two := []float64{.90, .88}
	return []shape{
		{name: ".90 and .88, the first at .05 for a day", rates: two, falls: .05, most: bounds{1.20, 1.08, 2}},
		{name: "the same, 200 a day", rates: two, falls: .05, perDay: 200, most: bounds{1.6, 1.12, 2}},
		{name: "the same, 10,000 a day", rates: two, falls: .05, perDay: 10_000},
		{name: "the first at .75 for a day", rates: two, falls: .75, most: bounds{1.35, 1.10, 2}},
		{name: "the first falls slowly, in 12 hours", rates: two, falls: .05, slowly: true},
		{name: ".70 and .66, the first at .40 for a day", rates: []float64{.70, .66}, falls: .40},
		{name: ".90, .88 and .86, the first at .05 for a day", rates: []float64{.90, .88, .86}, falls: .05, most: bounds{1.25, 1.12, 2}},
		{name: "twenty calling codes", rates: two, falls: .05, codes: 20, most: bounds{1.25, 1.10, 2}},
		{name: "twenty, the second good in one only", rates: []float64{.90, .30}, codes: 20, inOne: []float64{.60, .92}},
		{name: "3,000 bots in four hours, too", rates: two, falls: .05, bots: 750, most: bounds{1.25, 1.08, 2}},
		{name: "bots alone", rates: two, bots: 750},
		{name: "six in ten without a code ask again", rates: two, falls: .05, resends: .6},
		{name: "four machines that share", rates: two, falls: .05, machines: 4, shared: true},
		{name: "four machines that do not", rates: two, falls: .05, machines: 4},
		{name: "equals at .90", rates: []float64{.90, .90}, most: bounds{1, 1, 2}},
		{name: "equals at .70", rates: []float64{.70, .70}},
		{name: "equals at .90, 10,000 a day", rates: []float64{.90, .90}, perDay: 10_000},
	}
}

// average is the mean over seeds.
func average(t *testing.T, s shape, how strategy, n int, reversed bool) outcome {
	t.Helper()
	var mu sync.Mutex
	var sum outcome
	t.Run("seeds", func(t *testing.T) {
		for i := range n {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				o := simulate(t, s, how, *from+uint64(i), reversed)
				mu.Lock()
				defer mu.Unlock()
				sum.bad += o.bad / float64(n)
				sum.quiet += o.quiet / float64(n)
				sum.changes += o.changes / float64(n)
			})
		}
	})
	return sum
}

// TestTable checks the bounds with few seeds, and that the page has the rows. With -table it prints
// them.
func TestTable(t *testing.T) {
	var names []string
	for _, s := range shapes() {
		names = append(names, s.name)
		switch {
		case *table && strings.HasPrefix(s.name, *rows):
			printRow(t, s)
		case !*table && s.most != bounds{}:
			for _, reversed := range []bool{false, true} {
				const few = 5
				o := average(t, s, learns, few, reversed)
				assert.LessOrEqual(t, o.bad, s.most.bad, "%s, bad day, reversed: %t", s.name, reversed)
				assert.LessOrEqual(t, o.quiet, s.most.quiet, "%s, quiet days, reversed: %t", s.name, reversed)
				assert.LessOrEqual(t, o.changes, s.most.changes, "%s, changes, reversed: %t", s.name, reversed)
			}
		}
	}
	page, err := os.ReadFile("../../docs/routing.md")
	require.NoError(t, err)
	var quoted []string
	for _, match := range regexp.MustCompile(`(?m)^\| ([^|]+) \| \d\.\d\d, \d`).FindAllSubmatch(page, -1) {
		quoted = append(quoted, string(match[1]))
	}
	assert.Equal(t, names, quoted)
}

func printRow(t *testing.T, s shape) {
	t.Helper()
	n := *seeds
	if s.shared { // each machine exchanges every five seconds of virtual time
		n = min(n, 10)
	}
	one, other := average(t, s, learns, n, false), average(t, s, learns, n, true)
	line := fmt.Sprintf("| %s | %.2f, %.2f | %.2f, %.2f | %.1f |", s.name, one.bad, other.bad, one.quiet, other.quiet, one.changes)
	for _, how := range []strategy{failsOver, evenly, inSteps} {
		o := average(t, s, how, min(n, 10), false)
		line += fmt.Sprintf(" %.2f, %.2f |", o.bad, o.quiet)
	}
	_, err := fmt.Fprintln(t.Output(), line)
	require.NoError(t, err)
}
