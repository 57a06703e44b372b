package main

import (
	"bytes"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

const (
	somebody = "+12025550123"
	another  = "+33199000123" // as long as the first
)

func mistyped(code string) string {
	if code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}

// visitor is a person with a browser, without a network.
type visitor struct {
	t        *testing.T
	handler  http.Handler
	vendor   *otptest.Provider
	log      *bytes.Buffer
	from     string
	cookies  map[string]*http.Cookie
	page     string
	status   int
	header   http.Header
	location string
}

func visit(t *testing.T) *visitor { return visitWith(t, "http://phones.example") }

func visitWith(t *testing.T, phones string) *visitor {
	t.Helper()
	p := &visitor{t: t, vendor: otptest.NewProvider(), log: new(bytes.Buffer), from: "192.0.2.1:999", cookies: map[string]*http.Cookie{}}
	handler, err := newApp(p.vendor, 30*time.Second, phones, slog.New(slog.NewTextHandler(p.log, nil)))
	require.NoError(t, err)
	p.handler = handler
	return p
}

// beside is another browser that visits the same program.
func (p *visitor) beside() *visitor {
	other := *p
	other.cookies = map[string]*http.Cookie{}
	return &other
}

// do sends one request, with headers as "Name: value", and follows a redirect.
func (p *visitor) do(method, target string, form url.Values, headers ...string) {
	p.t.Helper()
	r := httptest.NewRequestWithContext(p.t.Context(), method, target, strings.NewReader(form.Encode()))
	r.RemoteAddr, r.Host = p.from, "127.0.0.1:8080"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
		if name == "Host" {
			r.Host = value
		}
	}
	for _, c := range p.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		p.cookies[c.Name] = c
		if c.MaxAge < 0 {
			delete(p.cookies, c.Name)
		}
	}
	p.page, p.status, p.header, p.location = w.Body.String(), w.Code, w.Header(), w.Header().Get("Location")
	if p.status == http.StatusSeeOther {
		p.get(p.location)
	}
}

func (p *visitor) get(target string) { p.t.Helper(); p.do("GET", target, nil) }
func (p *visitor) send(number string) {
	p.t.Helper()
	p.do("POST", "/send", url.Values{"number": {number}})
}
func (p *visitor) resend() { p.t.Helper(); p.do("POST", "/send", nil) }
func (p *visitor) verify(typed string) {
	p.t.Helper()
	p.do("POST", "/code", url.Values{"code": {typed}})
}

func (p *visitor) code() string {
	p.t.Helper()
	code, ok := p.vendor.Code(somebody)
	require.True(p.t, ok, "a code was sent")
	return code
}

func (p *visitor) texts() int {
	n := 0
	for _, call := range p.vendor.Calls() {
		if call.Op == "send" {
			n++
		}
	}
	return n
}

func (p *visitor) sees(status int, texts ...string) {
	p.t.Helper()
	assert.Equal(p.t, status, p.status)
	for _, text := range texts {
		assert.Contains(p.t, html.UnescapeString(p.page), text)
	}
}

func TestFromANumberToASession(t *testing.T) {
	p := visit(t)
	p.get("/")
	p.sees(200, "<h1>Sign in</h1>", `autocomplete="tel"`, `inputmode="tel"`, `<label for="phone">`, `href="http://phones.example"`)
	p.send("+1 (202) 555-0123")
	p.sees(200, "<h1>Enter the code</h1>", somebody, `autocomplete="one-time-code"`, `inputmode="numeric"`, `<label for="code">`, `data-seconds="30"`)
	before := p.cookies["session"].Value

	code := p.code()
	p.verify(" " + code[:3] + " " + code[3:])
	p.sees(200, "You are signed in", somebody)
	assert.NotEqual(t, before, p.cookies["session"].Value, "an id from before would let whoever planted it in")
	assert.NotContains(t, p.cookies, "pending")

	p.get("/")
	p.sees(200, "You are signed in")
	kept := p.cookies["session"]
	p.do("POST", "/signout", nil)
	p.sees(200, "<h1>Sign in</h1>")
	p.cookies["session"] = kept
	p.get("/")
	p.sees(200, "<h1>Sign in</h1>") // the server forgot it, too
}

