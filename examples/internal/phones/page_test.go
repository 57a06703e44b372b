package phones_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
)

func (d desk) page() (html, script, style string) {
	d.t.Helper()
	file := func(path, contentType string) string {
		w := d.do("GET", path, "")
		require.Equal(d.t, http.StatusOK, w.Code)
		require.Equal(d.t, contentType, w.Header().Get("Content-Type"))
		return w.Body.String()
	}
	return file("/", "text/html; charset=utf-8"), file("/app.js", "text/javascript; charset=utf-8"), file("/style.css", "text/css; charset=utf-8")
}

func TestThePageNeverWritesHTML(t *testing.T) {
	_, script, _ := start(t, phones.Options{}).page()
	for _, way := range []string{
		"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "createContextualFragment", "DOMParser", "setHTML", "srcdoc",
		"eval(", "new Function", "javascript:", "setAttribute('on", ".href", ".src ", ".style",
	} {
		assert.NotContains(t, script, way)
	}
	assert.NotRegexp(t, `set(Timeout|Interval)\(\s*['"\x60]`, script)
	assert.Contains(t, script, "textContent")
}

func TestThePageKeepsToItsPolicy(t *testing.T) {
	html, script, style := start(t, phones.Options{}).page()
	assert.NotRegexp(t, `(?i)<script(?:\s[^>]*)?>[^<]`, html, "no script in the page")
	assert.NotRegexp(t, `(?i)<style|\sstyle=|\son[a-z]+=`, html)
	assert.NotRegexp(t, `<form`, html)
	for _, text := range []string{html, script, style} {
		for _, url := range regexp.MustCompile(`(?i)https?://[^\s'"]+|url\([^)]*\)|@import|\ssrc="//`).FindAllString(text, -1) {
			assert.Equal(t, "http://www.w3.org/2000/svg", url, "nothing comes from another host")
		}
	}
}

// The script finds what it looks for, and browser tests find the same.
func TestThePageHasWhatTheScriptLooksFor(t *testing.T) {
	html, script, _ := start(t, phones.Options{}).page()
	ids := regexp.MustCompile(`byId\('([a-z-]+)'\)`).FindAllStringSubmatch(script, -1)
	require.Greater(t, len(ids), 20)
	templates := regexp.MustCompile(`fromTemplate\('([a-z-]+)'\)`).FindAllStringSubmatch(script, -1)
	require.Len(t, templates, 6)
	for _, match := range append(ids, templates...) {
		assert.Equal(t, 1, strings.Count(html, `id="`+match[1]+`"`), match[1])
	}
	for _, match := range regexp.MustCompile(`(?:put\(node, |querySelector\()'\.([a-z-]+)'`).FindAllStringSubmatch(script, -1) {
		assert.Regexp(t, `class="[^"]*\b`+match[1]+`\b`, html)
	}
	faults := regexp.MustCompile(`data-fault="([^"]+)"`).FindAllStringSubmatch(html, -1)
	require.Len(t, faults, 10)
	var known []string
	for _, config := range start(t, phones.Options{}).configs() {
		known = append(known, config.Faults...)
	}
	for _, fault := range faults {
		assert.Contains(t, known, fault[1])
	}
}

// payloads are texts that run as a script where a page is careless.
var payloads = []string{
	`<script>alert(1)</script>`,
	`</script><script>alert(1)</script>`,
	`<img src=x onerror=alert(1)>`,
	`"><svg onload=alert(1)>`,
	`'-alert(1)-'`,
	`</textarea><iframe srcdoc="<script>alert(1)</script>">`,
	`<a href="javascript:alert(1)">x</a>`,
	"\u2028\u2029alert(1)",
	"\r\n\r\nevent: reset\r\ndata: {}\r\n\r\n",
	"\nid: 1\nevent: message\ndata: {}\n\n",
	"\u202e<b>\x00\ufeff",
	`{{constructor.constructor('alert(1)')()}}`,
	`${alert(1)}`,
	`&lt;script&gt;alert(1)&lt;/script&gt;`,
}

func TestHostileTextsStayTexts(t *testing.T) {
	for _, payload := range payloads {
		d := start(t, phones.Options{})
		quoted, err := json.Marshal(payload)
		require.NoError(t, err)
		hyper, sms, insider := d.shop("hypersender"), d.shop("smsfactor"), d.shop("insider")
		c := hyper.send
		c.body = strings.Replace(c.body, `"Acme"`, string(quoted), 1)
		require.Equal(t, 200, d.run(c).Code)
		c = sms.send
		c.body = strings.TrimSuffix(c.body, "}") + `,"text":` + string(quoted) + "}"
		require.Equal(t, 200, d.run(c).Code)
		c = insider.send // the number is hostile, and refused; the traffic shows it
		c.body = `{"channel":"sms","to":` + string(quoted) + `}`
		require.Equal(t, 400, d.run(c).Code)
		c.path, c.headers = "/insider/"+strings.Repeat("%3Cb%3E", 3), append(c.headers, "User-Agent: <script>")
		require.Equal(t, 404, d.run(c).Code)

		list := d.messages("").Messages
		require.Len(t, list, 2)
		assert.Contains(t, list[1].Text, payload, "to the letter")
		for _, target := range []string{"/api/messages", "/api/traffic", "/api/codes/next?to=" + number, "/api/config", "/api/faults"} {
			w := d.do("GET", target, "")
			assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
			assert.True(t, json.Valid(w.Body.Bytes()))
			assert.NotContains(t, w.Body.String(), "<", "not even a browser that guesses sees a tag")
		}
		text := d.shown()
		assert.NotContains(t, text, "\r")
		for _, line := range strings.Split(text, "\n") {
			assert.Regexp(t, `^(id: [A-Z0-9]{8}-\d+|event: (message|exchange)|data: \{.*\}|retry: 1000|: still here|\{.*\}|)$`, line)
		}
		for _, kind := range kindsIn(text) {
			assert.Contains(t, []string{"message", "exchange"}, kind, "a text cannot end its event")
		}
	}
}
