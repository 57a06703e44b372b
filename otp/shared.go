package otp

import "sync"

// Shared is what the clients of one account at a vendor have in common: limits, and pauses that the
// vendor has asked for. Clients that are given the same one share them, although they have different
// names, options or keys, and a client that takes another's place goes on with what that one has counted.
//
// The zero value is ready to use. Package otpconfig gives one to all clients of a configuration.
type Shared struct {
	mu     sync.Mutex
	values map[string]any
}

// WithShared lets a client share limits and pauses with the other clients of the same account.
func WithShared(shared *Shared) Option {
	return option(shared != nil, "shared", notNil, func(s *Settings) { s.Shared = shared })
}

// SharedValue returns the value that shared has under key, and makes it when there is none. With a nil
// shared every call makes one. It is for anyone who writes a provider: a key has to name the account, and
// must not show its secrets.
func SharedValue[V any](shared *Shared, key string, create func() V) V {
	if shared == nil {
		return create()
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if value, ok := shared.values[key].(V); ok {
		return value
	}
	value := create()
	if shared.values == nil {
		shared.values = map[string]any{}
	}
	shared.values[key] = value
	return value
}
