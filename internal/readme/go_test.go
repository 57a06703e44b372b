package readme

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The Go blocks of a document are a program each, or declarations that share a package. Imports may
// be left out.
func TestGoInDocumentsCompilesAndItsTestsPass(t *testing.T) {
	for _, d := range documents(t) {
		if len(d.in("go")) == 0 {
			continue
		}
		t.Run(d.path, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var together []string
			for i, source := range d.in("go") {
				if strings.HasPrefix(source, "package main\n") {
					goCommand(t, "build", "-o", os.DevNull, write(t, dir, fmt.Sprintf("main%d.go", i), source))
					continue
				}
				together = append(together, write(t, dir, fmt.Sprintf("block%d_test.go", i), complete(t, source)))
			}
			if len(together) > 0 {
				goCommand(t, "test", together...)
			}
		})
	}
}

// The README has both, so that the test above cannot pass by finding neither.
func TestTheReadmeHasAProgramAndTests(t *testing.T) {
	for _, d := range documents(t) {
		if d.path == "README.md" {
			source := strings.Join(d.in("go"), "")
			assert.Contains(t, source, "package main\n")
			assert.Contains(t, source, "func Test")
			return
		}
	}
	t.Error("no README.md")
}

func write(t *testing.T, dir, name, source string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(file, []byte(source), 0o600))
	return file
}

// goCommand runs the go command on files, as a package of this workspace.
func goCommand(t *testing.T, command string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{command}, args...)...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, "%s", out)
}

// complete puts before a block what it leaves out for brevity: the package, and the imports of the
// names it uses.
func complete(t *testing.T, source string) string {
	t.Helper()
	if strings.HasPrefix(source, "package ") {
		return source
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", "package block\n"+source, 0)
	require.NoError(t, err, "a block holds declarations, such as a func: %s", source)
	head := "package block\n"
	if len(file.Imports) > 0 {
		return head + source
	}
	known, err := importPaths()
	require.NoError(t, err)
	var used []string
	for _, unresolved := range file.Unresolved {
		if path, ok := known[unresolved.Name]; ok && isQualifier(file, unresolved) && !slices.Contains(used, path) {
			used = append(used, path)
			head += fmt.Sprintf("import %q\n", path)
		}
	}
	return head + source
}

// isQualifier tells whether a name stands before a dot, as a package's does.
func isQualifier(file *ast.File, name *ast.Ident) bool {
	found := false
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok && selector.X == name {
			found = true
		}
		return !found
	})
	return found
}

// Two packages have these names, and documents mean this one.
var meant = map[string]string{
	"metric": "go.opentelemetry.io/otel/metric",
	"rand":   "crypto/rand",
	"trace":  "go.opentelemetry.io/otel/trace",
}

// importPaths gives a package of the workspace, of what it and its tests need, or of the standard
// library, by its name.
var importPaths = sync.OnceValues(func() (map[string]string, error) {
	found := map[string]string{}
	for _, packages := range []string{"std", "work"} { // the later has the say
		cmd := exec.Command("go", "list", "-deps", "-test", "-f", `{{if not .ForTest}}{{.Name}} {{.ImportPath}}{{end}}`, packages)
		cmd.Dir = root
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("go list %s: %w", packages, err)
		}
		for line := range strings.Lines(string(out)) {
			name, path, _ := strings.Cut(strings.TrimSpace(line), " ")
			inStandard := !strings.Contains(strings.Split(path, "/")[0], ".")
			if strings.Contains(path, "internal/") || strings.Contains(path, "vendor/") || inStandard && found[name] != "" {
				continue
			}
			found[name] = path
		}
	}
	for name, path := range meant {
		found[name] = path
	}
	return found, nil
})
