package httpcall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
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
	bounded // its parent is the caller's context

	client *Client
	call   Call
	url    url.URL
	body   []byte
	masker *redact.Masker // made when something has to be masked

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

func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.(*exchange)
	return x
}

// Do makes one call: as many attempts as are safe and worth it. Nil means that Success said so. Any other end is an
// *otp.Error whose Outcome is the least certain of all attempts.
func (c *Client) Do(ctx context.Context, call Call) error {
	x := &exchange{client: c, call: call, outcome: otp.OutcomeNotSent}
	x.Context = ctx
	var start time.Time
	if c.logger != nil {
		start = time.Now()
	}
	err := x.run()
	if c.logger != nil && ctx != nil {
		x.logCall(err, time.Since(start))
	}
	if err == nil { // a nil *otp.Error is not a nil error
		return nil
	}
	err.Provider, err.Op = c.name, call.Op
	return err
}

func (x *exchange) run() *otp.Error {
	if x.Context == nil {
		return &otp.Error{Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Field: "ctx", Err: errors.New("must not be nil")}
	}
	if err := x.encode(); err != nil {
		return &otp.Error{Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Err: errors.New("the request cannot be written as JSON")}
	}
	x.bound()
	defer x.end()
	// The loop's own result tells nothing: every attempt is settled in x, and a call that the context ended while it
	// waited keeps the vendor's last answer.
	_, _ = x.client.loop.Do(&retryablehttp.Request{Request: x.request()}) //nolint:bodyclose // a stand-in without a body
	return x.result()
}

func (x *exchange) encode() (err error) {
	defer noPanic(&err) // in a MarshalJSON from outside
	if x.call.Body != nil {
		x.body, err = json.Marshal(x.call.Body)
	}
	return err
}

// request is what the loop drives. Each attempt makes its own of it.
func (x *exchange) request() *http.Request {
	x.url = *x.client.base
	x.url.Path += x.call.Path // the vendor's paths are plain ASCII and escaped
	if x.url.RawPath != "" {
		x.url.RawPath += x.call.Path
	}
	req := &http.Request{
		Method: x.call.Method, URL: &x.url, Header: x.client.none,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	return req.WithContext(x)
}

// bound gives the call a deadline if its caller did not.
func (x *exchange) bound() {
	deadline, bounded := x.Context.Deadline()
	if !bounded {
		deadline = time.Now().Add(max(defaultDeadline, x.client.timeout))
	}
	x.deadline = deadline
}

// settle takes what an attempt came to into account. The outcome of a call is the least certain of its attempts.
func (x *exchange) settle(failure *otp.Error) {
	x.failure = failure
	if failure != nil && failure.Outcome != otp.OutcomeNotSent && x.outcome != otp.OutcomeUnknown {
		x.outcome = failure.Outcome
	}
}

// stop takes the reason into account for which there was no further attempt. What the vendor answered before is kept:
// it tells the caller more than that the waiting was cut short.
func (x *exchange) stop(failure *otp.Error) {
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
