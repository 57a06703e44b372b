package otp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rate is a vendor's cap: at most Events requests in any window of length Per. Events is 1 to 2^30, Per up to 366 days.
// The zero Rate is no limit; any other is an error wherever it is used.
//
// Its text form is "250/1m": the events, a slash, and a Go duration, of which a leading 1 may be left out ("750/s").
// The zero Rate is "unlimited".
type Rate struct {
	Events int
	Per    time.Duration
}

const unlimited = "unlimited"

// ParseRate reads the text form of a [Rate].
func ParseRate(s string) (Rate, error) {
	if s == unlimited {
		return Rate{}, nil
	}
	events, window, _ := strings.Cut(s, "/")
	if window != "" && window[0] >= 'a' && window[0] <= 'z' {
		window = "1" + window
	}
	n, badEvents := strconv.Atoi(events)
	per, badWindow := time.ParseDuration(window)
	r := Rate{Events: n, Per: per}
	signed := strings.ContainsAny(s, "+-")
	if signed || badEvents != nil || badWindow != nil || r == (Rate{}) || r.validate() != nil {
		return Rate{}, errors.New(`otp: a rate must read like "250/1m", or "unlimited"`)
	}
	return r, nil
}

// String returns the text form.
func (r Rate) String() string {
	if r == (Rate{}) {
		return unlimited
	}
	per := r.Per.String()
	for _, zero := range []string{"m0s", "h0m"} { // "1m0s" is "1m", "1h0m0s" is "1h"
		if strings.HasSuffix(per, zero) {
			per = per[:len(per)-2]
		}
	}
	return fmt.Sprintf("%d/%s", r.Events, per)
}

// MarshalText returns the text form; a rate that is an error cannot be marshalled.
func (r Rate) MarshalText() ([]byte, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	return []byte(r.String()), nil
}

// UnmarshalText reads the text form.
func (r *Rate) UnmarshalText(text []byte) error {
	parsed, err := ParseRate(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

const (
	mostEvents  = 1 << 30
	longestRate = 366 * 24 * time.Hour
)

func (r Rate) validate() error {
	if r == (Rate{}) || r.Events > 0 && r.Events <= mostEvents && r.Per > 0 && r.Per <= longestRate {
		return nil
	}
	return fmt.Errorf("otp: rate %d/%s: both parts must be positive, or both zero for no limit, "+
		"with at most 2^30 events and a window of at most 366 days", r.Events, r.Per)
}

// Limiter returns a new limiter that keeps the rate. Everything that shares it shares the allowance.
//
// For windows longer than a second it is a set of Events slots. Each is taken before a request and is free again Per,
// and a few milliseconds, after its answer, so that no window at the vendor ever holds more than Events, although each
// request travels for a different time; an idle account's whole allowance may go at once. For windows of a second or
// less it paces with a token bucket whose burst and refill together stay within Events.
//
// Waiting is first come, first served. A wait that cannot end before the context's deadline fails at once, as
// [ErrRateLimited] with RetryAfter.
//
// The limiter is an [Acquirer], too. The zero Rate never waits; a Rate that is an error refuses everything.
func (r Rate) Limiter() Limiter {
	switch err := r.validate(); {
	case err != nil:
		return refusal{err}
	case r == (Rate{}):
		return unlimitedLimiter{}
	case r.Per > time.Second:
		return newSlots(r)
	default:
		return newPacer(r)
	}
}
