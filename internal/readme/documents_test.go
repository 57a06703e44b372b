// Package readme holds the documents to their word: programs and tests in them compile, and the
// tests pass; configurations and commands are valid; links lead somewhere.
package readme

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

// document is a Markdown file of the repository.
type document struct {
	path   string // from the root, with slashes
	text   string // without its blocks
	blocks []block
}

// block is what stands between two fences.
type block struct{ language, text string }

var fenced = regexp.MustCompile("(?ms)^( *)```([^\n`]*)\n(.*?)^ *```[ \t]*$")

func documents(t *testing.T) []document {
	t.Helper()
	var found []document
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "testdata") {
			return orSkip(err)
		}
		if entry.IsDir() || filepath.Ext(path) != ".md" {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		found = append(found, parse(filepath.ToSlash(relative), string(content)))
		return err
	}))
	require.Greater(t, len(found), 3)
	return found
}

func orSkip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}

func parse(path, content string) document {
	d := document{path: path, text: fenced.ReplaceAllString(content, "")}
	for _, match := range fenced.FindAllStringSubmatch(content, -1) {
		d.blocks = append(d.blocks, block{language: strings.TrimSpace(match[2]), text: match[3]})
	}
	return d
}

// in gives the blocks in a language.
func (d document) in(language string) []string {
	var found []string
	for _, b := range d.blocks {
		if b.language == language {
			found = append(found, b.text)
		}
	}
	return found
}

var (
	testName = regexp.MustCompile(`\x60(Test[A-Z]\w+)\x60`)
	declared = regexp.MustCompile(`(?m)^func (Test[A-Z]\w+)`)
)

// Pages say which test holds a promise.
func TestTestsThatDocumentsNameExist(t *testing.T) {
	there := map[string]bool{}
	require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		content, err := os.ReadFile(path)
		for _, match := range declared.FindAllSubmatch(content, -1) {
			there[string(match[1])] = true
		}
		return err
	}))
	for _, d := range documents(t) {
		for _, match := range testName.FindAllStringSubmatch(d.text, -1) {
			assert.True(t, there[match[1]], "%s names %s", d.path, match[1])
		}
	}
}
