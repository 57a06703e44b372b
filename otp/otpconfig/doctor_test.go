package otpconfig_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// examined is what the doctor says, one line for each finding.
func examined(t *testing.T, d otpconfig.Doctor, file string, opts ...otp.Option) (lines string, findings otpconfig.Findings) {
	t.Helper()
	cfg := parsing(t, file, nil)
	findings = d.Examine(t.Context(), cfg, providerOf(t, cfg, opts...))
	var all strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&all, "%s|%s|%s|%s\n", f.Provider, f.Check, f.Result, f.Text)
	}
	return all.String(), findings
}

func TestDoctorPassesEveryVendor(t *testing.T) {
	insider, kaleyra := insidertest.NewServer(), kaleyratest.NewServer()
	hypersender, smsfactor := hypersendertest.NewServer(), smsfactortest.NewServer()
	servers := []*otpsim.Server{insider.Server, kaleyra.Server, hypersender.Server, smsfactor.Server}
	for _, s := range servers {
		defer s.Close()
	}
	lines, findings := examined(t, otpconfig.Doctor{}, fmt.Sprintf(`
providers:
  insider: {vendor: insider, api_key: %s, base_url: %s}
  kaleyra: {vendor: kaleyra, sid: %s, api_key: %s, flow: {code_length: 4}, base_url: %s}
  hypersender: {vendor: hypersender, instance: %s, token: %s, app_name: Acme, base_url: %s}
  smsfactor: {vendor: smsfactor, api_login: %s, api_key: %s, base_url: %s, breaker: {}}
send: {failover: [insider, kaleyra, hypersender, smsfactor]}
`, insider.APIKey, insider.URL, kaleyra.SID, kaleyra.APIKey, kaleyra.URL,
		hypersender.Instance, hypersender.Token, hypersender.URL, smsfactor.APILogin, smsfactor.APIKey, smsfactor.URL))
	require.NoError(t, findings.Err(), lines)
	assert.NotContains(t, lines, "WARNING")
	assert.Contains(t, lines, "|configuration|ok|insider (insider), kaleyra (kaleyra)")
	assert.Contains(t, lines, "send|failover|ok|insider, kaleyra, hypersender, smsfactor\n")
	for _, name := range []string{"insider", "kaleyra", "hypersender", "smsfactor"} {
		assert.Regexp(t, `(?m)^`+name+`\|connection\|ok\|127\.0\.0\.1:\d+ at 127`, lines)
		assert.Contains(t, lines, name+"|TLS|ok|plain HTTP, within this machine\n")
		assert.Contains(t, lines, name+"|answer|ok|address and key are right")
		assert.Contains(t, lines, name+"|clock|ok|")
		assert.Contains(t, lines, name+"|sending|not checked|")
	}
	for _, s := range servers {
		assert.Empty(t, s.Inbox.All(), "nobody is texted")
		assert.Len(t, s.Requests(), 2)
	}
}

func TestDoctorFindsWhatIsWrong(t *testing.T) {
	server := insidertest.NewServer()
	defer server.Close()
	answering := func(status int, contentType, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	config := func(key, url string) string {
		return fmt.Sprintf("providers: {main: {vendor: insider, api_key: %q, base_url: %q}}", key, url)
	}
	for name, test := range map[string]struct{ file, line string }{
		"wrong key":          {config("mistyped-key", server.URL), "main|answer|WRONG|the vendor refuses the key"},
		"wrong path":         {config(server.APIKey, server.URL+"/v1"), "main|answer|WRONG|base_url or the account is wrong"},
		"framework's 404":    {config("k", answering(404, "application/json", `{"message":"Not Found"}`)), "main|answer|WRONG|base_url"},
		"web page":           {config("k", answering(200, "text/html", "<html>")), "main|answer|WRONG|this is not the answer"},
		"another API":        {config("k", answering(400, "application/json", `{"ok":false}`)), "main|answer|WRONG|this is not the answer"},
		"out of order":       {config("k", answering(503, "text/plain", "no")), "main|answer|WRONG|this is not the answer"},
		"nobody listens":     {config("k", gone.URL), "main|answer|WRONG|there is no answer"},
		"no such name":       {config("k", "https://vendor.invalid"), "main|connection|WRONG|there is none to vendor.invalid:443"},
		"accepts everything": {config("k", answering(202, "application/json", `{"status":"success"}`)), "main|answer|WRONG|a code that nobody"},
		"slow down":          {config("k", answering(429, "application/json", `{"errors":[{"message":"rate limit exceeded"}]}`)), "main|answer|not checked|try"},
		"ended test numbers": {
			config(server.APIKey, server.URL) + "\ntest_numbers: {until: 2020-01-02T00:00:00Z, numbers: [{number: '+12025550100', code: '123456'}]}",
			"|configuration|WARNING|test_numbers.until: has passed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			lines, findings := examined(t, otpconfig.Doctor{}, test.file, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
			assert.Contains(t, lines, test.line)
			assert.Equal(t, strings.Contains(lines, "WRONG"), findings.Err() != nil)
			assert.NotContains(t, lines, "mistyped-key")
			assert.NotContains(t, lines, server.APIKey)
		})
	}
}

