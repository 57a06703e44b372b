package faults_test

import (
	"bytes"
	"context"
	"regexp"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// labelled runs do so that all goroutines that it starts, and those that they start, can be told from others.
func labelled(ctx context.Context, name string, do func(context.Context)) {
	pprof.Do(ctx, pprof.Labels("trial", name), do)
}

// noGoroutineIsLeftOf waits until the goroutines that were started under a label have ended: closing a connection takes
// those that serve it a moment.
func noGoroutineIsLeftOf(t *testing.T, name string) {
	t.Helper()
	var left int
	for range 400 {
		if left = goroutinesOf(t, name); left == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	require.Zero(t, left, "goroutines are left of the call")
}

// alike is how many goroutines a part of a profile is about.
var alike = regexp.MustCompile(`(?m)^([0-9]+) @`)

// goroutinesOf reads a profile of all goroutines. Each part of it is about those that are alike, labels included.
func goroutinesOf(t *testing.T, name string) int {
	t.Helper()
	var profile bytes.Buffer
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&profile, 1))
	count := 0
	for part := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(part, strconv.Quote(name)) {
			n, err := strconv.Atoi(alike.FindStringSubmatch(part)[1])
			require.NoError(t, err)
			count += n
		}
	}
	return count
}
