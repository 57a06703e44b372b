package browsertest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// crowded opens the page with some phones, of one to four messages.
func crowded(t *testing.T, p program) *tab {
	t.Helper()
	phones := look(t, p)
	messages := [][2]string{
		{"hypersender", "+447700900123"},
		{"kaleyra", "+33199000123"},
		{"insider", "+61491570006"},
		{"smsfactor", "+33199000123"},
		{"insider", number},
		{"kaleyra", number},
		{"smsfactor", number},
		{"hypersender", number},
	}
	for _, m := range messages {
		v := vendor(t, p, m[0])
		require.Equal(t, v.ok(), v.send(t, m[1], v.Body, "phones"))
	}
	await[bool](phones, fmt.Sprintf(`document.querySelectorAll('.message').length === %d`, len(messages)))
	return phones
}

func TestPhonesAtEveryWidth(t *testing.T) {
	browser(t)
	p := start(t)
	phones := crowded(t, p)
	p.fault(t, "kaleyra", "cut", "verify", 3)
	await[bool](phones, `document.querySelectorAll('.fault').length === 1`)
	for _, name := range []string{"config", "traffic", "faults"} {
		eval[chromedp.Void](phones, `document.querySelector('#tab-`+name+`').click()`)
		phones.accessible("phones, " + name)
	}
	for _, width := range widths {
		phones.do(chromedp.EmulateViewport(width, 900))
		phones.save(fmt.Sprintf("phones-%d", width))
		empty := eval[[]string](phones, `[...document.querySelectorAll('.phone')].filter((phone) => {
			const list = phone.querySelector('.messages'), last = list.lastElementChild.getBoundingClientRect();
			return list.scrollHeight === list.clientHeight && phone.getBoundingClientRect().bottom - last.bottom > 20;
		}).map((phone) => phone.dataset.number)`)
		assert.Empty(t, empty, "phones that are higher than their messages, at %d px", width)
		broken := eval[[]string](phones, `[...document.querySelectorAll('#totals, .number, .chip, .state, .facts > *')].filter((e) =>
			e.getBoundingClientRect().height > 2 * parseFloat(getComputedStyle(e).fontSize)).map((e) => e.outerHTML)`)
		assert.Empty(t, broken, "words in two lines, at %d px", width)
		assert.True(t, eval[bool](phones, `document.querySelector('#bar').offsetHeight <= 120`), "two lines, at %d px", width)
	}
	phones.do(chromedp.EmulateViewport(390, 2600))
	phones.save("phones-390-whole")
	phones.scheme(true)
	phones.do(chromedp.EmulateViewport(1280, 1400))
	phones.save("phones-1280-dark")
	phones.calm()
}

func TestWaitingPage(t *testing.T) {
	browser(t)
	phones := look(t, start(t))
	phones.accessible("phones, waiting")
	phones.phone(320)
	phones.save("phones-waiting-320")
}

// What a person sets with the mouse is for the phone that the person names.
func TestFaultsAndTimeOnThePage(t *testing.T) {
	browser(t)
	p := start(t)
	phones := crowded(t, p)
	eval[chromedp.Void](phones, `document.querySelector('#tab-faults').click()`)
	offered := func() []string {
		return eval[[]string](phones, `[...document.querySelectorAll('[data-fault]')].filter((b) => !b.hidden).map((b) => b.dataset.fault)`)
	}
	assert.NotContains(t, offered(), "not-on-whatsapp", "Insider has no such answer")
	phones.do(chromedp.Evaluate[chromedp.Void](
		`(() => { const s = document.querySelector('#fault-vendor'); s.value = 'hypersender'; s.dispatchEvent(new Event('change')); })()`))
	require.Contains(t, offered(), "not-on-whatsapp")

	phones.do(chromedp.Click(chromedp.CSS(`[data-fault="not-on-whatsapp"]`)))
	await[bool](phones, `document.querySelector('#fault-error').textContent === 'to: not-on-whatsapp is about one phone number'`)
	phones.write("#fault-to", number)
	phones.do(chromedp.Click(chromedp.CSS(`[data-fault="not-on-whatsapp"]`)))
	await[bool](phones, `document.querySelector('#fault-error').textContent === ''`)
	await[bool](phones, `document.querySelector('.fault .text')?.textContent.includes('to `+number+`')`)
	v := vendor(t, p, "hypersender")
	require.Equal(t, 200, v.send(t, "+447700900123", v.Body, "neighbour"))
	require.Equal(t, 422, v.send(t, number, v.Body, "person"))
	await[bool](phones, `document.querySelectorAll('.fault').length === 0`)

	phones.do(chromedp.Click(chromedp.CSS(`[data-receipt="sent undelivered"]`)))
	await[bool](phones, `document.querySelector('`+newest+` .delivery').textContent === 'undelivered'`)

	phones.do(chromedp.Click(chromedp.CSS(`#advance`)))
	await[bool](phones, `[...document.querySelectorAll('[data-number="`+number+`"] .message')].every((m) => m.dataset.state === 'expired')`)
	assert.Zero(t, eval[int](phones, `document.querySelectorAll('.phone:not([data-number="`+number+`"]) .message[data-state="expired"]').length`))
	phones.calm()
}