func TestDoctorFindsFailoversThatAreNone(t *testing.T) {
	a, b := insidertest.NewServer(), hypersendertest.NewServer()
	defer a.Close()
	defer b.Close()
	file := fmt.Sprintf(`
providers:
  main: {vendor: insider, api_key: %[1]s, base_url: %[2]s}
  same: {vendor: insider, api_key: %[1]s, base_url: %[2]s, channels: [whatsapp]}
  chat: {vendor: hypersender, instance: %[3]s, token: %[4]s, app_name: Acme, base_url: %[5]s}
`, a.APIKey, a.URL, b.Instance, b.Token, b.URL)
	for send, test := range map[string]struct {
		request otp.SendRequest
		line    string
	}{
		"{failover: [main, chat]}":                                    {otp.SendRequest{}, "send|failover|ok|main, chat"},
		"{failover: [chat, main]}":                                    {otp.SendRequest{Channel: otp.SMS}, "send|failover|WARNING|is none for this request: only main can send it; chat cannot: "},
		"{failover: [main, same]}":                                    {otp.SendRequest{}, "send|failover|WARNING|is none when the account fails: main and same share one"},
		"{failover: [same, chat]}":                                    {otp.SendRequest{Channel: otp.Voice}, "send|failover|WRONG|nobody can send this: same cannot: "},
		"{by_prefix: {'+90': main, '+49': {failover: [main, chat]}}}": {otp.SendRequest{To: "+4915112345678", Code: "123456"}, "send.49|failover|WARNING|is none for"},
	} {
		lines, _ := examined(t, otpconfig.Doctor{Request: test.request}, file+"send: "+send+"\nverify_only: ["+unused(send)+"]\n")
		assert.Contains(t, lines, test.line, send)
	}
	lines, _ := examined(t, otpconfig.Doctor{}, file+"send: {weighted: [{provider: main, weight: 1}, {provider: same, weight: 1}, {provider: chat, weight: 1}]}")
	assert.Contains(t, lines, "same|account|ok|is that of main: they share limits, pauses and credit")
	assert.Contains(t, lines, "send|failover|ok|main, same, chat")
}

// unused is the provider that a strategy leaves out.
func unused(send string) string {
	for _, name := range []string{"main", "same", "chat"} {
		if !strings.Contains(send, name) {
			return name
		}
	}
	return ""
}

func TestDoctorLooksAtCertificateAndClock(t *testing.T) {
	dated := func(by time.Duration) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(by).UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusNotFound)
		})
	}
	for by, line := range map[time.Duration]string{
		0:          "main|clock|ok|as the vendor's",
		-time.Hour: "main|clock|WRONG|this machine's clock differs by 1h0m",
		time.Hour:  "main|clock|WRONG|this machine's clock differs by -",
	} {
		secure := httptest.NewUnstartedServer(dated(by))
		secure.Config.ErrorLog = log.New(io.Discard, "", 0) // it logs the client that trusts nobody
		secure.StartTLS()
		defer secure.Close()
		file := fmt.Sprintf("providers: {main: {vendor: insider, api_key: key-4711, base_url: %q}}", secure.URL)
		known := x509.NewCertPool()
		known.AddCert(secure.Certificate())
		transport := secure.Client().Transport
		lines, _ := examined(t, otpconfig.Doctor{}, file, otp.WithHTTPClient(&http.Client{Transport: transport}))
		assert.Contains(t, lines, line)
		assert.Regexp(t, `main\|TLS\|ok\|TLS 1\.3, certificate until \d{4}-`, lines)

		lines, _ = examined(t, otpconfig.Doctor{}, file)
		assert.Regexp(t, `main\|answer\|WRONG\|there is no answer.*certificate`, lines)
	}
}

