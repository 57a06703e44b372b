package otpredis

import (
	"log/slog"
	"regexp"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/otp-sdk/otp-go/otp"
)

// Option changes a default of [NewLimiter] or [NewStore]. The later one wins, and one that refuses its value makes the
// constructor fail with an *otp.Error of kind otp.ErrMisconfigured that names it.
type Option func(*config) error

type config struct {
	timeout time.Duration
	lease   time.Duration
	share   otp.Rate
	refuse  bool
	logger  *slog.Logger

	limiterOnly string // the last option that means nothing to a store
}

// defaultLease is twice what a call of a vendor's client takes whose context has no deadline.
const defaultLease = 30 * time.Second

// WithTimeout bounds each call of Redis. Default: 300 ms.
func WithTimeout(timeout time.Duration) Option {
	return func(c *config) error {
		if timeout <= 0 {
			return misconfigured("timeout", "must be positive")
		}
		c.timeout = timeout
		return nil
	}
}

// WithLease is how long a slot stays taken when the process that took it dies: longer than any request whose context has
// no deadline is under way, and at most 24 h. Where there is a deadline, that counts instead. It is for limiters. Default:
// 30 s.
func WithLease(lease time.Duration) Option {
	return func(c *config) error {
		c.limiterOnly = "lease"
		if lease <= 0 || lease > longestFlight {
			return misconfigured("lease", "must be positive and at most 24 h")
		}
		c.lease = lease
		return nil
	}
}

// WithLocalShare is the rate that each process keeps by itself while Redis is down. All processes' shares together should
// not be more than the vendor's cap. It is for limiters. Default: a tenth of the limiter's events, at least one, in the
// same window.
func WithLocalShare(share otp.Rate) Option {
	return func(c *config) error {
		c.limiterOnly = "local_share"
		if !isLimit(share) {
			return misconfigured("local_share", "must be a limit: positive events in a positive window of 366 days at most")
		}
		c.share, c.refuse = share, false
		return nil
	}
}

// WithoutLocalShare refuses everything while Redis is down, with otp.ErrUnavailable and otp.OutcomeNotSent. It is for
// limiters.
func WithoutLocalShare() Option {
	return func(c *config) error {
		c.limiterOnly = "without_local_share"
		c.refuse = true
		return nil
	}
}

// WithLogger logs when Redis goes down, when it is back, and when it has lost its data. It is for limiters; what a store
// fails with, the guard tells. Default: silence.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		c.limiterOnly = "logger"
		if logger == nil {
			return misconfigured("logger", "must not be nil")
		}
		c.logger = logger
		return nil
	}
}

var validName = regexp.MustCompile(`\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z`)

// configure checks what both constructors are given.
func configure(client redis.Scripter, name string, opts []Option) (config, error) {
	c := config{timeout: defaultTimeout, lease: defaultLease}
	switch {
	case isNil(client):
		return c, misconfigured("client", "must not be nil")
	case !validName.MatchString(name):
		return c, misconfigured("name",
			`must be 1 to 64 letters, digits, "-", "_" or ".", the first a letter or digit`)
	}
	for _, opt := range opts {
		if opt == nil {
			return c, misconfigured("option", "must not be nil")
		}
		if err := opt(&c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// isNil sees through the interface for the clients of go-redis, whose methods panic on nil.
func isNil(client redis.Scripter) bool {
	switch c := client.(type) {
	case nil:
		return true
	case *redis.Client:
		return c == nil
	case *redis.ClusterClient:
		return c == nil
	case *redis.Ring:
		return c == nil
	default:
		return false
	}
}

// isLimit reports whether r limits anything within a year, and is no error.
func isLimit(r otp.Rate) bool {
	const year = 366 * 24 * time.Hour
	_, err := r.MarshalText()
	return err == nil && r != (otp.Rate{}) && r.Per <= year
}
