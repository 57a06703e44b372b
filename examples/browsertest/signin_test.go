package browsertest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const number = "+12025550123"

//go:embed testdata/axe/axe.min.js
var axe string

// widths are those of telephones, tablets and screens, in CSS pixels.
var widths = []int64{320, 390, 480, 768, 1280}

// accessible requires that axe-core finds nothing, in the light and in the dark, that the page fits
// at every width, and that what can be pressed is 44 px high and has a name.
func (p *tab) accessible(state string) {
	p.t.Helper()
	for _, dark := range []bool{false, true} {
		p.scheme(dark)
		for _, width := range widths {
			p.phone(width)
			p.fits(fmt.Sprintf("%s at %d px", state, width))
		}
		eval[chromedp.Void](p, axe+`;undefined`)
		found, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](
			`axe.run().then((r) => JSON.stringify(r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html).join(' '))))`,
			chromedp.EvalAwaitPromise))
		require.NoError(p.t, err)
		assert.Equal(p.t, "[]", found, "%s, dark: %t", state, dark)
	}
	p.scheme(false)
	p.phone(900)
	unlabelled := eval[[]string](p, `[...document.querySelectorAll('input, select')].filter((e) => !e.labels.length).map((e) => e.outerHTML)`)
	assert.Empty(p.t, unlabelled, state)
}

// fits requires that nothing is wider than the page or squeezed to a letter a line, and that what
// can be pressed is 44 px high.
func (p *tab) fits(state string) {
	p.t.Helper()
	assert.True(p.t, eval[bool](p, `document.documentElement.scrollWidth <= window.innerWidth`), state)
	const shown = `.filter((e) => e.getClientRects().length && !e.closest('.hidden, .skip, [inert]'))`
	low := eval[[]string](p, `[...document.querySelectorAll('a, button, input, select, summary')]`+shown+
		`.filter((e) => Math.round(e.getBoundingClientRect().height) < 44).map((e) => e.outerHTML)`)
	assert.Empty(p.t, low, "%s: too low", state)
	squeezed := eval[[]string](p, `[...document.querySelectorAll('body *')]`+shown+`.filter((e) => {
		const size = parseFloat(getComputedStyle(e).fontSize), {width, height} = e.getBoundingClientRect();
		return [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim().length > 3) && width < 2 * size && height > 3 * size;
	}).map((e) => e.outerHTML)`)
	assert.Empty(p.t, squeezed, "%s: squeezed", state)
}

func (p *tab) scheme(dark bool) {
	p.t.Helper()
	value := "light"
	if dark {
		value = "dark"
	}
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}},
	})
	require.NoError(p.t, err)
}

// ask has a code sent to the number, and stops where it has to be typed.
func ask(t *testing.T, p program) *tab {
	t.Helper()
	person := open(t, p.signIn)
	person.write("#phone", number)
	require.EqualValues(t, 200, person.press("#send"))
	return person
}

// look opens the page of phones, as it is before any code.
func look(t *testing.T, p program) *tab {
	t.Helper()
	phones := open(t, p.phones)
	await[bool](phones, `document.querySelector('#connection').dataset.state === 'live'`)
	return phones
}

const newest = `.phone[data-number="` + number + `"] .message:first-child`

// read waits until the phone shows a code, and returns it.
func (p *tab) read() string {
	p.t.Helper()
	return await[string](p, `document.querySelector('`+newest+` .code')?.textContent`)
}

func mistyped(code string) string {
	if code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}

// fault lets the simulated vendors fail.
func (p program) fault(t *testing.T, vendor, fault, on string, times int) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"vendor": vendor, "fault": fault, "on": on, "times": times})
	require.NoError(t, err)
	resp, err := http.Post(p.phones+"/api/faults", "application/json", strings.NewReader(string(body)))
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Less(t, resp.StatusCode, 300)
}

func TestFromANumberToASession(t *testing.T) {
	browser(t)
	p := start(t)
	phones := look(t, p)
	phones.save("phones-waiting")

	person := open(t, p.signIn)
	await[bool](person, `document.activeElement.id === 'phone'`) // a person can type at once
	person.accessible("number")
	person.save("signin-number")
	person.write("#phone", "+1 (202) 555-0123")
	require.EqualValues(t, 200, person.press("#send"))
	assert.Equal(t, number, person.text("#number"))
	assert.Equal(t, "We have sent you a code.", person.text("#note"))
	await[bool](person, `document.activeElement.id === 'code'`)
	assert.Equal(t, "one-time-code", eval[string](person, `document.querySelector('#code').autocomplete`))
	person.accessible("code")
	person.save("signin-code")

	person.write("#code", phones.read()) // the page of phones was open all the time
	require.EqualValues(t, 200, person.press("#verify"))
	assert.Equal(t, "You are signed in", person.text("h1"))
	assert.Equal(t, number, person.text("#number"))
	person.accessible("home")
	person.save("signin-home")
	assert.Equal(t, "", eval[string](person, `document.cookie`), "scripts cannot read the session")

	await[bool](phones, `document.querySelector('`+newest+`').dataset.state === 'verified'`)
	phones.save("phones-verified")
	person.goTo(p.signIn)
	assert.Equal(t, "You are signed in", person.text("h1"))
	person.calm()
	phones.calm()
}

