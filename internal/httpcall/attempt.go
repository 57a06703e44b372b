package httpcall

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// attempts is the transport that the retry loop drives. All that belongs to one attempt happens in it: waiting for the
// limit, the time-out, the trace, and reading the answer. The response that it returns is a stand-in for the loop.
type attempts struct{}

func (attempts) RoundTrip(req *http.Request) (*http.Response, error) {
	x := exchangeFrom(req.Context())
	x.attempt(req)
	x.stub = http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: req}
	return &x.stub, nil
}

func (x *exchange) attempt(req *http.Request) {
	if x.attempts > 0 {
		x.waited(otp.WaitForRetry, x.decided)
	}
	if x.Err() != nil {
		x.stop(x.interrupted(otp.OutcomeNotSent))
		return
	}
	done, failure := x.turn()
	if failure != nil {
		x.stop(failure)
		return
	}
	defer func() { finish(done, otp.OutcomeAccepted) }()
	x.attempts++
	start := time.Now()
	x.settle(x.roundTrip(req, start))
	x.client.gates.learn(x)
	x.attempted(start)
}

// turn returns when the vendor and the client's own limit let one request go, or the failure of a call that cannot wait
// so long. The request has to report when it is done.
func (x *exchange) turn() (done func(otp.Outcome), failure *otp.Error) {
	if x.watched() {
		defer x.waited(otp.WaitForLimit, time.Now())
	}
	if failure := x.client.gates.wait(x); failure != nil {
		return nil, failure
	}
	done, err := acquire(x, x.call.Limiter)
	if err != nil {
		return nil, x.limitFailure(err)
	}
	if failure := x.client.gates.wait(x); failure != nil { // it may have closed while x waited for the limit
		finish(done, otp.OutcomeNotSent)
		return nil, failure
	}
	return done, nil
}

// roundTrip makes one attempt and says how it failed; nil = success.
func (x *exchange) roundTrip(req *http.Request, start time.Time) *otp.Error {
	x.permanent, x.retryAfter, x.status = false, retryAfter{}, 0
	ctx := x.attemptContext(start)
	defer ctx.end()
	if x.client.own {
		return x.traced(ctx, req)
	}
	resp, err := roundTrip(x.client.transport, x.requestFor(ctx, req))
	switch {
	case resp == nil:
		return x.noAnswer(ctx, err, otp.OutcomeUnknown)
	case err != nil: // against the contract of RoundTripper
		if resp.Body != nil {
			_ = resp.Body.Close()
		}
		return x.noAnswer(ctx, err, otp.OutcomeUnknown)
	default:
		return x.take(ctx, resp)
	}
}

// roundTrip turns a panic in what a caller has brought, a transport or a hook of one, into an error.
func roundTrip(transport http.RoundTripper, req *http.Request) (resp *http.Response, err error) {
	defer noPanic(&err)
	return transport.RoundTrip(req)
}

// traced makes an attempt on our own transport, where a failure may prove that nothing was sent.
func (x *exchange) traced(ctx *bounded, req *http.Request) *otp.Error {
	var proof trace
	watched := httptrace.WithClientTrace(ctx, proof.hooks())
	resp, err := roundTrip(x.client.transport, x.requestFor(watched, req)) //nolint:bodyclose // take closes it
	if err != nil {
		return x.noAnswer(ctx, err, proof.outcome())
	}
	return x.take(ctx, resp)
}

// attemptContext is the caller's context, bounded by the time of one attempt and the deadline of the call.
func (x *exchange) attemptContext(start time.Time) *bounded {
	b := &bounded{Context: x.Context, deadline: start.Add(x.client.timeout), why: x.client.tooSlow}
	if x.deadline.Before(b.deadline) {
		b.deadline, b.why = x.deadline, nil
	}
	return b
}

// take reads an answer and says in what way it is a failure; nil = success.
func (x *exchange) take(ctx *bounded, resp *http.Response) *otp.Error {
	x.status = resp.StatusCode
	x.retryAfter = pauseOf(resp.StatusCode, resp.Header)
	buffer := x.client.buffer()
	defer x.client.recycle(buffer)
	err := x.readBody(ctx, buffer, resp)
	answer := Answer{Path: x.call.Path, Status: resp.StatusCode, Header: resp.Header, x: x}
	if err != nil {
		return x.cutShort(ctx, answer, err)
	}
	answer.Body = buffer.Bytes()
	if x.call.Success(answer) {
		return nil
	}
	return x.failed(answer)
}

