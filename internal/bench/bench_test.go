// Package bench compares what a call costs with a floor: the same request, written by hand with
// net/http and encoding/json. One command takes two minutes, and prints the table of
// docs/performance.md:
//
//	go test -v -run TestTable ./internal/bench -table
//
// The same comparisons are Go benchmarks, for profiles and for benchstat -col /side:
//
//	go test -run '^$' -bench . ./internal/bench
package bench

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/route"
)

func BenchmarkInMemory(b *testing.B)    { run(b, inMemory) }
func BenchmarkOverSockets(b *testing.B) { run(b, overSockets) }
func BenchmarkConnections(b *testing.B) { run(b, connections) }
func BenchmarkInFlight(b *testing.B)    { run(b, inFlight) }
func BenchmarkLimiter(b *testing.B)     { run(b, limiters) }
func BenchmarkBinary(b *testing.B)      { run(b, binaries) }

// groups are the comparisons in the order of the table.
func groups() []func(testing.TB) []comparison {
	return []func(testing.TB) []comparison{inMemory, overSockets, connections, inFlight, limiters, binaries}
}

// comparison is one or more rows of the table: the same measured on both sides.
type comparison struct {
	name    string
	floor   func(*testing.B) // nil: there is nothing to compare with
	ours    func(*testing.B)
	figures []figure
	effort
}

// effort is how many passes there are over both sides, and how long each measures a side.
type effort struct {
	passes    int
	benchTime string // as in go test -benchtime
}

func run(b *testing.B, group func(testing.TB) []comparison) {
	b.Helper()
	for _, c := range group(b) {
		if c.floor != nil {
			b.Run(c.name+"/side=floor", c.floor)
		}
		b.Run(c.name+"/side=ours", c.ours)
	}
}

// ofTime has many short passes, so that other work of the machine slows both sides alike.
func ofTime() effort { return effort{passes: 30, benchTime: "25ms"} }

func timed(name string, floor, ours func(*testing.B), more ...figure) comparison {
	return comparison{name, floor, ours, append([]figure{perCall}, more...), ofTime()}
}

func alone(c call) func(*testing.B) {
	return func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := c(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
}

const perCore = 8

func together(c call) func(*testing.B) {
	return func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(perCore)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := c(b.Context()); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
}

func inMemory(tb testing.TB) []comparison {
	tb.Helper()
	var all []comparison
	for _, v := range vendors() {
		name := "in memory, " + v.name
		floor, ours := v.send.floor(memoryURL, v.headers, v.send), send(v.client(tb, memoryURL, v.send.inMemory()))
		all = append(all,
			timed(name, alone(floor), alone(ours), allocations),
			timed(name+": 8 goroutines a core", together(floor), together(ours)),
			timed(name+", verify", alone(v.verify.floor(memoryURL, v.headers, v.verify)),
				alone(verify(v.client(tb, memoryURL, v.verify.inMemory()), v.id)), allocations),
		)
	}
	v := theInsider()
	floor := v.send.floor(memoryURL, v.headers, v.send)
	ours := send(guarded(tb, v))
	return append(all, timed("in memory, insider, guarded and routed", alone(floor), alone(ours), allocations))
}

// guarded is a guard around a router of two vendors. Its limits are never reached.
func guarded(tb testing.TB, v vendor) otp.Provider {
	tb.Helper()
	first := v.client(tb, memoryURL, v.send.inMemory(), otp.WithName("first"))
	second := v.client(tb, memoryURL, v.send.inMemory(), otp.WithName("second"))
	router, err := route.Failover("main", first, second)
	require.NoError(tb, err)
	most := otp.Rate{Events: 1 << 30, Per: time.Hour}
	opts := []guard.Option{guard.Without(guard.RuleCooldown), guard.WithNumberLimit(most), guard.WithBudget(most)}
	for _, rule := range []guard.Rule{
		guard.RuleNumber, guard.RuleSession, guard.RuleDevice, guard.RuleAddress, guard.RuleSubnet, guard.RuleNetwork,
		guard.RuleBlock, guard.RuleCountry, guard.RuleNewCountries,
	} {
		opts = append(opts, guard.WithFloor(rule, most))
	}
	p, err := guard.New(router, opts...)
	require.NoError(tb, err)
	return p
}

// limiters measures how long a limiter takes to let a request go that need not wait.
func limiters(testing.TB) []comparison {
	var all []comparison
	for _, l := range []struct {
		rate otp.Rate
		free int // requests that need not wait
	}{
		{otp.Rate{Events: 250, Per: time.Minute}, 250},
		{otp.Rate{Events: 750, Per: time.Second}, 75},
	} {
		ours := func(b *testing.B) {
			b.ReportAllocs()
			var limiter otp.Limiter
			for left := 0; b.Loop(); left-- {
				if left == 0 { // the cost of a new limiter is shared by all that it lets go
					limiter, left = l.rate.Limiter(), l.free
				}
				if err := limiter.Wait(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		}
		all = append(all, comparison{
			name: "a limiter's decision when free, " + l.rate.String(), ours: ours,
			figures: []figure{perDecision, allocations}, effort: ofTime(),
		})
	}
	return all
}
