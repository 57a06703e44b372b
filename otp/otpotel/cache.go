package otpotel

import "sync"

// cache holds what has been made once for each key. Its zero value is empty.
type cache[K comparable, V any] struct {
	mu   sync.RWMutex
	made map[K]V
}

func (c *cache[K, V]) get(key K) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	value, found := c.made[key]
	return value, found
}

func (c *cache[K, V]) put(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil {
		c.made = make(map[K]V)
	}
	c.made[key] = value
}
