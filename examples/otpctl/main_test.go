package main

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
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
	return otpctlTrusting(t, nil, in, args...)
}

func otpctlTrusting(t *testing.T, roots *x509.CertPool, in string, args ...string) result {
	t.Helper()
	var out, notes bytes.Buffer
	none := func(string) (string, bool) { return "", false }
	c := console{in: strings.NewReader(in), out: &out, notes: &notes, env: none, roots: roots}
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
		"1 invalid recipient":           {"-config", config, "send", "0532 123"},
		"1 unsupported: channel":        {"-config", config, "-channel", "voice", "send", somebody},
		"2 no-such-file":                {"-config", config, "verify", "no-such-file", "1"},
		"2 the handle is not":           {"-config", config, "verify", config, "1"},
		"2 the code has to be given":    {"-config", config, "verify", "-"},
		"2 no code was typed":           {"-config", config, "verify", handle},
		"2 otpctl [flags] doctor | ":    {"-config", config},
		"2 send NUMBER | ":              {"-config", config, "send"},
		"2 verify HANDLE ":              {"-config", config, "caps", "x"},
		"2 flag provided but not":       {"-x"},
		"2 no.yaml":                     {"-config", "no.yaml", "caps"},
		"2 OTP_VENDOR":                  {"caps"},
		"0 -config":                     {"-h"},
		"3 code not found":              {"-config", config, "verify", file(t, `{"provider":"main","id":"x","to":"+12025550199"}`), "123456"},
		"1 misconfigured":               {"-config", config, "verify", file(t, `{"provider":"other","id":"x","to":"+12025550123"}`), "123456"},
		"2 providers.main.api_key: is ": {"-config", file(t, "providers: {main: {vendor: insider}}"), "doctor"},
	} {
		got := otpctl(t, "", args...)
		code, text, _ := strings.Cut(want, " ")
		assert.Equal(t, code, fmt.Sprint(got.code), "%s: %s", want, got.notes)
		assert.Contains(t, got.notes, text)
		assert.Empty(t, got.out)
	}
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

func TestDoctorTextsNobody(t *testing.T) {
	d := start(t)
	got := otpctl(t, "", "-config", d.config, "doctor")
	require.Zero(t, got.code, got.out+got.notes)
	assert.Regexp(t, `(?m)^PROVIDER +CHECK +RESULT +WHAT TO DO$`, got.out)
	for _, v := range d.Vendors() {
		for _, line := range []string{
			`DNS +ok +127\.0\.0\.1 is 127\.0\.0\.1`, `host +ok +127\.0\.0\.1:\d+ answers after`, `TLS +not checked +plain HTTP`,
			`clock +ok +as the vendor's`, `sending +not checked +sender, template or flow`,
		} {
			assert.Regexp(t, `(?m)^my-`+v.Name+` +`+line, got.out)
		}
	}
	assert.Regexp(t, `(?m)^my-insider +credentials +ok`, got.out)
	assert.Regexp(t, `(?m)^my-kaleyra +credentials +not checked +kaleyra has no call`, got.out)
	d.leaksNothing(t, got.out+got.notes)

	_, texted := d.Code(somebody)
	assert.False(t, texted)
	traffic := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, d.url+"/api/traffic", nil)
	d.ServeHTTP(traffic, r)
	assert.Equal(t, 1, strings.Count(traffic.Body.String(), `"method"`), "the vendors saw one request: %s", traffic.Body)
	assert.Contains(t, traffic.Body.String(), "/template/list")
}

func TestDoctorFindsAWrongKey(t *testing.T) {
	server := insidertest.NewServer()
	defer server.Close()
	config := file(t, fmt.Sprintf("providers: {main: {vendor: insider, api_key: mistyped-key, base_url: %q}}\n", server.URL))
	got := otpctl(t, "", "-config", config, "doctor")
	assert.Equal(t, exitFailed, got.code)
	assert.Regexp(t, `(?m)^main +credentials +WRONG +the vendor refuses the key`, got.out)
	assert.Contains(t, got.notes, "something is wrong")
	assert.NotContains(t, got.out+got.notes, "mistyped-key")
}

// behind is a configuration whose vendor is at url.
func behind(t *testing.T, url string) string {
	t.Helper()
	return file(t, fmt.Sprintf("providers: {main: {vendor: hypersender, instance: %q, token: '1|t', app_name: Acme, base_url: %q}}\n",
		"00000000-0000-4000-8000-000000000001", url))
}

func TestDoctorLooksAtTheHost(t *testing.T) {
	dated := func(by time.Duration) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			assert.Empty(t, r.Header.Get("Authorization"), "no credentials go out")
			assert.Equal(t, "/", r.URL.Path)
			assert.Equal(t, http.MethodHead, r.Method)
			w.Header().Set("Date", time.Now().Add(by).UTC().Format(http.TimeFormat))
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusFound)
		})
	}
	secure := httptest.NewUnstartedServer(dated(0))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // it is told about the client that trusts nobody
	secure.StartTLS()
	defer secure.Close()
	known := x509.NewCertPool()
	known.AddCert(secure.Certificate())
	early, late, exact := httptest.NewServer(dated(-time.Hour)), httptest.NewServer(dated(time.Hour)), httptest.NewServer(dated(0))
	defer early.Close()
	defer late.Close()
	defer exact.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	dateless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header()["Date"] = nil }))
	defer dateless.Close()

	for _, test := range []struct {
		name, url string
		code      int
		lines     []string
	}{
		{"TLS", secure.URL, 0, []string{`TLS +ok +TLS 1\.3, certificate until \d{4}-`, `clock +ok`, `host +ok +\S+ answers .* \(status 302 Found`}},
		{"clock behind", early.URL, 1, []string{`clock +WRONG +this machine's clock differs by 1h0m[01]s`}},
		{"clock ahead", late.URL, 1, []string{`clock +WRONG +this machine's clock differs by -(1h0m0s|59m59s)`}},
		{"clock right", exact.URL, 0, []string{`clock +ok`}},
		{"no date", dateless.URL, 0, []string{`clock +not checked`}},
		{"nobody there", gone.URL, 1, []string{`host +WRONG +no answer`, `clock +not checked`, `DNS +ok`}},
		{"no such name", "https://vendor.invalid", 1, []string{`DNS +WRONG +the name is not found`, `host +WRONG`, `TLS +not checked +there was no answer`}},
	} {
		got := otpctlTrusting(t, known, "", "-config", behind(t, test.url), "-timeout", "10s", "doctor")
		assert.Equal(t, test.code, got.code, "%s: %s", test.name, got.out)
		for _, line := range test.lines {
			assert.Regexp(t, `(?m)^main +`+line, got.out, test.name)
		}
		assert.NotContains(t, got.out+got.notes, "1|t")
	}
	stranger := otpctl(t, "", "-config", behind(t, secure.URL), "doctor") // this machine does not know the certificate
	assert.Equal(t, exitFailed, stranger.code)
	assert.Regexp(t, `(?m)^main +TLS +WRONG +the certificate is refused`, stranger.out)
}
