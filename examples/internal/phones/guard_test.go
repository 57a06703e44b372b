package phones_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
)

func TestHosts(t *testing.T) {
	d := start(t, phones.Options{AllowHosts: []string{"simulator", "Host.Docker.Internal"}})
	send := d.shop("insider").send
	for host, allowed := range map[string]bool{
		"127.0.0.1:8025":            true,
		"127.0.0.1":                 true,
		"127.9.9.9:1":               true,
		"localhost:8025":            true,
		"LocalHost":                 true,
		"[::1]:8025":                true,
		"[::1]":                     true,
		"[::ffff:127.0.0.1]:80":     true,
		"simulator:8025":            true,
		"SIMULATOR":                 true,
		"host.docker.internal:8025": true,

		"":                        false,
		"evil.example":            false,
		"evil.example:8025":       false,
		"localhost.evil.example":  false,
		"127.0.0.1.evil.example":  false,
		"simulator.evil.example":  false,
		"evil.example:127.0.0.1":  false,
		"127.0.0.1:8025'; rm":     false,
		"[::1%25lo';]:80":         false,
		"0.0.0.0:8025":            false,
		"[::]:8025":               false,
		"192.168.1.5:8025":        false,
		"169.254.169.254":         false,
		"2130706433":              false,
		"localhost:8025@evil.com": false,
	} {
		want := http.StatusForbidden
		if allowed {
			want = http.StatusOK
		}
		for _, path := range []string{"/", "/app.js", "/api/messages", "/api/config"} {
			assert.Equal(t, want, d.do("GET", path, "", "Host: "+host).Code, "%s on %q", path, host)
		}
		if allowed {
			want = http.StatusAccepted
		}
		w := d.do(send.method, send.path, send.body, append(send.headers, "Host: "+host)...)
		assert.Equal(t, want, w.Code, "a simulator on %q", host)
	}
}

func TestForeignPages(t *testing.T) {
	d := start(t, phones.Options{})
	for _, tt := range []struct {
		name    string
		headers []string
		allowed bool
	}{
		{"no browser", nil, true},
		{"the page itself", []string{"Origin: http://" + local, "Sec-Fetch-Site: same-origin"}, true},
		{"the page itself, in an old browser", []string{"Origin: http://" + local}, true},
		{"the address bar", []string{"Sec-Fetch-Site: none"}, true},
		{"another site", []string{"Origin: https://evil.example", "Sec-Fetch-Site: cross-site"}, false},
		{"another site, in an old browser", []string{"Origin: https://evil.example"}, false},
		{"another site that says no origin", []string{"Sec-Fetch-Site: cross-site"}, false},
		{"another port of this machine", []string{"Origin: http://127.0.0.1:3000", "Sec-Fetch-Site: same-site"}, false},
		{"another name of this machine", []string{"Origin: http://localhost:8025"}, false},
		{"a sandbox", []string{"Origin: null"}, false},
	} {
		want := http.StatusForbidden
		if tt.allowed {
			want = http.StatusOK
		}
		for _, path := range []string{"/api/messages", "/api/traffic", "/api/config", "/api/faults"} {
			assert.Equal(t, want, d.do("GET", path, "", tt.headers...).Code, "%s reads %s", tt.name, path)
		}
		headers := append(tt.headers, "Content-Type: application/json")
		assert.Equal(t, want, d.do("POST", "/api/reset", `{}`, headers...).Code, "%s resets", tt.name)
		w := d.do("POST", "/api/faults", `{"vendor":"insider","fault":"cut"}`, headers...)
		assert.Equal(t, want, w.Code, "%s sets a fault", tt.name)
		assert.Empty(t, w.Header().Get("Access-Control-Allow-Origin"))
	}
	assert.Equal(t, http.StatusForbidden, d.do("OPTIONS", "/api/reset", "", "Origin: https://evil.example").Code, "no preflight")
	assert.Equal(t, http.StatusForbidden, d.do("GET", "/api/events", "", "Origin: https://evil.example").Code, "no stream")
}

func TestWritesAreJSON(t *testing.T) {
	d := start(t, phones.Options{})
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx", ";"} {
		for _, path := range []string{"/api/reset", "/api/faults"} {
			w := d.do("POST", path, `{}`, "Content-Type: "+contentType)
			assert.Equal(t, http.StatusUnsupportedMediaType, w.Code, "%s as %q", path, contentType)
		}
	}
	assert.Equal(t, http.StatusOK, d.do("POST", "/api/reset", `{}`, "Content-Type: application/json; charset=utf-8").Code)
	for _, body := range []string{"", "[]", "{", "null x", `{"extra":1}`, `{}{}`} {
		w := d.do("POST", "/api/reset", body, "Content-Type: application/json")
		assert.Equal(t, http.StatusBadRequest, w.Code, body)
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	d := start(t, phones.Options{})
	send := d.shop("insider").send
	answers := map[string]http.Header{
		"a simulator":  d.run(send).Header(),
		"another host": d.do("GET", "/", "", "Host: evil.example").Header(),
	}
	for _, path := range []string{"/", "/app.js", "/style.css", "/api/messages", "/api/nothing", "/nothing", "/page/", "/index.html"} {
		answers[path] = d.do("GET", path, "").Header()
	}
	for name, header := range answers {
		assert.Equal(t, "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "+
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'", header.Get("Content-Security-Policy"), name)
		assert.Equal(t, "nosniff", header.Get("X-Content-Type-Options"), name)
		assert.Equal(t, "no-referrer", header.Get("Referrer-Policy"), name)
		assert.Equal(t, "same-origin", header.Get("Cross-Origin-Resource-Policy"), name)
		assert.Equal(t, "no-store", header.Get("Cache-Control"), name)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	d := start(t, phones.Options{})
	for _, target := range []string{"/nothing", "/page/", "/index.html", "/app.js/", "/api/", "/api/nothing", "/insider/nothing", "/INSIDER/v1/check"} {
		w := d.do("GET", target, "")
		assert.Equal(t, http.StatusNotFound, w.Code, target)
		assert.Equal(t, "application/json", w.Header().Get("Content-Type"), target)
	}
	w := d.do("POST", "/", "")
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
	assert.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
	assert.JSONEq(t, `{"error":"this path does not answer POST"}`, w.Body.String())
	assert.Equal(t, http.StatusOK, d.do("GET", "/api/health", "").Code)
	assert.Equal(t, http.StatusMethodNotAllowed, d.do("DELETE", "/api/messages", "", "Content-Type: application/json").Code)
	assert.Equal(t, http.StatusMethodNotAllowed, d.do("GET", "/api/reset", "").Code)
}

func TestAVendorsPathIsExact(t *testing.T) {
	d := start(t, phones.Options{})
	assert.Equal(t, http.StatusNotFound, d.do("POST", "/insider//v1/generate", "{}").Code, "no vendor answers with a redirect")
}
