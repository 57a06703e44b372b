package route_test

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

const day = 24 * time.Hour

// The first vendor falls on the third of four days.
const (
	badDay = 2 * day
	end    = 4 * day
)

// shape is what happens in four days.
type shape struct {
	name     string
	most     bounds
	perDay   float64   // 0 = 1,000
	rates    []float64 // the part of the codes of each vendor that come back
	falls    float64   // that of the first on the bad day; 0 = as ever
	slowly   bool
	codes    int       // calling codes, equally often; 0 = one
	inOne    []float64 // the rates in one of them
	bots     float64   // sends an hour that nobody types, for four hours of the bad day
	resends  float64   // the part of those without a code who ask again
	machines int       // 0 = one
	shared   bool
}

func (s *shape) rate(vendor, code int, at time.Duration) float64 {
	switch since := at - badDay; {
	case s.inOne != nil && code == 3:
		return s.inOne[vendor]
	case vendor > 0 || s.falls == 0 || since < 0 || since >= day:
		return s.rates[vendor]
	case s.slowly:
		return max(s.falls, s.rates[0]-(s.rates[0]-s.falls)*float64(since)/float64(12*time.Hour))
	default:
		return s.falls
	}
}

// best is the rate of anyone who is the best.
func (s *shape) best(code int, at time.Duration) float64 {
	best := 0.0
	for vendor := range s.rates {
		best = max(best, s.rate(vendor, code, at))
	}
	return best
}

// outcome is what was lost, by the rates of the vendors that were chosen, over what the best
// possible choices lose, and how often a day there is a new leader.
type outcome struct{ bad, quiet, changes float64 }

// moment is something that happens.
type moment struct {
	at time.Duration
	do func()
}

type moments []moment

func (m moments) Len() int           { return len(m) }
func (m moments) Less(i, j int) bool { return m[i].at < m[j].at }
func (m moments) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *moments) Push(x any)        { *m = append(*m, x.(moment)) }

func (m *moments) Pop() any {
	old := *m
	last := old[len(old)-1]
	*m = old[:len(old)-1]
	return last
}

// world is one run of a shape.
type world struct {
	*testing.T
	shape
	random  *rand.Rand
	start   time.Time
	queue   moments
	machine []otp.Provider
	ids     int
	lost    [2]float64 // on quiet days and on the bad one
	least   [2]float64
	last    []int // the vendors of the last sends
	leader  int
	changes int
}

// simulate runs a shape with a strategy, in virtual time.
func simulate(t *testing.T, s shape, how strategy, seed uint64, reversed bool) (o outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, shape: s, random: rand.New(rand.NewPCG(seed, 1)), start: time.Now(), leader: -1}
		w.codes, w.perDay, w.machines = max(s.codes, 1), cmp.Or(s.perDay, 1000), max(s.machines, 1)
		var vendors []otp.Provider
		for i := range s.rates {
			vendors = append(vendors, w.vendor(i))
		}
		if reversed {
			slices.Reverse(vendors)
		}
		w.machine = how(w, seed, vendors)
		w.arrive()
		if s.bots > 0 {
			w.after(badDay+4*time.Hour, w.bot)
		}
		w.run()
		o = outcome{w.lost[1] / w.least[1], w.lost[0] / w.least[0], float64(w.changes) / end.Hours() * 24}
	})
	return o
}

func (w *world) run() {
	for len(w.queue) > 0 {
		next := heap.Pop(&w.queue).(moment)
		if next.at >= end {
			return
		}
		time.Sleep(next.at - w.now())
		next.do()
	}
}

func (w *world) now() time.Duration { return time.Since(w.start) }

func (w *world) after(d time.Duration, do func()) { heap.Push(&w.queue, moment{w.now() + d, do}) }

// some is a time between two events of which there are so many in an hour.
func (w *world) some(perHour float64) time.Duration {
	return time.Duration(w.random.ExpFloat64() / perHour * float64(time.Hour))
}

func (w *world) vendor(i int) otp.Provider {
	name := fmt.Sprint("vendor", i)
	return &double{name: name, send: func(_ context.Context, req otp.SendRequest) (otp.Verification, error) {
		w.ids++
		return otp.Verification{
			Provider: name, ID: fmt.Sprint(w.ids), To: req.To, Channel: otp.SMS, SentAt: time.Now().UTC().Round(0),
		}, nil
	}}
}

// arrive lets people come, one after the other.
func (w *world) arrive() {
	w.after(w.some(w.perDay/24), func() {
		w.arrive()
		code := w.random.IntN(w.codes)
		w.ask(otp.SendRequest{To: fmt.Sprintf("+%d5%09d", 30+code, w.random.IntN(1e9))}, code)
	})
}

// ask asks for a code and types it, if it arrives.
func (w *world) ask(req otp.SendRequest, code int) {
	machine := w.machine[w.random.IntN(w.machines)]
	v, err := machine.Send(w.Context(), req)
	require.NoError(w, err)
	chosen, at := int(v.Provider[len("vendor")]-'0'), w.now()
	if req.Previous == nil {
		w.count(chosen, code, at)
	}
	if w.random.Float64() < w.rate(chosen, code, at) {
		w.after(time.Duration(25*math.Exp(.7*w.random.NormFloat64())*float64(time.Second)), func() {
			assert.NoError(w, machine.Verify(w.Context(), v, "123456"))
		})
	} else if req.Previous == nil && w.random.Float64() < w.resends {
		req.Previous = &v
		w.after(time.Minute, func() { w.ask(req, code) })
	}
}

// bot asks for codes that nobody types, in twenty ranges of numbers.
func (w *world) bot() {
	if w.now() < badDay+8*time.Hour {
		w.after(w.some(w.bots), w.bot)
		_, err := w.machine[0].Send(w.Context(), otp.SendRequest{
			To: fmt.Sprintf("+3059999%02d%04d", w.random.IntN(20), w.random.IntN(10_000)),
		})
		require.NoError(w, err)
	}
}

func (w *world) count(chosen, code int, at time.Duration) {
	kind := 0
	if at >= badDay && at < badDay+day {
		kind = 1
	}
	w.lost[kind] += 1 - w.rate(chosen, code, at)
	w.least[kind] += 1 - w.best(code, at)
	const last, most = 50, 30 // a leader has 60 % of the last 50, until another one has
	if w.last = append(w.last, chosen); len(w.last) <= last {
		return
	}
	w.last = w.last[1:]
	n := 0
	for _, vendor := range w.last {
		if vendor == chosen {
			n++
		}
	}
	if n >= most && chosen != w.leader {
		if w.leader >= 0 {
			w.changes++
		}
		w.leader = chosen
	}
}
