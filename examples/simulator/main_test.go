package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
)

func TestMain(m *testing.M) { simtest.Main(m) }

// screen is what the program has printed so far.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// start runs the program until the test ends.
func start(t *testing.T, args ...string) *screen {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, ended := new(screen), make(chan error, 1)
	go func() { ended <- run(ctx, args, out) }()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended, "a program that is stopped ends well")
	})
	require.Eventually(t, func() bool { return strings.Contains(out.String(), "Ctrl-C") }, 5*time.Second, time.Millisecond)
	return out
}

var address = regexp.MustCompile(`http://[^\s/]+:\d+`)

// TestWhatItPrintsIsAllThatAPersonNeeds follows the program's own words: opens the page, and sends
// the first code.
func TestWhatItPrintsIsAllThatAPersonNeeds(t *testing.T) {
	out := start(t, "-addr", "127.0.0.1:0").String()
	base := address.FindString(out)
	require.NotEmpty(t, base, out)
	assert.Equal(t, `
The phones: #

  insider      #/insider
  kaleyra      #/kaleyra
  hypersender  #/hypersender
  smsfactor    #/smsfactor

The page has each vendor's configuration to paste. The first code, from here:

  curl -X POST '#/insider/v1/generate' \
    -H 'Content-Type: application/json' \
    -H 'X-INS-AUTH-KEY: insider-simulator-key' \
    -d '{"channel":"sms","to":"+12025550123","code-length":6,"ttl":300}'

Nothing is sent. Stop with Ctrl-C.

`, strings.ReplaceAll(out, base, "#"))

	client := &http.Client{Transport: new(http.Transport)}
	defer client.CloseIdleConnections()
	page := get(t, client, base+"/")
	assert.Contains(t, page, "<title>Phones</title>")

	req, err := http.NewRequestWithContext(t.Context(), "POST", base+"/insider/v1/generate",
		strings.NewReader(`{"channel":"sms","to":"+12025550123","code-length":6,"ttl":300}`))
	require.NoError(t, err)
	req.Header.Set("X-INS-AUTH-KEY", "insider-simulator-key")
	resp, err := client.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Contains(t, get(t, client, base+"/api/codes/next?to=+12025550123"), `"state":"pending"`)
}

func get(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, string(body))
	return string(body)
}

// A stream that is open does not keep the program from ending.
func TestItEndsWithStreamsOpen(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	out, ended := new(screen), make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-addr", "127.0.0.1:0"}, out) }()
	require.Eventually(t, func() bool { return address.MatchString(out.String()) }, 5*time.Second, time.Millisecond)

	client := &http.Client{Transport: new(http.Transport)}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), "GET", address.FindString(out.String())+"/api/events", nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	stop()
	require.NoError(t, <-ended)
}

func TestWhatIsRefused(t *testing.T) {
	for want, args := range map[string][]string{
		"phones: Limit: must be from 1 to 1,000,000":                              {"-limit", "-1"},
		`invalid value "many" for flag -limit`:                                    {"-limit", "many"},
		"phones: AllowHosts[0]: must be a host's name":                            {"-allow-host", "http://simulator"},
		"flag provided but not defined: -port; simulator -h lists the flags":      {"-port", "1"},
		`unexpected argument "8025"; simulator -h lists the flags`:                {"8025"},
		"-addr: must be a host and a port, such as 127.0.0.1:8025":                {"-addr", "8025"},
		"-addr: must be a host and a port, such as 127.0.0.1:8025: address 99999": {"-addr", "127.0.0.1:99999"},
	} {
		var out bytes.Buffer
		err := run(t.Context(), args, &out)
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "\n", "one sentence")
		assert.Empty(t, out.String())
		assert.Equal(t, 2, exitCode(err))
	}
}

func TestAddressInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	err = run(t.Context(), []string{"-addr", taken.Addr().String()}, io.Discard)
	require.Error(t, err)
	assert.Equal(t, 1, exitCode(err))
}

func TestHelpAndVersion(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-h"}, &out))
	assert.Equal(t, help, out.String())
	_, examples, _ := strings.Cut(help, "Examples:\n\n")
	examples, _, _ = strings.Cut(examples, "\n\n")
	for _, line := range strings.Split(examples, "\n") {
		args := append(strings.Fields(line)[1:], "-version") // so that the others are read only
		assert.NoError(t, run(t.Context(), args, io.Discard), line)
	}
	out.Reset()
	require.NoError(t, run(t.Context(), []string{"-version"}, &out))
	assert.Regexp(t, `^simulator \S+ go1\.\S+\n$`, out.String())
}

func TestHealthOfAnother(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	err := run(t.Context(), []string{"-health", "-addr", strings.TrimPrefix(other.URL, "http://")}, io.Discard)
	require.ErrorContains(t, err, "answers 404 Not Found")
	assert.Equal(t, 1, exitCode(err))
}

func TestTheAddressThatItPrints(t *testing.T) {
	for _, tt := range []struct {
		ip    string
		hosts []string
		want  string
	}{
		{"127.0.0.1", nil, "http://127.0.0.1:8025"},
		{"::1", nil, "http://[::1]:8025"},
		{"0.0.0.0", []string{"simulator"}, "http://127.0.0.1:8025"},
		{"::", nil, "http://127.0.0.1:8025"},
		{"192.168.1.5", []string{"192.168.1.5", "lab"}, "http://192.168.1.5:8025"},
	} {
		assert.Equal(t, tt.want, baseURL(&net.TCPAddr{IP: net.ParseIP(tt.ip), Port: 8025}, tt.hosts))
	}
}

// TestTheReadmesCommands runs the README's commands as they are, where there is a shell with curl.
func TestTheReadmesCommands(t *testing.T) {
	if _, missing := exec.LookPath("curl"); missing != nil {
		t.Skip("no curl here")
	}
	base := address.FindString(start(t, "-addr", "127.0.0.1:0").String())
	out := runBlock(t, base, "end-to-end")
	assert.Regexp(t, `the code is \d{6}\n`, out)
	assert.Contains(t, out, `{"status":"success"}`)
	out = runBlock(t, base, "parallel")
	assert.Contains(t, out, `{"faults":[{"vendor":"insider","text":"reply 402, on generate, to +12025550123"}]}`)
	assert.Contains(t, out, `{"quirks":[{"vendor":"kaleyra","to":"+12025550123","quirks":["ErrorsAre200"]}]}`)
	assert.Contains(t, out, `{"faults":[]}`)
}

// runBlock runs the shell block of the README that follows on a mark.
func runBlock(t *testing.T, base, mark string) string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(readme), "<!-- "+mark+" -->\n\n```sh\n")
	require.True(t, found)
	script, _, found := strings.Cut(rest, "```")
	require.True(t, found)
	cmd := exec.CommandContext(t.Context(), "sh", "-eu", "-c", strings.ReplaceAll(script, "http://127.0.0.1:8025", base))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}
