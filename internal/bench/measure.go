package main

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"
)

// pace says how long a measurement takes.
type pace struct {
	lasts  time.Duration // altogether; 0 = no longer than the rounds take
	batch  time.Duration // of one side in one round
	rounds int           // at the least
}

// batch does something n times and returns how long that took.
type batch func(n int) (time.Duration, error)

// alone sends one after the other.
func alone(ctx context.Context, send sender) batch {
	return func(n int) (time.Duration, error) {
		start := time.Now()
		for range n {
			if err := send(ctx); err != nil {
				return 0, err
			}
		}
		return time.Since(start), nil
	}
}

// together sends from that many goroutines at once.
func together(ctx context.Context, goroutines int, send sender) batch {
	one := alone(ctx, send)
	return func(n int) (time.Duration, error) {
		failures := make([]error, goroutines)
		var wg sync.WaitGroup
		start := time.Now()
		for i := range goroutines {
			share := n / goroutines
			if i < n%goroutines {
				share++
			}
			wg.Go(func() { _, failures[i] = one(share) })
		}
		wg.Wait()
		return time.Since(start), errors.Join(failures...)
	}
}

// comparison is what the same costs twice, in nanoseconds each.
type comparison struct {
	floor, ours, ratio float64
	rounds             int
}

// compare runs floor and ours in turn.
func compare(ctx context.Context, p pace, floor, ours batch) (comparison, error) {
	n, err := warmUp(p, floor, ours)
	if err != nil {
		return comparison{}, err
	}
	var floors, all, ratios []float64
	start := time.Now()
	for len(ratios) < p.rounds || time.Since(start) < p.lasts {
		if err := ctx.Err(); err != nil {
			return comparison{}, err
		}
		a, err := floor(n)
		if err != nil {
			return comparison{}, err
		}
		b, err := ours(n)
		if err != nil {
			return comparison{}, err
		}
		floors = append(floors, float64(a)/float64(n))
		all = append(all, float64(b)/float64(n))
		ratios = append(ratios, float64(b)/float64(a))
	}
	return comparison{median(floors), median(all), median(ratios), len(ratios)}, nil
}

// warmUp returns how often to do it in a batch. Connections and caches are there when it returns.
func warmUp(p pace, sides ...batch) (n int, err error) {
	const first = 100
	n = first
	for range 3 {
		for _, side := range sides {
			took, err := side(first)
			if err != nil {
				return 0, err
			}
			n = max(1, int(float64(first)*p.batch.Seconds()/took.Seconds()))
		}
	}
	return n, nil
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

// allocations returns how many one of n takes, as testing.AllocsPerRun does: what others do meanwhile is rounded away.
func allocations(n int, do batch) (float64, error) {
	if _, err := do(n); err != nil { // what is made once is made now
		return 0, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := do(n)
	runtime.ReadMemStats(&after)
	return float64((after.Mallocs - before.Mallocs) / uint64(n)), err //nolint:gosec // n is positive
}
