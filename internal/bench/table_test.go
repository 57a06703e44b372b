package bench

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var table = flag.Bool("table", false, "measure, and print the table of docs/performance.md")

// Without -table, this runs every measurement once, and checks that the page has its rows.
func TestTable(t *testing.T) {
	if *table {
		fmt.Printf("Measured on %s, %s %s/%s, %s, %d cores:\n\n", time.Now().Format(time.DateOnly),
			runtime.Version(), runtime.GOOS, runtime.GOARCH, processor(), runtime.NumCPU())
		fmt.Print("| what | plain `net/http` | otp-go | ratio |\n| --- | ---: | ---: | ---: |\n")
	}
	var names []string
	for _, group := range groups() {
		for _, c := range group(t) {
			for _, row := range c.measure(t) {
				names = append(names, row[0])
				if *table {
					fmt.Printf("| %s |\n", strings.Join(row, " | "))
				}
			}
		}
	}
	assert.Equal(t, names, rowNames(t, "docs/performance.md"))
}

func TestReadmeQuotesPerformancePage(t *testing.T) {
	page := lines(t, "docs/performance.md")
	quoted := 0
	for _, line := range lines(t, "README.md") {
		if row.MatchString(line) {
			quoted++
			assert.Contains(t, page, line)
		}
	}
	assert.NotZero(t, quoted)
}

// row is a row of the table: its last cell is a ratio.
var row = regexp.MustCompile(`^\| ([^|]+) \| [^|]+ \| [^|]+ \| (\d[\d.]*|–) \|$`)

func rowNames(t *testing.T, file string) []string {
	t.Helper()
	var names []string
	for _, line := range lines(t, file) {
		if match := row.FindStringSubmatch(line); match != nil {
			names = append(names, match[1])
		}
	}
	return names
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", file))
	require.NoError(t, err)
	return strings.Split(string(content), "\n")
}

// measure gives the cells of the rows.
func (c comparison) measure(t *testing.T) [][]string {
	t.Helper()
	e := c.effort
	if !*table {
		e = effort{passes: 1, benchTime: "1x"}
	}
	benchTime := flag.Lookup("test.benchtime").Value
	before := benchTime.String()
	require.NoError(t, benchTime.Set(e.benchTime))
	defer func() { require.NoError(t, benchTime.Set(before)) }()

	var floor, ours []testing.BenchmarkResult
	for range e.passes {
		if c.floor != nil {
			floor = append(floor, result(t, c.name, c.floor))
		}
		ours = append(ours, result(t, c.name, c.ours))
	}
	var rows [][]string
	for _, f := range c.figures {
		rows = append(rows, f.row(c.name, floor, ours))
	}
	return rows
}

func result(t *testing.T, name string, side func(*testing.B)) testing.BenchmarkResult {
	t.Helper()
	r := testing.Benchmark(side)
	require.NotZero(t, r.N, "%s failed; go test -bench says why", name)
	return r
}

// figure is what one row shows of the results.
type figure struct {
	suffix string // of the row's name
	of     func(testing.BenchmarkResult) float64
	text   func(float64) string
}

func nanosecondsOf(r testing.BenchmarkResult) float64 { return float64(r.T) / float64(r.N) }
func allocationsOf(r testing.BenchmarkResult) float64 { return float64(r.AllocsPerOp()) }

var (
	perCall     = figure{of: nanosecondsOf, text: microseconds}
	perDecision = figure{of: nanosecondsOf, text: nanoseconds}
	allocations = figure{suffix: ": allocations", of: allocationsOf, text: count}
)

func metric(suffix, unit string, text func(float64) string) figure {
	return figure{suffix, func(r testing.BenchmarkResult) float64 { return r.Extra[unit] }, text}
}

// row has medians over the passes. The ratio is the median of the passes' own ratios, which is
// steadier than the ratio of the medians.
func (f figure) row(name string, floor, ours []testing.BenchmarkResult) []string {
	var floors, all, ratios []float64
	for i, r := range ours {
		all = append(all, f.of(r))
		if floor != nil {
			floors = append(floors, f.of(floor[i]))
			ratios = append(ratios, f.of(r)/f.of(floor[i]))
		}
	}
	cells := []string{name + f.suffix, none, f.text(median(all)), none}
	if floor != nil {
		cells[1] = f.text(median(floors))
	}
	if ratio := median(ratios); !math.IsNaN(ratio) && !math.IsInf(ratio, 0) {
		cells[3] = strconv.FormatFloat(ratio, 'f', 2, 64)
	}
	return cells
}

// median of nothing is NaN.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	values = slices.Sorted(slices.Values(values))
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

const none = "–"

func count(n float64) string        { return strconv.FormatFloat(n, 'f', -1, 64) }
func microseconds(n float64) string { return fmt.Sprintf("%.1f µs", n/1e3) }
func nanoseconds(n float64) string  { return fmt.Sprintf("%.0f ns", n) }
func kibibytes(n float64) string    { return fmt.Sprintf("%.1f KiB", n/(1<<10)) }
func megabytes(n float64) string    { return fmt.Sprintf("%.2f MB", n/1e6) }

// processor is the model. Only Linux has it in a file.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, model, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return "unknown processor"
}
