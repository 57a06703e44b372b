package main

import (
	"context"
	"debug/elf"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// image is what the Dockerfile says. There may be no Docker here, so the tests do themselves what
// it would.
type image struct {
	build              []string // the command that builds the binary
	entrypoint, health []string
	lines              []string
}

func dockerfile(t *testing.T) (i image) {
	t.Helper()
	text, err := os.ReadFile("Dockerfile")
	require.NoError(t, err)
	i.lines = strings.Split(string(text), "\n")
	for _, line := range i.lines {
		if command, ok := strings.CutPrefix(line, "RUN go build "); ok {
			i.build = append([]string{"build"}, strings.Fields(command)...)
		}
		if list, ok := strings.CutPrefix(line, "ENTRYPOINT "); ok {
			require.NoError(t, json.Unmarshal([]byte(list), &i.entrypoint))
		}
		if _, list, ok := strings.Cut(line, " CMD "); ok && strings.HasPrefix(line, "HEALTHCHECK ") {
			require.NoError(t, json.Unmarshal([]byte(list), &i.health))
		}
	}
	return i
}

// built builds the binary as the image does, and returns its path.
func (i image) built(t *testing.T) string {
	t.Helper()
	at := slices.Index(i.build, "-o")
	require.GreaterOrEqual(t, at, 0)
	require.Equal(t, i.entrypoint[0], i.build[at+1])
	require.Contains(t, i.lines, "COPY --from=build "+i.build[at+1]+" "+i.entrypoint[0])
	path := filepath.Join(t.TempDir(), "simulator.exe")
	command := slices.Clone(i.build)
	command[at+1] = path
	cmd := exec.CommandContext(t.Context(), "go", command...)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-buildvcs=false")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return port
}

// The image's binary is static, starts within a second with an empty environment, passes its own
// health check, and ends with SIGTERM.
func TestImagesBinary(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM to send")
	}
	i := dockerfile(t)
	path, port := i.built(t), freePort(t)
	if runtime.GOOS == "linux" {
		binary, err := elf.Open(path)
		require.NoError(t, err)
		libraries, err := binary.ImportedLibraries()
		require.NoError(t, err)
		assert.Empty(t, libraries)
		require.NoError(t, binary.Close())
	}
	command := func(args []string) *exec.Cmd {
		for n, arg := range args {
			args[n] = strings.Replace(arg, ":8025", ":"+port, 1)
		}
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), path, args[1:]...)
		cmd.Env = []string{}
		return cmd
	}
	health := func() error { return command(slices.Clone(i.health)).Run() }
	require.Error(t, health(), "nobody is there yet")

	simulator := command(slices.Clone(i.entrypoint))
	began := time.Now()
	require.NoError(t, simulator.Start())
	require.Eventually(t, func() bool {
		resp, err := http.Get("http://127.0.0.1:" + port + "/api/health")
		if err == nil {
			_ = resp.Body.Close()
		}
		return err == nil && resp.StatusCode == http.StatusOK
	}, 10*time.Second, 5*time.Millisecond)
	assert.Less(t, time.Since(began), time.Second)
	assert.NoError(t, health())
	require.NoError(t, simulator.Process.Signal(syscall.SIGTERM))
	require.NoError(t, simulator.Wait())
}

func TestImageIsMinimal(t *testing.T) {
	lines := dockerfile(t).lines
	last := 0
	for n, line := range lines {
		if strings.HasPrefix(line, "FROM ") {
			last = n
		}
	}
	assert.Equal(t, "FROM scratch", lines[last])
	assert.Contains(t, lines[last:], "USER 65532:65532")
	mod, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	require.NoError(t, err)
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(mod))
	require.NotNil(t, version)
	from := regexp.MustCompile(`(?m)^FROM golang:(\d+\.\d+) AS build$`).FindStringSubmatch(strings.Join(lines, "\n"))
	require.NotNil(t, from)
	assert.GreaterOrEqual(t, from[1], version[1], "a Go that the module builds with")
}

// What the build leaves out is not needed by it: the packages that the binary is made of, and what
// they embed.
func TestIgnoredFilesAreNotBuilt(t *testing.T) {
	text, err := os.ReadFile("Dockerfile.dockerignore")
	require.NoError(t, err)
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f",
		`{{$dir := .Dir}}{{if not .Standard}}{{range .GoFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{range .EmbedFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{end}}`, ".")
	out, err := list.Output()
	require.NoError(t, err)
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	needed := strings.Fields(strings.ReplaceAll(filepath.ToSlash(string(out)), filepath.ToSlash(root)+"/", ""))
	require.Contains(t, needed, "examples/internal/phones/openapi.json")
	for _, pattern := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if strings.HasPrefix(pattern, "#") {
			continue
		}
		anywhere, ok := strings.CutPrefix(pattern, "**/")
		expression := regexp.QuoteMeta(pattern) + "(/|$)"
		if ok {
			expression = "(.*/)?" + strings.ReplaceAll(regexp.QuoteMeta(anywhere), `\*`, "[^/]*") + "(/|$)"
		}
		for _, file := range needed {
			assert.NotRegexp(t, "^"+expression, file, pattern)
		}
	}
}

func TestComposeFile(t *testing.T) {
	text, err := os.ReadFile("compose.yaml")
	require.NoError(t, err)
	var compose struct {
		Services map[string]struct {
			Build   struct{ Context, Dockerfile string }
			Command []string
			Ports   []string
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &compose))
	service := compose.Services["simulator"]
	assert.FileExists(t, filepath.Join(service.Build.Context, "go.mod"))
	assert.FileExists(t, filepath.Join(service.Build.Context, service.Build.Dockerfile))
	assert.Equal(t, []string{"127.0.0.1:8025:8025"}, service.Ports)

	port := freePort(t)
	args := append(dockerfile(t).entrypoint[1:], service.Command...)
	for n, arg := range args {
		args[n] = strings.Replace(arg, ":8025", ":"+port, 1)
	}
	start(t, args...)
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://127.0.0.1:"+port+"/api/health", nil)
	require.NoError(t, err)
	req.Host = "simulator:8025"
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusOK, resp.StatusCode, "as its neighbours call it")
}