func TestAWrongCode(t *testing.T) {
	browser(t)
	p := start(t)
	phones := look(t, p)
	person := ask(t, p)
	code := phones.read()

	person.write("#code", mistyped(code))
	require.EqualValues(t, 400, person.press("#verify"))
	assert.Regexp(t, `^That is not the code\. Attempts left: \d+\.$`, person.text("#error"))
	assert.Equal(t, "alert", eval[string](person, `document.querySelector('#error').role`))
	await[bool](person, `document.activeElement.getAttribute('aria-describedby') === 'error'`)
	assert.Contains(t, eval[string](person, `document.title`), "Error: ")
	person.accessible("wrong code")
	person.save("signin-wrong")

	person.write("#code", code)
	require.EqualValues(t, 200, person.press("#verify"))
	assert.Equal(t, "You are signed in", person.text("h1"))
	person.calm()
}

// When no attempt is left, nobody is asked to try again.
func TestTooManyWrongCodes(t *testing.T) {
	browser(t)
	p := start(t, "-cooldown", "1s")
	phones := look(t, p)
	person := ask(t, p)
	code := phones.read()
	for range 10 {
		person.write("#code", mistyped(code))
		person.press("#verify")
		if eval[bool](person, `!document.querySelector('#code')`) {
			break
		}
	}
	assert.Equal(t, "Too many codes were tried. Ask for a new one.", person.text("#error"))
	assert.Empty(t, person.text("#note"))
	person.accessible("too many wrong codes")
	person.save("signin-too-many")
	await[bool](person, `!document.querySelector('#resend').disabled`)
	require.EqualValues(t, 200, person.press("#resend"))
	assert.Equal(t, "We have sent you a code.", person.text("#note"))
}

// The button waits for as long as the server would refuse, and then sends by the other vendor.
func TestAnotherCode(t *testing.T) {
	browser(t)
	p := start(t, "-cooldown", "1s")
	phones := look(t, p)
	person := ask(t, p)
	first := phones.read()

	await[bool](person, `!document.querySelector('#resend').disabled`)
	assert.Equal(t, "Send again by another way", person.text("#resend"))
	person.accessible("send again")
	require.EqualValues(t, 200, person.press("#resend"))
	assert.Equal(t, "We have sent you a code.", person.text("#note"))
	await[bool](phones, `document.querySelectorAll('.phone .message').length === 2`)

	person.write("#code", first) // both are alive
	require.EqualValues(t, 200, person.press("#verify"))
	assert.Equal(t, "You are signed in", person.text("h1"))
	person.calm()
}

func TestTheButtonCountsDown(t *testing.T) {
	browser(t)
	person := ask(t, start(t))
	assert.True(t, eval[bool](person, `document.querySelector('#resend').disabled`))
	before := await[int](person, `Number(document.querySelector('#resend').textContent.match(/ in (\d+) s$/)?.[1])`)
	assert.LessOrEqual(t, before, 30)
	await[bool](person, `Number(document.querySelector('#resend').textContent.match(/ in (\d+) s$/)[1]) < `+quoted(string(rune('0'+before/10))+string(rune('0'+before%10))))
	person.calm()
}

// When the vendor does not answer, nobody is told that a code was wrong.
func TestTheVendorIsDown(t *testing.T) {
	browser(t)
	p := start(t)
	phones := look(t, p)
	person := ask(t, p)
	code := phones.read()

	p.fault(t, "smsfactor", "cut", "verify", 1)
	person.write("#code", code)
	require.EqualValues(t, 503, person.press("#verify"))
	assert.Contains(t, person.text("#error"), "We cannot check the code right now. Yours was not rejected.")
	person.accessible("vendor down")
	person.save("signin-vendor-down")
	person.write("#code", code)
	require.EqualValues(t, 200, person.press("#verify"))
	assert.Equal(t, "You are signed in", person.text("h1"))
}

