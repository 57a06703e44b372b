package otp

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rate is a vendor's cap: at most Events requests in any window of length Per. Events is 1 to 2^30,
// Per up to 366 days. The zero Rate is no limit; any other is an error wherever it is used.
//
// Its text form is "250/1m": the events, a slash, and a Go duration, of which a leading 1 may be
// left out ("750/s"). The zero Rate is "unlimited".
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

// Limiter returns a new limiter that keeps the rate. Everything that shares it shares the
// allowance.
//
// It is a set of Events slots. Each is taken before a request and is free again Per, and at most a
// few milliseconds, after its answer, so that no window at the vendor ever holds more than Events,
// although each request travels for a different time; an idle account's whole allowance may go at
// once. A request that was not sent gives its slot back at once. One whose outcome is unknown may
// still be under way, so its slot stays taken for 15 seconds more.
//
// What can be used of the cap is Per / (Per + the time that an answer takes): 96 % where answers
// take 3.6 % of Per, 36 ms of a second. Nothing that keeps the promise can use more, because the
// vendor may have counted a request at any moment before it answered.
//
// Waiting is first come, first served. A wait that would leave less than a second of the caller's
// deadline, or than half of the time that was left if that is less, fails at once, as
// [ErrRateLimited] with RetryAfter.
//
// The limiter is an [Acquirer], too. The zero Rate never waits; a Rate that is an error refuses
// everything.
func (r Rate) Limiter() Limiter {
	l, err := r.LimiterWith(LimiterOptions{})
	if err != nil {
		return fixedLimiter{err}
	}
	return l
}

// LimiterWith is [Rate.Limiter] with options. A rate or an option that cannot work is refused with
// an [*Error] of kind [ErrMisconfigured] that names it.
func (r Rate) LimiterWith(o LimiterOptions) (Limiter, error) {
	if err := r.validate(); err != nil {
		return nil, &Error{Kind: ErrMisconfigured, Outcome: OutcomeNotSent, Field: "rate", Err: err}
	}
	if o.Reserve < 0 || o.Reserve > longestReserve {
		return nil, badOption("reserve", "must be positive and at most an hour, or 0 for a second")
	}
	if r == (Rate{}) {
		return fixedLimiter{}, nil
	}
	window := r.Per + min(5*time.Millisecond, r.Per/200)
	return &slots{rate: r, window: window, reserve: cmp.Or(o.Reserve, defaultReserve), made: time.Now()}, nil
}
