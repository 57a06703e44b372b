package route

import (
	"maps"
	"slices"
)

// WithLearned goes on with what another [Learning] router has learned, whose place the new one
// takes after a change of the configuration. A provider is the same if it has the same name; what
// is known of others is dropped. Codes of sends that the other router has made count here when they
// are typed.
func WithLearned(from *Router) LearningOption {
	return func(s *learningSettings) { s.from = from }
}

// takeOver copies what another learner knows.
func (l *learner) takeOver(from *learner) {
	from.mu.Lock()
	defer from.mu.Unlock()
	l.salt, l.ranges, l.unusual, l.blamed = from.salt, from.ranges, from.unusual, from.blamed
	l.sharing.machine, l.sharing.known = from.sharing.machine, maps.Clone(from.sharing.known)
	copies := make(map[*cell]*cell)
	for _, c := range from.cells {
		l.copyCell(c, from, copies)
	}
	for _, d := range from.due {
		if i := slices.Index(l.names, from.names[d.i]); i >= 0 {
			l.due = append(l.due, dueMinute{d.at, copies[d.cell], i})
		}
	}
}

// copyCell copies a cell, after that of all calling codes to which it belongs.
func (l *learner) copyCell(c *cell, from *learner, copies map[*cell]*cell) *cell {
	if c == nil || copies[c] != nil {
		return copies[c]
	}
	all := l.copyCell(c.all, from, copies)
	made := newCell(c.place, all, len(l.names), l.cheapest())
	made.since, made.at, made.traffic = c.since, c.at, c.traffic
	for i, name := range l.names {
		j := slices.Index(from.names, name)
		if j < 0 {
			continue
		}
		made.arms[i] = c.arms[j]
		made.arms[i].minutes = slices.Clone(c.arms[j].minutes)
		if j == c.leader {
			made.leader = i
		}
		if j == c.acting {
			made.acting = i
		}
	}
	copies[c], l.cells[made.place] = made, made
	return made
}
