package repo

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The two vendors that strangers are shown are compiled in a module of somebody else's, where Go
// itself refuses what is internal to this one.
func TestStrangersCanBuildAVendor(t *testing.T) {
	const example, elsewhere = "examples/camara", "vendor.example/elsewhere"
	dir := t.TempDir()
	put := func(name, content string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	for _, file := range files(t, func(file string) bool { return strings.HasPrefix(file, example+"/") }) {
		content := strings.ReplaceAll(read(t, file), module+"/"+example, elsewhere)
		put(strings.TrimPrefix(file, example+"/"), content)
	}
	put("acme/acme_test.go", strings.Replace(read(t, "otp/vendorkit/example_test.go"), "package vendorkit_test", "package acme", 1))

	main, err := filepath.Abs(root)
	require.NoError(t, err)
	for _, args := range [][]string{
		{"mod", "edit", "-replace=" + module + "=" + main},
		{"vet", "./..."},
	} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GOPROXY=off")
		out, err := cmd.CombinedOutput()
		assert.NoError(t, err, "go %v: %s", args, out)
	}
}
