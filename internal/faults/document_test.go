package faults_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/otptest"
)

const document = "../../docs/reliability.md"

const (
	tableBegins = "<!-- measured: written by go test ./internal/faults -update -->\n"
	tableEnds   = "<!-- end of measured -->\n"
)

func TestFaultsOfEveryVendor(t *testing.T) {
	var table measured
	for _, name := range slices.Sorted(maps.Keys(vendors())) {
		t.Run(name, func(t *testing.T) { table.add(name, otptest.TestFaults(t, vendors()[name])) })
	}
	if table.partial {
		return
	}
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(text), tableBegins)
	require.True(t, found)
	_, after, found := strings.Cut(rest, tableEnds)
	require.True(t, found)
	want := before + tableBegins + "\n" + table.String() + "\n" + tableEnds + after
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(want), 0o600))
		return
	}
	if !t.Failed() {
		assert.Equal(t, want, string(text), "docs/reliability.md is stale: go test ./internal/faults -update")
	}
}

// measured is what came of the faults, by fault and by what came of them: the calls that it came
// of.
type measured struct {
	faults []string
	calls  map[string]map[otptest.FaultResult][]string

	partial bool // only some of the tests were asked for
}

// add counts variants of a fault, which its name has after a colon, as one fault where the same
// came of all of them.
func (m *measured) add(vendor string, results []otptest.FaultResult) {
	if m.calls == nil {
		m.calls = map[string]map[otptest.FaultResult][]string{}
	}
	for _, r := range results {
		if m.partial = m.partial || r.Fault == ""; m.partial {
			return
		}
		if strings.HasPrefix(r.Fault, "a sequence") { // of the faults in the other rows
			continue
		}
		fault, _, _ := strings.Cut(r.Fault, ":")
		if strings.Contains(r.Fault, "Retry-After: ") {
			fault = r.Fault
		}
		if m.calls[fault] == nil {
			m.faults = append(m.faults, fault)
			m.calls[fault] = map[otptest.FaultResult][]string{}
		}
		call := vendor + " " + r.Op
		r.Fault, r.Op = "", ""
		if calls := m.calls[fault][r]; !slices.Contains(calls, call) {
			m.calls[fault][r] = append(calls, call)
		}
	}
}

// String has one line for all calls of which the same came.
func (m *measured) String() string {
	var b strings.Builder
	b.WriteString("| what goes wrong | calls | requests taken | outcome | kind | ends |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, fault := range m.faults {
		for _, r := range slices.SortedFunc(maps.Keys(m.calls[fault]), compare) {
			ends := "at once"
			if r.Slow {
				ends = "by the deadline"
			}
			kind := "–"
			if r.Kind != "" {
				kind = "`" + string(r.Kind) + "`"
			}
			fmt.Fprintf(&b, "| %s | %s | %d | %s | %s | %s |\n", fault, names(m.calls[fault][r]), r.Requests, r.Outcome, kind, ends)
		}
	}
	return b.String()
}

func compare(a, b otptest.FaultResult) int {
	return cmp.Or(cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Requests, b.Requests))
}

// names says whose calls they are: "all", "every send", or each of them.
func names(calls []string) string {
	slices.Sort(calls)
	ofAll := func(op string) bool {
		return len(slices.DeleteFunc(slices.Clone(calls), func(call string) bool { return !strings.HasSuffix(call, op) })) == len(vendors())
	}
	switch sends, verifications := ofAll(" send"), ofAll(" verify"); {
	case sends && verifications:
		return "all"
	case sends && len(calls) == len(vendors()):
		return "every send"
	case verifications && len(calls) == len(vendors()):
		return "every verification"
	default:
		return strings.Join(calls, ", ")
	}
}
