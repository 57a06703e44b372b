package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// table is Markdown, written row by row.
type table struct {
	out      io.Writer
	failures []error
}

func newTable(out io.Writer) *table {
	t := &table{out: out}
	t.printf("%s, %s %s/%s, %s, %d cores\n\n", time.Now().Format(time.DateOnly),
		runtime.Version(), runtime.GOOS, runtime.GOARCH, processor(), runtime.NumCPU())
	t.row("what", "floor", "ours", "ratio", "target", "within")
	t.row("---", "---:", "---:", "---:", "---:", "---")
	return t
}

func (t *table) printf(format string, values ...any) {
	_, _ = fmt.Fprintf(t.out, format, values...) // it goes to a person; where it cannot, there is nobody to tell
}

func (t *table) row(cells ...string) { t.printf("| %s |\n", strings.Join(cells, " | ")) }

// fail keeps what did not run.
func (t *table) fail(err error) {
	if err != nil {
		t.failures = append(t.failures, err)
	}
}

func (t *table) end() error { return errors.Join(t.failures...) }

const none = "–"

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "**no**"
}

// times is a row of two times. A target of 0 is none.
func (t *table) times(what string, c comparison, target float64) {
	limit, within := none, none
	if target > 0 {
		limit, within = "≤ "+ratio(target), yesNo(c.ratio <= target)
	}
	t.row(what, microseconds(c.floor), microseconds(c.ours), ratio(c.ratio), limit, within)
}

// counts is a row of two numbers, the second of which has a target.
func (t *table) counts(what string, floor, ours, target float64) {
	t.row(what, count(floor), count(ours), quotient(ours, floor), "≤ "+count(target), yesNo(ours <= target))
}

// sizes is a row of two sizes whose quotient has a target. It does not vary, so it has a digit more.
func (t *table) sizes(what string, floor, ours, target float64) {
	t.row(what, megabytes(floor), megabytes(ours), fmt.Sprintf("%.3f", ours/floor), "≤ "+ratio(target), yesNo(ours/floor <= target))
}

// memory is a row of two sizes whose difference has a target.
func (t *table) memory(what string, floor, ours, above, target float64) {
	t.row(what, kibibytes(floor), kibibytes(ours), quotient(ours, floor),
		"≤ floor + "+kibibytes(target), yesNo(above <= target))
}

// absolute is a row without a floor.
func (t *table) absolute(what, ours, target string, within bool) {
	t.row(what, none, ours, none, "≤ "+target, yesNo(within))
}

func ratio(r float64) string        { return strconv.FormatFloat(r, 'f', 2, 64) }
func count(n float64) string        { return strconv.FormatFloat(n, 'f', -1, 64) }
func microseconds(n float64) string { return fmt.Sprintf("%.1f µs", n/1e3) }
func nanoseconds(n float64) string  { return fmt.Sprintf("%.0f ns", n) }
func kibibytes(n float64) string    { return fmt.Sprintf("%.1f KiB", n/(1<<10)) }
func megabytes(n float64) string    { return fmt.Sprintf("%.2f MB", n/1e6) }

func quotient(a, b float64) string {
	if b == 0 {
		return none
	}
	return ratio(a / b)
}

// processor is the model, where the system tells.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // elsewhere there is none
	for line := range strings.Lines(string(text)) {
		if name, model, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return "unknown processor"
}
