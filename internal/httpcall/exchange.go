package httpcall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/otp"
)

// defaultDeadline is what a call gets whose context has no deadline.
const defaultDeadline = 15 * time.Second

// exchange is one call on its way: what it asks, and what its attempts have come to.
type exchange struct {
	client *Client
	call   Call
	body   []byte
	ctx    context.Context // it lives as long as the call
	masker *redact.Masker  // made when something has to be masked

	attempts   int
	outcome    otp.Outcome // the least certain of all attempts
	failure    *otp.Error  // of the last attempt; nil = success
	permanent  bool        // the last failure's cause does not pass by itself
	ended      bool        // there is no further attempt
	retryAfter retryAfter  // of the last answer
	wait       time.Duration
	stub       http.Response
}

type exchangeKey struct{}

func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// Do makes one call: as many attempts as are safe and worth it. Nil means that Success said so. Any other end is an
// *otp.Error whose Outcome is the least certain of all attempts.
func (c *Client) Do(ctx context.Context, call Call) error {
	x := &exchange{client: c, call: call, outcome: otp.OutcomeNotSent}
	if err := x.run(ctx); err != nil {
		err.Provider, err.Op = c.name, call.Op
		return err
	}
	return nil
}

func (x *exchange) run(ctx context.Context) *otp.Error {
	if err := x.encode(); err != nil {
		return &otp.Error{Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Err: errors.New("the request cannot be written as JSON")}
	}
	ctx, cancel := x.client.withDeadline(ctx)
	defer cancel()
	x.ctx = context.WithValue(ctx, exchangeKey{}, x)

	req, err := http.NewRequestWithContext(x.ctx, x.call.Method, x.client.baseURL+x.call.Path, nil)
	if err != nil {
		return &otp.Error{Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Err: errors.New("the request's URL is not valid")}
	}
	// The loop's own result tells nothing: every attempt is settled in x, and a call that the context ended while it
	// waited keeps the vendor's last answer.
	_, _ = x.client.loop.Do(&retryablehttp.Request{Request: req}) //nolint:bodyclose // a stand-in without a body
	return x.result()
}

func (x *exchange) encode() (err error) {
	if x.call.Body != nil {
		x.body, err = json.Marshal(x.call.Body)
	}
	return err
}

// withDeadline bounds a call that its caller did not bound.
func (c *Client) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, bounded := ctx.Deadline(); bounded {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, max(defaultDeadline, c.timeout))
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
}

// result is the call's error after its last attempt.
func (x *exchange) result() *otp.Error {
	if x.failure == nil {
		return nil
	}
	if cause := x.ctx.Err(); cause != nil && !errors.Is(x.failure, cause) {
		x.failure.Err = both(x.failure.Err, cause)
	}
	x.failure.Outcome = x.outcome
	return x.failure
}

// interrupted is the failure of a call whose context has ended.
func (x *exchange) interrupted(outcome otp.Outcome) *otp.Error {
	kind := otp.ErrUnavailable
	if errors.Is(x.ctx.Err(), context.Canceled) {
		kind = otp.ErrCanceled
	}
	return &otp.Error{Kind: kind, Outcome: outcome, Err: x.ctx.Err()}
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
