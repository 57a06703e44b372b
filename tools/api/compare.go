package main

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/exp/apidiff"
)

// incompatible tells what a program that was written for the older packages can trip over in those of now.
func incompatible(before, now []*types.Package) []string {
	var found []string
	exported := aliased(before)
	current := withHidden(now)
	for path, old := range withHidden(before) {
		p := current[path]
		if p == nil {
			found = append(found, path+": removed")
			continue
		}
		for _, change := range apidiff.Changes(old, p).Changes {
			names, isHidden := exported[path]
			if change.Compatible || isHidden && !names[subject(change.Message)] {
				continue
			}
			found = append(found, fmt.Sprintf("%s: %s", path, change.Message))
		}
	}
	slices.Sort(found)
	return found
}

// aliased gives the types of internal packages that these packages export by an alias: path of the package, then name.
// To apidiff an alias is no more than the name behind it.
func aliased(exporting []*types.Package) map[string]map[string]bool {
	found := map[string]map[string]bool{}
	for _, named := range hiddenTypes(exporting) {
		path := named.Obj().Pkg().Path()
		if found[path] == nil {
			found[path] = map[string]bool{}
		}
		found[path][named.Obj().Name()] = true
	}
	return found
}

// withHidden gives packages by path, and with them the internal ones that they have aliases to.
func withHidden(exporting []*types.Package) map[string]*types.Package {
	found := map[string]*types.Package{}
	for _, p := range exporting {
		found[p.Path()] = p
	}
	for _, named := range hiddenTypes(exporting) {
		found[named.Obj().Pkg().Path()] = named.Obj().Pkg()
	}
	return found
}

func hiddenTypes(exporting []*types.Package) []*types.Named {
	var found []*types.Named
	for _, p := range exporting {
		for _, name := range p.Scope().Names() {
			o, ok := p.Scope().Lookup(name).(*types.TypeName)
			if !ok || !o.IsAlias() || !o.Exported() {
				continue
			}
			if named, ok := types.Unalias(o.Type()).(*types.Named); ok && hidden(named) {
				found = append(found, named)
			}
		}
	}
	return found
}

// subject is the name that a message of apidiff is about: Inbox, of "(*Inbox).Last: removed".
func subject(message string) string {
	name := strings.TrimLeft(message, "(*")
	end := strings.IndexFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
	if end < 0 {
		return name
	}
	return name[:end]
}
