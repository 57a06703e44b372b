package faults_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

const document = "../../docs/reliability.md"

const (
	tableBegins = "<!-- measured: written by go test ./internal/faults -update -->\n"
	tableEnds   = "<!-- end of measured -->\n"
)

// checkDocument compares the table in the document with the one that was just measured, or writes it.
func checkDocument(t *testing.T, table string) {
	t.Helper()
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(text), tableBegins)
	require.True(t, found)
	_, after, found := strings.Cut(rest, tableEnds)
	require.True(t, found)
	want := before + tableBegins + "\n" + table + "\n" + tableEnds + after
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(want), 0o600))
		return
	}
	assert.Equal(t, want, string(text), "docs/reliability.md is stale: go test ./internal/faults -update")
}

var (
	testName = regexp.MustCompile(`\bTest[A-Z]\w+`)
	declared = regexp.MustCompile(`(?m)^func (Test[A-Z]\w+)`)
)

func TestTheDocumentNamesTheseTests(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	var here []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, match := range declared.FindAllStringSubmatch(string(source), -1) {
			here = append(here, match[1])
		}
	}
	here = slices.DeleteFunc(here, func(name string) bool { return name == "TestMain" })
	slices.Sort(here)
	named := testName.FindAllString(string(text), -1)
	slices.Sort(named)
	assert.Equal(t, here, slices.Compact(named))
}

// results are what was measured, by fault.
type results struct {
	mu  sync.Mutex
	all map[string][]measurement
}

type measurement struct {
	call   call
	result result
}

func (r *results) add(f fault, c call, measured result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = make(map[string][]measurement)
	}
	r.all[f.name] = append(r.all[f.name], measurement{c, measured})
}

// complete is false when only some of the tests were asked for.
func (r *results) complete() bool {
	for _, f := range faults() {
		if len(r.all[f.name]) != len(calls()) {
			return false
		}
	}
	return true
}

// table has one line for all calls that a fault does the same to.
func (r *results) table() string {
	var b strings.Builder
	b.WriteString("| what goes wrong | calls | attempts | requests taken | outcome | kind | ends |\n")
	b.WriteString("| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, f := range faults() {
		for _, same := range r.alike(f) {
			m := same[0].result
			fmt.Fprintf(&b, "| %s | %s | %d | %d | %s | %s | %s |\n",
				f.name, nameOf(same), m.attempts, m.taken, m.outcome, kindName(m.kind), m.ends)
		}
	}
	return b.String()
}

// alike groups what was measured by what came of it, in the order of calls.
func (r *results) alike(f fault) [][]measurement {
	var groups [][]measurement
	for _, c := range calls() {
		m := r.of(f, c)
		groups = join(groups, m)
	}
	return groups
}

func (r *results) of(f fault, c call) measurement {
	for _, m := range r.all[f.name] {
		if m.call.vendor == c.vendor && m.call.name == c.name {
			return m
		}
	}
	return measurement{call: c}
}

func join(groups [][]measurement, m measurement) [][]measurement {
	for i, group := range groups {
		if group[0].result == m.result {
			groups[i] = append(group, m)
			return groups
		}
	}
	return append(groups, []measurement{m})
}

// nameOf says whose calls they are: "all", "every send", or each of them.
func nameOf(group []measurement) string {
	sends, verifications := 0, 0
	var names []string
	for _, m := range group {
		names = append(names, m.call.vendor+" "+m.call.name)
		if m.call.verifies {
			verifications++
		} else {
			sends++
		}
	}
	switch half := len(calls()) / 2; {
	case sends == half && verifications == half:
		return "all"
	case sends == half && verifications == 0:
		return "every send"
	case sends == 0 && verifications == half:
		return "every verification"
	default:
		return strings.Join(names, ", ")
	}
}

func kindName(kind otp.Kind) string {
	if kind == "" {
		return "–"
	}
	return "`" + string(kind) + "`"
}
