package httpcall

import (
	"errors"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// retryAfter is the pause that an answer asks for.
type retryAfter struct {
	given bool
	valid bool
	wait  time.Duration // as given, however long
}

// sleepable reports whether a call may wait that long by itself. A value that cannot be read is no licence to guess.
func (r retryAfter) sleepable() bool { return r.valid && r.wait <= longestRetryAfter }

// pauseOf reads Retry-After, and where a 429 has none, the headers of rate limits that tell the same.
func pauseOf(status int, h http.Header) retryAfter {
	pause := parseRetryAfter(h.Get("Retry-After"))
	if pause.given || status != http.StatusTooManyRequests {
		return pause
	}
	if reset, found := resetOf(h); found {
		return retryAfter{given: true, valid: true, wait: reset}
	}
	return pause
}

// parseRetryAfter reads whole seconds, or any of the three HTTP dates.
func parseRetryAfter(text string) retryAfter {
	text = strings.TrimSpace(text)
	if text == "" {
		return retryAfter{}
	}
	seconds, err := strconv.ParseUint(text, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return retryAfter{given: true, valid: true, wait: secondsOf(seconds)}
	}
	if date, err := http.ParseTime(text); err == nil {
		return retryAfter{given: true, valid: true, wait: max(0, time.Until(date))}
	}
	return retryAfter{given: true}
}

// secondsOf does not overflow.
func secondsOf(n uint64) time.Duration {
	if n > math.MaxInt64/uint64(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(n) * time.Second
}

// spent matches a RateLimit item of which nothing remains, and takes the seconds until it is reset:
// "default";r=0;t=30 (draft-ietf-httpapi-ratelimit-headers). Anything else in the header is ignored.
var spent = regexp.MustCompile(`;\s*r=0\s*;\s*t=([0-9]{1,9})\s*(?:$|[,;])`)

// resetOf is the time until the limit is reset, by the RateLimit header or the X-RateLimit-Reset that came before it.
func resetOf(h http.Header) (time.Duration, bool) {
	text := h.Get("X-RateLimit-Reset")
	if match := spent.FindStringSubmatch(h.Get("RateLimit")); match != nil {
		text = match[1]
	}
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 32)
	if err != nil {
		return 0, false
	}
	const sometimeIn2001 = 1_000_000_000 // what is larger is a time, not a number of seconds
	if n >= sometimeIn2001 {
		return max(0, time.Until(time.Unix(int64(n), 0))), true
	}
	return secondsOf(n), true
}
