package otpredis_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/guard"
)

// The script must decide as a guard.Memory does, whatever the changes are.
func TestScriptDecidesAsMemoryDoes(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	client := connect(t, server.Addr())
	for seed := range uint64(40) {
		server.FlushAll()
		memory, err := guard.NewMemory(0)
		require.NoError(t, err)
		stores := [2]guard.Store{memory, newStore(t, client)}
		g := changes{Rand: rand.New(rand.NewPCG(seed, 0))}
		for step := range 60 {
			now = now.Add(time.Millisecond)
			server.SetTime(now)
			both := g.change()
			var results [2]guard.Result
			for i, s := range stores {
				results[i], err = s.Apply(t.Context(), both[i])
				require.NoError(t, err)
			}
			g.remember(results)
			for i := range results {
				results[i].RetryAfter = results[i].RetryAfter.Round(time.Minute)
				for k := range results[i].Taken {
					results[i].Taken[k].Mark = 0
				}
			}
			require.Equal(t, results[0], results[1], "seed %d, step %d: %+v", seed, step, both[0])
		}
	}
}

// changes makes the same changes for two stores. What is taken back differs in its marks.
type changes struct {
	*rand.Rand

	taken [2][]guard.Taken
}

func (g *changes) some(most int, names ...string) []string {
	var all []string
	for range g.IntN(most + 1) {
		all = append(all, g.record()+names[g.IntN(len(names))])
	}
	return all
}

func (g *changes) record() string { return []string{"a", "b", "c"}[g.IntN(3)] }

func (g *changes) change() [2]guard.Change {
	values := []string{"/v", "/w", ""}
	c := guard.Change{
		Unless: g.some(1, "/u"), Marks: g.some(3, values...), Passed: g.IntN(4),
		Clear: g.some(1, "/", "/v", "/p", "/l"),
	}
	for _, key := range g.some(2, values...) {
		c.Set = append(c.Set, guard.Value{
			Key: key, Data: fmt.Append(nil, g.IntN(1000)), For: time.Duration(1+g.IntN(48)) * time.Hour, Append: g.IntN(2) == 0,
		})
	}
	if g.IntN(20) == 0 {
		c.Set = append(c.Set, guard.Value{Key: g.record() + "/u", For: time.Hour})
	}
	if g.IntN(2) == 0 {
		c.Get = g.record() + values[g.IntN(3)]
	}
	seen := map[string]bool{}
	for range g.IntN(5) {
		if limit := g.limit(); !seen[limit.Key] {
			seen[limit.Key] = true
			c.Take = append(c.Take, limit)
		}
	}
	both := [2]guard.Change{c, c}
	for range g.IntN(3) {
		if n := len(g.taken[0]); n > 0 {
			at, good := g.IntN(n), g.IntN(2) == 0
			for i := range both {
				if good {
					both[i].Good = append(both[i].Good, g.taken[i][at])
				} else {
					both[i].Back = append(both[i].Back, g.taken[i][at])
				}
				g.taken[i] = append(g.taken[i][:at:at], g.taken[i][at+1:]...)
			}
		}
	}
	return both
}

func (g *changes) limit() guard.Limit {
	l := guard.Limit{
		Window: 24 * time.Hour, Max: g.IntN(8), Kind: uint16(g.IntN(4)), RecordOnly: g.IntN(5) == 0,
	}
	if g.IntN(4) == 0 {
		l.With, l.Without = guard.MarkSet(g.IntN(4)), guard.MarkSet(g.IntN(8))
	}
	window := func(per time.Duration, floor int) guard.Window { return guard.Window{Per: per, Floor: floor} }
	switch g.IntN(4) {
	case 0:
		l.Key = g.record() + "/p"
		if l.Max > 0 {
			l.Reserve, l.ReserveFor = g.IntN(l.Max+1), guard.MarkSet(g.IntN(4))
		}
	case 1:
		l.Key, l.Gaps = g.record()+"/g", []time.Duration{time.Hour, 2 * time.Hour}
	case 2:
		l.Key, l.Load = g.record()+"/l", &guard.Load{
			Windows: []guard.Window{window(time.Hour, 3), {Per: 24 * time.Hour, Floor: 5, Max: 9}}, Grow: 1.75, Top: 1.5,
			Latch: true, Kinds: 2, TrustBelow: 3,
		}
	default:
		l.Key, l.Load = g.record()+"/h", &guard.Load{
			Windows: []guard.Window{window(10*time.Minute, 4), window(time.Hour, 6)}, Grow: 1.3, Top: 1.2, Latch: true,
			Learn: true, Known: 2, Second: []guard.Window{window(time.Hour, 2)},
		}
	}
	return l
}

// remember keeps what may be taken back, each at most once.
func (g *changes) remember(results [2]guard.Result) {
	for k := range results[0].Taken {
		if results[0].Taken[k].N > 0 && len(results[1].Taken) > k {
			for i := range g.taken {
				g.taken[i] = append(g.taken[i], results[i].Taken[k])
			}
		}
	}
}
