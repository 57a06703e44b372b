package main

import (
	"fmt"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// listings are the contents of the files in the folder api, by name. That of otp/route is otp-route.txt.
type listings map[string]string

func listingsOf(now []*types.Package) listings {
	all := listings{}
	for _, p := range now {
		name := strings.ReplaceAll(strings.TrimPrefix(p.Path(), module), "/", "-") + ".txt"
		all[name] = "package " + p.Path() + "\n\n" + strings.Join(listing(p), "\n") + "\n"
	}
	return all
}

func readListings(dir string) (listings, error) {
	all := listings{}
	names, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		content, err := os.ReadFile(name) //nolint:gosec // the repository's own
		if err != nil {
			return nil, err
		}
		all[filepath.Base(name)] = string(content)
	}
	return all, nil
}

// write makes these the listings in dir, and removes those of packages that are gone.
func (l listings) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // no secret
		return err
	}
	listed, err := readListings(dir)
	if err != nil {
		return err
	}
	for name := range listed {
		if _, still := l[name]; !still {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	for name, content := range l {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil { //nolint:gosec // no secret
			return err
		}
	}
	return nil
}

// changes gives the lines that only one of the two has.
func changes(listed, now listings) []string {
	names := maps.Clone(listed)
	maps.Copy(names, now)
	var found []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if listed[name] == now[name] {
			continue
		}
		found = append(found, fmt.Sprintf("api/%s:", name))
		found = append(found, only(listed[name], now[name], "- ")...)
		found = append(found, only(now[name], listed[name], "+ ")...)
	}
	return found
}

func only(these, those, mark string) []string {
	known := strings.Split(those, "\n")
	var found []string
	for line := range strings.SplitSeq(these, "\n") {
		if !slices.Contains(known, line) {
			found = append(found, mark+line)
		}
	}
	return found
}
