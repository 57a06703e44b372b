package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// vendor is what stands in for a real vendor: an account of a simulator.
type vendor struct {
	*otpsim.Server

	name    string
	config  func(url string) string
	secrets []string
	send    string // the operation that sends
}

func vendors(t *testing.T) []vendor {
	t.Helper()
	i, k, h, s := insidertest.NewServer(), kaleyratest.NewServer(), hypersendertest.NewServer(), smsfactortest.NewServer()
	all := []vendor{
		{i.Server, "insider", func(url string) string {
			return fmt.Sprintf("{vendor: insider, api_key: %s, base_url: %s}", i.APIKey, url)
		}, []string{i.APIKey}, "generate"},
		{k.Server, "kaleyra", func(url string) string {
			return fmt.Sprintf("{vendor: kaleyra, sid: %s, api_key: %s, base_url: %s}", k.SID, k.APIKey, url)
		}, []string{k.APIKey, k.SID}, "generate"},
		{h.Server, "hypersender", func(url string) string {
			return fmt.Sprintf("{vendor: hypersender, instance: %s, token: '%s', app_name: Acme, base_url: %s}", h.Instance, h.Token, url)
		}, []string{h.Token, h.Instance}, "request-code"},
		{s.Server, "smsfactor", func(url string) string {
			return fmt.Sprintf("{vendor: smsfactor, api_login: %s, api_key: %s, base_url: %s}", s.APILogin, s.APIKey, url)
		}, []string{s.APIKey, s.APILogin}, "generate"},
	}
	for _, v := range all {
		t.Cleanup(v.Close)
	}
	return all
}

func probing(t *testing.T, v vendor, url string, args ...string) result {
	t.Helper()
	config := file(t, "providers: {main: "+v.config(url)+"}")
	return otpctl(t, "", append([]string{"probe", "-config", config}, args...)...)
}

func TestProbesFindNoDriftInOurSimulators(t *testing.T) {
	for _, v := range vendors(t) {
		got := probing(t, v, v.URL)
		require.Zero(t, got.code, got.out)
		assert.NotContains(t, got.out, "DRIFT")
		assert.GreaterOrEqual(t, strings.Count(got.out, "\nsame  "), 10, v.name)
		assert.Len(t, v.Requests(), strings.Count(got.out, "\nsame  "))
		assert.Empty(t, v.Inbox.All(), "somebody was texted")
		assert.Zero(t, slices.IndexFunc(v.Requests(), func(r otpsim.Request) bool { return r.Accepted })+1, "something was accepted")
	}
}

func TestProbesFindWhatDrifted(t *testing.T) {
	for name, drift := range map[string]struct {
		change func(otpsim.Answer) otpsim.Answer
		want   string
	}{
		"another status": {func(a otpsim.Answer) otpsim.Answer { a.Status = 418; return a }, `status: vendor 418, simulator \d+`},
		"field renamed": {func(a otpsim.Answer) otpsim.Answer {
			a.Body = bytes.Replace(a.Body, []byte(`"message"`), []byte(`"msg"`), 1)
			return a
		}, `body \S*msg: vendor ".*", simulator has none`},
		"other text": {func(a otpsim.Answer) otpsim.Answer {
			a.Body = regexp.MustCompile(`"message":"[^"]*"`).ReplaceAll(a.Body, []byte(`"message":"no way"`))
			return a
		}, `body \S*message: vendor "no way", simulator ".*"`},
		"another type": {func(a otpsim.Answer) otpsim.Answer {
			a.Body = regexp.MustCompile(`"message":"[^"]*"`).ReplaceAll(a.Body, []byte(`"message":["no way"]`))
			return a
		}, `body \S*message\[0\]: vendor "no way", simulator has none`},
		"a web page": {func(a otpsim.Answer) otpsim.Answer { a.Body = []byte("<html>"); return a }, `body: vendor \(no JSON\) .*html.*, simulator has none`},
		"nothing":    {func(a otpsim.Answer) otpsim.Answer { a.Body = nil; return a }, `body: vendor \(empty\), simulator has none`},
		"a limit":    {func(otpsim.Answer) otpsim.Answer { return otpsim.Answer{Status: 429} }, `the vendor limits how often it is asked; probe again later`},
		"a pause": {func(a otpsim.Answer) otpsim.Answer {
			a.Header = http.Header{"Retry-After": {"7"}}
			return a
		}, `header: vendor application/json with Retry-After, simulator application/json`},
	} {
		for _, v := range vendors(t) {
			v.Fail(otpsim.Change("drift", drift.change).On(v.send))
			got := probing(t, v, v.URL)
			assert.Equal(t, exitFailed, got.code)
			assert.Equal(t, 1, strings.Count(got.out, "DRIFT"), "%s: %s\n%s", name, v.name, got.out)
			assert.Regexp(t, `(?m)^      -> `+drift.want+`$`, got.out, v.name)
			assert.Contains(t, got.out, " probes, 1 with a difference\n")
			assert.Contains(t, got.notes, "otpctl: something was found")
			assert.Empty(t, v.Inbox.All())
		}
	}
}

func TestProbesAreAnnouncedBeforeTheyAreMade(t *testing.T) {
	for _, v := range vendors(t) {
		got := probing(t, v, v.URL, "-dry-run")
		assert.Zero(t, got.code, got.notes)
		assert.Empty(t, got.out)
		assert.Empty(t, v.Requests(), "nothing was sent")
		lines := strings.Split(strings.TrimSpace(got.notes), "\n")
		require.Greater(t, len(lines), 20)
		assert.Regexp(t, `^Requests to main at 127\.0\.0\.1:\d+, none of which texts anybody:$`, lines[0])
		for i := 1; i+1 < len(lines); i += 2 {
			assert.Regexp(t, `^ +\d+  .+: (without|with|it|the) .*`, lines[i])
			assert.Regexp(t, `^     (POST|PUT|GET) /`, lines[i+1])
		}
		assert.NotContains(t, got.notes, "2025550123")
	}
}

// The server answers with all that it was sent, and with what a terminal would obey.
func TestProbeReportsShowNoSecret(t *testing.T) {
	for _, v := range vendors(t) {
		echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("Content-Type", "application/"+v.secrets[0])
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"message":%q,"path":%q,"header":%q,"esc":"\u001b[2Jx","numbers":[12025550123,987654],"\u009b1m":1}`,
				body, r.URL.Path, strings.ReplaceAll(fmt.Sprint(r.Header), `"`, "'"))
		}))
		defer echo.Close()
		got := probing(t, v, echo.URL)
		assert.Equal(t, exitFailed, got.code)
		for _, secret := range append(v.secrets, "2025550123", "987654", "\x1b", "\u009b") {
			assert.NotContains(t, got.out+got.notes, secret, v.name)
		}
	}
}

func TestProbesNeedAVendorThatHasThem(t *testing.T) {
	v := vendors(t)[0]
	got := probing(t, v, v.URL, "other")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.notes, `there is no provider "other" in the configuration`)
	assert.Empty(t, v.Requests())

	gone := httptest.NewServer(nil)
	gone.Close()
	got = probing(t, v, gone.URL)
	assert.Equal(t, exitFailed, got.code)
	assert.Contains(t, got.out, "vendor:    no answer: main: probe: unavailable")
}
