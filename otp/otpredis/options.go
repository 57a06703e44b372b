package otpredis

import (
	"cmp"
	"log/slog"
	"reflect"
	"regexp"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/otp-sdk/otp-go/otp"
)

// Option changes a default of [NewLimiter], [NewStore] or [NewLearningStore]. The later one wins,
// and one that refuses its value makes the constructor fail with an *otp.Error of kind
// otp.ErrMisconfigured that names it.
type Option func(*config) error

type config struct {
	timeout time.Duration
	lease   time.Duration
	reserve time.Duration
	share   otp.Rate // of a limiter: zero = its own slots are all that it goes on with
	refuse  bool
	logger  *slog.Logger // nil = silence

	limiterOnly string // the last option that means nothing to a store
}

const (
	dialTimeout    = 500 * time.Millisecond
	defaultTimeout = 300 * time.Millisecond
	defaultLease   = 30 * time.Second // twice what a call of a vendor's client takes by default
	defaultReserve = time.Second
	nameRule       = `must be 1 to 64 letters, digits, "-", "_" or ".", the first a letter or digit`
	limitRule      = "must be a limit: positive events in a positive window of 366 days at most"
)

// WithTimeout bounds each call of Redis. Default: 300 ms.
func WithTimeout(timeout time.Duration) Option {
	return func(c *config) error {
		c.timeout = timeout
		return check(timeout > 0, "timeout", "must be positive")
	}
}

// WithLease is how long a request may be under way of which nothing is known: its process has died,
// or its outcome is unknown. Its slot is free again after that time and a window. Where a dead
// process's caller had a later deadline, that counts. At most 24 h. It is for limiters. Default: 30
// s.
func WithLease(lease time.Duration) Option {
	return func(c *config) error {
		c.limiterOnly, c.lease = "lease", lease
		return check(lease > 0 && lease <= longestFlight, "lease", "must be positive and at most 24 h")
	}
}

// WithReserve is the time that a request needs once it may go, see otp.LimiterOptions. At most an
// hour. It is for limiters. Default: a second.
func WithReserve(reserve time.Duration) Option {
	return func(c *config) error {
		c.limiterOnly, c.reserve = "reserve", reserve
		return check(reserve > 0 && reserve <= time.Hour, "reserve", "must be positive and at most an hour")
	}
}

// WithLocalShare bounds what a process lets go by itself while Redis is down: at most share, which
// has the limiter's window and at most its events, of the slots that Redis had given it. It is for
// limiters. Default: all of these slots.
func WithLocalShare(share otp.Rate) Option {
	return func(c *config) error {
		c.limiterOnly, c.share, c.refuse = "local_share", share, false
		return check(isLimit(share), "local_share", limitRule)
	}
}

// WithoutLocalShare refuses everything while Redis is down, with otp.ErrUnavailable and
// otp.OutcomeNotSent. It is for limiters.
func WithoutLocalShare() Option {
	return func(c *config) error {
		c.limiterOnly, c.refuse = "without_local_share", true
		return nil
	}
}

// WithLogger logs when Redis goes down, when it is back, and when it has lost a limiter's data;
// and, after the first call, what [Check] finds. Default: silence.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		c.logger = logger
		return check(logger != nil, "logger", "must not be nil")
	}
}

var validName = regexp.MustCompile(`\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z`)

// configure checks what all constructors are given.
func configure(client redis.Scripter, name string, opts []Option) (config, error) {
	c := config{timeout: defaultTimeout, lease: defaultLease, reserve: defaultReserve}
	if err := check(!isNil(client), "client", "must not be nil"); err != nil {
		return c, err
	}
	if err := check(validName.MatchString(name), "name", nameRule); err != nil {
		return c, err
	}
	for _, opt := range opts {
		if err := check(opt != nil, "option", "must not be nil"); err != nil {
			return c, err
		}
		if err := opt(&c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// isNil sees through the interface, because the methods of most clients panic on a nil pointer.
func isNil(client redis.Scripter) bool {
	v := reflect.ValueOf(client)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

// isLimit reports whether r limits anything, and is no error.
func isLimit(r otp.Rate) bool {
	_, err := r.MarshalText()
	return err == nil && r != (otp.Rate{})
}

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
	o.DialTimeout = cmp.Or(o.DialTimeout, dialTimeout)
	o.DialerRetries = cmp.Or(o.DialerRetries, 1)
	o.ReadTimeout = cmp.Or(o.ReadTimeout, defaultTimeout)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, defaultTimeout)
	o.MaxRetries = cmp.Or(o.MaxRetries, 1)
	return &o
}
