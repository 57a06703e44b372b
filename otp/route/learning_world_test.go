package route_test

import (
	"container/heap"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

const day = 24 * time.Hour

// market is four days of sends, and the part of the codes of each vendor that come back.
type market struct {
	name           string
	perDay         float64
	vendors        int
	codes          []string // calling codes, equally often; nil = one
	rate           func(vendor, code int, at time.Duration) float64
	bots           func(at time.Duration) float64 // sends an hour that nobody types
	resends        float64                        // the part of those without a code who ask again
	machines       int
	late           time.Duration // of what machines share
	badFrom, badTo time.Duration
}

// result is what became of a market.
type result struct {
	lost, least [2]float64 // expected losses and the least possible ones, on quiet days and on the bad one
	changes     float64    // of the leader, a day
	inCode      map[int][2]float64
}

func (r result) quiet() float64 { return r.lost[0] / r.least[0] }
func (r result) bad() float64   { return r.lost[1] / r.least[1] }

// strategy sends through one of the vendors, on one of the machines.
type strategy func(m market, seed uint64, vendors []otp.Provider) []otp.Provider

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

// world is one run of a market.
type world struct {
	market
	random   *rand.Rand
	start    time.Time
	queue    moments
	routers  []otp.Provider
	ids      int
	result   result
	last     []int // the vendors of the last sends
	leader   int
	reversed bool
}

func (w *world) now() time.Duration { return time.Since(w.start) }

func (w *world) after(d time.Duration, do func()) { heap.Push(&w.queue, moment{w.now() + d, do}) }

// simulate runs a market with a strategy.
func simulate(t *testing.T, m market, s strategy, seed uint64, reversed bool) result {
	t.Helper()
	var r result
	synctest.Test(t, func(t *testing.T) {
		w := &world{market: m, random: rand.New(rand.NewPCG(seed, 1)), start: time.Now(), leader: -1, reversed: reversed}
		if len(w.codes) == 0 {
			w.codes = []string{"+90"}
		}
		w.machines = max(w.machines, 1)
		vendors := make([]otp.Provider, m.vendors)
		for i := range vendors {
			at := i
			if reversed {
				at = m.vendors - 1 - i
			}
			vendors[at] = w.vendor(i)
		}
		w.routers = s(m, seed, vendors)
		w.arrive()
		if m.bots != nil {
			w.bot()
		}
		for len(w.queue) > 0 {
			next := heap.Pop(&w.queue).(moment)
			if next.at > 4*day {
				break
			}
			time.Sleep(next.at - w.now())
			next.do()
		}
		w.result.changes /= 4
		r = w.result
	})
	return r
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

func indexOf(v otp.Verification) int { return int(v.Provider[len("vendor")] - '0') }

func (w *world) interval(perHour float64) time.Duration {
	return time.Duration(w.random.ExpFloat64() / perHour * float64(time.Hour))
}

func (w *world) number(code string) string {
	return fmt.Sprintf("%s5%09d", code, w.random.IntN(1e9))
}

// arrive is a person who wants a code.
func (w *world) arrive() {
	w.after(w.interval(w.perDay/24), func() {
		w.arrive()
		code := w.random.IntN(len(w.codes))
		w.send(otp.SendRequest{To: w.number(w.codes[code])}, code)
	})
}

func (w *world) send(req otp.SendRequest, code int) {
	machine := w.routers[w.random.IntN(w.machines)]
	v, err := machine.Send(context.Background(), req)
	if err != nil {
		panic(err)
	}
	at := w.now()
	chosen := indexOf(v)
	if req.Previous == nil {
		w.count(chosen, code, at)
	}
	if w.random.Float64() < w.rate(chosen, code, at) {
		w.after(time.Duration(25*math.Exp(.7*w.random.NormFloat64())*float64(time.Second)), func() {
			if err := machine.Verify(context.Background(), v, "123456"); err != nil {
				panic(err)
			}
		})
		return
	}
	if req.Previous == nil && w.random.Float64() < w.resends {
		req.Previous = &v
		w.after(time.Minute, func() { w.send(req, code) })
	}
}

func (w *world) count(chosen, code int, at time.Duration) {
	best := 0.0
	for i := range w.vendors {
		best = max(best, w.rate(i, code, at))
	}
	kind := 0
	if at >= w.badFrom && at < w.badTo {
		kind = 1
	}
	lost := 1 - w.rate(chosen, code, at)
	w.result.lost[kind] += lost
	w.result.least[kind] += 1 - best
	if w.result.inCode == nil {
		w.result.inCode = map[int][2]float64{}
	}
	in := w.result.inCode[code]
	w.result.inCode[code] = [2]float64{in[0] + lost, in[1] + 1 - best}
	w.last = append(w.last, chosen)
	if len(w.last) > 50 {
		w.last = w.last[1:]
		n := 0
		for _, v := range w.last {
			if v == chosen {
				n++
			}
		}
		if n >= 30 && chosen != w.leader {
			if w.leader >= 0 {
				w.result.changes++
			}
			w.leader = chosen
		}
	}
}

// bot asks for a code that nobody types, in one of twenty ranges of numbers.
func (w *world) bot() {
	rate := w.bots(w.now())
	if rate == 0 {
		w.after(time.Minute, w.bot)
		return
	}
	w.after(w.interval(rate), func() {
		w.bot()
		to := fmt.Sprintf("%s59999%02d%04d", w.codes[0], w.random.IntN(20), w.random.IntN(10000))
		_, _ = w.routers[0].Send(context.Background(), otp.SendRequest{To: to})
	})
}

func learns(m market, seed uint64, vendors []otp.Provider) []otp.Provider {
	var opts []route.LearningOption
	if m.late > 0 {
		opts = append(opts, route.WithLearningStore(newStore(m.late)))
	}
	var routers []otp.Provider
	for i := range max(m.machines, 1) {
		routers = append(routers, must(route.Learning("main", vendors, append(slices.Clone(opts), route.WithSeed(seed*100+uint64(i)))...)))
	}
	return routers
}

func breakdown(rates ...float64) func(vendor, code int, at time.Duration) float64 {
	low := rates[len(rates)-1]
	return func(vendor, _ int, at time.Duration) float64 {
		if vendor == 0 && at >= badDay*day && at < (badDay+1)*day {
			return low
		}
		return rates[vendor]
	}
}

const badDay = 2

func fixed(rates ...float64) func(vendor, code int, at time.Duration) float64 {
	return func(vendor, _ int, _ time.Duration) float64 { return rates[vendor] }
}

// sharedStore is a store whose records are seen so much later.
type sharedStore struct {
	mu      sync.Mutex
	late    time.Duration
	records map[string][]keptRecord
}

type keptRecord struct {
	at   time.Time
	data []byte
}

func newStore(late time.Duration) *sharedStore {
	return &sharedStore{late: late, records: map[string][]keptRecord{}}
}

func (s *sharedStore) Exchange(_ context.Context, _, machine string, record []byte) (map[string][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records[machine] = append(s.records[machine], keptRecord{time.Now(), record})
	all := map[string][]byte{}
	for machine, kept := range s.records {
		for len(kept) > 1 && time.Since(kept[1].at) >= s.late {
			kept = kept[1:]
		}
		s.records[machine] = kept
		if time.Since(kept[0].at) >= s.late {
			all[machine] = kept[0].data
		}
	}
	return all, nil
}
