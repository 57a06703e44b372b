// Bench measures what one portable Send costs against a floor: a program of one's own that does the same with net/http and
// encoding/json, in the same run. It prints a Markdown table, and takes a minute or so.
//
//	go run ./internal/bench
//
// It runs floor and ours in turn, for many short rounds. Costs are medians over the rounds; a ratio is the median of the
// rounds' own ratios, which is steadier than the ratio of the medians on a machine that does other things, too. Over
// sockets the vendor is another process on loopback.
//
// The same as Go benchmarks, and the simulation of a minute under a vendor's limit:
//
//	go test -run '^$' -bench . ./internal/bench
//	go test -v -run NearlyAllOfItIsUsed ./otp
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"
)

// longest is when the whole of a run ends, whatever is left undone.
const longest = 88 * time.Second

func main() {
	if isChild, err := runChild(os.Args[1:], os.Stdin, os.Stdout); isChild {
		exitOn(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	exitOn(run(ctx, os.Stdout, full()))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// effort says how long to measure.
type effort struct {
	memory, sockets, decisions pace

	connectionSends int // to count connections over
	inFlight        int // sends at once
	inFlightRounds  int
}

func full() effort {
	return effort{
		memory:          pace{lasts: time.Second, batch: 10 * time.Millisecond, rounds: 5},
		sockets:         pace{lasts: 2500 * time.Millisecond, batch: 25 * time.Millisecond, rounds: 5},
		decisions:       pace{lasts: 500 * time.Millisecond, rounds: 5},
		connectionSends: 5000,
		inFlight:        10_000,
		inFlightRounds:  5,
	}
}

// run prints the table line by line, as it measures. A part that does not run does not keep the others from running.
func run(ctx context.Context, out io.Writer, e effort) error {
	t := newTable(out)
	for _, measure := range []func(context.Context, *table, effort) error{
		measureMemory, measureSockets, measureConnections, measureInFlight, measureDecisions, measureBinaries,
	} {
		t.fail(measure(ctx, t, e))
	}
	return t.end()
}
