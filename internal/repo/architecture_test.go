package repo

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "draw the picture in docs/architecture.md")

const (
	architecture  = "docs/architecture.md"
	pictureBegins = "<!-- picture: drawn by go test ./internal/repo -update -->\n"
	pictureEnds   = "<!-- end of picture -->\n"
)

func TestPictureShowsTheImports(t *testing.T) {
	page := read(t, architecture)
	before, rest, found := strings.Cut(page, pictureBegins)
	require.True(t, found)
	_, after, found := strings.Cut(rest, pictureEnds)
	require.True(t, found)
	want := before + pictureBegins + "\n```text\n" + picture(t) + "```\n\n" + pictureEnds + after
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(root, architecture), []byte(want), 0o600))
	}
	assert.Equal(t, want, read(t, architecture), "to draw it again: go test ./internal/repo -update")
}

// picture has a line for each package, those at the top that import the most others below them. A
// package that another one on the line imports as well is left out.
func picture(t *testing.T) string {
	t.Helper()
	imports := map[string][]string{}
	shown := packages(t, func(p pkg) bool {
		return p.importable() && p.path() != "otp/guard/guardtest" && p.path() != "otp/otptest"
	})
	for _, p := range shown {
		for _, imported := range p.Imports {
			if slices.ContainsFunc(shown, func(s pkg) bool { return s.ImportPath == imported }) {
				imports[p.path()] = append(imports[p.path()], short(imported))
			}
		}
	}
	layers := make([][]string, len(shown))
	for _, p := range shown {
		depth := depthOf(p.path(), imports)
		layers[depth] = append(layers[depth], p.path())
	}
	var b strings.Builder
	for depth, names := range slices.Backward(layers) {
		for _, name := range names {
			if depth > 0 {
				name = fmt.Sprintf("%-27s -> %s", name, strings.Join(direct(name, imports), ", "))
			}
			b.WriteString(name + "\n")
		}
		if depth > 0 && len(names) > 0 {
			b.WriteString("\n")
		}
	}
	return b.String()
}

func depthOf(name string, imports map[string][]string) (depth int) {
	for _, imported := range imports[name] {
		depth = max(depth, 1+depthOf(imported, imports))
	}
	return depth
}

// direct gives what name imports, without what is reached through another import.
func direct(name string, imports map[string][]string) []string {
	return slices.DeleteFunc(slices.Clone(imports[name]), func(imported string) bool {
		return slices.ContainsFunc(imports[name], func(other string) bool {
			return other != imported && reaches(other, imported, imports)
		})
	})
}

func reaches(from, to string, imports map[string][]string) bool {
	return slices.ContainsFunc(imports[from], func(next string) bool { return next == to || reaches(next, to, imports) })
}
