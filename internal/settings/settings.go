// Package settings holds what the options of package otp set and what the vendors read.
//
// It is a leaf: otp fills it, the vendors and the HTTP core read it, and it imports neither.
package settings

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Limiter is otp.Limiter, repeated here because a leaf cannot import otp.
type Limiter interface {
	Wait(ctx context.Context) error
}

// Names of the limiters that every vendor has. A vendor's own options add further names.
const (
	SendLimiter   = "send"
	VerifyLimiter = "verify"
)

// Settings is what the options given to a vendor's New add up to. The zero value means every default.
type Settings struct {
	Name       string
	HTTPClient *http.Client
	Logger     *slog.Logger
	Retry      Retry
	Timeout    time.Duration
	UserAgent  string
	PlainHTTP  bool

	// limiters holds only what an option has set: a name that is present with nil means "no limit".
	limiters map[string]Limiter
}

// Retry is otp.RetryPolicy.
type Retry struct {
	MaxAttempts      int
	MinWait, MaxWait time.Duration
}

// SetLimiter replaces the default limiter of that name; nil lifts the limit.
func (s *Settings) SetLimiter(name string, l Limiter) {
	if s.limiters == nil {
		s.limiters = make(map[string]Limiter)
	}
	s.limiters[name] = l
}

// Limiter returns the limiter set under the first of names that an option has set, else fallback.
func (s *Settings) Limiter(fallback Limiter, names ...string) Limiter {
	for _, name := range names {
		if l, set := s.limiters[name]; set {
			return l
		}
	}
	return fallback
}
