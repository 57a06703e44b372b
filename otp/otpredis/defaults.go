package otpredis

import (
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	dialTimeout    = 500 * time.Millisecond
	defaultTimeout = 300 * time.Millisecond
)

// Defaults returns a copy of opts in which fields left at zero get values for a program that would
// rather go without Redis than wait for it: contexts are obeyed, dialling takes at most 500 ms and
// is tried once, reading and writing take at most 300 ms each, and a command is repeated once.
// go-redis itself ignores contexts, waits for seconds, and repeats three times. Nil is the same as
// no options.
//
// Limiters and stores keep their own deadlines with any client; with this one, a Redis that hangs
// costs no connections and goroutines for longer than that.
func Defaults(opts *redis.Options) *redis.Options {
	o := redis.Options{}
	if opts != nil {
		o = *opts
	}
	o.ContextTimeoutEnabled = true
	setDefault(&o.DialTimeout, dialTimeout)
	setDefault(&o.DialerRetries, 1)
	setDefault(&o.ReadTimeout, defaultTimeout)
	setDefault(&o.WriteTimeout, defaultTimeout)
	setDefault(&o.MaxRetries, 1)
	return &o
}

func setDefault[T comparable](field *T, value T) {
	if *field == *new(T) {
		*field = value
	}
}