func TestDoctorSurvivesWhateverItIsGiven(t *testing.T) {
	all := otpconfig.Doctor{}.Examine(t.Context(), nil, nil)
	require.ErrorContains(t, all.Err(), "providers: there is none")

	server := insidertest.NewServer()
	defer server.Close()
	server.Fail(otpsim.Hang().Always())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	cfg := parsing(t, fmt.Sprintf("providers: {main: {vendor: insider, api_key: k, base_url: %q}}", server.URL), nil)
	all = otpconfig.Doctor{Checks: []otpconfig.Check{
		{Name: "broken", Run: func(context.Context) ([]string, error) { panic("in a check") }},
		{Name: "redis", Run: func(context.Context) ([]string, error) { return []string{"appendonly is no"}, nil }},
		{Name: "queue", Run: func(context.Context) ([]string, error) { return nil, errors.New("cannot be reached") }},
		{Name: "disk", Run: func(context.Context) ([]string, error) { return nil, nil }},
	}}.Examine(ctx, cfg, providerOf(t, cfg))
	err := all.Err()
	require.ErrorContains(t, err, "main: answer: there is no answer")
	require.ErrorContains(t, err, "panic: a provider or a check panicked")
	require.ErrorContains(t, err, "queue: cannot be reached")
	assert.NotContains(t, err.Error(), "appendonly")
	assert.Contains(t, all, otpconfig.Finding{Check: "redis", Result: otpconfig.ResultWarning, Text: "appendonly is no"})
	assert.Contains(t, all, otpconfig.Finding{Check: "disk", Result: otpconfig.ResultOK})
}

// faraway is a connection to another machine.
type faraway struct{ net.Conn }

func (faraway) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(203, 0, 113, 7), Port: 80} }

func TestDoctorWarnsOfPlainHTTP(t *testing.T) {
	server := insidertest.NewServer()
	defer server.Close()
	transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(server.URL, "http://"))
		return faraway{conn}, err
	}}
	file := fmt.Sprintf("providers: {main: {vendor: insider, api_key: %s, base_url: 'http://vendor.example'}}", server.APIKey)
	lines, findings := examined(t, otpconfig.Doctor{}, file, otp.WithPlainHTTP(), otp.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, findings.Err())
	assert.Contains(t, lines, "main|connection|ok|vendor.example:80 at 203.0.113.7:80")
	assert.Contains(t, lines, "main|TLS|WARNING|plain HTTP: keys, numbers and codes travel unencrypted")
}

func TestDoctorFollowsARotatedKey(t *testing.T) {
	server := insidertest.NewServer()
	defer server.Close()
	folder := t.TempDir()
	key, path := filepath.Join(folder, "key"), filepath.Join(folder, "otp.yaml")
	require.NoError(t, os.WriteFile(key, []byte("an-old-key"), 0o600))
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, "providers: {main: {vendor: insider, api_key_file: key, base_url: %q}}", server.URL), 0o600))
	cfg, err := otpconfig.Load(path)
	require.NoError(t, err)
	provider := providerOf(t, cfg)
	require.ErrorContains(t, otpconfig.Doctor{}.Examine(t.Context(), cfg, provider).Err(), "the vendor refuses the key")
	require.NoError(t, os.WriteFile(key, []byte(server.APIKey), 0o600))
	require.NoError(t, otpconfig.Doctor{}.Examine(t.Context(), cfg, provider).Err())
}

func TestDoctorFindsAWrongAddressOfEveryVendor(t *testing.T) {
	i, k, h, s := insidertest.NewServer(), kaleyratest.NewServer(), hypersendertest.NewServer(), smsfactortest.NewServer()
	for _, server := range []*otpsim.Server{i.Server, k.Server, h.Server, s.Server} {
		defer server.Close()
	}
	framework := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintf(w, `{"message":"The route %s could not be found."}`, strings.TrimPrefix(r.URL.Path, "/"))
	}))
	defer framework.Close()
	for config, url := range map[string]string{
		"vendor: insider, api_key: " + i.APIKey:                                             i.URL,
		"vendor: kaleyra, sid: " + k.SID + ", api_key: " + k.APIKey:                         k.URL,
		"vendor: hypersender, app_name: A, instance: " + h.Instance + ", token: " + h.Token: h.URL,
		"vendor: smsfactor, api_login: " + s.APILogin + ", api_key: " + s.APIKey:            s.URL,
	} {
		for _, wrong := range []string{url + "/wrong", framework.URL} {
			lines, findings := examined(t, otpconfig.Doctor{}, "providers: {main: {"+config+", base_url: '"+wrong+"'}}")
			require.Error(t, findings.Err(), config+lines)
			assert.Contains(t, lines, "main|answer|WRONG|base_url or the account is wrong: ")
		}
	}
}
