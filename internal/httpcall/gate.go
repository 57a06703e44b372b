package httpcall

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// longestClosed bounds how long one answer can keep an operation closed, in case its Retry-After is a mistake.
const longestClosed = time.Hour

// gates hold what a vendor's 429 with Retry-After says about an operation: every caller of the account waits until then,
// and not just the one that was told.
type gates struct {
	mu    sync.RWMutex
	until map[string]time.Time // by path
}

var errGate = errors.New("the vendor has asked for a pause")

// wait returns once the operation of x is open, or the failure of a call that cannot wait so long.
func (g *gates) wait(x *exchange) *otp.Error {
	for {
		opens, closed := g.opens(x.call.Path)
		if !closed {
			return nil
		}
		pause := time.Until(opens)
		if pause <= 0 {
			return nil
		}
		failure := &otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: pause, Err: errGate}
		if pause > longestRetryAfter || time.Until(x.deadline) <= pause {
			return failure
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-x.Done():
			timer.Stop()
			return x.interrupted(otp.OutcomeNotSent)
		}
	}
}

func (g *gates) opens(path string) (opens time.Time, closed bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	opens, closed = g.until[path]
	return opens, closed
}

// learn closes the operation of x when its last answer asks for that.
func (g *gates) learn(x *exchange) {
	if x.failure == nil || x.failure.HTTPStatus != http.StatusTooManyRequests || x.failure.Kind != otp.ErrRateLimited ||
		!x.retryAfter.valid || x.retryAfter.wait <= 0 {
		return
	}
	until := time.Now().Add(min(x.retryAfter.wait, longestClosed))
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.until == nil {
		g.until = make(map[string]time.Time)
	}
	if until.After(g.until[x.call.Path]) {
		g.until[x.call.Path] = until
	}
}
