package otpsim

import (
	"slices"
	"sync"
)

// script is the list of faults to come, in the order they were added.
type script struct {
	mu     sync.Mutex
	faults []Fault
}

func (s *script) add(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		s.faults = append(s.faults, f.Times(f.times))
	}
}

// take finds the fault for a request and counts it down.
func (s *script) take(operation, path string) (f Fault, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.faults, func(f Fault) bool { return f.matches(operation, path) })
	if i < 0 {
		return Fault{}, false
	}
	f = s.faults[i]
	switch {
	case f.times == always:
	case f.times > 1:
		s.faults[i].times--
	default:
		s.faults = slices.Delete(s.faults, i, i+1)
	}
	return f, true
}

func (s *script) left() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

func (s *script) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}
