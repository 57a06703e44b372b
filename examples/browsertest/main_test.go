package browsertest

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience is for one test, however busy the machine is.
const patience = time.Minute

func TestMain(m *testing.M) {
	code := m.Run()
	for _, end := range atTheEnd {
		end()
	}
	os.Exit(code)
}

// atTheEnd stops what all tests share.
var atTheEnd []func()

// chromium is the one browser of all tests. Each has a profile of its own in it.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path := ""
	for _, name := range []string{"chromium-headless-shell", "headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		return nil, errNoBrowser
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path))
	if os.Geteuid() == 0 { // the browser's own sandbox refuses root
		opts = append(opts, chromedp.NoSandbox)
	}
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, _ := chromedp.NewContext(allocator) // Cancel ends it, and waits for the browser
	atTheEnd = append(atTheEnd, func() {
		_ = chromedp.Cancel(ctx)
		stopAllocator()
	})
	return ctx, chromedp.Do(ctx)
})

var errNoBrowser = errors.New("no Chromium was found on this machine")

// browser starts the browser, or skips the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	ctx, err := chromium()
	if errors.Is(err, errNoBrowser) && os.Getenv("OTP_REQUIRE_BROWSER") != "1" {
		t.Skip("NOT RUN: " + err.Error())
	}
	require.NoError(t, err)
	return ctx
}

// signInProgram is examples/signin, built once.
var signInProgram = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "browsertest")
	if err != nil {
		return "", err
	}
	atTheEnd = append(atTheEnd, func() { _ = os.RemoveAll(folder) })
	path := filepath.Join(folder, "signin")
	build := exec.Command("go", "build", "-o", path, "./examples/signin")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

// program is examples/signin as it runs, and its two addresses.
type program struct{ signIn, phones string }

// start runs the program until the test ends.
func start(t *testing.T, args ...string) program {
	t.Helper()
	path, err := signInProgram()
	require.NoError(t, err)
	run := exec.Command(path, append(args, "-addr", "127.0.0.1:0")...)
	out, err := run.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, run.Start())
	t.Cleanup(func() {
		assert.NoError(t, run.Process.Signal(os.Interrupt))
		assert.NoError(t, run.Wait(), "a program that is stopped ends well")
	})
	var p program
	lines := bufio.NewScanner(out)
	for p.phones == "" && lines.Scan() {
		switch name, address, _ := strings.Cut(lines.Text(), ":  "); name {
		case "Sign in":
			p.signIn = strings.TrimSpace(address)
		case "The phones":
			p.phones = strings.TrimSpace(address)
		}
	}
	go func() {
		for lines.Scan() { // the log
		}
	}()
	require.NotEmpty(t, p.phones)
	return p
}