func TestWhatIsSaidWhenACodeIsNotAccepted(t *testing.T) {
	two := 2
	for name, test := range map[string]struct {
		failure otp.Error
		status  int
		text    string
	}{
		"wrong, with tries left": {otp.Error{Kind: otp.ErrWrongCode, Outcome: otp.OutcomeAccepted, AttemptsLeft: &two}, 422, "That is not the code. Tries left: 2."},
		"wrong":                  {otp.Error{Kind: otp.ErrWrongCode, Outcome: otp.OutcomeAccepted}, 422, "That is not the code.</p>"},
		"rejected":               {otp.Error{Kind: otp.ErrCodeRejected, Outcome: otp.OutcomeAccepted}, 422, "That is not the code.</p>"},
		"expired":                {otp.Error{Kind: otp.ErrExpired, Outcome: otp.OutcomeAccepted}, 422, "This code has expired."},
		"used":                   {otp.Error{Kind: otp.ErrAlreadyVerified, Outcome: otp.OutcomeAccepted}, 422, "This code is no longer valid."},
		"not found":              {otp.Error{Kind: otp.ErrNotFound, Outcome: otp.OutcomeAccepted}, 422, "This code is no longer valid."},
		"too many tries":         {otp.Error{Kind: otp.ErrTooManyAttempts, Outcome: otp.OutcomeAccepted}, 429, "Too many wrong codes. Ask for a new one."},
		"vendor down":            {otp.Error{Kind: otp.ErrUnavailable}, 503, "We cannot check the code right now. It was not wrong."},
		"bad key":                {otp.Error{Kind: otp.ErrUnauthorized, Outcome: otp.OutcomeNotSent}, 503, "It was not wrong."},
		"vendor's limit":         {otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: 61 * time.Second}, 429, "There were too many requests. Try again in 2 min."},
	} {
		t.Run(name, func(t *testing.T) {
			p := visit(t)
			p.send(somebody)
			p.vendor.FailVerify(test.failure)
			p.verify("123456")
			p.sees(test.status, test.text, `aria-describedby="error"`, `aria-invalid="true"`, "<title>Error: ")
			assert.Equal(t, test.status == 422 || strings.Contains(test.text, "wrong codes"), errorsSayRejected(p.page), "only a vendor's verdict is told as one")
			p.get("/")
			p.sees(200, "<h1>Sign in</h1>")
		})
	}
}

func errorsSayRejected(page string) bool {
	return regexp.MustCompile(`not the code|expired|no longer valid|Too many wrong`).MatchString(page)
}

func TestWhatIsSaidWhenNoCodeIsSent(t *testing.T) {
	for name, test := range map[string]struct {
		failure otp.Error
		status  int
		text    string
	}{
		"vendor down": {otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent}, 503, "We cannot send a code right now."},
		"no money":    {otp.Error{Kind: otp.ErrInsufficientFunds, Outcome: otp.OutcomeNotSent}, 503, "We cannot send a code right now."},
		"a landline":  {otp.Error{Kind: otp.ErrInvalidRecipient, Outcome: otp.OutcomeNotSent}, 422, "Type your number with its country code"},
		"refused":     {otp.Error{Kind: otp.ErrRefused, Outcome: otp.OutcomeNotSent}, 403, "We cannot send codes to this number."},
		"too many":    {otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: time.Second}, 429, "Try again in 1 min."},
	} {
		t.Run(name, func(t *testing.T) {
			p := visit(t)
			p.vendor.FailSend(test.failure)
			p.send(somebody)
			p.sees(test.status, test.text, `value="+12025550123"`, `aria-describedby="error"`)
			assert.NotContains(t, p.cookies, "pending")
			assert.NotContains(t, p.log.String(), somebody)
			p.send(somebody)
			p.sees(200, "<h1>Enter the code</h1>") // nothing was sent, so nobody has to wait
		})
	}
}

func TestNumbersThatAreNone(t *testing.T) {
	p := visit(t)
	for _, number := range []string{"", "202 555 0123", "+1202555012a", "+12025550123,+12025550124", "+0", "++12025550123", strings.Repeat("9", 9000)} {
		p.send(number)
		p.sees(422, "Type your number with its country code")
	}
	assert.Zero(t, p.texts())
}

