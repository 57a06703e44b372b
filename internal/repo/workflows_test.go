package repo

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

type workflow struct {
	On          yaml.Node         `yaml:"on"`
	Permissions map[string]string `yaml:"permissions"`
	Jobs        map[string]job    `yaml:"jobs"`
}

type job struct {
	Permissions map[string]string `yaml:"permissions"`
	Timeout     int               `yaml:"timeout-minutes"`
	Steps       []step            `yaml:"steps"`
}

type step struct {
	Uses string         `yaml:"uses"`
	Run  string         `yaml:"run"`
	With map[string]any `yaml:"with"`
}

func isWorkflow(file string) bool { return path.Dir(file) == ".github/workflows" }

// workflows gives every workflow by the name of its file.
func workflows(t *testing.T) map[string]workflow {
	t.Helper()
	found := map[string]workflow{}
	for _, file := range files(t, isWorkflow) {
		var w workflow
		require.NoError(t, yaml.Unmarshal([]byte(read(t, file)), &w), file)
		require.NotEmpty(t, w.Jobs, file)
		found[path.Base(file)] = w
	}
	return found
}

// steps calls visit with each step of each workflow.
func steps(t *testing.T, visit func(where string, s step)) {
	t.Helper()
	for file, w := range workflows(t) {
		for name, j := range w.Jobs {
			require.NotEmpty(t, j.Steps, "%s: %s", file, name)
			for _, s := range j.Steps {
				visit(file+": "+name, s)
			}
		}
	}
}

func TestWorkflowsMayReadAndNothingElse(t *testing.T) {
	least := map[string]string{"contents": "read"}
	for file, w := range workflows(t) {
		assert.Equal(t, least, w.Permissions, file)
		assert.NotContains(t, triggers(w), "pull_request_target", "%s would give strangers' code a token that may write", file)
		for name, j := range w.Jobs {
			assert.Empty(t, j.Permissions, "%s: %s", file, name)
			assert.NotZero(t, j.Timeout, "%s: %s may hang for six hours", file, name)
		}
		assert.NotContains(t, read(t, ".github/workflows/"+file), "secrets.", file)
	}
	steps(t, func(where string, s step) {
		if strings.HasPrefix(s.Uses, "actions/checkout@") {
			assert.Equal(t, false, s.With["persist-credentials"], "%s leaves the token for later steps", where)
		}
	})
}

func triggers(w workflow) []string {
	var found []string
	for _, n := range w.On.Content {
		found = append(found, n.Value)
	}
	return append(found, w.On.Value)
}

var pinned = regexp.MustCompile(`uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

func TestActionsArePinnedByTheHashOfACommit(t *testing.T) {
	for _, file := range files(t, isWorkflow) {
		for line := range strings.Lines(read(t, file)) {
			if strings.Contains(line, "uses:") {
				assert.Regexp(t, pinned, strings.TrimRight(line, "\n"), file)
			}
		}
	}
}

// What passes on one's own machine passes there, and the other way round.
func TestWorkflowsRunWhatPeopleRun(t *testing.T) {
	script := read(t, ".ci/run")
	test := regexp.MustCompile("(?s)<!-- test-command -->\n+```sh\n(.*?)\n```").FindStringSubmatch(read(t, "README.md"))
	require.NotNil(t, test)
	ran := map[string]bool{}
	steps(t, func(where string, s step) {
		command := strings.TrimSpace(s.Run)
		ran[command] = true
		switch name, isStep := strings.CutPrefix(command, "bash .ci/run "); {
		case isStep:
			assert.Contains(t, script, "step_"+name+"()", where)
		case command == "", command == "bash .ci/run", command == test[1]:
		default:
			assert.Regexp(t, `^sudo apt-get update && sudo apt-get install --yes [a-z -]+$`, command, where)
		}
	})
	for _, command := range []string{"bash .ci/run", "bash .ci/run fuzz", "bash .ci/run vulnerable", "bash .ci/run signed", "bash .ci/run sbom", test[1]} {
		assert.True(t, ran[command], "no workflow runs: %s", command)
	}
}

func TestTheWorkflowRunsTheOldestGoAndTheNewest(t *testing.T) {
	promise := regexp.MustCompile(`Go (1\.\d+) or newer`).FindStringSubmatch(read(t, "README.md"))
	require.NotNil(t, promise)
	lines := regexp.MustCompile(`(?m)^ +go: (.*)$`).FindAllStringSubmatch(read(t, ".github/workflows/ci.yml"), -1)
	require.NotEmpty(t, lines)
	for _, line := range lines {
		assert.Equal(t, `["`+promise[1]+`.x", stable]`, line[1])
	}
}

func TestDependabotKnowsEveryModule(t *testing.T) {
	var config struct {
		Updates []struct {
			Ecosystem   string   `yaml:"package-ecosystem"`
			Directory   string   `yaml:"directory"`
			Directories []string `yaml:"directories"`
		} `yaml:"updates"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, ".github/dependabot.yml")), &config))
	folders := map[string][]string{}
	for _, u := range config.Updates {
		folders[u.Ecosystem] = append(u.Directories, u.Directory)
	}
	assert.ElementsMatch(t, []string{"gomod", "github-actions"}, slices.Collect(maps.Keys(folders)))
	for _, file := range files(t, func(file string) bool { return path.Base(file) == "go.mod" }) {
		assert.Contains(t, folders["gomod"], path.Join("/", path.Dir(file)))
	}
}
