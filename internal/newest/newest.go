// Package newest is a map that keeps the newest of its keys and forgets the oldest.
package newest

// Map keeps a fixed number of keys. It is not safe for concurrent use. Make one with [Of].
type Map[K comparable, V any] struct {
	values map[K]V
	order  []K // a ring once it is full
	oldest int
	most   int
}

// Of returns an empty map of at most most keys.
func Of[K comparable, V any](most int) Map[K, V] {
	return Map[K, V]{values: make(map[K]V), most: most}
}

// Get returns the value of a key.
func (m *Map[K, V]) Get(key K) (V, bool) {
	value, found := m.values[key]
	return value, found
}

// Put sets the value of a key. A new key replaces the oldest when the map is full.
func (m *Map[K, V]) Put(key K, value V) {
	_, known := m.values[key]
	m.values[key] = value
	switch {
	case known:
	case len(m.order) < m.most:
		m.order = append(m.order, key)
	default:
		delete(m.values, m.order[m.oldest])
		m.order[m.oldest] = key
		m.oldest = (m.oldest + 1) % m.most
	}
}