// A code may be on its way although the vendor gave no clear answer: the person can type it.
func TestAnUnknownOutcomeLetsThePersonType(t *testing.T) {
	p := visit(t)
	p.vendor.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown})
	p.send(somebody)
	p.sees(200, "<h1>Enter the code</h1>", "It may arrive all the same")
	p.verify(p.code())
	p.sees(200, "You are signed in")
}

func TestAFurtherCodeHasToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := visit(t)
		p.send(somebody)
		first := p.code()
		time.Sleep(10 * time.Second)
		p.get("/code")
		p.sees(200, `data-seconds="20"`)
		p.resend()
		p.sees(200, "A code is on its way already.", `data-seconds="20"`)
		assert.Equal(t, 1, p.texts())

		time.Sleep(20 * time.Second)
		p.resend()
		p.sees(200, "<h1>Enter the code</h1>", `data-seconds="30"`)
		assert.NotContains(t, p.page, "already")
		assert.Equal(t, 2, p.texts())
		if second := p.code(); second != first {
			p.verify(second)
			p.sees(200, "You are signed in")
		}
	})
}

func TestTriesAreCounted(t *testing.T) {
	p := visit(t)
	p.send(somebody)
	for _, left := range []string{"2", "1", "0"} {
		p.verify(mistyped(p.code()))
		p.sees(422, "Tries left: "+left+".")
	}
	p.verify(p.code())
	p.sees(429, "Too many wrong codes.")
}

func TestACodeThatIsTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := visit(t)
		p.send(somebody)
		p.vendor.Advance(6 * time.Minute)
		p.verify(p.code())
		p.sees(422, "This code has expired.")

		time.Sleep(pendingLength)
		p.verify(p.code())
		p.sees(422, "This took too long. Start again.")
		p.get("/code")
		p.sees(422, "This took too long. Start again.")
	})
}

func TestACodeServesOnce(t *testing.T) {
	p := visit(t)
	p.send(somebody)
	pending, session := p.cookies["pending"], p.cookies["session"]
	p.verify(p.code())
	p.sees(200, "You are signed in")

	thief := p.beside()
	thief.cookies["pending"], thief.cookies["session"] = pending, session
	thief.verify(p.code())
	thief.sees(422, "This code is no longer valid.")
}

// What waits for a code in one browser is no good in another one, even with the code.
func TestAPendingCodeIsBoundToItsBrowser(t *testing.T) {
	p := visit(t)
	p.send(somebody)
	thief := p.beside()
	thief.from = "192.0.2.2:999"
	thief.send(another)
	thief.cookies["pending"] = p.cookies["pending"]
	thief.verify(p.code())
	thief.sees(422, "Start again.")
	for _, value := range []string{"", ".", "x.1", p.cookies["pending"].Value[1:], strings.Repeat("A", 3000)} {
		p.cookies["pending"].Value = value
		p.verify("123456")
		p.sees(422, "Start again.")
	}
}

// A number with an account and one without get the same answers from the same calls: nothing asks which is which.
func TestAKnownAndAnUnknownNumberGetTheSameAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := visit(t)
		p.send(somebody)
		p.verify(p.code()) // from now on the number is known
		p.sees(200, "You are signed in")
		time.Sleep(time.Minute)

		ask := func(number string) (*visitor, string) {
			v := p.beside()
			started := time.Now()
			v.send(number)
			assert.Zero(t, time.Since(started))
			first := v.page
			v.send(number) // too early
			v.verify("x x")
			return v, strings.ReplaceAll(html.UnescapeString(first+v.page), number, "NUMBER")
		}
		known, knownPages := ask(somebody)
		unknown, unknownPages := ask(another)
		assert.Equal(t, knownPages, unknownPages)
		assert.Equal(t, known.status, unknown.status)
		assert.Equal(t, known.header, unknown.header)
		require.Len(t, unknown.cookies, len(known.cookies))
		for name, c := range known.cookies {
			assert.Len(t, unknown.cookies[name].Value, len(c.Value))
		}
	})
}

