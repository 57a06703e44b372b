package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const number = "+12025550123"

// ask has a code sent to the number, and stops where it is to be typed.
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

func TestFromANumberToASession(t *testing.T) {
	browser(t)
	p := start(t)
	phones := look(t, p)
	phones.save("phones-waiting")

	person := open(t, p.signIn)
	await[bool](person, `document.activeElement.id === 'phone'`) // a person can type at once
	assert.Equal(t, p.phones+"/", eval[string](person, `document.querySelector('#phones').href`))
	person.save("signin-number")
	person.write("#phone", "+1 (202) 555-0123")
	require.EqualValues(t, 200, person.press("#send"))
	assert.Equal(t, number, person.text("#number"))
	await[bool](person, `document.activeElement.id === 'code'`)
	assert.Equal(t, "one-time-code", eval[string](person, `document.querySelector('#code').autocomplete`))
	person.save("signin-code")

	person.write("#code", phones.read()) // the page of phones was open all the time
	require.EqualValues(t, 200, person.press("#verify"))
	assert.Equal(t, "You are signed in", person.text("h1"))
	assert.Equal(t, number, person.text("#number"))
	person.save("signin-home")
	assert.Equal(t, "", eval[string](person, `document.cookie`), "scripts cannot read the session")

	await[bool](phones, `document.querySelector('`+newest+`').dataset.state === 'verified'`)
	phones.save("phones-verified")

	person.goTo(p.signIn)
	assert.Equal(t, "You are signed in", person.text("h1"))
	person.press("#sign-out")
	assert.Equal(t, "Sign in", person.text("h1"))
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
	require.EqualValues(t, 422, person.press("#verify"))
	assert.Regexp(t, `^That is not the code\. Tries left: \d+\.$`, person.text("#error"))
	await[bool](person, `document.activeElement.getAttribute('aria-describedby') === 'error'`)
	person.save("signin-wrong")
	assert.Contains(t, await[string](phones, `(document.querySelector('`+newest+` .attempts').textContent.match(/^1 .*/) || [''])[0]`), "wrong code")

	person.write("#code", code)
	require.EqualValues(t, 200, person.press("#verify"))
	assert.Equal(t, "You are signed in", person.text("h1"))
	person.calm()
}

// The button rests for as long as the server would refuse, and then sends.
func TestAFurtherCode(t *testing.T) {
	browser(t)
	p := start(t, "-cooldown", "1s")
	phones := look(t, p)
	person := open(t, p.signIn)
	person.write("#phone", number)
	person.press("#send")
	assert.Contains(t, []string{"Send a new code in 1 s", "Send a new code"}, person.text("#resend"))
	first := phones.read()

	await[bool](person, `!document.querySelector('#resend').disabled`)
	assert.Equal(t, "Send a new code", person.text("#resend"))
	require.EqualValues(t, 200, person.press("#resend"))
	assert.Empty(t, person.text("#note"))
	await[bool](phones, `document.querySelectorAll('.phone .message').length === 2`)

	second := phones.read()
	if first != second { // one in a million
		person.write("#code", second)
	}
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

	eval[chromedp.Void](phones, `document.querySelector('#tab-faults').click()`)
	eval[chromedp.Void](phones, `document.querySelector('#fault-vendor').value = 'smsfactor'`)
	eval[chromedp.Void](phones, `document.querySelector('#fault-on').value = 'verify'`)
	eval[chromedp.Void](phones, `document.querySelector('[data-fault="cut"]').click()`)
	await[bool](phones, `document.querySelectorAll('#fault-list .fault').length > 0`)
	phones.save("phones-faults")

	person.write("#code", code)
	require.EqualValues(t, 503, person.press("#verify"))
	assert.Contains(t, person.text("#error"), "We cannot check the code right now. It was not wrong.")
	person.save("signin-vendor-down")
	person.write("#code", code)
	require.EqualValues(t, 200, person.press("#verify"))
	assert.Equal(t, "You are signed in", person.text("h1"))
}

func TestAPhonesWidth(t *testing.T) {
	browser(t)
	p := start(t)
	fits := `document.documentElement.scrollWidth <= window.innerWidth`
	person := ask(t, p)
	person.phone(320)
	assert.True(t, eval[bool](person, fits))
	person.save("signin-narrow")
	phones := look(t, p)
	phones.read()
	phones.phone(320)
	assert.True(t, eval[bool](phones, fits))
	phones.save("phones-narrow")
}
