package vendorkit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
)

// acquire waits until the limiter, which may panic, lets one request go.
func acquire(ctx context.Context, limiter otp.Limiter) (done func(otp.Outcome), err error) {
	switch l := limiter.(type) {
	case nil:
	case otp.Acquirer:
		done, err = safely.Value(func() (func(otp.Outcome), error) { return l.Acquire(ctx) })
	default:
		err = safely.Err(func() error { return l.Wait(ctx) })
	}
	if done == nil {
		done = func(otp.Outcome) {}
	}
	return done, err
}

// release tells the limiter what became of the request. Whatever it does then, the answer counts.
func release(done func(otp.Outcome), outcome otp.Outcome) {
	safely.Do(func() { done(outcome) })
}

// limitFailure is the failure of a wait: nothing was sent. Few kinds of the limiter's are kept.
func (x *exchange) limitFailure(err error) *otp.Error {
	if errors.Is(x.Err(), context.Canceled) {
		return x.interrupted(otp.OutcomeNotSent)
	}
	failure := &otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent}
	known, ok := as[*otp.Error](err)
	if !ok || known == nil {
		failure.Err = fmt.Errorf("the client's own limit: %w", x.redacted(err))
		return failure
	}
	switch known.Kind {
	case otp.ErrCanceled, otp.ErrUnavailable, otp.ErrMisconfigured:
		failure.Kind = known.Kind
	}
	failure.RetryAfter, failure.Err = known.RetryAfter, x.redacted(known.Err)
	return failure
}

// longestPause is how long a vendor can keep callers waiting. Longer waits are returned.
const longestPause = 60 * time.Second

// pauses hold what a vendor's 429 with Retry-After says: every caller of the account waits.
type pauses struct {
	any   atomic.Bool // there was one
	mu    sync.Mutex
	until map[operation]time.Time
}

type operation struct {
	path    string // a template, without IDs
	channel otp.Channel
}

func (x *exchange) operation() operation { return operation{x.call.Path, x.call.Channel} }

var errPause = errors.New("the vendor has asked for a pause")

// wait returns once there is no pause for x, spread out, or the failure of a call that cannot wait.
func (p *pauses) wait(x *exchange) *otp.Error {
	for {
		pause := p.left(x.operation())
		if pause <= 0 {
			return nil
		}
		left := time.Until(x.deadline)
		spare := left - min(time.Second, left/2) - pause
		if spare <= 0 {
			return &otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: pause, Err: errPause}
		}
		spread := min(spare, max(pause/2, 250*time.Millisecond))
		timer := time.NewTimer(pause + rand.N(spread)) //nolint:gosec // no secret
		select {
		case <-timer.C:
		case <-x.Done():
			timer.Stop()
			return x.interrupted(otp.OutcomeNotSent)
		}
	}
}

func (p *pauses) left(op operation) time.Duration {
	if !p.any.Load() {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	until, paused := p.until[op]
	if !paused {
		return 0
	}
	return time.Until(until)
}

// learn begins a pause when the last answer asks for one. A shorter one does not end a longer one.
func (p *pauses) learn(x *exchange) {
	f := x.failure
	if f == nil || f.HTTPStatus != http.StatusTooManyRequests || f.Kind != otp.ErrRateLimited || x.oneRecipient ||
		x.retryAfter.wait <= 0 {
		return
	}
	now := time.Now()
	until := now.Add(min(x.retryAfter.wait, longestPause))
	p.mu.Lock()
	defer p.mu.Unlock()
	for op, ends := range p.until {
		if ends.Before(now) {
			delete(p.until, op)
		}
	}
	if p.until == nil {
		p.until = make(map[operation]time.Time)
		p.any.Store(true)
	}
	if op := x.operation(); until.After(p.until[op]) {
		p.until[op] = until
	}
}

// Defaults of otp.RetryPolicy.
const (
	defaultAttempts = 3
	defaultMinWait  = 200 * time.Millisecond
	defaultMaxWait  = 2 * time.Second
)

func retryPolicy(p otp.RetryPolicy) otp.RetryPolicy {
	p.MaxAttempts = cmp.Or(p.MaxAttempts, defaultAttempts)
	p.MaxWait = cmp.Or(p.MaxWait, max(defaultMaxWait, p.MinWait))
	p.MinWait = cmp.Or(p.MinWait, min(defaultMinWait, p.MaxWait))
	return p
}

func jitter(p otp.RetryPolicy, attempts int) time.Duration {
	top := p.MaxWait
	if p.MinWait <= p.MaxWait>>attempts { // so that the shift below cannot overflow
		top = p.MinWait << attempts
	}
	if top <= p.MinWait {
		return top
	}
	return p.MinWait + rand.N(top-p.MinWait) //nolint:gosec // no secret
}

var errBudget = errors.New("not tried again: this client's retry budget is used up")

// What all calls of a client may retry together: an outage must not multiply the requests.
const retriesPerSecond, retriesAtOnce = 10, 50

// retryAfter is the wait that an answer asks for. What cannot be read is not given.
type retryAfter struct {
	given bool
	wait  time.Duration // as given, however long
}

// pauseOf reads Retry-After, and where a 429 has none, the headers of rate limits that tell the
// same.
func pauseOf(status int, h http.Header) retryAfter {
	if pause := readPause(h.Get("Retry-After"), h); pause.given || status != http.StatusTooManyRequests {
		return pause
	}
	text := h.Get("X-RateLimit-Reset")
	if match := spent.FindStringSubmatch(h.Get("RateLimit")); match != nil {
		text = match[1]
	}
	return readPause(text, h)
}

// spent matches "default";r=0;t=30, and takes t (draft-ietf-httpapi-ratelimit-headers).
var spent = regexp.MustCompile(`;\s*r=0\s*;\s*t=([0-9]{1,9})\s*(?:$|[,;])`)

var seconds = regexp.MustCompile(`\A[0-9]+(\.[0-9]+)?\z`)

// firstUnixTime is a number of seconds, in 2001, from which on a number is a time and not a wait.
const firstUnixTime = 1_000_000_000

// readPause reads seconds, with a fraction or without, a Unix time, or any of the three HTTP dates.
// Times are compared with the answer's own Date, because the vendor's clock may be wrong.
func readPause(text string, h http.Header) retryAfter {
	if text = strings.TrimSpace(text); text == "" {
		return retryAfter{}
	}
	if date, err := http.ParseTime(text); err == nil {
		return retryAfter{given: true, wait: max(0, date.Sub(clockOf(h)))}
	}
	if !seconds.MatchString(text) {
		return retryAfter{}
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return retryAfter{}
	}
	if n >= firstUnixTime {
		n = max(0, n-float64(clockOf(h).Unix()))
	}
	wait := time.Duration(math.MaxInt64)
	if n = math.Ceil(n); n < wait.Seconds() {
		wait = time.Duration(n) * time.Second
	}
	return retryAfter{given: true, wait: wait}
}

func clockOf(h http.Header) time.Time {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		return date
	}
	return time.Now()
}