func TestOtherSitesCannotAct(t *testing.T) {
	p := visit(t)
	for _, header := range []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: https://evil.example"} {
		for _, target := range []string{"/send", "/code", "/signout"} {
			p.do("POST", target, url.Values{"number": {somebody}}, header)
			assert.Equal(t, http.StatusForbidden, p.status)
		}
	}
	assert.Zero(t, p.texts())
	p.do("POST", "/send", url.Values{"number": {somebody}}, "Sec-Fetch-Site: same-origin", "Origin: http://127.0.0.1:8080")
	p.sees(200, "<h1>Enter the code</h1>")
}

func TestCookies(t *testing.T) {
	for phones, secure := range map[string]bool{"http://phones.example": false, "": true} {
		p := visitWith(t, phones)
		p.do("POST", "/send", url.Values{"number": {somebody}}, "Host: 127.0.0.1:8080") // what a proxy may say of any
		require.Len(t, p.cookies, 2)
		for name, c := range p.cookies {
			assert.True(t, c.HttpOnly)
			assert.Equal(t, http.SameSiteLaxMode, c.SameSite)
			assert.Equal(t, secure, c.Secure, "plain HTTP is for the simulator alone")
			assert.NotContains(t, c.Value, somebody[1:], name)
		}
	}
}

func TestASecondSignInEndsTheFirst(t *testing.T) {
	p := visit(t)
	p.send(somebody)
	p.verify(p.code())
	first := p.cookies["session"]
	p.send(another)
	code, _ := p.vendor.Code(another)
	p.verify(code)
	p.sees(200, another)
	p.cookies["session"] = first
	p.get("/")
	assert.NotContains(t, p.page, "You are signed in")
}

func TestSigningOutForgetsTheCodeThatIsOnItsWay(t *testing.T) {
	p := visit(t)
	p.send(somebody)
	p.do("POST", "/signout", nil)
	assert.NotContains(t, p.cookies, "pending")
}

func TestTheGuardKnowsTheCaller(t *testing.T) {
	p := visit(t)
	for i := range 10 {
		p.beside().send("+4420794601" + string(rune('0'+i)) + "0")
	}
	other := p.beside()
	other.send(somebody)
	other.sees(429, "There were too many requests. Try again in 60 min.")
	other.from = "192.0.2.2:999"
	other.send(somebody)
	other.sees(200, "<h1>Enter the code</h1>")
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	p := visit(t)
	for _, target := range []string{"/", "/code", "/nothing", "/static/style.css", "/static/countdown.js", "/static/", "/page.html"} {
		p.get(target)
		assert.Contains(t, p.header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'")
		assert.Equal(t, "nosniff", p.header.Get("X-Content-Type-Options"))
		assert.Equal(t, "same-origin", p.header.Get("Referrer-Policy"))
		assert.Equal(t, "no-store", p.header.Get("Cache-Control"))
	}
	for target, status := range map[string]int{"/static/style.css": 200, "/static/countdown.js": 200, "/static/": 404, "/page.html": 404, "/send": 405} {
		p.get(target)
		assert.Equal(t, status, p.status, target)
	}
}

func TestHostileTextsStayTexts(t *testing.T) {
	p := visit(t)
	for _, payload := range []string{`"><script>alert(1)</script>`, `" onfocus="alert(1)" autofocus="`, `</title><img src=x onerror=alert(1)>`} {
		p.send(payload)
		p.sees(422, payload) // escaped: it is still what was typed
		assert.NotContains(t, p.page, payload)
		p.send(somebody)
		p.get("/code?" + url.QueryEscape(payload))
		assert.NotContains(t, p.page, "alert(")
	}
}

func TestSessionsAreBoundedAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sessions{byID: make(map[string]session)}
		first := s.start(somebody)
		assert.Equal(t, somebody, s.number(first))
		time.Sleep(sessionLength)
		assert.Empty(t, s.number(first))
		assert.Empty(t, s.number(""))
		for range 3 {
			s.start(somebody)
		}
		assert.Len(t, s.byID, 3, "what has ended is forgotten")
	})
	s := sessions{byID: make(map[string]session, mostSessions)}
	for len(s.byID) < mostSessions {
		s.byID[http.StatusText(200)+string(rune(len(s.byID)))] = session{somebody, time.Now().Add(time.Hour)}
	}
	id := s.start(another)
	assert.Len(t, s.byID, mostSessions)
	assert.Equal(t, another, s.number(id))
}
