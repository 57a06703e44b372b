package browsertest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
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

// programs are examples/simulator and examples/signin, built once.
var programs = sync.OnceValues(func() (folder string, err error) {
	if folder, err = os.MkdirTemp("", "browsertest"); err != nil {
		return "", err
	}
	atTheEnd = append(atTheEnd, func() { _ = os.RemoveAll(folder) })
	build := exec.Command("go", "build", "-o", folder+string(filepath.Separator), "./examples/simulator", "./examples/signin")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return folder, nil
})

// program is the sign-in and its simulator as they run, by their addresses.
type program struct{ signIn, phones string }

// start runs both until the test ends. Args are the sign-in's.
func start(t *testing.T, args ...string) program {
	t.Helper()
	p := program{phones: "http://" + freeAddress(t), signIn: "http://" + freeAddress(t)}
	run(t, p.phones+"/api/health", "simulator", "-addr", strings.TrimPrefix(p.phones, "http://"))
	t.Setenv("SIMULATOR", p.phones)
	config := filepath.Join("..", "signin", "otp.yaml")
	run(t, p.signIn+"/health", "signin", slices.Concat(args, []string{"-addr", strings.TrimPrefix(p.signIn, "http://"), config})...)
	return p
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

// run runs a program until the test ends, and waits until it answers.
func run(t *testing.T, health, name string, args ...string) {
	t.Helper()
	folder, err := programs()
	require.NoError(t, err)
	runProgram(t, health, filepath.Join(folder, name), args...)
}

func runProgram(t *testing.T, health, path string, args ...string) {
	t.Helper()
	cmd := exec.Command(path, args...)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		assert.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		assert.NoError(t, cmd.Wait(), "a program that is stopped ends well")
	})
	require.Eventually(t, func() bool {
		resp, err := http.Get(health)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err == nil && resp.StatusCode == http.StatusOK
	}, patience/2, 10*time.Millisecond)
}
