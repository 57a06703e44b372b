package httpcall

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"github.com/otp-sdk/otp-go/otp"
)

// Defaults of otp.RetryPolicy.
const (
	defaultAttempts = 3
	defaultMinWait  = 200 * time.Millisecond
	defaultMaxWait  = 2 * time.Second
)

// longestRetryAfter is how long a vendor can make a call sleep. Longer waits are the caller's to decide.
const longestRetryAfter = 60 * time.Second

func retryPolicy(p otp.RetryPolicy) otp.RetryPolicy {
	if p.MaxAttempts == 0 {
		p.MaxAttempts = defaultAttempts
	}
	if p.MaxWait == 0 {
		p.MaxWait = max(defaultMaxWait, p.MinWait)
	}
	if p.MinWait == 0 {
		p.MinWait = min(defaultMinWait, p.MaxWait)
	}
	return p
}

// checkRetry is retryablehttp.CheckRetry. All that happened stands in the exchange; the response is a stand-in.
func checkRetry(ctx context.Context, _ *http.Response, _ error) (bool, error) {
	x := exchangeFrom(ctx)
	return x != nil && x.prepareNext(), nil
}

// backoff is retryablehttp.Backoff: prepareNext has decided on the wait.
func backoff(_, _ time.Duration, _ int, stub *http.Response) time.Duration {
	x := exchangeFrom(stub.Request.Context())
	return x.wait
}

// prepareNext decides whether there is another attempt, and how long to wait for it.
func (x *exchange) prepareNext() bool {
	if x.failure == nil || x.ended || !x.repeatable() || x.attempts >= x.client.retry.MaxAttempts || x.Err() != nil {
		return false
	}
	wait := jitter(x.client.retry, x.attempts)
	if x.retryAfter.given {
		if !x.retryAfter.sleepable() {
			return false
		}
		wait = max(wait, x.retryAfter.wait)
	}
	if time.Until(x.deadline) <= wait {
		return false
	}
	if !x.client.budget.Allow() {
		x.stop(&otp.Error{Err: errBudget})
		return false
	}
	x.wait, x.decided = wait, time.Now()
	return true
}

// repeatable reports whether the last attempt may be made again: it was certainly not sent, or changes nothing, and its
// cause may pass.
func (x *exchange) repeatable() bool {
	if x.outcome != otp.OutcomeNotSent && x.call.Class != Read {
		return false
	}
	switch x.failure.Kind {
	case otp.ErrRateLimited:
		return true
	case otp.ErrUnavailable:
		return !x.permanent && x.failure.HTTPStatus != http.StatusNotImplemented
	default:
		return false
	}
}

// errBudget is added to the failure that would have been tried again.
var errBudget = errors.New("not tried again: this client's retry budget is used up")

// newBudget is how many retries a client may make, of all its calls together: an outage must not be answered with a
// multiple of the usual requests.
func newBudget() *rate.Limiter {
	const perSecond, atOnce = 10, 50
	return rate.NewLimiter(perSecond, atOnce)
}

// jitter spreads the waits of many clients over an interval that doubles with every attempt.
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
