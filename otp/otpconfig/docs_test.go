package otpconfig

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write schema.json and ENVIRONMENT.md")

// upToDate compares a file with what it should hold.
func upToDate(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o600))
		return
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, want == string(got), path+" is stale: go test ./otp/otpconfig -update")
}

// comments are the doc comments of a struct's fields, by the names of the fields in Go.
func comments(t *testing.T, structure reflect.Type) map[string]string {
	t.Helper()
	folder := filepath.Join("../..", strings.TrimPrefix(structure.PkgPath(), "github.com/otp-sdk/otp-go"))
	found := make(map[string]string)
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, isType := n.(*ast.TypeSpec)
			if !isType || spec.Name.Name != structure.Name() {
				return true
			}
			for _, f := range spec.Type.(*ast.StructType).Fields.List {
				for _, name := range f.Names {
					found[name.Name] = forOperators(name.Name, f.Doc.Text())
				}
			}
			return false
		})
	}
	return found
}

var docLink = regexp.MustCompile(`\[([A-Za-z.]+)\]`)

// forOperators is a field's comment on one line, in the words of those who write a file and not Go.
func forOperators(name, comment string) string {
	text := strings.Join(strings.Fields(docLink.ReplaceAllString(comment, "$1")), " ")
	text = strings.NewReplacer(
		"DefaultBaseURL", "the vendor's", "otp.SMS", "sms", "otp.WhatsApp", "whatsapp", "otp.Voice", "voice",
	).Replace(text)
	for _, beginning := range []string{name + " is ", name + " are ", name + ": ", name + " "} {
		if rest, found := strings.CutPrefix(text, beginning); found {
			return strings.ToUpper(rest[:1]) + rest[1:]
		}
	}
	return text
}

// documented are the fields of a struct with their comments. A field without one is a mistake.
func documented(t *testing.T, structure reflect.Type) map[string]string {
	t.Helper()
	fields, err := fieldsOf(structure)
	require.NoError(t, err)
	written := comments(t, structure)
	byName := make(map[string]string)
	for _, f := range fields {
		name := structure.Field(f.index).Name
		require.NotEmpty(t, written[name], "%s.%s has no comment", structure, name)
		byName[f.name] = written[name]
	}
	return byName
}
