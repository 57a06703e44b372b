package bench

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func overSockets(tb testing.TB) []comparison {
	tb.Helper()
	server := start(tb, 0)
	tb.Cleanup(func() { server.end(tb) })
	var all []comparison
	for _, v := range vendors() {
		name := "over sockets, " + v.name
		floor, ours := v.send.floor(server.url, v.headers, pool(tb)), send(v.client(tb, server.url))
		all = append(all,
			timed(name, alone(floor), alone(ours)),
			timed(name+": 8 goroutines a core", together(floor), together(ours)),
		)
	}
	return all
}

const atOnce = 16

// connections counts the connections that sends open once every goroutine has had one.
func connections(tb testing.TB) []comparison {
	tb.Helper()
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(allVendors())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	tb.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	counted := func(c call) func(*testing.B) {
		return func(b *testing.B) {
			sends(b, c, 100*atOnce)
			before := opened.Load()
			sends(b, c, b.N)
			b.ReportMetric(float64(1000*(opened.Load()-before))/float64(b.N), "connections")
		}
	}
	v := theInsider()
	return []comparison{{
		name:  fmt.Sprintf("over sockets, insider: connections opened per 1,000 sends, %d in flight", atOnce),
		floor: counted(v.send.floor(server.URL, v.headers, pool(tb))), ours: counted(send(v.client(tb, server.URL))),
		figures: []figure{metric("", "connections", count)}, effort: effort{passes: 6, benchTime: "5000x"},
	}}
}

// sends sends n times, from several goroutines.
func sends(b *testing.B, c call, n int) {
	b.Helper()
	var wg sync.WaitGroup
	var begun atomic.Int64
	for range atOnce {
		wg.Go(func() {
			for begun.Add(1) <= int64(n) {
				if err := c(b.Context()); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

const mostInFlight = 10_000

// inFlight measures the memory of a send while many wait for their answers: the live heap, and the
// stacks.
func inFlight(tb testing.TB) []comparison {
	tb.Helper()
	v := theInsider()
	return []comparison{{
		name:    fmt.Sprintf("over sockets, insider: memory of each of %d sends in flight", mostInFlight),
		floor:   waiting(func(url string) call { return v.send.floor(url, v.headers, pool(tb)) }),
		ours:    waiting(func(url string) call { return send(v.client(tb, url)) }),
		figures: []figure{metric("", "B/send", kibibytes)},
		effort:  effort{passes: 6, benchTime: fmt.Sprintf("%dx", mostInFlight)},
	}}
}

func waiting(client func(url string) call) func(*testing.B) {
	return func(b *testing.B) {
		n := min(b.N, mostInFlight)
		server := start(b, n)
		c := client(server.url)
		var wg sync.WaitGroup
		before := memoryInUse()
		for range n {
			wg.Go(func() {
				if err := c(b.Context()); err != nil {
					b.Error(err)
				}
			})
			_, err := server.out.ReadByte() // the request has arrived
			require.NoError(b, err)
		}
		after := memoryInUse()
		b.ReportMetric((after-before)/float64(n), "B/send")
		server.end(b) // which answers them
		wg.Wait()
	}
}

func memoryInUse() float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before) // the stacks: a collection shrinks them
	runtime.GC()
	runtime.GC() // frees what had a finalizer
	runtime.ReadMemStats(&after)
	return float64(after.HeapAlloc + before.StackInuse)
}
