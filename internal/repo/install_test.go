package repo

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A module proxy has this tree as a release, and what it needs comes from the module cache of this
// machine.
func TestToolsCanBeInstalled(t *testing.T) {
	const version = "v0.1.0"
	proxy := httptest.NewServer(moduleProxy(t, version))
	defer proxy.Close()
	cache, err := goCommand(nil, "env", "GOMODCACHE")
	require.NoError(t, err)
	bin := t.TempDir()
	install := exec.CommandContext(t.Context(), "go", "install",
		module+"/examples/otpctl@"+version, module+"/examples/simulator@"+version)
	install.Dir = bin
	install.Env = append(os.Environ(), "GOWORK=off", "GOSUMDB=off", "GOFLAGS=-modcacherw", "GOBIN="+bin, "GOMODCACHE="+t.TempDir(),
		"GOPROXY="+proxy.URL+",file://"+filepath.ToSlash(filepath.Join(strings.TrimSpace(cache), "cache", "download")))
	out, err := install.CombinedOutput()
	require.NoError(t, err, string(out))

	for _, tool := range []string{"otpctl", "simulator"} {
		binary := filepath.Join(bin, tool)
		if runtime.GOOS == "windows" {
			binary += ".exe"
		}
		built, err := goCommand(nil, "version", "-m", binary)
		require.NoError(t, err)
		assert.Regexp(t, `mod\s+`+module+`\s+`+version, built)
		out, err = exec.CommandContext(t.Context(), binary, "-version").CombinedOutput()
		require.NoError(t, err, string(out))
		assert.Regexp(t, `^`+tool+` `+version+`\b`, string(out))
	}
}

// moduleProxy serves the core module by the protocol of the go command ("Module proxy", Go Modules
// Reference).
func moduleProxy(t *testing.T, version string) http.Handler {
	t.Helper()
	content := map[string][]byte{
		"list":            []byte(version + "\n"),
		version + ".info": fmt.Appendf(nil, `{"Version":%q,"Time":"2026-01-02T03:04:05Z"}`, version),
		version + ".mod":  []byte(read(t, "go.mod")),
		version + ".zip":  moduleZip(t, module+"@"+version+"/"),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, found := strings.CutPrefix(r.URL.Path, "/"+module+"/@v/")
		if body := content[file]; found && body != nil {
			_, _ = w.Write(body)
			return
		}
		http.NotFound(w, r)
	})
}

// moduleZip holds what belongs to the core module: no folder that is a module of its own.
func moduleZip(t *testing.T, prefix string) []byte {
	t.Helper()
	var nested []string
	for _, file := range files(t, func(file string) bool { return path.Base(file) == "go.mod" && file != "go.mod" }) {
		nested = append(nested, path.Dir(file)+"/")
	}
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for _, file := range files(t, func(file string) bool {
		return !slices.ContainsFunc(nested, func(folder string) bool { return strings.HasPrefix(file, folder) })
	}) {
		w, err := archive.Create(prefix + file)
		require.NoError(t, err)
		_, err = w.Write([]byte(read(t, file)))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	return buffer.Bytes()
}
