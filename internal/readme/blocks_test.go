package readme

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

// unchecked are the languages that nothing here understands. In any other, a block is checked.
var unchecked = []string{"", "promql", "text"}

func TestEveryBlockIsInALanguageThatIsChecked(t *testing.T) {
	for _, d := range documents(t) {
		for _, b := range d.blocks {
			assert.Contains(t, append([]string{"go", "json", "sh", "yaml"}, unchecked...), b.language, "%s: %s", d.path, b.text)
		}
	}
}

func TestJSONInDocumentsIsValid(t *testing.T) {
	for _, d := range documents(t) {
		for _, source := range d.in("json") {
			assert.True(t, json.Valid([]byte(source)), "%s: %s", d.path, source)
		}
	}
}

var variable = regexp.MustCompile(`\$\{(\w+)\}`)

// A configuration is one that otpconfig makes a provider of.
func TestYAMLInDocumentsIsValid(t *testing.T) {
	for _, d := range documents(t) {
		for _, source := range d.in("yaml") {
			var anything any
			assert.NoError(t, yaml.Unmarshal([]byte(source), &anything), "%s: %s", d.path, source)
			if top, ok := anything.(map[string]any); !ok || top["providers"] == nil {
				continue
			}
			for _, name := range variable.FindAllStringSubmatch(source, -1) {
				t.Setenv(name[1], "made-up-and-of-32-characters-or-more")
			}
			registry := otpconfig.Vendors()
			registry.StandIns = true
			config, err := registry.Parse([]byte(source), "yaml")
			if assert.NoError(t, err, "%s: %s", d.path, source) {
				_, err = config.Provider()
				assert.NoError(t, err, "%s: %s", d.path, source)
			}
		}
	}
}

func TestShellInDocumentsIsValid(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh here")
	}
	for _, d := range documents(t) {
		for _, source := range d.in("sh") {
			cmd := exec.CommandContext(t.Context(), shell, "-n")
			cmd.Stdin = strings.NewReader(source)
			out, err := cmd.CombinedOutput()
			assert.NoError(t, err, "%s: %s\n%s", d.path, source, out)
		}
	}
}

var (
	inline  = regexp.MustCompile("`((?:go|bash) [^`]+)`")
	folder  = regexp.MustCompile(`(?:^|\s)(\./[\w./-]+|\.ci/\w+)`)
	ciSteps = regexp.MustCompile(`(?m)^(?:\$ )?bash \.ci/run((?: [a-z]+)*)`)
)

// Commands, in blocks and in sentences, name folders and steps that there are.
func TestCommandsInDocumentsNameWhatThereIs(t *testing.T) {
	script, err := os.ReadFile(filepath.Join(root, ".ci", "run"))
	require.NoError(t, err)
	named := 0
	for _, d := range documents(t) {
		commands := d.in("sh")
		for _, match := range inline.FindAllStringSubmatch(d.text, -1) {
			commands = append(commands, match[1])
		}
		for _, command := range commands {
			for _, match := range folder.FindAllStringSubmatch(command, -1) {
				named++
				_, err := os.Stat(filepath.Join(root, strings.TrimSuffix(match[1], "...")))
				assert.NoError(t, err, "%s: %s", d.path, command)
			}
			for _, match := range ciSteps.FindAllStringSubmatch(command, -1) {
				for _, step := range strings.Fields(match[1]) {
					assert.Contains(t, string(script), "step_"+step+"()", d.path)
				}
			}
		}
	}
	assert.NotZero(t, named)
}
