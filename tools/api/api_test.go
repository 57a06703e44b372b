package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// known are the packages that a source below may import, by path.
type known map[string]*types.Package

func (k known) Import(path string) (*types.Package, error) {
	if p := k[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("no package %s", path)
}

// check makes a package of the source, and known.
func (k known) check(t *testing.T, path, source string) *types.Package {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, source, 0)
	require.NoError(t, err)
	p, err := (&types.Config{Importer: k}).Check(path, fset, []*ast.File{file}, nil)
	require.NoError(t, err)
	k[path] = p
	return p
}

const kit = `package kit
type Box struct { Size int; hidden bool }
func (b *Box) Open() error { return nil }
type Private struct { Gone int }
`

const sample = `package sample
import "github.com/otp-sdk/otp-go/internal/kit"
type Box = kit.Box
const Typed Kind = "a"
const Plain = 6
type Kind string
func (k Kind) Error() string { return "" }
type Range[T any] struct { Min, Max T }
func (r Range[T]) Contains(v T) bool { return true }
type Config struct { Key string ` + "`json:\"key\"`" + `; Tags []string; secret int }
func (c *Config) Check() {}
type base struct{}
func (base) Close() {}
type Server struct { base; Kind }
type Doer interface { Do(b *Box) (n int, err error); sealed() }
func New(c Config, more ...Kind) (*Server, error) { return nil, nil }
var Default Config
type unseen int
func unseenToo() {}
`

func TestAListingHasEveryExportedDeclarationInALine(t *testing.T) {
	k := known{}
	k.check(t, module+"internal/kit", kit)
	want := []string{
		`const Plain = 6`,
		`const Typed Kind = "a"`,
		`func New(c Config, more ...Kind) (*Server, error)`,
		`type Box = internal/kit.Box struct`,
		`type Box, field Size int`,
		`type Box, method (*) Open() error`,
		`type Config struct, not comparable`,
		"type Config, field Key string `json:\"key\"`",
		`type Config, field Tags []string`,
		`type Config, method (*) Check()`,
		`type Doer interface`,
		`type Doer, method Do(b *Box) (n int, err error)`,
		`type Doer, unexported methods`,
		`type Kind string`,
		`type Kind, method Error() string`,
		`type Range[T any] struct`,
		`type Range[T any], field Max T`,
		`type Range[T any], field Min T`,
		`type Range[T any], method Contains(v T) bool`,
		`type Server struct`,
		`type Server, field embedded Kind`,
		`type Server, method Close()`,
		`var Default Config`,
	}
	assert.Equal(t, want, listing(k.check(t, module+"sample", sample)))
}

func TestWhatIsIncompatibleIsNamed(t *testing.T) {
	for _, change := range []struct{ name, old, new, want string }{
		{"nothing", "", "", ""},
		{"an addition", "var Default Config", "var Default Config\nvar More int", ""},
		{"a parameter", "New(c Config,", "New(c Config, n int,", "sample: New: changed"},
		{"a constant's value", "Plain = 6", "Plain = 8", "sample: Plain: value changed from 6 to 8"},
		{"a field", "Tags []string;", "", "sample: Config.Tags: removed"},
		{"what an alias exports", "Open()", "Close()", "internal/kit: (*Box).Open: removed"},
		{"what no alias exports", "Gone int", "", ""},
	} {
		t.Run(change.name, func(t *testing.T) {
			load := func(edit func(string) string) []*types.Package {
				k := known{}
				k.check(t, module+"internal/kit", edit(kit))
				return []*types.Package{k.check(t, module+"sample", edit(sample))}
			}
			before := load(func(s string) string { return s })
			now := load(func(s string) string { return strings.Replace(s, change.old, change.new, 1) })
			found := incompatible(before, now)
			if change.want == "" {
				assert.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			assert.Contains(t, found[0], change.want)
		})
	}
	k := known{}
	assert.Equal(t, []string{"gone: removed"}, incompatible([]*types.Package{k.check(t, "gone", "package gone")}, nil))
}

func TestChangesNameTheFileAndTheLine(t *testing.T) {
	listed := listings{"otp.txt": "package otp\n\nconst A = 1\nconst B = 2\n", "old.txt": "package old\n", "same.txt": "x\n"}
	now := listings{"otp.txt": "package otp\n\nconst A = 1\nconst B = 3\n", "new.txt": "package new\n", "same.txt": "x\n"}
	assert.Equal(t, []string{
		"api/new.txt:", "+ package new",
		"api/old.txt:", "- package old",
		"api/otp.txt:", "- const B = 2", "+ const B = 3",
	}, changes(listed, now))
	assert.Empty(t, changes(now, now))
}

func TestWritingRemovesTheListingOfAPackageThatIsGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "api")
	require.NoError(t, listings{"gone.txt": "package gone\n", "otp.txt": "package otp\n"}.write(dir))
	now := listings{"otp.txt": "package otp\n\nconst A = 1\n"}
	require.NoError(t, now.write(dir))
	read, err := readListings(dir)
	require.NoError(t, err)
	assert.Equal(t, now, read)
}
