package otpotel

import "sync"

// kept holds what has been made once for each key. Its zero value is empty.
type kept[K comparable, V any] struct {
	mu   sync.RWMutex
	made map[K]V
}

// of is what was made for the key, or is made now.
func (k *kept[K, V]) of(key K, build func(K) V) V {
	value, found := k.get(key)
	if !found {
		value = build(key)
		k.put(key, value)
	}
	return value
}

func (k *kept[K, V]) get(key K) (V, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	value, found := k.made[key]
	return value, found
}

func (k *kept[K, V]) put(key K, value V) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.made == nil {
		k.made = make(map[K]V)
	}
	k.made[key] = value
}
