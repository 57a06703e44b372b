package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
)

func TestMain(m *testing.M) { simtest.Main(m) }

// start runs the program until the test ends, and returns the addresses that it prints.
func start(t *testing.T, args ...string) (signIn, phones string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append(args, "-addr", "127.0.0.1:0"), in)
		_ = in.Close()
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended, "a program that is stopped ends well")
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "Ctrl-C") {
		if name, address, ok := strings.Cut(lines.Text(), ":  "); ok {
			address = strings.TrimSpace(address)
			switch name {
			case "Sign in":
				signIn = address
			case "The phones":
				phones = address
			}
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // the log
	t.Cleanup(func() { _ = out.Close() })
	return signIn, phones
}

// TestAPersonSignsInThroughTheSimulator is the whole program over real HTTP: page, vendor, phone, page.
func TestAPersonSignsInThroughTheSimulator(t *testing.T) {
	signIn, phones := start(t)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := &http.Client{Jar: jar, Transport: new(http.Transport)}
	t.Cleanup(client.CloseIdleConnections)
	read := func(resp *http.Response, err error) string {
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return string(body)
	}

	assert.Contains(t, read(client.Get(signIn)), `href="`+phones+`"`)
	page := read(client.PostForm(signIn+"/send", url.Values{"number": {somebody}}))
	assert.Contains(t, page, "Enter the code")
	message := read(client.Get(phones + "/api/codes/next?to=" + url.QueryEscape(somebody)))
	code := regexp.MustCompile(`"code":"(\d{6})"`).FindStringSubmatch(message)
	require.Len(t, code, 2, message)

	page = read(client.PostForm(signIn+"/code", url.Values{"code": {mistyped(code[1])}}))
	assert.Regexp(t, `That is not the code\. Tries left: \d\.`, page, "the vendor says how many")
	page = read(client.PostForm(signIn+"/code", url.Values{"code": {code[1]}}))
	assert.Contains(t, page, "You are signed in")
}

func TestAConfigurationTakesTheSimulatorsPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "otp.yaml")
	require.NoError(t, os.WriteFile(path, []byte("providers: {main: {vendor: insider, api_key: none}}\n"), 0o600))
	signIn, phones := start(t, "-config", path)
	assert.Equal(t, "real ones", phones)
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	resp, err := (&http.Client{Transport: transport}).Get(signIn)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.NotContains(t, string(body), "simulated")
}

func TestWhatItCannotStartWithIsSaid(t *testing.T) {
	for want, args := range map[string][]string{
		"-x":       {"-x"},
		"cooldown": {"-cooldown", "1ms"},
		"no.yaml":  {"-config", filepath.Join(t.TempDir(), "no.yaml")},
		"address":  {"-addr", "nowhere"},
	} {
		require.ErrorContains(t, run(t.Context(), args, io.Discard), want)
	}
}

// People copy it, so it stays short.
func TestItIsShort(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	code := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if !strings.HasSuffix(name, "_test.go") && line != "" && !strings.HasPrefix(line, "//") {
				code++
			}
		}
	}
	assert.Less(t, code, 300)
	assert.Greater(t, code, 100)
}
