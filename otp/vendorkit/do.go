package vendorkit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
)

// The way of a call, in the order in which things happen:
//
//	Do ── retryablehttp.Client.Do, for each attempt:
//	        1. http.Client.Do ── RoundTrip   wait for the limit, then one request to the wire
//	        2. checkRetry                    read the answer, say what it means, decide on another attempt
//	        3. backoff                       how long to wait for it
//
// Five frames belong to go-retryablehttp and net/http. Nothing is left to their defaults, which
// repeat a POST that was sent, follow redirects, print URLs to standard error and sleep as long as
// a server says.

const defaultDeadline = 15 * time.Second

// exchange is one call on its way, and its context: the caller's, with a deadline.
type exchange struct {
	bounded

	core     *core
	call     Call
	start    time.Time
	observer otp.Observer
	url      url.URL
	body     []byte
	masker   *redact.Masker // made when something has to be masked
	made     []string       // credentials that were made for this call

	client http.Client
	loop   retryablehttp.Client

	last         *attempt
	attempts     int
	outcome      otp.Outcome // the least certain of all attempts
	failure      *otp.Error  // of the last attempt; nil = success
	final        bool        // the last failure does not pass by itself
	renew        bool        // it is about a credential that has run out
	oneRecipient bool        // it is about this recipient alone
	proxied      bool        // a proxy may have answered instead of the vendor
	ended        bool        // there is no further attempt
	waiting      bool        // there will be a further attempt
	fresh        bool        // the next attempt needs new credentials
	renewed      bool        // it has had them
	decided      time.Time   // when there was to be a next attempt
	withhold     bool        // a code may be on its way that only the vendor knows
	reference    string      // the vendor's, see Answer.Sent
	lifetime     time.Duration
	retryAfter   retryAfter
	limited      io.LimitedReader
}

// attempt is one request. Each is a new value: a dial in the background keeps its context.
type attempt struct {
	bounded

	start   time.Time
	done    func(otp.Outcome) // of the limiter
	conn    *conn             // that the request has got
	unsure  bool              // something of it may have been sent
	content bytes.Reader      // of the request
	failed  *otp.Error        // before anything was sent
	resp    *http.Response
	body    io.ReadCloser // of the answer
	err     error
}

// Do makes one call: as many attempts as are safe and useful. Nil means that Success said so. Any
// other end is an *otp.Error whose outcome is the least certain of all attempts.
func (c *Client) Do(ctx context.Context, call Call) error {
	_, err := c.do(ctx, &call, time.Now())
	return err
}

func (c *Client) do(ctx context.Context, call *Call, start time.Time) (*exchange, error) {
	k := c.core()
	x := &exchange{core: k, call: *call, start: start, observer: otp.ObserverFrom(ctx), outcome: otp.OutcomeNotSent}
	x.Context = ctx
	err := x.run()
	x.logCall(err)
	if err == nil { // a nil *otp.Error is not a nil error
		return x, nil
	}
	err.Provider, err.Op = k.name, call.Op
	return x, err
}

