package main

import (
	"errors"
	"go/types"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// load gives the packages that a program elsewhere may import, of all modules in the workspace, sorted by path.
func load(root string) ([]*types.Package, error) {
	// The workspace that counts is the one of the folder: this program itself is not part of any.
	cfg := &packages.Config{Mode: packages.LoadTypes, Dir: root, Env: append(os.Environ(), "GOWORK=")}
	loaded, err := packages.Load(cfg, "work")
	if err != nil {
		return nil, err
	}
	var found []*types.Package
	var failed []error
	for _, p := range loaded {
		for _, e := range p.Errors {
			failed = append(failed, e)
		}
		if importable(p) {
			found = append(found, p.Types)
		}
	}
	slices.SortFunc(found, func(a, b *types.Package) int { return strings.Compare(a.Path(), b.Path()) })
	return found, errors.Join(failed...)
}

// importable leaves out examples as well, which are there to be copied.
func importable(p *packages.Package) bool {
	elements := strings.Split(p.PkgPath, "/")
	return p.Types != nil && p.Name != "main" && !slices.Contains(elements, "internal") && !slices.Contains(elements, "examples")
}
