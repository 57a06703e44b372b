package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// payloads are texts that run as script where a page is careless: they open a dialog, or set a
// global.
var payloads = []string{
	`<script>pwned=1</script>`,
	`</script><script>alert(1)</script>`,
	`</title><script>pwned=1</script>`,
	`<img src=x onerror=pwned=1>`,
	`"><svg onload=alert(1)>`,
	`" autofocus onfocus=pwned=1 x="`,
	`<details open ontoggle=pwned=1>x</details>`,
	`<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`,
	`</p></div><body onpageshow=pwned=1>`,
	`';alert(1);'`,
}

// The payloads are good: a page that writes them as they are is overrun by every one.
func TestThePayloadsRunInACarelessPage(t *testing.T) {
	browser(t)
	careless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		text := r.URL.Query().Get("text")
		fmt.Fprintf(w, `<!doctype html><title>%s</title><p>%[1]s</p><input value="%[1]s"><script>x = '%[1]s'</script>`, text)
	}))
	defer careless.Close()
	calm := open(t, careless.URL)
	calm.calm()
	for _, payload := range payloads {
		page := open(t, careless.URL+"?text="+url.QueryEscape(payload))
		assert.Eventually(t, func() bool { return page.upset() || page.pwned() }, patience/5, patience/5000, payload)
	}
}

// The phone shows what a vendor was asked to send, whatever that is.
func TestHostileMessagesRunNothing(t *testing.T) {
	browser(t)
	p := start(t)
	phones := look(t, p)
	for i, payload := range payloads {
		hypersender, smsfactor, insider := vendor(t, p, "hypersender"), vendor(t, p, "smsfactor"), vendor(t, p, "insider")
		require.Equal(t, 200, hypersender.send(t, number, strings.Replace(hypersender.Body, `"Acme"`, quoted(payload), 1), payload))
		require.Equal(t, 200, smsfactor.send(t, number, strings.TrimSuffix(smsfactor.Body, "}")+`,"text":`+quoted(payload)+"}", payload))
		require.Equal(t, 400, insider.send(t, number, strings.Replace(insider.Body, `"NUMBER"`, quoted(payload), 1), payload)) // the traffic shows it

		await[bool](phones, fmt.Sprintf(`document.querySelectorAll('.message').length === %d`, min(2*(i+1), 200)))
		assert.Contains(t, phones.text(`.message:first-child .text`), payload, "to the letter")
		await[bool](phones, fmt.Sprintf(`document.querySelectorAll('.exchange').length === %d`, 3*(i+1)))
	}
	eval[chromedp.Void](phones, `document.querySelector('#tab-traffic').click()`)
	eval[chromedp.Void](phones, `document.querySelectorAll('.exchange details').forEach((d) => { d.open = true })`)
	phones.save("phones-hostile")
	phones.calm()
	assert.Equal(t, 1, eval[int](phones, `document.scripts.length`), "the page has its own script only")
	assert.Zero(t, eval[int](phones, `document.querySelectorAll('img, iframe, main svg:not(#empty svg)').length`))

	phones.goTo(p.phones) // now all of it comes with the list
	await[bool](phones, fmt.Sprintf(`document.querySelectorAll('.message').length === %d`, 2*len(payloads)))
	for _, payload := range payloads {
		phones.write("#find", payload)
	}
	await[bool](phones, `!document.querySelector('#nothing-found').hidden`)
	phones.calm()
}

func TestHostileNumbersRunNothing(t *testing.T) {
	browser(t)
	p := start(t)
	person := open(t, p.signIn)
	for _, payload := range payloads {
		eval[chromedp.Void](person, `document.querySelector('#phone').removeAttribute('maxlength')`)
		eval[chromedp.Void](person, `document.querySelector('#phone').value = `+quoted(payload))
		require.EqualValues(t, 400, person.press("#send"))
		assert.Equal(t, payload, eval[string](person, `document.querySelector('#phone').value`))
		person.calm()
	}
	person.save("signin-hostile")
	person.write("#phone", number)
	require.EqualValues(t, 200, person.press("#send"))
	for _, payload := range payloads {
		person.goTo(p.signIn + "/signin/?" + url.QueryEscape(payload))
		assert.Equal(t, number, person.text("#number"))
		person.calm()
	}
}