func (x *exchange) run() *otp.Error {
	if failure := x.prepare(); failure != nil {
		return failure
	}
	defer x.end()
	x.client = http.Client{Transport: x, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	x.loop = retryablehttp.Client{
		HTTPClient:   &x.client,
		RetryMax:     x.core.retry.MaxAttempts + 1, // and one with new credentials; shouldRetry decides
		CheckRetry:   checkRetry,
		Backoff:      func(decided, _ time.Duration, _ int, _ *http.Response) time.Duration { return decided },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	// What the loop returns says less than x, where every attempt is recorded.
	_, _ = x.loop.Do(&retryablehttp.Request{Request: x.request()}) //nolint:bodyclose // checkRetry has closed it
	return x.result()
}

// checkRetry reads what an attempt has come to and decides on a further one. ctx is the exchange.
func checkRetry(ctx context.Context, _ *http.Response, _ error) (bool, error) {
	return ctx.(*exchange).readLast(), nil
}

func (x *exchange) prepare() *otp.Error {
	switch {
	case x.Context == nil:
		return refused(otp.ErrInvalidRequest, "ctx", "must not be nil")
	case x.call.Invalid != nil:
		return asRefused(x.call.Invalid)
	}
	if failure := x.call.check(); failure != nil {
		return failure
	}
	if err := x.encode(); err != nil {
		return refused(otp.ErrInvalidRequest, "", "the request cannot be written as JSON")
	}
	x.setURL()
	deadline, bounded := x.Context.Deadline()
	if !bounded {
		deadline = x.start.Add(max(defaultDeadline, x.core.timeout))
	}
	x.deadline = deadline
	return nil
}

func (x *exchange) encode() (err error) {
	switch {
	case x.call.Form != nil:
		x.body = []byte(x.call.Form.Encode())
	case x.call.Body != nil: // it may have a MarshalJSON from outside
		x.body, err = safely.Value(func() ([]byte, error) { return json.Marshal(x.call.Body) })
	}
	return err
}

func (x *exchange) setURL() {
	x.url = *x.core.base
	path, escaped := x.call.path()
	if x.url.RawPath != "" || path != escaped {
		x.url.RawPath = x.url.EscapedPath() + escaped
	}
	x.url.Path += path
	if len(x.call.Query) > 0 {
		x.url.RawQuery = x.call.Query.Encode()
	}
}

// request is what the loop drives. send adds headers and body, of which the loop would make copies.
func (x *exchange) request() *http.Request {
	req := &http.Request{
		Method: cmp.Or(x.call.Method, http.MethodPost), URL: &x.url, Header: x.core.none,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	return req.WithContext(x)
}

// RoundTrip makes one attempt. http.Client calls it.
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	done, failure := x.waitForTurn()
	if failure != nil {
		x.stop(failure)
		return nil, failure
	}
	a := x.startAttempt(done)
	a.resp, a.err = x.send(a, req)
	if a.err != nil {
		return nil, a.err
	}
	a.body, a.resp.Body = a.resp.Body, a
	return a.resp, nil
}

// waitForTurn returns when pauses and limits let one request go. It is not in the attempt's time.
func (x *exchange) waitForTurn() (done func(otp.Outcome), failure *otp.Error) {
	if x.attempts > 0 {
		x.notifyWait(otp.WaitForRetry, x.decided)
	}
	x.waiting = false
	if x.Err() != nil {
		return nil, x.interrupted(otp.OutcomeNotSent)
	}
	if x.isWatched() {
		defer x.notifyWait(otp.WaitForLimit, time.Now())
	}
	if failure := x.core.pauses.wait(x); failure != nil {
		return nil, failure
	}
	done, err := acquire(x, x.call.Limiter)
	if err != nil {
		return nil, x.limitFailure(err)
	}
	if failure := x.core.pauses.wait(x); failure != nil { // it may have begun while x waited for the limit
		release(done, otp.OutcomeNotSent)
		return nil, failure
	}
	return done, nil
}

func (x *exchange) startAttempt(done func(otp.Outcome)) *attempt {
	a := &attempt{start: time.Now(), done: done}
	a.Context, a.deadline, a.why = x.Context, a.start.Add(x.core.timeout), x.core.tooSlow
	if x.deadline.Before(a.deadline) {
		a.deadline, a.why = x.deadline, nil
	}
	x.attempts++
	x.last, x.final, x.renew, x.oneRecipient, x.retryAfter = a, false, false, false, retryAfter{}
	return a
}

func (x *exchange) send(a *attempt, req *http.Request) (*http.Response, error) {
	header, err := x.core.header(a, x)
	if err != nil {
		a.failed = x.credentialFailure(a, err)
		return nil, err
	}
	t := x.core.transport()
	var ctx context.Context = a
	if t.own {
		ctx = a.watch(t.isPlain)
	} else {
		a.unsure = true // of what it does, nothing is known
	}
	out := req.WithContext(ctx)
	out.Header = header
	repeats := x.netHTTPRepeats(out)
	if x.body != nil || repeats {
		a.content.Reset(x.body)
		out.ContentLength, out.Body = int64(len(x.body)), newBody(&a.content)
	}
	if x.body != nil && t.own && !repeats { // net/http reads it again only when nothing of it was written
		out.GetBody = func() (io.ReadCloser, error) {
			if a.conn != nil && a.conn.hasPanicked() {
				return nil, safely.ErrPanicked
			}
			return newBody(bytes.NewReader(x.body)), nil
		}
	}
	return roundTrip(t.RoundTripper, out)
}

// netHTTPRepeats reports whether net/http would repeat a request that must go out once.
func (x *exchange) netHTTPRepeats(req *http.Request) bool {
	if x.call.Class == Read || x.call.Class == Idempotent {
		return false
	}
	return slices.Contains([]string{"GET", "HEAD", "OPTIONS", "TRACE"}, req.Method) ||
		req.Header["Idempotency-Key"] != nil || req.Header["X-Idempotency-Key"] != nil
}

// newBody is of a type that net/http knows, so that it writes head and body at once.
func newBody(content *bytes.Reader) io.ReadCloser { return io.NopCloser(content) }

// roundTrip holds any transport to what net/http promises: a body or an error, no panic.
func roundTrip(transport http.RoundTripper, req *http.Request) (resp *http.Response, err error) {
	resp, err = safely.Value(func() (*http.Response, error) { return transport.RoundTrip(req) })
	switch {
	case resp == nil && err == nil:
		return nil, errors.New("the transport returned neither an answer nor an error")
	case err != nil && resp != nil && resp.Body != nil:
		safely.Do(func() { _ = resp.Body.Close() })
		return nil, err
	case err != nil:
		return nil, err
	case resp.Body == nil:
		resp.Body = http.NoBody
	}
	return resp, nil
}

func (x *exchange) readLast() bool {
	a := x.last
	if x.ended || a == nil {
		return false
	}
	x.last = nil
	failure := x.readAttempt(a)
	a.leaveConn()
	a.end()
	x.record(failure)
	release(a.done, a.outcome(failure))
	x.core.pauses.learn(x)
	x.notifyAttempt(a)
	x.waiting = x.shouldRetry()
	return x.waiting
}

func (x *exchange) readAttempt(a *attempt) *otp.Error {
	switch {
	case a.failed != nil:
		return a.failed
	case a.resp == nil:
		return x.noAnswer(a)
	}
	failure := x.readAnswer(a)
	a.resp.Body = http.NoBody // or the loop would read it again
	return failure
}

func (x *exchange) readAnswer(a *attempt) *otp.Error {
	x.retryAfter = pauseOf(a.resp.StatusCode, a.resp.Header)
	x.proxied = a.proxied.Load() && x.url.Scheme == "http"
	into := x.core.scratch()
	defer x.core.recycle(into)
	err := safely.Err(func() error { return x.readBody(&into.Buffer, a.resp) }) // which may be from outside
	answer := Answer{Status: a.resp.StatusCode, Header: a.resp.Header, x: x, members: &into.members}
	if err != nil && !isRedirect(answer.Status) { // of a redirect only the head counts
		return x.cutShort(a, answer, err)
	}
	answer.Body = bytes.TrimPrefix(into.Bytes(), []byte("\xEF\xBB\xBF"))
	full, ok := x.isSuccess(answer)
	if ok {
		return nil
	}
	return x.failed(answer, full)
}

func (x *exchange) isSuccess(a Answer) (full, ok bool) {
	if !safely.Do(func() { full = x.call.Success(a) }) {
		return false, false
	}
	documented := a.Status/100 == 2
	if len(x.call.Status) > 0 {
		documented = slices.Contains(x.call.Status, a.Status)
	}
	return full && len(a.Body) > 0, full && documented
}

// record takes what an attempt came to into account: the least certain outcome counts.
func (x *exchange) record(failure *otp.Error) {
	x.failure = failure
	if failure != nil && failure.Outcome != otp.OutcomeNotSent && x.outcome != otp.OutcomeUnknown {
		x.outcome = failure.Outcome
	}
}

// stop takes into account why there was no further attempt. What the vendor answered is kept.
func (x *exchange) stop(failure *otp.Error) {
	x.ended = true
	if x.failure == nil {
		x.failure = failure
		return
	}
	x.failure.Err = both(x.failure.Err, failure.Err)
	x.failure.RetryAfter = max(x.failure.RetryAfter, failure.RetryAfter)
}

func (x *exchange) result() *otp.Error {
	switch {
	case x.failure == nil && x.attempts > 0:
		return nil
	case x.failure == nil: // not known to happen; but no attempt must never be a success
		return refused(otp.ErrUnavailable, "", "no attempt was made")
	case x.waiting && x.Err() != nil: // the context ended the wait for a further attempt
		x.failure.Err = both(x.failure.Err, x.interrupted(x.outcome).Err)
	}
	x.failure.Outcome = x.outcome
	return x.failure
}

func (x *exchange) shouldRetry() bool {
	if x.failure == nil || x.ended || x.Err() != nil || !x.repeatable() {
		return false
	}
	if x.renew && !x.renewed && x.core.renewable {
		x.fresh, x.renewed, x.loop.RetryWaitMin, x.decided = true, true, 0, time.Now()
		return true
	}
	if x.attempts >= x.core.retry.MaxAttempts || !x.passes() {
		return false
	}
	wait := jitter(x.core.retry, x.attempts)
	if x.retryAfter.given {
		if x.retryAfter.wait > longestPause {
			return false
		}
		wait += x.retryAfter.wait
	}
	if time.Until(x.deadline) <= wait {
		return false
	}
	if !x.core.budget.Allow() {
		x.stop(&otp.Error{Err: errBudget})
		return false
	}
	x.loop.RetryWaitMin, x.decided = wait, time.Now()
	return true
}

func (x *exchange) repeatable() bool {
	return x.outcome == otp.OutcomeNotSent || x.call.Class == Read || x.call.Class == Idempotent
}

func (x *exchange) passes() bool {
	if x.final {
		return false
	}
	switch x.failure.Kind {
	case otp.ErrRateLimited:
		return true
	case otp.ErrUnavailable:
		return x.failure.HTTPStatus != http.StatusNotImplemented
	default:
		return false
	}
}

func (a *attempt) outcome(failure *otp.Error) otp.Outcome {
	if failure == nil || a.resp != nil {
		return otp.OutcomeAccepted
	}
	return failure.Outcome
}
