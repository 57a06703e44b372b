package bench

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// binary is a program that does nothing but send one code.
type binary struct {
	size    int64
	modules []string // linked, beyond the standard library
}

// build builds one of the programs in testdata.
func build(tb testing.TB, program string) binary {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), program+".exe")
	cmd := exec.CommandContext(tb.Context(), "go", "build", "-trimpath", "-o", file, "./testdata/"+program)
	cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false") // the race detector, say, would change the size
	out, err := cmd.CombinedOutput()
	require.NoError(tb, err, "%s", out)
	stat, err := os.Stat(file)
	require.NoError(tb, err)
	info, err := buildinfo.ReadFile(file)
	require.NoError(tb, err)
	built := binary{size: stat.Size()}
	for _, module := range info.Deps {
		built.modules = append(built.modules, module.Path)
	}
	slices.Sort(built.modules)
	return built
}

func binaries(testing.TB) []comparison {
	built := func(program string) func(*testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				bin := build(b, program)
				b.ReportMetric(float64(bin.size), "B")
				b.ReportMetric(float64(len(bin.modules)), "modules")
			}
		}
	}
	return []comparison{{
		name: "the binary of a program that sends, insider", floor: built("floor"), ours: built("ours"),
		figures: []figure{metric("", "B", megabytes), metric(": modules linked", "modules", count)},
		effort:  effort{passes: 1, benchTime: "1x"},
	}}
}

func TestSmallProgramIsSmall(t *testing.T) {
	floor, ours := build(t, "floor"), build(t, "ours")
	assert.Empty(t, floor.modules)
	assert.Equal(t, []string{
		"github.com/hashicorp/go-cleanhttp", "github.com/hashicorp/go-retryablehttp", "golang.org/x/time",
	}, ours.modules)
	assert.LessOrEqual(t, float64(ours.size)/float64(floor.size), 1.165)
}
