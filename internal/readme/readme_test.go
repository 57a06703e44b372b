// Package readme holds the README to its word: every Go block in it compiles, and its tests pass.
package readme

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

func TestTheReadmesProgramsCompileAndItsTestsPass(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	var tests strings.Builder
	programs := 0
	for _, block := range goBlock.FindAllStringSubmatch(string(readme), -1) {
		if strings.HasPrefix(block[1], "package main\n") {
			programs++
			goCommand(t, "main.go", block[1], "build", "-o", os.DevNull)
			continue
		}
		tests.WriteString(block[1])
	}
	require.Equal(t, 1, programs)
	require.Equal(t, 2, strings.Count(tests.String(), "func Test"))
	goCommand(t, "readme_test.go", withImports(tests.String()), "test")
}

// goCommand runs the go command on one file, as a package of this module.
func goCommand(t *testing.T, name, source string, args ...string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(source), 0o600))
	cmd := exec.CommandContext(t.Context(), "go", append(args, file)...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", out, source)
}

// withImports puts the imports before a block that the README leaves out for brevity.
func withImports(block string) string {
	const module = "github.com/otp-sdk/otp-go/"
	paths := []string{
		"net/http", "testing",
		"github.com/jarcoal/httpmock", "github.com/stretchr/testify/require",
		module + "insider", module + "insider/insidertest", module + "otp",
	}
	paths = slices.DeleteFunc(paths, func(path string) bool {
		return !regexp.MustCompile(`\b` + filepath.Base(path) + `\.`).MatchString(block)
	})
	return "package readme\n\nimport (\n\t\"" + strings.Join(paths, "\"\n\t\"") + "\"\n)\n" + block
}