// requestFor copies the loop's request for one attempt. net/http may read the body again only on our own transport,
// which does so when nothing of it was written.
func (x *exchange) requestFor(ctx context.Context, req *http.Request) *http.Request {
	out := req.WithContext(ctx)
	out.Header = x.client.header(x.body != nil)
	if x.body == nil {
		return out
	}
	out.ContentLength = int64(len(x.body))
	out.Body = newBody(x.body)
	if x.client.own {
		out.GetBody = func() (io.ReadCloser, error) { return newBody(x.body), nil }
	}
	return out
}

// newBody is of a type that net/http knows, so that it writes head and body at once.
func newBody(b []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) }

// noAnswer is the failure of an attempt that brought no response.
func (x *exchange) noAnswer(attempt *bounded, err error, outcome otp.Outcome) *otp.Error {
	if x.Err() != nil {
		return x.interrupted(outcome)
	}
	x.permanent = isCertificate(err)
	return &otp.Error{Kind: otp.ErrUnavailable, Outcome: outcome, Err: x.transportCause(attempt, err)}
}

// cutShort is the failure of an attempt whose answer could not be read to its end. Its status is known all the same: the
// refusal of a send stays a refusal, and a success may be one. Of a verification nothing is known: what is missing may
// have been a verdict on the code.
func (x *exchange) cutShort(attempt *bounded, answer Answer, err error) *otp.Error {
	failure := x.byStatus(answer)
	if x.call.Class == Verify {
		failure.Outcome = otp.OutcomeUnknown
	}
	if ended := x.interrupted(failure.Outcome); ended.Err != nil {
		failure.Kind, failure.Err = ended.Kind, ended.Err
		return failure
	}
	if attempt.Err() != nil {
		failure.Kind = otp.ErrUnavailable
	}
	failure.Err = x.transportCause(attempt, err)
	return failure
}

// failed is the failure that an answer describes: the vendor's reading first, then the decision table.
func (x *exchange) failed(answer Answer) *otp.Error {
	failure := x.byStatus(answer)
	if isRedirect(answer.Status) {
		failure.Err = redirectError(answer)
		return failure
	}
	read := x.call.Failure(answer)
	if read.Kind != "" {
		failure.Kind = read.Kind
	}
	if read.Outcome != nil {
		failure.Outcome = *read.Outcome
	}
	if x.call.Class == Verify && failure.Kind.Is(otp.ErrCodeRejected) {
		failure.Outcome = otp.OutcomeAccepted // the vendor has judged
	}
	failure.Field, failure.Code = answer.Text(read.Field), answer.Text(read.Code)
	failure.Message, failure.AttemptsLeft = answer.Text(read.Message), read.AttemptsLeft
	failure.Err = read.Err
	return failure
}

func (x *exchange) byStatus(answer Answer) *otp.Error {
	return &otp.Error{
		Kind:       kindOf(answer.Status),
		Outcome:    outcomeOf(x.call.Class, answer.Status),
		HTTPStatus: answer.Status,
		RetryAfter: x.retryAfter.wait,
	}
}

// transportCause is what went wrong below HTTP, fit to be shown.
func (x *exchange) transportCause(attempt *bounded, err error) error {
	if cause := attempt.cause(); cause != nil {
		return cause
	}
	return x.redacted(err)
}

// redirectError names only the host, so that an operator can mend the base URL: the rest of a location may hold anything.
func redirectError(answer Answer) error {
	target, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || target.Host == "" {
		return errors.New("the vendor's answer is a redirect, which is never followed")
	}
	return fmt.Errorf("the vendor redirects to host %s, which is never followed", answer.Text(target.Host))
}

// isCertificate reports whether err is about the server's certificate, which another attempt will not change.
func isCertificate(err error) bool {
	if _, ok := as[*tls.CertificateVerificationError](err); ok {
		return true
	}
	_, ok := as[x509.HostnameError](err)
	return ok
}
