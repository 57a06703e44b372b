package browsertest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "take the pictures of the README anew")

// largest is how many bytes a picture of the README may have.
const largest = 150_000

// publish keeps a picture, and puts it into the README's folder if that is asked for.
func (p *tab) publish(name string) {
	p.t.Helper()
	p.save("readme-" + name)
	path := filepath.Join("..", "..", "docs", "images", name+".png")
	if *update {
		require.NoError(p.t, os.WriteFile(path, p.picture(), 0o644))
	}
	info, err := os.Stat(path)
	require.NoError(p.t, err, "go test -update takes it")
	assert.LessOrEqual(p.t, info.Size(), int64(largest), path)
}

func TestPicturesOfTheReadme(t *testing.T) {
	browser(t)
	p := start(t)
	phones := look(t, p)
	phones.do(chromedp.EmulateViewport(1200, 680))
	for _, m := range [][2]string{{"hypersender", "+447700900123"}, {"kaleyra", "+33199000123"}, {"insider", "+61491570006"}} {
		v := vendor(t, p, m[0])
		require.Equal(t, v.ok(), v.send(t, m[1], v.Body, "pictures"))
	}
	person := ask(t, p)
	person.do(chromedp.EmulateViewport(760, 560, chromedp.EmulateScale(2)))
	code := phones.read()
	person.write("#code", code)
	person.publish("signin")
	person.scheme(true)
	person.save("signin-dark")
	person.press("#verify")
	await[bool](phones, `document.querySelector('`+newest+`').dataset.state === 'verified'`)
	phones.publish("phones")
	phones.scheme(true)
	phones.save("phones-dark")
}
