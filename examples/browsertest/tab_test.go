package browsertest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tab is a page that a person looks at. It remembers whatever script did that nobody wanted.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	strays []string
}

// open opens a tab, in a profile of its own.
func open(t *testing.T, url string) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(browser(t), chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	require.NoError(t, chromedp.Do(ctx))
	ctx, cancel := context.WithTimeout(ctx, patience)
	t.Cleanup(cancel)
	p := &tab{t: t, ctx: ctx}
	p.watch()
	p.phone(900)
	p.goTo(url)
	return p
}

// watch listens to dialogs, exceptions and what the page's policy has stopped.
func (p *tab) watch() {
	dialogs, console := chromedp.Events(p.ctx, page.JavascriptDialogOpening), chromedp.Console(p.ctx)
	go func() {
		for dialog, err := range dialogs {
			if err != nil {
				return
			}
			p.stray("dialog: " + dialog.Message)
			_, _ = chromedp.Call(p.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		}
	}()
	go func() {
		for message, err := range console {
			if err != nil {
				return
			}
			if message.Exception != nil || strings.Contains(message.Text, "Content Security Policy") {
				p.stray(message.Text)
			}
		}
	}()
}

func (p *tab) stray(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.strays = append(p.strays, text)
}

// calm requires that no script has run but the page's own, nor tried to.
func (p *tab) calm() {
	p.t.Helper()
	assert.False(p.t, p.pwned(), "a script has set its global")
	p.mu.Lock()
	defer p.mu.Unlock()
	assert.Empty(p.t, p.strays)
}

func (p *tab) pwned() bool { p.t.Helper(); return eval[bool](p, `'pwned' in window`) }

func (p *tab) upset() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.strays, func(s string) bool { return strings.HasPrefix(s, "dialog") })
}

// phone makes the window so wide, in CSS pixels.
func (p *tab) phone(width int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, 760))
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.save("failed-" + strings.ReplaceAll(p.t.Name(), "/", "-"))
		require.NoError(p.t, err)
	}
}

// goTo opens an address.
func (p *tab) goTo(url string) { p.t.Helper(); p.load(chromedp.Navigate(url)) }

// press presses a button that leads to another page, and returns the status of that.
func (p *tab) press(selector string) int64 {
	p.t.Helper()
	return p.load(chromedp.Click(chromedp.CSS(selector)))
}

func (p *tab) load(step chromedp.Action[chromedp.Void]) int64 {
	p.t.Helper()
	response, err := chromedp.RunResponse(p.ctx, step)
	require.NoError(p.t, err)
	return response.Status
}

// write types into a field, in place of what is there. It does not use chromedp.SendKeys, which has
// a data race with a page that changes attributes meanwhile.
func (p *tab) write(selector, text string) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector(`+quoted(selector)+`).select()`), chromedp.KeyEvent(text))
}

func (p *tab) text(selector string) string {
	p.t.Helper()
	text, err := chromedp.Run(p.ctx, chromedp.TextContent(chromedp.CSS(selector)))
	require.NoError(p.t, err)
	return strings.TrimSpace(text)
}

// await waits until an expression is true, and returns its value.
func await[T any](p *tab, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Poll[T](expression, chromedp.WithPollingInterval(10*time.Millisecond)))
	if err != nil {
		p.save("failed-" + strings.ReplaceAll(p.t.Name(), "/", "-"))
	}
	require.NoError(p.t, err, expression)
	return value
}

func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	require.NoError(p.t, err, expression)
	return value
}

// quoted is text as an expression.
func quoted(text string) string {
	data, _ := json.Marshal(text) // a string always can
	return string(data)
}

// save keeps a picture of the page, where somebody wants pictures.
func (p *tab) save(name string) {
	p.t.Helper()
	folder := os.Getenv("OTP_SCREENSHOTS")
	if folder == "" {
		return
	}
	require.NoError(p.t, os.MkdirAll(folder, 0o755))
	require.NoError(p.t, os.WriteFile(filepath.Join(folder, name+".png"), p.picture(), 0o644))
}

// picture is what is in the window, once it has come to rest.
func (p *tab) picture() []byte {
	p.t.Helper()
	rest := chromedp.Evaluate[chromedp.Void](`Promise.all(document.getAnimations().map((a) => a.finished))`, chromedp.EvalAwaitPromise)
	require.NoError(p.t, chromedp.Do(p.ctx, rest))
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	require.NoError(p.t, err)
	return picture
}

// onEveryPage runs script before the page's own, on every page from now on.
func (p *tab) onEveryPage(script string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	require.NoError(p.t, err)
}
