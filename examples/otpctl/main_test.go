package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/route"
)

func TestMain(m *testing.M) { simtest.Main(m) }

const somebody = "+12025550123"

// result is what a run has left behind.
type result struct {
	code       int
	out, notes string
}

func otpctl(t *testing.T, in string, args ...string) result {
	t.Helper()
	var out, notes bytes.Buffer
	none := func(string) (string, bool) { return "", false }
	c := console{in: strings.NewReader(in), out: &out, notes: &notes, env: none}
	code := c.run(t.Context(), args)
	return result{code, out.String(), notes.String()}
}

// file writes a configuration.
func file(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "otp.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// desk is the phones, and a configuration with all vendors.
type desk struct {
	*phones.Phones
	config string
	url    string
}

func start(t *testing.T) desk {
	t.Helper()
	p, err := phones.New(phones.Options{})
	require.NoError(t, err)
	server := httptest.NewServer(p)
	t.Cleanup(func() { p.Close(); server.Close() })
	var text strings.Builder
	text.WriteString("providers:\n")
	var names []string
	for _, v := range p.Vendors() {
		fmt.Fprintf(&text, "  my-%s:\n    vendor: %[1]s\n    base_url: %s%s\n", v.Name, server.URL, v.Path)
		for _, s := range v.Settings {
			fmt.Fprintf(&text, "    %s: %q\n", s.Name, s.Value)
		}
		names = append(names, "my-"+v.Name)
	}
	fmt.Fprintf(&text, "send: {failover: [%s]}\n", strings.Join(names, ", "))
	return desk{p, file(t, text.String()), server.URL}
}

// leaksNothing requires that no secret of the simulators is in what was printed.
func (d desk) leaksNothing(t *testing.T, printed string) {
	t.Helper()
	for _, v := range d.Vendors() {
		for _, s := range v.Settings {
			if s.Name == "api_key" || s.Name == "token" {
				assert.NotContains(t, printed, s.Value)
			}
		}
	}
}

func TestFromSendToVerify(t *testing.T) {
	d := start(t)
	sent := otpctl(t, "", "-config", d.config, "send", somebody)
	require.Zero(t, sent.code, sent.notes)
	assert.Contains(t, sent.notes, "sent: my-insider ")
	assert.NotContains(t, sent.notes, somebody)
	d.leaksNothing(t, sent.out+sent.notes)
	handle := file(t, sent.out)
	code, ok := d.Code(somebody)
	require.True(t, ok)

	wrong := otpctl(t, "", "-config", d.config, "verify", handle, "00000000")
	assert.Equal(t, exitRejected, wrong.code)
	assert.Contains(t, wrong.notes, "otpctl: my-insider: verify: wrong code")
	typed := otpctl(t, code+"\n", "-config", d.config, "verify", handle)
	assert.Zero(t, typed.code)
	assert.Regexp(t, `^code: verified: my-insider .* to \+120`, typed.notes)
	assert.NotContains(t, typed.notes, somebody)
	assert.Empty(t, typed.out)
	again := otpctl(t, sent.out, "-config", d.config, "verify", "-", code)
	assert.Equal(t, exitRejected, again.code, "it serves once")
}

func TestExitCodes(t *testing.T) {
	server := insidertest.NewServer()
	defer server.Close()
	config := file(t, fmt.Sprintf("providers: {main: {vendor: insider, api_key: %s, base_url: %q, retry: {max_attempts: 1}}}\n", server.APIKey, server.URL))
	handle := file(t, `{"provider":"main","id":"x","to":"+12025550123"}`)

	server.Fail(otpsim.AfterAccepting(500))
	sent := otpctl(t, "", "-config", config, "send", somebody)
	assert.Equal(t, exitUnknown, sent.code, sent.notes)
	assert.Contains(t, sent.out, `"provider":"main"`, "the person may hold a code")
	assert.Contains(t, sent.notes, "outcome unknown")

	for want, args := range map[string][]string{
		"2 the number has to be":        {"send", "-config", config, "0532 123"},
		"2 unsupported: channel":        {"send", "-config", config, "-channel", "voice", somebody},
		"2 code_length":                 {"send", "-config", config, somebody, "-length", "99"},
		"2 no-such-file":                {"-config", config, "verify", "no-such-file", "1"},
		"2 the handle is not":           {"-config", config, "verify", config, "1"},
		"2 the code has to be given":    {"-config", config, "verify", "-"},
		"2 no code was typed":           {"-config", config, "verify", handle},
		"2 a command is missing":        {"-config", config},
		"2 there is no command":         {"sned"},
		"2 use it like this: otpctl se": {"-config", config, "send"},
		"2 use it like this: otpctl ca": {"-config", config, "caps", "x"},
		"2 flag provided but not":       {"-x"},
		"2 see otpctl help send":        {"send", "-x"},
		"2 no.yaml":                     {"-config", "no.yaml", "caps"},
		"2 OTP_VENDOR":                  {"caps"},
		"3 code not found":              {"-config", config, "verify", file(t, `{"provider":"main","id":"x","to":"+12025550199"}`), "123456"},
		"2 misconfigured":               {"-config", config, "verify", file(t, `{"provider":"other","id":"x","to":"+12025550123"}`), "123456"},
		"2 providers.main.api_key: is ": {"-config", file(t, "providers: {main: {vendor: insider}}"), "doctor"},
		"2 the shell has to be bash":    {"completion", "tcsh"},
		"2 there is no command \"x\"":   {"help", "x"},
	} {
		got := otpctl(t, "", args...)
		code, text, _ := strings.Cut(want, " ")
		assert.Equal(t, code, fmt.Sprint(got.code), "%s: %s", want, got.notes)
		assert.Contains(t, got.notes, text)
		assert.Empty(t, got.out)
	}
	assert.Len(t, server.Requests(), 2, "bad input asks nobody")
}

func TestTheEnvironmentIsAConfiguration(t *testing.T) {
	var out, notes bytes.Buffer
	env := map[string]string{"OTP_VENDOR": "insider", "OTP_API_KEY": "secret-value"}
	c := console{out: &out, notes: &notes, env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}
	assert.Zero(t, c.run(t.Context(), []string{"caps"}))
	assert.Regexp(t, `(?m)^insider +insider +sms \(default\) +4 to 8 +1m0s to 10m0s +1 to 10 +yes +- +10$`, out.String())
	assert.NotContains(t, out.String()+notes.String(), "secret-value")
}

func TestCapsNameEveryProvider(t *testing.T) {
	d := start(t)
	got := otpctl(t, "", "-config", d.config, "caps")
	require.Zero(t, got.code, got.notes)
	for _, line := range []string{
		`my-insider +insider +whatsapp +`, `my-kaleyra +kaleyra +sms`, `my-hypersender +hypersender +whatsapp \(default\) +4 to 10`,
		`my-smsfactor +smsfactor +voice +4 to 32`,
	} {
		assert.Regexp(t, `(?m)^`+line, got.out)
	}
	assert.Equal(t, 7, strings.Count(got.out, "\n"))
}

func TestTypingIsNotInTheTimeOfACall(t *testing.T) {
	server := insidertest.NewServer()
	defer server.Close()
	config := file(t, fmt.Sprintf("providers: {main: {vendor: insider, api_key: %s, base_url: %q}}\n", server.APIKey, server.URL))
	handle := file(t, `{"provider":"main","id":"x","to":"+12025550123"}`)
	ctx, cancel := context.WithCancel(t.Context())
	in, keyboard := io.Pipe()
	var notes strings.Builder
	c := console{in: in, out: io.Discard, notes: &notes}
	time.AfterFunc(400*time.Millisecond, func() { _, _ = io.WriteString(keyboard, "123456\n") })
	assert.Equal(t, exitRejected, c.run(ctx, []string{"verify", "-config", config, "-timeout", "300ms", handle}), notes.String())
	time.AfterFunc(20*time.Millisecond, cancel) // Ctrl-C, while nobody types
	assert.Equal(t, exitFailed, c.run(ctx, []string{"verify", "-config", config, handle}))
	require.NoError(t, keyboard.Close())
}

func TestDoctorTextsNobody(t *testing.T) {
	d := start(t)
	got := otpctl(t, "", "doctor", "-config", d.config)
	require.Zero(t, got.code, got.out+got.notes)
	assert.Regexp(t, `(?m)^PROVIDER +CHECK +RESULT +WHAT TO DO$`, got.out)
	for _, v := range d.Vendors() {
		assert.Regexp(t, `(?m)^my-`+v.Name+` +answer +ok +address and key are right`, got.out)
		assert.Regexp(t, `(?m)^my-`+v.Name+` +sending +not checked +sender, template or flow`, got.out)
	}
	d.leaksNothing(t, got.out+got.notes)
	_, texted := d.Code(somebody)
	assert.False(t, texted)

	got = otpctl(t, "", "doctor", "-config", d.config, "-channel", "voice", "+4915112345678")
	assert.Equal(t, exitFailed, got.code)
	assert.Regexp(t, `(?m)^send +failover +WARNING +is none for this request: only my-smsfactor can send it`, got.out)
	assert.Contains(t, got.notes, "something was found")
}

func TestExplainSaysWhoWouldSend(t *testing.T) {
	config := file(t, `
providers:
  sms: {vendor: insider, api_key: secret-value, channels: [sms]}
  chat: {vendor: hypersender, instance: abc, token: 1|t, app_name: Acme, breaker: {}}
  voice: {vendor: octopush, api_login: a@b.example, api_key: k}
send: {by_prefix: {"+90": {failover: [sms, chat]}, "+49": {weighted: [{provider: sms, weight: 3}, {provider: voice, weight: 1}]}, "+44": voice}}
`)
	got := otpctl(t, "", "explain", "-config", config, "-channel", "whatsapp", "+905321234567")
	assert.Zero(t, got.code, got.notes)
	assert.Equal(t, `+905*****67:
  send (by_prefix) asks one:
    send.90 (failover) asks in this order, the next one if nothing was sent:
      - sms (insider) cannot take it: sms: send: unsupported: channel: must be one of: sms
      - chat (hypersender) takes it, by whatsapp
    - voice: is not asked for this number
    - send.49: is not asked for this number
`, got.out)
	got = otpctl(t, "", "explain", "-config", config, "+4915112345678")
	assert.Zero(t, got.code, got.notes)
	assert.Contains(t, got.out, "draws one by weight")
	assert.Contains(t, got.out, "- voice (smsfactor) takes it, by sms")
	got = otpctl(t, "", "explain", "-config", config, "+12025550123")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.out, "send has no way: send: send: unsupported: to: there is no route")
	assert.NotContains(t, got.out+got.notes, "2025550123")
}

