package otp

import (
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
)

// Settings is what the options given to a provider's New add up to. Zero fields mean the defaults.
//
// Anyone who writes a provider gets them from [Apply] and must use every one of them, or refuse it:
// what a caller has set must not be ignored. Providers made with package vendorkit need not care.
type Settings struct {
	// Name is the instance's name. "" = the name of the vendor's package.
	Name string

	// HTTPClient is a client of the caller's own, see [WithHTTPClient]. Nil = none.
	HTTPClient *http.Client

	// Logger is where attempts and outcomes are logged. Nil = nowhere.
	Logger *slog.Logger

	// Retry says how often a request that was not sent is tried.
	Retry RetryPolicy

	// Timeout bounds one attempt. 0 = 10 seconds.
	Timeout time.Duration

	// UserAgent is the User-Agent header. "" = "otp-go/" and the library's version.
	UserAgent string

	// PlainHTTP allows base URLs with http on hosts other than this one.
	PlainHTTP bool

	// Shared is what clients of the same account share. Nil = nothing.
	Shared *Shared

	limiters map[string]*setLimiter // only what an option has set
}

// setLimiter is a limiter that an option has set, or the rate of one. Nil means "no limit".
type setLimiter struct {
	limiter Limiter
	rate    *Rate
	used    atomic.Bool
}

// The names of the limiters that every vendor has. Vendors add names of their own, "insider.setup".
const (
	SendLimiter   = "send"
	VerifyLimiter = "verify"
)

// SetLimiter replaces the default limiter of that name; nil lifts the limit. Options of a vendor's
// own call it. A nil pointer in an interface is refused.
func (s *Settings) SetLimiter(name string, l Limiter) error {
	if l != nil && isNilPointer(l) {
		return badOption(name+"_limiter", "must not be a nil pointer; nil itself means no limit")
	}
	s.set(name, &setLimiter{limiter: l})
	return nil
}

// SetRate replaces the default limiter of that name by one that keeps r. Unlike a limiter, a rate
// lets the clients of one account share a single limiter, see [WithShared].
func (s *Settings) SetRate(name string, r Rate) error {
	if err := r.validate(); err != nil {
		return badOption(name+"_limit", err.Error())
	}
	s.set(name, &setLimiter{limiter: r.Limiter(), rate: &r})
	return nil
}

func (s *Settings) set(name string, l *setLimiter) {
	s.limiters = maps.Clone(s.limiters)
	if s.limiters == nil {
		s.limiters = make(map[string]*setLimiter)
	}
	s.limiters[name] = l
}

// Rate returns the rate that an option has set, and under which of names: the first that has
// anything set. "" means that it is a limiter, or nothing is set.
func (s Settings) Rate(names ...string) (name string, r Rate) {
	for _, name := range names {
		if l, known := s.limiters[name]; known && l.rate != nil {
			l.used.Store(true)
			return name, *l.rate
		} else if known {
			break
		}
	}
	return "", Rate{}
}

// Limiter returns the limiter that an option has set under the first of names that has one: nil for
// "no limit". Without any it returns fallback.
func (s Settings) Limiter(fallback Limiter, names ...string) Limiter {
	for _, name := range names {
		if l, set := s.limiters[name]; set {
			l.used.Store(true)
			return l.limiter
		}
	}
	return fallback
}

// Unused returns the names, sorted, of the limiters that an option has set and that nobody has
// asked Limiter for yet. After a provider has been made, they are limits that it would ignore.
func (s Settings) Unused() []string {
	var unused []string
	for name, l := range s.limiters {
		if !l.used.Load() {
			unused = append(unused, name)
		}
	}
	slices.Sort(unused)
	return unused
}

// Apply returns what opts add up to; the later option wins. The error is that of the first option
// that refuses its value: an [*Error] of kind [ErrMisconfigured] that names the field.
func Apply(opts ...Option) (Settings, error) {
	var s Settings
	for _, opt := range opts {
		if opt == nil {
			return Settings{}, badOption("options", "must not hold nil")
		}
		if err := opt.apply(&s); err != nil {
			return Settings{}, err
		}
	}
	return s, nil
}

// apply calls an option, which may be anybody's.
func (o Option) apply(s *Settings) error {
	err := safely.Err(func() error { return o(s) })
	if errors.Is(err, safely.ErrPanicked) {
		return badOption("options", "must not panic")
	}
	var refused *Error
	if err == nil || errors.As(err, &refused) && refused != nil {
		return err
	}
	return &Error{Kind: ErrMisconfigured, Outcome: OutcomeNotSent, Field: "options", Err: err}
}

func isNilPointer(v any) bool {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan:
		return r.IsNil()
	default:
		return false
	}
}

// Shared is what the clients of one account at a vendor have in common: limits, and pauses that the
// vendor has asked for. Clients that are given the same one share them, although they have
// different names, options or keys, and a client that takes another's place goes on with what that
// one has counted.
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

// SharedValue returns the value that shared has under key, and makes it when there is none. With a
// nil shared every call makes one. It is for anyone who writes a provider: a key has to name the
// account, and must not show its secrets.
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
