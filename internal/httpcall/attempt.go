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
	if x.ctx.Err() != nil {
		x.end(x.interrupted(otp.OutcomeNotSent))
		return
	}
	done, err := acquire(x.ctx, x.call.Limiter)
	if err != nil {
		x.end(x.limitFailure(err))
		return
	}
	defer done()
	x.attempts++
	start := time.Now()
	x.settle(x.roundTrip(req))
	x.client.logAttempt(x, time.Since(start))
}

type attemptKey struct{}

// attemptFrom returns the context of the attempt on whose behalf a connection is dialled.
func attemptFrom(ctx context.Context) context.Context {
	attempt, _ := ctx.Value(attemptKey{}).(context.Context)
	return attempt
}

// roundTrip makes one attempt and says how it failed; nil = success.
func (x *exchange) roundTrip(req *http.Request) *otp.Error {
	x.permanent, x.retryAfter = false, retryAfter{}
	ctx, cancel := context.WithTimeoutCause(x.ctx, x.client.timeout, tooSlow("no answer", x.client.timeout))
	defer cancel()
	proof := &trace{own: x.client.own}
	traced := httptrace.WithClientTrace(context.WithValue(ctx, attemptKey{}, ctx), proof.hooks())

	resp, err := x.client.transport.RoundTrip(x.requestFor(traced, req)) //nolint:bodyclose // readBody closes it
	if err != nil || resp == nil {
		return x.noAnswer(ctx, err, proof)
	}
	x.retryAfter = parseRetryAfter(resp.Header, time.Now())
	body, err := readBody(resp.Body)
	answer := Answer{Status: resp.StatusCode, Header: resp.Header, Body: body, x: x}
	if err != nil {
		return x.cutShort(ctx, answer, err)
	}
	if x.call.Success(answer) {
		return nil
	}
	return x.failed(answer)
}

// requestFor copies the loop's request for one attempt. net/http may read the body again only on our own transport,
// which does so when nothing of it was written.
func (x *exchange) requestFor(ctx context.Context, req *http.Request) *http.Request {
	out := req.WithContext(ctx)
	out.Header = x.client.headers()
	if x.body == nil {
		return out
	}
	out.Header.Set("Content-Type", "application/json")
	out.ContentLength = int64(len(x.body))
	out.Body = newBody(x.body)
	if x.client.own {
		out.GetBody = func() (io.ReadCloser, error) { return newBody(x.body), nil }
	}
	return out
}

func newBody(b []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) }

// noAnswer is the failure of an attempt that brought no response.
func (x *exchange) noAnswer(attempt context.Context, err error, proof *trace) *otp.Error {
	outcome := otp.OutcomeUnknown
	if proof.provesNotSent() {
		outcome = otp.OutcomeNotSent
	}
	if x.ctx.Err() != nil {
		return x.interrupted(outcome)
	}
	x.permanent = isCertificate(err)
	return &otp.Error{Kind: otp.ErrUnavailable, Outcome: outcome, Err: x.transportCause(attempt, err)}
}

// cutShort is the failure of an attempt whose answer could not be read to its end. Its status is known all the same; a
// refusal stays a refusal, and a success may be one.
func (x *exchange) cutShort(attempt context.Context, answer Answer, err error) *otp.Error {
	failure := x.byStatus(answer)
	switch {
	case errors.Is(err, errBodyTooLong):
		failure.Err = err
	case x.ctx.Err() != nil:
		failure.Err = x.ctx.Err()
	default:
		failure.Err = x.transportCause(attempt, err)
	}
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
func (x *exchange) transportCause(attempt context.Context, err error) error {
	if cause := context.Cause(attempt); attempt.Err() != nil {
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
	var verification *tls.CertificateVerificationError
	var hostname x509.HostnameError
	return errors.As(err, &verification) || errors.As(err, &hostname)
}
