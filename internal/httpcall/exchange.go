package httpcall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/otp"
)

// defaultDeadline is what a call gets whose context has no deadline.
const defaultDeadline = 15 * time.Second

// exchange is one call on its way: what it asks, and what its attempts have come to.
//
// It is also the call's context: the caller's, bounded by a deadline. The retry loop carries it along, and finds in it
// all that it has to decide on.
type exchange struct {
	context.Context // the caller's

	client   *Client
	call     Call
	body     []byte
	deadline time.Time
	expiry   expiry
	masker   *redact.Masker // made when something has to be masked

	attempts   int
	outcome    otp.Outcome   // the least certain of all attempts
	failure    *otp.Error    // of the last attempt; nil = success
	permanent  bool          // the last failure's cause does not pass by itself
	ended      bool          // there is no further attempt
	status     int           // of the last answer; 0 = there was none
	retryAfter retryAfter    // of the last answer
	wait       time.Duration // before the next attempt
	decided    time.Time     // when there was to be a next attempt

	stub    http.Response
	limited io.LimitedReader
}

// expiry is the timer of a deadline that the caller's context does not have. Most calls never wait for it, so it is only
// started for those that do.
type expiry struct {
	over   atomic.Bool // the call has ended; a context must say so once its Done is closed
	once   sync.Once
	ctx    context.Context
	cancel context.CancelFunc
}

func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.(*exchange)
	return x
}

// Do makes one call: as many attempts as are safe and worth it. Nil means that Success said so. Any other end is an
// *otp.Error whose Outcome is the least certain of all attempts.
func (c *Client) Do(ctx context.Context, call Call) error {
	x := &exchange{Context: ctx, client: c, call: call, outcome: otp.OutcomeNotSent}
	if err := x.run(); err != nil {
		err.Provider, err.Op = c.name, call.Op
		return err
	}
	return nil
}

func (x *exchange) run() *otp.Error {
	if x.Context == nil {
		return &otp.Error{Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Field: "ctx", Err: errors.New("must not be nil")}
	}
	if err := x.encode(); err != nil {
		return &otp.Error{Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Err: errors.New("the request cannot be written as JSON")}
	}
	x.bound()
	defer x.release()
	// The loop's own result tells nothing: every attempt is settled in x, and a call that the context ended while it
	// waited keeps the vendor's last answer.
	_, _ = x.client.loop.Do(&retryablehttp.Request{Request: x.request()}) //nolint:bodyclose // a stand-in without a body
	return x.result()
}

func (x *exchange) encode() (err error) {
	if x.call.Body != nil {
		x.body, err = json.Marshal(x.call.Body)
	}
	return err
}

// request is what the loop drives. Each attempt makes its own of it.
func (x *exchange) request() *http.Request {
	req := &http.Request{
		Method: x.call.Method, URL: x.client.url(x.call.Path), Header: x.client.none,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	return req.WithContext(x)
}

// url is the base URL with a path of the vendor's, which is plain ASCII and escaped.
func (c *Client) url(path string) *url.URL {
	u := *c.base
	u.Path += path
	if u.RawPath != "" {
		u.RawPath += path
	}
	return &u
}

// bound gives the call a deadline if its caller did not.
func (x *exchange) bound() {
	deadline, bounded := x.Context.Deadline()
	if !bounded {
		deadline = time.Now().Add(max(defaultDeadline, x.client.timeout))
	}
	x.deadline = deadline
}

// Deadline is the caller's, or the default one.
func (x *exchange) Deadline() (time.Time, bool) { return x.deadline, true }

// Done is closed when the caller cancels or the deadline has passed.
func (x *exchange) Done() <-chan struct{} { return x.expires().Done() }

// Err is why the call has to end; nil = it need not.
func (x *exchange) Err() error {
	if err := x.Context.Err(); err != nil {
		return err
	}
	if !time.Now().Before(x.deadline) {
		return context.DeadlineExceeded
	}
	if x.expiry.over.Load() {
		return context.Canceled
	}
	return nil
}

func (x *exchange) expires() context.Context {
	x.expiry.once.Do(func() {
		x.expiry.ctx, x.expiry.cancel = context.WithDeadline(x.Context, x.deadline)
	})
	return x.expiry.ctx
}

// release ends the timer, if one was started. Whoever kept the call's context does not wait on it for ever.
func (x *exchange) release() {
	x.expiry.over.Store(true)
	x.expiry.once.Do(func() { x.expiry.ctx, x.expiry.cancel = x.client.ended, func() {} })
	x.expiry.cancel()
}

// settle takes what an attempt came to into account. The outcome of a call is the least certain of its attempts.
func (x *exchange) settle(failure *otp.Error) {
	x.failure = failure
	if failure != nil && failure.Outcome != otp.OutcomeNotSent && x.outcome != otp.OutcomeUnknown {
		x.outcome = failure.Outcome
	}
}

// end takes the reason into account for which there was no further attempt. What the vendor answered before is kept:
// it tells the caller more than that the waiting was cut short.
func (x *exchange) end(failure *otp.Error) {
	x.ended = true
	if x.failure == nil {
		x.failure = failure
		return
	}
	x.failure.Err = both(x.failure.Err, failure.Err)
	x.failure.RetryAfter = max(x.failure.RetryAfter, failure.RetryAfter)
}

// result is the call's error after its last attempt.
func (x *exchange) result() *otp.Error {
	if x.failure == nil && x.attempts > 0 {
		return nil
	}
	if x.failure == nil { // not known to happen; but no attempt must never be a success
		return &otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, Err: errors.New("no attempt was made")}
	}
	if cause := x.Err(); cause != nil && !errors.Is(x.failure, cause) {
		x.failure.Err = both(x.failure.Err, cause)
	}
	x.failure.Outcome = x.outcome
	return x.failure
}

// interrupted is the failure of a call that has to end.
func (x *exchange) interrupted(outcome otp.Outcome) *otp.Error {
	kind, cause := otp.ErrUnavailable, x.Err()
	if errors.Is(cause, context.Canceled) {
		kind = otp.ErrCanceled
	}
	return &otp.Error{Kind: kind, Outcome: outcome, Err: cause}
}

// mask returns what hides the account's keys and this call's number and code.
func (x *exchange) mask() redact.Masker {
	if x.masker == nil {
		m := x.client.masker(x.call)
		x.masker = &m
	}
	return *x.masker
}

func (x *exchange) redacted(err error) error { return redact.Cause(err, x.mask()) }

// both joins two causes on one line; a may be nil.
func both(a, b error) error {
	if a == nil {
		return b
	}
	return fmt.Errorf("%w; %w", a, b)
}
