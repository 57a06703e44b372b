package readme

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
)

var (
	link      = regexp.MustCompile(`\]\(([^)\s]*)(?: "[^"]*")?\)`)
	reference = regexp.MustCompile(`(?m)^\[[^\]]+\]: (\S+)`)
	automatic = regexp.MustCompile(`<(https?://[^>]*)>`)
	image     = regexp.MustCompile(`(?:src|srcset|href)="([^"]+)"`)
	heading   = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	code      = regexp.MustCompile("`[^`\n]*`")
)

// No link is followed to the network.
func TestLinksInDocumentsLeadSomewhere(t *testing.T) {
	anchors := map[string]map[string]bool{}
	all := documents(t)
	for _, d := range all {
		anchors[d.path] = anchorsOf(d.text)
	}
	count := 0
	for _, d := range all {
		text := code.ReplaceAllString(d.text, "")
		for _, form := range []*regexp.Regexp{link, reference, automatic, image} {
			for _, match := range form.FindAllStringSubmatch(text, -1) {
				count++
				assert.Empty(t, problem(d.path, match[1], anchors), "%s: the link %s", d.path, match[1])
			}
		}
	}
	assert.Greater(t, count, 20)
}

// problem says what is wrong with a link in the document from, or nothing.
func problem(from, to string, anchors map[string]map[string]bool) string {
	u, err := url.Parse(to)
	switch {
	case err != nil:
		return err.Error()
	case u.Scheme == "https" && u.Host != "", u.Scheme == "http" && u.Hostname() == "127.0.0.1":
		return ""
	case u.Scheme != "" || u.Host != "" || path.IsAbs(u.Path):
		return "neither https nor relative"
	}
	target := from
	if u.Path != "" {
		target = path.Join(path.Dir(from), u.Path)
	}
	if target == ".." || strings.HasPrefix(target, "../") {
		return "leads out of the repository"
	}
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(target))); err != nil {
		return "no such file"
	}
	if u.Fragment != "" && !anchors[target][u.Fragment] {
		return "no such heading"
	}
	return ""
}

// anchorsOf gives the anchors that GitHub makes of the headings.
func anchorsOf(text string) map[string]bool {
	found := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		title := link.ReplaceAllString(match[1], "")
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			default:
				return -1
			}
		}, strings.TrimSpace(title))
		for unique, n := anchor, 1; ; unique, n = anchor+"-"+strconv.Itoa(n), n+1 {
			if !found[unique] {
				found[unique] = true
				break
			}
		}
	}
	return found
}
