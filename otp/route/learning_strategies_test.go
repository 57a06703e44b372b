package route_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

// strategy is the provider of each machine.
type strategy func(w *world, seed uint64, vendors []otp.Provider) []otp.Provider

func learns(w *world, seed uint64, vendors []otp.Provider) []otp.Provider {
	store := &lateStore{late: 10 * time.Second}
	var machines []otp.Provider
	for i := range w.machines {
		opts := []route.LearningOption{route.WithSeed(seed<<8 + uint64(i))}
		if w.shared {
			opts = append(opts, route.WithLearningStore(store))
		}
		machines = append(machines, must(route.Learning("main", vendors, opts...)))
	}
	return machines
}

// same is one provider for all machines.
func same(w *world, p otp.Provider) []otp.Provider {
	var machines []otp.Provider
	for range w.machines {
		machines = append(machines, p)
	}
	return machines
}

func failsOver(w *world, _ uint64, vendors []otp.Provider) []otp.Provider {
	return same(w, must(route.Failover("main", vendors...)))
}

func evenly(w *world, _ uint64, vendors []otp.Provider) []otp.Provider {
	var shares []route.Share
	for _, vendor := range vendors {
		shares = append(shares, route.Share{Provider: vendor, Weight: 1})
	}
	return same(w, must(route.Weighted("main", shares...)))
}

// inSteps moves shares as a public service does: when less than 70 % of the last ten codes of a
// vendor come back, a tenth of the sends goes to the others, at most once a minute; every hour a
// tenth of the way back to even shares.
func inSteps(w *world, seed uint64, vendors []otp.Provider) []otp.Provider {
	s := &steps{vendors: vendors, random: rand.New(rand.NewPCG(seed, 2)), last: make([][]bool, len(vendors))}
	for range vendors {
		s.shares = append(s.shares, 1/float64(len(vendors)))
	}
	return same(w, s)
}

type steps struct {
	double
	vendors []otp.Provider
	random  *rand.Rand
	shares  []float64
	last    [][]bool // of each vendor: whether the last codes came back
	pending []*pendingSend
	moved   time.Time
	evened  time.Time
}

type pendingSend struct {
	vendor int
	v      otp.Verification
	typed  bool
}

func (s *steps) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	s.settle()
	point, chosen := s.random.Float64(), 0
	for chosen < len(s.shares)-1 && point >= s.shares[chosen] {
		point -= s.shares[chosen]
		chosen++
	}
	v, err := s.vendors[chosen].Send(ctx, req)
	s.pending = append(s.pending, &pendingSend{vendor: chosen, v: v})
	return v, err
}

func (s *steps) Verify(_ context.Context, v otp.Verification, _ string) error {
	for _, p := range s.pending {
		p.typed = p.typed || p.v == v
	}
	return nil
}

func (s *steps) settle() {
	for len(s.pending) > 0 && time.Since(s.pending[0].v.SentAt) > 5*time.Minute {
		p := s.pending[0]
		s.pending = s.pending[1:]
		s.judge(p)
	}
	if time.Since(s.evened) > time.Hour {
		s.evened = time.Now()
		for i := range s.shares {
			s.shares[i] += (1/float64(len(s.shares)) - s.shares[i]) / 10
		}
	}
}

func (s *steps) judge(p *pendingSend) {
	const ten, least = 10, 7
	last := append(s.last[p.vendor], p.typed)
	last = last[max(len(last)-ten, 0):]
	s.last[p.vendor] = last
	good := 0
	for _, typed := range last {
		if typed {
			good++
		}
	}
	if len(last) < ten || good >= least || time.Since(s.moved) < time.Minute {
		return
	}
	s.moved = time.Now()
	step := min(s.shares[p.vendor], .1)
	for i := range s.shares {
		if i == p.vendor {
			s.shares[i] -= step
		} else {
			s.shares[i] += step / float64(len(s.shares)-1)
		}
	}
}

// lateStore is a store whose records are seen so much later.
type lateStore struct {
	mu      sync.Mutex
	late    time.Duration
	records map[string][]lateRecord // by machine
}

type lateRecord struct {
	at   time.Time
	data []byte
}

func (s *lateStore) Exchange(_ context.Context, _, machine string, record []byte) (map[string][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.records == nil {
		s.records = map[string][]lateRecord{}
	}
	s.records[machine] = append(s.records[machine], lateRecord{time.Now(), record})
	seen := map[string][]byte{}
	for machine, kept := range s.records {
		for len(kept) > 1 && time.Since(kept[1].at) >= s.late {
			kept = kept[1:]
		}
		s.records[machine] = kept
		if time.Since(kept[0].at) >= s.late {
			seen[machine] = kept[0].data
		}
	}
	return seen, nil
}
