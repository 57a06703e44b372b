package repo

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryExportedIdentifierSaysMoreThanItsName(t *testing.T) {
	var bare []string
	for _, p := range packages(t, pkg.importable) {
		for name, comment := range comments(t, p) {
			if !saysMore(name, comment) {
				bare = append(bare, p.path()+"."+name+": "+strconv.Quote(comment))
			}
		}
	}
	slices.Sort(bare)
	assert.Empty(t, strings.Join(bare, "\n"))
}

// The output is checked, but for a suite of tests, which needs a *testing.T.
func TestEveryPackageHasAnExample(t *testing.T) {
	for _, p := range packages(t, pkg.importable) {
		examples := doc.Examples(parse(t, token.NewFileSet(), p, append(slices.Clone(p.TestGoFiles), p.XTestGoFiles...))...)
		isSuite := slices.Contains(p.Imports, "testing")
		assert.True(t, slices.ContainsFunc(examples, func(e *doc.Example) bool { return isSuite || e.Output != "" || e.EmptyOutput }),
			"%s has no example whose output is checked", p.path())
	}
}

// Tests are no exception: nothing happens behind the back of who reads a test.
func TestNothingRunsBeforeMain(t *testing.T) {
	for _, p := range packages(t, func(pkg) bool { return true }) {
		for _, file := range parse(t, token.NewFileSet(), p, slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles)) {
			for _, declared := range file.Decls {
				if f, ok := declared.(*ast.FuncDecl); ok && f.Recv == nil {
					assert.NotEqual(t, "init", f.Name.Name, "%s has a func init", p.path())
				}
			}
		}
	}
}

func parse(t *testing.T, fset *token.FileSet, p pkg, names []string) []*ast.File {
	t.Helper()
	var parsed []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		require.NoError(t, err)
		parsed = append(parsed, file)
	}
	return parsed
}

// comments gives the comment of everything exported, by name: "Config", "Config.APIKey", "New".
func comments(t *testing.T, p pkg) map[string]string {
	t.Helper()
	found := map[string]string{}
	fset := token.NewFileSet()
	for _, file := range parse(t, fset, p, p.GoFiles) {
		for _, declared := range file.Decls {
			switch d := declared.(type) {
			case *ast.FuncDecl:
				if receiver, exported := receiverOf(d); exported && d.Name.IsExported() {
					found[receiver+d.Name.Name] = d.Doc.Text()
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					ofSpec(found, fset, d, spec)
				}
			}
		}
	}
	return found
}

func receiverOf(f *ast.FuncDecl) (prefix string, exported bool) {
	if f.Recv == nil {
		return "", true
	}
	var name *ast.Ident // the first: pointers and type parameters stand around it
	ast.Inspect(f.Recv.List[0].Type, func(n ast.Node) bool {
		if i, ok := n.(*ast.Ident); ok && name == nil {
			name = i
		}
		return name == nil
	})
	return name.Name + ".", name.IsExported()
}

func ofSpec(found map[string]string, fset *token.FileSet, d *ast.GenDecl, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if name.IsExported() {
				found[name.Name] = d.Doc.Text() + s.Doc.Text() + s.Comment.Text()
			}
		}
	case *ast.TypeSpec:
		if s.Name.IsExported() {
			found[s.Name.Name] = d.Doc.Text() + s.Doc.Text() + s.Comment.Text()
			ofMembers(found, fset, s, found[s.Name.Name])
		}
	}
}

// ofMembers takes fields and methods. The comment at the head of a paragraph is about all of it,
// and that of the type about the members that it names. The one method of an interface is what the
// interface's own comment is about.
func ofMembers(found map[string]string, fset *token.FileSet, s *ast.TypeSpec, comment string) {
	var members *ast.FieldList
	switch kind := s.Type.(type) {
	case *ast.StructType:
		members = kind.Fields
	case *ast.InterfaceType:
		members = kind.Methods
	}
	if members == nil || len(members.List) == 1 && isInterface(s) {
		return
	}
	head, last := "", 0
	for _, member := range members.List {
		first := fset.Position(member.Pos()).Line
		if member.Doc != nil || first > last+1 {
			head = member.Doc.Text()
		}
		last = fset.Position(member.End()).Line
		for _, name := range member.Names {
			if !name.IsExported() {
				continue
			}
			own := head + member.Comment.Text()
			if own == "" && regexp.MustCompile(`\b`+name.Name+`\b`).MatchString(comment) {
				own = comment
			}
			found[s.Name.Name+"."+name.Name] = own
		}
	}
}

func isInterface(s *ast.TypeSpec) bool {
	_, is := s.Type.(*ast.InterfaceType)
	return is
}

var filler = strings.Fields(
	"a an and are as be by for from gives has in is it its of on or returns sets that the this to what which with")

// saysMore tells whether a comment holds a word that is neither a part of the name nor one of those
// in any sentence.
func saysMore(name, comment string) bool {
	name = strings.ToLower(name[strings.LastIndex(name, ".")+1:])
	words := strings.FieldsFunc(strings.ToLower(comment), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.ContainsFunc(words, func(word string) bool {
		return !slices.Contains(filler, word) && !strings.Contains(name, strings.TrimSuffix(word, "s"))
	})
}
