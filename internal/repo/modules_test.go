package repo

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// approved are the modules that may be in the core's graph, and why each is there.
var approved = map[string]string{
	"github.com/hashicorp/go-retryablehttp": "linked: repeats what was not sent",
	"github.com/hashicorp/go-cleanhttp":     "linked: retryablehttp",
	"golang.org/x/time":                     "linked: pacing",
	"github.com/sony/gobreaker/v2":          "linked by otp/route",
	"go.yaml.in/yaml/v3":                    "linked by otp/otpconfig",

	"github.com/jarcoal/httpmock": "tests",
	"github.com/stretchr/testify": "tests",
	"go.uber.org/goleak":          "tests",
	"pgregory.net/rapid":          "tests",

	"github.com/hashicorp/go-hclog":   "tests of retryablehttp",
	"github.com/fatih/color":          "go-hclog",
	"github.com/mattn/go-colorable":   "go-hclog",
	"github.com/mattn/go-isatty":      "go-hclog",
	"golang.org/x/sys":                "go-hclog",
	"github.com/maxatome/go-testdeep": "tests of httpmock",
	"github.com/davecgh/go-spew":      "testify",
	"github.com/pmezard/go-difflib":   "testify",
	"github.com/stretchr/objx":        "testify",
	"gopkg.in/yaml.v3":                "objx",
	"github.com/kr/pretty":            "goleak",
	"gopkg.in/check.v1":               "goleak",
}

func TestTheCoresGraphHoldsOnlyApprovedModules(t *testing.T) {
	out, err := goCommand([]string{"GOWORK=off"}, "list", "-m", "-f", "{{if not .Main}}{{.Path}}{{end}}", "all")
	require.NoError(t, err)
	graph := strings.Fields(out)
	for _, path := range graph {
		assert.Contains(t, approved, path, "a module that nobody has approved")
	}
	for path := range approved {
		assert.Contains(t, graph, path, "approved, but not in the graph any more")
	}
}

func TestAVendorLinksThreeModules(t *testing.T) {
	for _, vendor := range packages(t, isVendor) {
		assert.Equal(t, []string{
			"github.com/hashicorp/go-cleanhttp", "github.com/hashicorp/go-retryablehttp", "golang.org/x/time",
		}, linked(t, vendor), vendor.path())
	}
}

// linked gives the modules beyond the standard library and the core that a program gets with p.
func linked(t *testing.T, p pkg) []string {
	t.Helper()
	var found []string
	for _, needed := range needs(t, p) {
		if needed.Module.Path != "" && needed.Module.Path != module { // the standard library has none
			found = append(found, needed.Module.Path)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// The go command itself moves a go line, when a dependency asks for a newer Go. That is all right
// in tools alone: it holds no package, and .ci/run checks what is in the workspace.
func TestTheWorkspaceBuildsWithTheOldestGo(t *testing.T) {
	promise := regexp.MustCompile(`Go (1\.\d+) or newer`).FindStringSubmatch(read(t, "README.md"))
	require.NotNil(t, promise)
	assert.Equal(t, promise[1]+".0", goLine(t, "go.work"))
	out, err := goCommand(nil, "list", "-m", "-f", "{{.Path}}")
	require.NoError(t, err)
	workspace := strings.Fields(out)
	for _, file := range files(t, func(file string) bool { return path.Base(file) == "go.mod" }) {
		folder := path.Dir(file)
		if slices.Contains(workspace, path.Join(module, folder)) {
			assert.Equal(t, promise[1]+".0", goLine(t, file), file)
			continue
		}
		assert.Equal(t, "tools", folder, "a module that is not in go.work")
		assert.NotEqual(t, promise[1]+".0", goLine(t, file), "%s: could be in go.work", file)
	}
}

func goLine(t *testing.T, file string) string {
	t.Helper()
	line := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(read(t, file))
	require.NotNil(t, line, file)
	return line[1]
}
