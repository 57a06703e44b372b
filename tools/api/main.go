// Api keeps the listing of the exported surface, and says what a change of it breaks.
//
//	api -root DIR            fail if the listing in DIR/api is stale
//	api -root DIR -old DIR   the same, and print what is incompatible with an older tree; fail for that, too, if -stable
//	api -root DIR -accept    write the listing
//
// .ci/run and .ci/api call it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	var w want
	flag.StringVar(&w.root, "root", ".", "the `folder` with go.work in it")
	flag.StringVar(&w.old, "old", "", "a `folder` with an older tree, to compare with")
	flag.BoolVar(&w.stable, "stable", false, "allow no incompatible change")
	flag.BoolVar(&w.accept, "accept", false, "write the listing")
	flag.Parse()
	if err := w.run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type want struct {
	root, old      string
	stable, accept bool
}

func (w want) run(out io.Writer) error {
	now, err := load(w.root)
	if err != nil {
		return err
	}
	dir := filepath.Join(w.root, "api")
	if w.accept {
		return listingsOf(now).write(dir)
	}
	return errors.Join(w.compare(out, now), upToDate(out, dir, now))
}

func (w want) compare(out io.Writer, now []*types.Package) error {
	if w.old == "" {
		return nil
	}
	before, err := load(w.old)
	switch {
	case err != nil && w.stable:
		return fmt.Errorf("the older tree: %w", err)
	case err != nil: // a commit that did not build is no reason against one that does
		fmt.Fprintln(out, "Not compared: the older tree does not build.")
		return nil
	}
	found := incompatible(before, now)
	fmt.Fprintf(out, "Incompatible changes: %d\n", len(found))
	for _, change := range found {
		fmt.Fprintln(out, "  "+change)
	}
	if w.stable && len(found) > 0 {
		return errors.New("an incompatible change needs a new major version")
	}
	return nil
}

func upToDate(out io.Writer, dir string, now []*types.Package) error {
	listed, err := readListings(dir)
	if err != nil {
		return err
	}
	if found := changes(listed, listingsOf(now)); len(found) > 0 {
		return fmt.Errorf("%s\nThe listing is stale: run bash .ci/api to accept", strings.Join(found, "\n"))
	}
	fmt.Fprintf(out, "The listing is that of %d packages.\n", len(now))
	return nil
}