// The first vendor has no money, so the second one sends; without both the page says so.
func TestNoVendorSends(t *testing.T) {
	browser(t)
	p := start(t)
	p.fault(t, "smsfactor", "insufficient-funds", "send", 2)
	p.fault(t, "insider", "unauthorized", "send", 1)
	person := open(t, p.signIn)
	person.write("#phone", number)
	require.EqualValues(t, 503, person.press("#send"))
	assert.Contains(t, person.text("#error"), "We cannot send a code right now.")
	assert.Equal(t, number, eval[string](person, `document.querySelector('#phone').value`))
	person.accessible("no vendor")
	require.EqualValues(t, 200, person.press("#send"))
	assert.Equal(t, "Enter the code", person.text("h1"))
	look(t, p).read()
}

func TestAnUnsureSend(t *testing.T) {
	browser(t)
	p := start(t)
	p.fault(t, "smsfactor", "500-after-accepting", "send", 1)
	person := ask(t, p)
	assert.Contains(t, person.text("#note"), "We are not sure that the code was sent.")
	assert.NotContains(t, person.text("main"), "We have sent")
	person.accessible("unsure")
	person.save("signin-unsure")
}

func TestANumberThatIsNone(t *testing.T) {
	browser(t)
	person := open(t, start(t).signIn)
	person.write("#phone", "0612345678")
	require.EqualValues(t, 400, person.press("#send"))
	await[bool](person, `document.activeElement.getAttribute('aria-describedby') === 'error'`)
	person.accessible("no number")
	person.save("signin-no-number")
}

// A text that the browser can read is typed by itself.
func TestWebOTP(t *testing.T) {
	browser(t)
	p := start(t)
	phones := look(t, p)
	person := open(t, p.signIn)
	person.onEveryPage(`window.OTPCredential = class {};
		navigator.credentials.get = (options) => new Promise((read) => { window.asked = options; window.read = read; });`)
	person.write("#phone", number)
	require.EqualValues(t, 200, person.press("#send"))
	await[bool](person, `window.asked?.otp.transport[0] === 'sms'`)
	code := phones.read()
	person.load(chromedp.Evaluate[chromedp.Void](`window.read({code: ` + quoted(code) + `})`))
	assert.Equal(t, "You are signed in", person.text("h1"))
	person.calm()
}

func TestWithoutScript(t *testing.T) {
	browser(t)
	p := start(t)
	phones := look(t, p)
	person := open(t, p.signIn)
	_, err := chromedp.Call(person.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	require.NoError(t, err)
	person.do(chromedp.Focus(chromedp.CSS("#phone")), chromedp.KeyEvent(number))
	require.EqualValues(t, 200, person.press("#send"))
	assert.Equal(t, "Send again by another way", person.text("#resend"))
	require.EqualValues(t, 200, person.press("#resend")) // too early
	assert.Equal(t, "A code is on its way to you already.", person.text("#note"))
	person.do(chromedp.Focus(chromedp.CSS("#code")), chromedp.KeyEvent(phones.read()))
	require.EqualValues(t, 200, person.press("#verify"))
	assert.Equal(t, "You are signed in", person.text("h1"))
}

// The program of docs/signin.md, which is what a newcomer writes.
func TestTheDocumentedProgram(t *testing.T) {
	browser(t)
	page, err := os.ReadFile("../../docs/signin.md")
	require.NoError(t, err)
	_, source, _ := strings.Cut(string(page), "```go\n")
	source, _, _ = strings.Cut(source, "```")
	_, code, _ := strings.Cut(source, "\n)\n")
	assert.LessOrEqual(t, len(strings.FieldsFunc(code, func(r rune) bool { return r == '\n' })), 25, "lines of their own")

	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "main.go"), []byte(source), 0o600))
	built, err := filepath.Abs(filepath.Join("..", "signin"))
	require.NoError(t, err)
	program := filepath.Join(folder, "signin")
	build := exec.Command("go", "build", "-o", program, filepath.Join(folder, "main.go"))
	build.Dir = filepath.Join("..", "..")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	p := start(t)
	addr := freeAddress(t)
	t.Setenv("SIGNIN_KEY", strings.Repeat("k", 32))
	t.Setenv("SIGNIN_ADDR", addr)
	t.Chdir(built)
	runProgram(t, "http://"+addr+"/static/style.css", program)
	phones := look(t, p)
	person := open(t, "http://"+addr+"/signin/")
	person.write("#phone", number)
	require.EqualValues(t, 200, person.press("#send"))
	person.accessible("documented program")
	person.write("#code", phones.read())
	require.EqualValues(t, 200, person.press("#verify"))
	assert.Contains(t, person.text("body"), number)
}

func TestAPhonesWidth(t *testing.T) {
	browser(t)
	person := ask(t, start(t))
	person.phone(320)
	person.save("signin-narrow")
}