func TestHelpExplainsEveryCommand(t *testing.T) {
	list := otpctl(t, "", "help")
	assert.Equal(t, list, otpctl(t, "", "-h"))
	assert.Zero(t, list.code)
	for _, cmd := range commands() {
		assert.Contains(t, list.out, "  "+cmd.name)
		page := otpctl(t, "", "help", cmd.name)
		assert.Equal(t, page, otpctl(t, "", cmd.name, "-help"))
		for _, part := range []string{"NAME\n    otpctl " + cmd.name, "USAGE\n    otpctl " + cmd.name, "FLAGS\n    -", "EXAMPLES\n    ", "otpctl " + cmd.name, "EXIT CODES\n    0  "} {
			assert.Contains(t, page.out, part)
		}
		for _, line := range strings.Split(page.out, "\n") {
			assert.LessOrEqual(t, len(line), 130, line)
		}
	}
	assert.Regexp(t, `^otpctl \S+ go1\.`, otpctl(t, "", "-version").out)
}

func TestShellsCompleteCommandsAndFlags(t *testing.T) {
	for line, want := range map[string]string{
		"otpctl ": "send\nverify\ncaps\ndoctor\nexplain\nprobe\nrecord\ncompletion\nhelp\n", "otpctl ex": "explain\n", "otpctl send -ch": "-channel\n",
		"otpctl probe -dr": "-dry-run\n", "otpctl send +1": "", "otpctl x -": "", "": "",
	} {
		var out strings.Builder
		c := console{out: &out, notes: io.Discard, env: func(string) (string, bool) { return line, true }}
		assert.Zero(t, c.run(t.Context(), []string{"complete", "otpctl", "-wo", "before"}))
		if line != "" {
			assert.Equal(t, want, out.String(), line)
		}
	}
	for shell, wants := range map[string]string{"bash": "complete -o default -C", "zsh": "bashcompinit", "fish": "complete -c otpctl"} {
		script := otpctl(t, "", "completion", shell)
		assert.Zero(t, script.code)
		assert.Contains(t, script.out, wants)
	}
	out, err := exec.CommandContext(t.Context(), "bash", "-c", otpctl(t, "", "completion", "bash").out+"complete -p otpctl").CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Equal(t, "complete -o default -C 'otpctl complete' otpctl\n", string(out))
}

