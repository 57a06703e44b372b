package main

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// The targets of a program's size, and of what is linked into it.
const (
	sizeOfABinary = 1.10
	modulesLinked = 3
)

const binariesPackage = "github.com/otp-sdk/otp-go/internal/bench/testdata/"

// binary is a program that does nothing but send one code, built.
type binary struct {
	size    int64
	modules []string // linked, beyond the standard library
}

// build builds one of the programs in testdata, from anywhere in the workspace.
func build(ctx context.Context, dir, side string) (binary, error) {
	file := filepath.Join(dir, side+".exe")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", file, binariesPackage+side) //nolint:gosec // side is ours
	cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false")                                     // the race detector's, say, would change the size
	if out, err := cmd.CombinedOutput(); err != nil {
		return binary{}, fmt.Errorf("go build: %w\n%s", err, out)
	}
	stat, err := os.Stat(file)
	if err != nil {
		return binary{}, err
	}
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return binary{}, err
	}
	built := binary{size: stat.Size()}
	for _, module := range info.Deps {
		built.modules = append(built.modules, module.Path)
	}
	slices.Sort(built.modules)
	return built, nil
}

func buildBoth(ctx context.Context) (floor, ours binary, err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return binary{}, binary{}, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is in the folder for what is temporary
	floor, badFloor := build(ctx, dir, sideFloor)
	ours, badOurs := build(ctx, dir, sideOurs)
	return floor, ours, errors.Join(badFloor, badOurs)
}

func measureBinaries(ctx context.Context, t *table, _ effort) error {
	floor, ours, err := buildBoth(ctx)
	if err != nil {
		return err
	}
	const what = "the binary of a program that sends, insider"
	t.sizes(what, float64(floor.size), float64(ours.size), sizeOfABinary)
	t.counts(what+": modules linked",
		float64(len(floor.modules)), float64(len(ours.modules)), modulesLinked)
	return nil
}
