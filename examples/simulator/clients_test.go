package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Tests in other languages share one simulator, eight workers each, while both run.
func TestClientsOfOtherLanguages(t *testing.T) {
	base := address.FindString(start(t, "-addr", "127.0.0.1:0").String())
	for name, command := range map[string]string{
		"Python": "python3 -B -m unittest -v",
		"Node":   "node --test simulator.test.mjs",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			words := strings.Fields(command)
			if err := exec.CommandContext(t.Context(), words[0], "--version").Run(); err != nil {
				t.Skip("NOT RUN: " + words[0] + ": " + err.Error())
			}
			cmd := exec.CommandContext(t.Context(), words[0], words[1:]...)
			cmd.Dir = "clients"
			cmd.Env = append(os.Environ(), "SIMULATOR="+base)
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			require.Contains(t, string(out), map[string]string{"Python": "OK", "Node": "# fail 0"}[name])
		})
	}
}
