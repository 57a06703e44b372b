package main

import (
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
	"github.com/otp-sdk/otp-go/internal/simtest"
)

// The test binary is the program when this variable is set.
const asProgram = "OTP_TEST_SIGNIN"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	simtest.Main(m)
}

// start runs the program with a simulator, and returns it and the addresses of both.
func start(t *testing.T) (program *exec.Cmd, signIn, simulator string) {
	t.Helper()
	desk, err := phones.New(phones.Options{})
	require.NoError(t, err)
	server := httptest.NewServer(desk)
	t.Cleanup(func() { desk.Close(); server.Close() })
	free, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := free.Addr().String()
	require.NoError(t, free.Close())
	program = exec.Command(os.Args[0], "-addr", addr, "otp.yaml")
	program.Env = append(os.Environ(), asProgram+"=1", "SIMULATOR="+server.URL)
	require.NoError(t, program.Start())
	t.Cleanup(func() { _ = program.Process.Kill() })
	require.Eventually(t, func() bool {
		resp, err := http.Get("http://" + addr + "/health")
		if err == nil {
			_ = resp.Body.Close()
		}
		return err == nil && resp.StatusCode == http.StatusOK
	}, 10*time.Second, 10*time.Millisecond)
	return program, "http://" + addr, server.URL
}

// visitor is a browser's client.
func visitor(t *testing.T) *http.Client {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := &http.Client{Jar: jar, Transport: new(http.Transport)}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func read(t *testing.T, resp *http.Response, err error) string {
	t.Helper()
	if !assert.NoError(t, err) {
		return ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	assert.NoError(t, err)
	return string(body)
}

func TestAPersonSignsIn(t *testing.T) {
	program, signIn, simulator := start(t)
	client := visitor(t)
	const number = "+12025550123"
	resp, err := client.Get(signIn)
	assert.Contains(t, read(t, resp, err), "<h1>Sign in</h1>")
	resp, err = client.PostForm(signIn+"/signin/send", url.Values{"number": {"+1 (202) 555-0123"}})
	assert.Contains(t, read(t, resp, err), "Send again by another way")
	resp, err = client.Get(simulator + "/api/codes/next?to=" + url.QueryEscape(number))
	_, code, _ := strings.Cut(read(t, resp, err), `"code":"`)
	resp, err = client.PostForm(signIn+"/signin/verify", url.Values{"code": {"x"}})
	assert.Contains(t, read(t, resp, err), "That is not the code.")
	resp, err = client.PostForm(signIn+"/signin/verify", url.Values{"code": {code[:6]}})
	assert.Contains(t, read(t, resp, err), "You are signed in")
	assert.Equal(t, "no-store", resp.Header.Get("Cache-Control"), "the number is on this page")
	client.CloseIdleConnections()
	require.NoError(t, program.Process.Signal(os.Interrupt))
	require.NoError(t, program.Wait(), "a program that is stopped ends well")
}

// SIGTERM comes while 50 people have a code sent by a slow vendor: none is cut off.
func TestSIGTERMWaitsForSends(t *testing.T) {
	program, signIn, simulator := start(t)
	fault := strings.NewReader(`{"vendor":"smsfactor","fault":"slow","on":"send","times":50,"seconds":2}`)
	resp, err := http.Post(simulator+"/api/faults", "application/json", fault)
	require.Less(t, resp.StatusCode, 300, read(t, resp, err))
	var ready, all sync.WaitGroup
	var answered atomic.Int32 // the guard refuses some: 50 new people of one country at once
	for i := range 50 {
		client, from := visitor(t), net.IPv4(127, 0, 0, byte(2+i)) // or the guard thinks them too many
		client.Transport = &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}).DialContext}
		t.Cleanup(client.CloseIdleConnections)
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		ready.Add(1)
		all.Go(func() {
			ready.Done()
			number := "+1" + string([]byte{byte('2' + i/10), '0', byte('0' + i%10)}) + "5550123" // a block of its own each
			answer, failed := client.Post(signIn+"/signin/send", "application/x-www-form-urlencoded", strings.NewReader("number="+url.QueryEscape(number)))
			if text := read(t, answer, failed); failed == nil {
				assert.Contains(t, []int{http.StatusSeeOther, http.StatusTooManyRequests}, answer.StatusCode, text)
				if answer.StatusCode == http.StatusSeeOther {
					answered.Add(1)
				}
			}
		})
	}
	ready.Wait()
	time.Sleep(500 * time.Millisecond)
	began := time.Now()
	require.NoError(t, program.Process.Signal(syscall.SIGTERM))
	all.Wait()
	require.NoError(t, program.Wait())
	assert.Less(t, time.Since(began), 20*time.Second)
	assert.Greater(t, answered.Load(), int32(10))
	resp, err = http.Get(simulator + "/api/messages")
	assert.EqualValues(t, answered.Load(), strings.Count(read(t, resp, err), `"to":`), "every text was answered")
}

// People copy it, so it stays short.
func TestItIsShort(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	code, imports := 0, false
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			imports = (imports || line == "import (") && line != ")"
			if !imports && line != ")" && line != "" && !strings.HasPrefix(line, "//") && !strings.HasPrefix(line, "package") {
				code++
			}
		}
	}
	assert.LessOrEqual(t, code, 40)
	assert.Greater(t, code, 20)
}
