package main

import (
	"context"
	"fmt"
	"runtime"
)

// perCore is how many goroutines send at once, for each core, where several do.
const perCore = 8

const together8 = ": 8 goroutines a core"

func goroutines() int { return perCore * runtime.GOMAXPROCS(0) }

// inFlightAtOnce is how many sends are in flight when connections are counted.
const inFlightAtOnce = 16

// The targets, of which README.md tells.
const (
	timeInMemory        = 1.25
	allocationsInMemory = 45
	timeAlone           = 1.03
	timeTogether        = 1.10
	newConnections      = 0
)

func measureMemory(ctx context.Context, t *table, e effort) error {
	for _, v := range vendors() {
		floor, ours, err := v.inMemory(v.memory())
		if err != nil {
			return err
		}
		one, err := compare(ctx, e.memory, alone(ctx, floor), alone(ctx, ours))
		if err != nil {
			return err
		}
		what := "in memory, " + v.name
		t.times(what, one, timeInMemory)
		a, err := allocations(1000, alone(ctx, floor))
		if err != nil {
			return err
		}
		b, err := allocations(1000, alone(ctx, ours))
		if err != nil {
			return err
		}
		t.counts(what+": allocations", a, b, allocationsInMemory)
		many, err := compare(ctx, e.memory, together(ctx, goroutines(), floor), together(ctx, goroutines(), ours))
		if err != nil {
			return err
		}
		t.times(what+together8, many, 0)
	}
	return nil
}

// overSockets returns both sides over sockets to url, with connections of their own.
func (v vendor) overSockets(url string) (floor, ours sender, err error) {
	ours, err = v.ours(url)
	return v.floor(url, pool()), ours, err
}

func measureSockets(ctx context.Context, t *table, e effort) (err error) {
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }() // nothing more is wanted of it
	for _, v := range vendors() {
		floor, ours, err := v.overSockets(s.url)
		if err != nil {
			return err
		}
		one, err := compare(ctx, e.sockets, alone(ctx, floor), alone(ctx, ours))
		if err != nil {
			return err
		}
		what := "over sockets, " + v.name
		t.times(what, one, timeAlone)
		many, err := compare(ctx, e.sockets, together(ctx, goroutines(), floor), together(ctx, goroutines(), ours))
		if err != nil {
			return err
		}
		t.times(what+together8, many, timeTogether)
	}
	return nil
}

func measureConnections(ctx context.Context, t *table, e effort) error {
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }() // nothing more is wanted of it
	floor, ours, err := theInsider().overSockets(s.url)
	if err != nil {
		return err
	}
	var opened [2]float64
	for i, side := range []sender{floor, ours} {
		n, err := connectionsOpened(s, together(ctx, inFlightAtOnce, side), e.connectionSends)
		if err != nil {
			return err
		}
		opened[i] = float64(n) * 1000 / float64(e.connectionSends)
	}
	what := fmt.Sprintf("over sockets, insider: connections opened per 1,000 sends, %d in flight", inFlightAtOnce)
	t.counts(what, opened[0], opened[1], newConnections)
	return nil
}

// connectionsOpened returns how many connections n sends open once every goroutine has had one.
func connectionsOpened(s *server, do batch, n int) (int, error) {
	if _, err := do(100 * inFlightAtOnce); err != nil {
		return 0, err
	}
	before, err := s.tell(tellConnections)
	if err != nil {
		return 0, err
	}
	if _, err = do(n); err != nil {
		return 0, err
	}
	after, err := s.tell(tellConnections)
	return after - before, err
}
