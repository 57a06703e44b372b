package otphttp_test

import (
	"encoding/json"
	"flag"
	"html"
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otphttp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	somebody = "+12025550123"
	another  = "+33199000123"
	cookie   = "__Host-otp-signin"
)

var update = flag.Bool("update", false, "write the table of docs/errors.md")

var key = []byte(strings.Repeat("k", 32))

var page = template.Must(template.New("").Parse(
	`{{.Step}}|{{.Number}}|{{.Error}}|{{.Note}}|type:{{.CanType}}|{{.Resend}}|{{.ResendIn}}|challenge:{{.Challenge}}`))

// config is a sign-in whose session is a header.
func config() otphttp.Config {
	return otphttp.Config{
		Keys: [][]byte{key},
		Page: page.Execute,
		OnVerified: func(w http.ResponseWriter, _ *http.Request, v otp.Verification) {
			w.Header().Set("Signed-In", v.To)
		},
	}
}

func guarded(t testing.TB, p otp.Provider, opts ...guard.Option) *guard.Guard {
	t.Helper()
	g, err := guard.New(p, opts...)
	require.NoError(t, err)
	return g
}

func handlerOf(t testing.TB, p otp.Provider, cfg otphttp.Config) http.Handler {
	t.Helper()
	h, err := otphttp.New(p, cfg)
	require.NoError(t, err)
	return h
}

// browser is a person's, without a network.
type browser struct {
	t       testing.TB
	handler http.Handler
	from    string
	json    bool
	header  http.Header // of every request

	cookie string
	*httptest.ResponseRecorder
}

func open(t testing.TB, h http.Handler) *browser {
	b := &browser{t: t, handler: h, from: "192.0.2.1:999", header: http.Header{}}
	b.get()
	return b
}

// beside is another browser.
func (b *browser) beside() *browser {
	other := open(b.t, b.handler)
	other.json = b.json
	return other
}

func (b *browser) do(method, target, contentType, body string) {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, target, strings.NewReader(body))
	r.RemoteAddr, r.Host = b.from, "signin.example"
	r.Header = b.header.Clone()
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	if body != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if b.json {
		r.Header.Set("Accept", "application/json")
	}
	if b.cookie != "" {
		r.AddCookie(&http.Cookie{Name: cookie, Value: b.cookie})
	}
	b.ResponseRecorder = httptest.NewRecorder()
	b.handler.ServeHTTP(b.ResponseRecorder, r)
	for _, c := range b.Result().Cookies() {
		if c.Name == cookie {
			b.cookie = c.Value
		}
	}
	if b.Code == http.StatusSeeOther {
		assert.Equal(b.t, "./", b.Header().Get("Location"))
		b.get()
	}
}

func (b *browser) get() { b.t.Helper(); b.do("GET", "/signin/", "", "") }

func (b *browser) post(step string, fields ...string) {
	b.t.Helper()
	if !b.json {
		form := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		b.do("POST", "/signin/"+step, "application/x-www-form-urlencoded", form.Encode())
		return
	}
	object := map[string]string{}
	for i := 0; i < len(fields); i += 2 {
		object[fields[i]] = fields[i+1]
	}
	body, err := json.Marshal(object)
	require.NoError(b.t, err)
	b.do("POST", "/signin/"+step, "application/json", string(body))
}

func (b *browser) send(number string) { b.t.Helper(); b.post("send", "number", number) }
func (b *browser) verify(code string) { b.t.Helper(); b.post("verify", "code", code) }
func (b *browser) signedIn() string   { return b.Header().Get("Signed-In") }

// sees requires a status and texts.
func (b *browser) sees(status int, texts ...string) {
	b.t.Helper()
	assert.Equal(b.t, status, b.Code, b.Body.String())
	for _, text := range texts {
		assert.Contains(b.t, html.UnescapeString(b.Body.String()), text)
	}
}

// member is a member of the JSON that was answered.
func (b *browser) member(name string) any {
	b.t.Helper()
	var all map[string]any
	require.NoError(b.t, json.Unmarshal(b.Body.Bytes(), &all), b.Body.String())
	return all[name]
}

func codeOf(t testing.TB, p *otptest.Provider, number string) string {
	t.Helper()
	code, ok := p.Code(number)
	require.True(t, ok, "no code was sent")
	return code
}

func mistyped(code string) string {
	if code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}

func sendsOf(p *otptest.Provider) (n int) {
	for _, call := range p.Calls() {
		if call.Op == "send" {
			n++
		}
	}
	return n
}
