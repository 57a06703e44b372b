package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// caps prints what each provider can do, without asking anybody.
func caps(_ context.Context, o *options, _ []string) error {
	_, provider, err := o.load()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(o.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROVIDER\tVENDOR\tCHANNEL\tLENGTH\tLIFETIME\tTRIES\tOWN CODE\tLETTERS\tLANGUAGES")
	for _, p := range tree.Leaves(provider) {
		can := p.Capabilities()
		for _, channel := range slices.Sorted(maps.Keys(can.Channels)) {
			f, name := can.Channels[channel], string(channel)
			if channel == can.Default {
				name += " (default)"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", p.Name(), can.Vendor, name,
				between(f.CodeLength), between(f.TTL), between(f.MaxAttempts), yes(f.OwnCode), yes(f.Alphanumeric), len(f.Locales))
		}
	}
	return table.Flush()
}

// between is a range, or a dash where nothing can be chosen.
func between[T int | time.Duration](r otp.Range[T]) string {
	switch cmp.Compare(r.Min, r.Max) {
	case 0:
		if r.Max == 0 {
			return "-"
		}
		return fmt.Sprint(r.Max)
	default:
		return fmt.Sprintf("%v to %v", r.Min, r.Max)
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "-"
}
