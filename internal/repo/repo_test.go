// Package repo holds the repository to what it promises about itself: who imports whom, what is
// linked, what is documented, and what its workflows may do. It finds packages, modules and files
// by itself.
package repo

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	root   = "../.."
	module = "github.com/otp-sdk/otp-go"
)

// pkg is what the go command knows of a package, tests of it left out.
type pkg struct {
	ImportPath, Name, Dir              string
	Standard                           bool
	GoFiles, TestGoFiles, XTestGoFiles []string
	Imports                            []string
	Module                             struct{ Path string }
}

// path is the import path without that of the module: "otp/route".
func (p pkg) path() string { return short(p.ImportPath) }

func short(importPath string) string { return strings.TrimPrefix(importPath, module+"/") }

func (p pkg) ours() bool { return strings.HasPrefix(p.ImportPath, module+"/") }

func (p pkg) below(folder string) bool { return slices.Contains(strings.Split(p.path(), "/"), folder) }

// importable tells whether a program elsewhere may import p. Examples are there to be copied.
func (p pkg) importable() bool {
	return p.ours() && p.Name != "main" && !p.below("internal") && !p.below("examples") && len(p.GoFiles) > 0
}

// everything is each package of the workspace and each that one of them needs, by import path.
var everything = sync.OnceValues(func() (map[string]pkg, error) {
	out, err := goCommand(nil, "list", "-deps", "-json=ImportPath,Name,Dir,Standard,GoFiles,TestGoFiles,XTestGoFiles,Imports,Module", "work")
	if err != nil {
		return nil, err
	}
	found := map[string]pkg{}
	for d := json.NewDecoder(strings.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, err
		}
		found[p.ImportPath] = p
	}
})

func goCommand(env []string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), env...)
	out, err := cmd.Output()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		return "", errors.New(string(failed.Stderr))
	}
	return string(out), err
}

// packages gives the packages of the workspace that are wanted, sorted by path.
func packages(t *testing.T, wanted func(pkg) bool) []pkg {
	t.Helper()
	all, err := everything()
	require.NoError(t, err)
	var found []pkg
	for _, p := range all {
		if p.ours() && wanted(p) {
			found = append(found, p)
		}
	}
	require.NotEmpty(t, found)
	slices.SortFunc(found, func(a, b pkg) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return found
}

// needs gives everything that is linked with p, itself included.
func needs(t *testing.T, p pkg) []pkg {
	t.Helper()
	all, err := everything()
	require.NoError(t, err)
	seen := map[string]bool{}
	var found []pkg
	var visit func(string)
	visit = func(path string) {
		if seen[path] {
			return
		}
		seen[path] = true
		found = append(found, all[path])
		for _, imported := range all[path].Imports {
			visit(imported)
		}
	}
	visit(p.ImportPath)
	return found
}

// files gives the files of the repository that are wanted, by their path from the root, with
// slashes.
func files(t *testing.T, wanted func(path string) bool) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		isGit := entry.Name() == ".git" // a file in a worktree
		if entry.IsDir() && isGit {
			return fs.SkipDir
		}
		relative, err := filepath.Rel(root, path)
		if relative = filepath.ToSlash(relative); err == nil && !isGit && entry.Type().IsRegular() && wanted(relative) {
			found = append(found, relative)
		}
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	require.NoError(t, err)
	return string(content)
}
