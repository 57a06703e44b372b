package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

// memoryInFlight is how much more memory than the floor's a send in flight may take.
const memoryInFlight = 8 << 10

// Both sides, as arguments of a child.
const (
	sideFloor = "floor"
	sideOurs  = "ours"
)

func measureInFlight(ctx context.Context, t *table, e effort) error {
	var floors, ours, above []float64
	for range e.inFlightRounds {
		a, err := inFlight(ctx, sideFloor, e.inFlight)
		if err != nil {
			return err
		}
		b, err := inFlight(ctx, sideOurs, e.inFlight)
		if err != nil {
			return err
		}
		floors, ours, above = append(floors, a), append(ours, b), append(above, b-a)
	}
	t.memory(fmt.Sprintf("over sockets, insider: memory of each of %d sends in flight", e.inFlight),
		median(floors), median(ours), median(above), memoryInFlight)
	return nil
}

// inFlight measures one side in a process of its own: how many bytes each of n sends takes.
func inFlight(ctx context.Context, side string, n int) (float64, error) {
	cmd, err := command(ctx, asInFlight, side, strconv.Itoa(n))
	if err != nil {
		return 0, err
	}
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("%d in flight: %w", n, err)
	}
	return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
}

// reportInFlight is the child's part of inFlight.
func reportInFlight(side, count string, out io.Writer) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }() // nothing more is wanted of it
	floor, send, err := theInsider().overSockets(s.url)
	if err != nil {
		return err
	}
	if side == sideFloor {
		send = floor
	}
	each, err := memoryOfEach(ctx, s, n, send)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, each)
	return err
}

// memoryOfEach returns how many bytes n sends take each while the server holds its answers to all of them: what is alive
// on the heap, and the stacks.
func memoryOfEach(ctx context.Context, s *server, n int, send sender) (float64, error) {
	if err := send(ctx); err != nil { // what is made once is made now
		return 0, err
	}
	if _, err := s.tell(tellHold); err != nil {
		return 0, err
	}
	before := memoryInUse()
	waiting, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var wg sync.WaitGroup
	err := arriveInGroups(waiting, s, n, func() {
		wg.Go(func() {
			if err := send(ctx); err != nil {
				fail(err)
			}
		})
	})
	after := memoryInUse()
	_, released := s.tell(tellRelease)
	wg.Wait()
	return (after - before) / float64(n), errors.Join(err, released, context.Cause(waiting))
}

// arriveInGroups starts n sends, no more at a time than a listener's queue holds.
func arriveInGroups(ctx context.Context, s *server, n int, start func()) error {
	const group = 250
	for i := range n {
		start()
		if (i+1)%group != 0 && i+1 != n {
			continue
		}
		for arrived := 0; arrived < i+2; { // and the first one, which was not held
			var err error
			if arrived, err = s.tell(tellArrived); err != nil {
				return err
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			time.Sleep(time.Millisecond)
		}
	}
	return nil
}

func memoryInUse() float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before) // stacks as they have grown: a collection shrinks them
	runtime.GC()
	runtime.GC() // what had a finalizer
	runtime.ReadMemStats(&after)
	return float64(after.HeapAlloc + before.StackInuse)
}