func TestTerminalObeysNobody(t *testing.T) {
	const hostile = "\x1b[2J\u009b1m\u202eabc\x07\r\x7f\xff\U000e0041ok\n\t"
	assert.Equal(t, `\u001b[2J\u009b1m\u202eabc\u0007\u000d\u007f\ufffd\ufffdok`+"\n\t", escape(hostile))
	server := insidertest.NewServer()
	defer server.Close()
	server.Fail(insidertest.Error(400, hostile, "\x1b[1m").Always())
	config := file(t, fmt.Sprintf("providers: {main: {vendor: insider, api_key: k, base_url: %q}}\n", server.URL))
	for _, args := range [][]string{{"doctor"}, {"send", somebody}, {"explain", somebody}, {"probe"}, {"\x1b[2J"}, {"send", "-\u202e"}} {
		got := otpctl(t, "", append([]string{"-config", config}, args...)...)
		assert.NotRegexp(t, `[\x00-\x08\x0b-\x1f\x7f\x{80}-\x{9f}\x{202e}]`, got.out+got.notes)
	}
}

func TestExplainShowsWhatWasLearned(t *testing.T) {
	var all []otp.Provider
	for _, name := range []string{"first", "second"} {
		account, err := insider.New(insider.Config{APIKey: "k"}, otp.WithName(name))
		require.NoError(t, err)
		all = append(all, account)
	}
	router, err := route.Learning("learned", all)
	require.NoError(t, err)
	var out strings.Builder
	o := options{console: console{out: &out}}
	o.explain(router, otp.SendRequest{To: somebody}, 0)
	assert.Contains(t, out.String(), "learned (learning) asks the one whose codes come back most")
	assert.Contains(t, out.String(), "(there are no results yet; ")
	assert.Contains(t, out.String(), "- second (insider) takes it, by sms")
}
