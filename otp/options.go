package otp

import (
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"time"

	"github.com/otp-sdk/otp-go/internal/naming"
)

// Option changes a default of a provider. Options are given to a vendor's New, the later one wins,
// and one that refuses its value makes New fail with an [*Error] that names it. [Apply] reads them.
type Option func(*Settings) error

// RetryPolicy says how often a request is tried that was certainly not sent. The zero value is 3
// attempts and waits of 200 ms to 2 s; zero fields mean these defaults.
type RetryPolicy struct {
	// MaxAttempts counts the first attempt, too; 1 = never repeat. 1 to 10.
	MaxAttempts int

	// MinWait and MaxWait bound the wait between attempts, which grows from one to the other, with
	// jitter.
	MinWait, MaxWait time.Duration
}

const mostAttempts = 10

// WithName names the instance. Names are unique in a program and live in stored verifications, so
// keep them: 1 to 64 letters, digits, "-", "_" or ".", the first a letter or digit. Default: the
// vendor's package name.
func WithName(instance string) Option {
	return option(naming.IsValid(instance), "name", "must be "+naming.Rule, func(s *Settings) { s.Name = instance })
}

// WithHTTPClient brings a client of your own, for a proxy, a private CA, or a mock. Only its
// Transport and Timeout are used and it is never changed.
//
// A nil Transport, and an *http.Transport, which is copied, are held to HTTP/1.1, so that it can be
// proved whether a request was sent. Any other RoundTripper is used as it is; without an answer,
// its sends have [OutcomeUnknown]. Redirects are never followed. A Timeout shorter than
// [WithTimeout] wins. Default: a transport of the client's own.
func WithHTTPClient(client *http.Client) Option {
	return option(client != nil, "http_client", notNil, func(s *Settings) { s.HTTPClient = client })
}

// WithLogger logs attempts, waits and outcomes; numbers masked, secrets and codes never. Default:
// silence.
func WithLogger(logger *slog.Logger) Option {
	return option(logger != nil, "logger", notNil, func(s *Settings) { s.Logger = logger })
}

// WithRetry replaces the default [RetryPolicy].
func WithRetry(policy RetryPolicy) Option {
	return func(s *Settings) error {
		switch {
		case policy.MaxAttempts < 0 || policy.MaxAttempts > mostAttempts:
			return badOption("retry.max_attempts", "must be 1 to 10, or 0 for the default")
		case policy.MinWait < 0 || policy.MaxWait < 0:
			return badOption("retry", "waits must not be negative")
		case policy.MaxWait != 0 && policy.MinWait > policy.MaxWait:
			return badOption("retry.min_wait", "must not exceed max_wait")
		}
		s.Retry = policy
		return nil
	}
}

// WithTimeout bounds one attempt, from dialling to the last byte of the answer; waiting for limits
// and between attempts is not counted. A context without a deadline gets 15 seconds for the whole
// call, or this time if it is longer. Default: 10 seconds.
func WithTimeout(timeout time.Duration) Option {
	return option(timeout > 0, "timeout", "must be positive", func(s *Settings) { s.Timeout = timeout })
}

var validUserAgent = regexp.MustCompile(`\A[!-~]([ -~]{0,254}[!-~])?\z`)

// WithUserAgent replaces the User-Agent header: 1 to 256 characters of printable ASCII. Default:
// "otp-go/" and the library's version.
func WithUserAgent(userAgent string) Option {
	const rule = "must be 1 to 256 printable ASCII characters, without space at the ends"
	return option(validUserAgent.MatchString(userAgent), "user_agent", rule, func(s *Settings) { s.UserAgent = userAgent })
}

// WithSendLimiter replaces the vendor's default limits on sends; nil = no limit. Native calls wait
// for it as well. Share one limiter between clients that share an account.
func WithSendLimiter(limiter Limiter) Option {
	return func(s *Settings) error { return s.SetLimiter(SendLimiter, limiter) }
}

// WithVerifyLimiter replaces the vendor's default limits on verifications; nil = no limit. Native
// calls wait for it as well.
func WithVerifyLimiter(limiter Limiter) Option {
	return func(s *Settings) error { return s.SetLimiter(VerifyLimiter, limiter) }
}

// WithSendRate is [WithSendLimiter] with a limiter that keeps r; see [Settings.SetRate].
func WithSendRate(r Rate) Option { return func(s *Settings) error { return s.SetRate(SendLimiter, r) } }

// WithVerifyRate is [WithVerifyLimiter] with a limiter that keeps r.
func WithVerifyRate(r Rate) Option {
	return func(s *Settings) error { return s.SetRate(VerifyLimiter, r) }
}

// WithPlainHTTP allows a base URL with http instead of https: for a simulator on another host,
// never for a vendor. Loopback addresses need no option.
func WithPlainHTTP() Option { return option(true, "", "", func(s *Settings) { s.PlainHTTP = true }) }

const notNil = "must not be nil"

// option is set, unless its value breaks a rule.
func option(ok bool, field, rule string, set func(*Settings)) Option {
	return func(s *Settings) error {
		if !ok {
			return badOption(field, rule)
		}
		set(s)
		return nil
	}
}

func badOption(field, rule string) error {
	return &Error{Kind: ErrMisconfigured, Outcome: OutcomeNotSent, Field: field, Err: errors.New(rule)}
}
