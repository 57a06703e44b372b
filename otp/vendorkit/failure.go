package vendorkit

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
)

// failed is the failure in an answer: the vendor's reading first, then by status.
func (x *exchange) failed(answer Answer, full bool) *otp.Error {
	failure := x.byStatus(answer)
	sign := full || x.reference != "" || x.hasSign(answer)
	if isRedirect(answer.Status) {
		x.decide(failure, Failure{}, sign)
		failure.Err = redirectError(answer)
		return failure
	}
	read := x.readFailure(answer)
	x.decide(failure, read, sign)
	if x.call.Class == Send && failure.Outcome != otp.OutcomeNotSent {
		x.withhold = true
		read = x.readFailure(answer) // again, for its texts
	}
	x.final, x.renew, x.oneRecipient = read.Final, read.Renew, read.OneRecipient
	failure.Field, failure.Code = x.label(read.Field), x.label(read.Code)
	failure.Message, failure.AttemptsLeft = x.text(read.Message), read.AttemptsLeft
	failure.Err = read.Err
	return failure
}

// decide takes the vendor's reading over, as far as it can be believed.
func (x *exchange) decide(failure *otp.Error, read Failure, sign bool) {
	verdict := read.Kind.Is(otp.ErrCodeRejected)
	switch {
	case verdict && x.call.Class != Verify: // nobody has judged a code
		return
	case verdict && sign:
		failure.Kind = otp.ErrProtocol
		return
	case verdict:
		failure.Kind, failure.Outcome = read.Kind, otp.OutcomeAccepted
		return
	}
	switch {
	case read.Kind != "":
		failure.Kind = read.Kind
	case x.call.Class == Verify && isAnybodys(failure.HTTPStatus) && read.Message == "" && read.Err == nil:
		failure.Kind = otp.ErrProtocol
	}
	if read.Outcome != nil {
		failure.Outcome = *read.Outcome
	}
	if sign && failure.Outcome == otp.OutcomeNotSent {
		failure.Outcome = otp.OutcomeUnknown
	}
}

func (x *exchange) readFailure(answer Answer) (read Failure) {
	if x.call.Failure == nil {
		return Failure{}
	}
	if !safely.Do(func() { read = x.call.Failure(answer) }) {
		return Failure{Err: errors.New("the vendor's own reading of the answer panicked")}
	}
	return read
}

func (x *exchange) hasSign(answer Answer) (sign bool) {
	if x.call.Sign == nil {
		return false
	}
	object, err := answer.Object()
	if err != nil {
		return errors.Is(err, errAmbiguous) // who knows which of two members counts
	}
	return !safely.Do(func() { sign = x.call.Sign(object) }) || sign
}

func (x *exchange) byStatus(answer Answer) *otp.Error {
	return &otp.Error{
		Kind:       kindOf(answer.Status),
		Outcome:    x.outcomeOf(answer.Status),
		HTTPStatus: answer.Status,
		RetryAfter: x.retryAfter.wait,
	}
}

func (x *exchange) outcomeOf(status int) otp.Outcome {
	isProxys := x.proxied && status == http.StatusProxyAuthRequired // it has passed nothing on
	if x.call.Class == Verify && !isProxys {                        // any answer may be a verdict in words that nobody has documented
		return otp.OutcomeUnknown
	}
	switch status {
	case 400, 401, 402, 403, 404, 405, 407, 410, 411, 413, 414, 415, 421, 422, 425, 426, 428, 429, 431, 501, 505:
		return otp.OutcomeNotSent
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect: // "repeat this elsewhere": it was not done here
		return otp.OutcomeNotSent
	default: // 2xx that is no success, 408, 409, 5xx; also 301 to 303, which servers answer when the work is done
		return otp.OutcomeUnknown
	}
}

func kindOf(status int) otp.Kind {
	switch status {
	case 401, 403:
		return otp.ErrUnauthorized
	case 402:
		return otp.ErrInsufficientFunds
	case 404, 405, 407, 410, 421, 426: // the wrong host, path or proxy
		return otp.ErrMisconfigured
	case 408, 425:
		return otp.ErrUnavailable
	case 429:
		return otp.ErrRateLimited
	}
	switch status / 100 {
	case 3:
		return otp.ErrMisconfigured
	case 4:
		return otp.ErrInvalidRequest
	case 5:
		return otp.ErrUnavailable
	default:
		return otp.ErrProtocol
	}
}

func isAnybodys(status int) bool {
	return status == http.StatusConflict || status == http.StatusUnprocessableEntity
}

func isRedirect(status int) bool { return status/100 == 3 }

// cutShort is the failure of an answer that could not be read. Its status counts.
func (x *exchange) cutShort(a *attempt, answer Answer, err error) *otp.Error {
	failure := x.byStatus(answer)
	if ended := x.interrupted(failure.Outcome); ended.Err != nil {
		failure.Kind, failure.Err = ended.Kind, ended.Err
		return failure
	}
	if a.Err() != nil {
		failure.Kind = otp.ErrUnavailable
	}
	failure.Err = x.transportCause(a, err)
	return failure
}

func (x *exchange) noAnswer(a *attempt) *otp.Error {
	outcome := a.proof()
	if x.Err() != nil {
		return x.interrupted(outcome)
	}
	failure := &otp.Error{Kind: otp.ErrUnavailable, Outcome: outcome, Err: x.transportCause(a, a.err)}
	if proxy, ok := as[proxyRefusal](a.err); ok {
		failure.Kind = proxy.kind()
	}
	x.final = isCertificate(a.err)
	return failure
}

func (x *exchange) credentialFailure(a *attempt, err error) *otp.Error {
	if x.Err() != nil {
		return x.interrupted(otp.OutcomeNotSent)
	}
	failure := &otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent}
	if known, ok := as[*otp.Error](err); ok && known != nil && !known.Kind.Is(otp.ErrCodeRejected) && known.Kind != "" {
		failure.Kind, failure.RetryAfter, failure.Field = known.Kind, known.RetryAfter, known.Field
		err = known.Err
	}
	failure.Err = both(errors.New("the credentials could not be made"), x.transportCause(a, err))
	return failure
}

// interrupted is the failure of a call whose context has ended; its Err is nil when it has not.
func (x *exchange) interrupted(outcome otp.Outcome) *otp.Error {
	kind, ended := otp.ErrUnavailable, x.Err()
	if errors.Is(ended, context.Canceled) {
		kind = otp.ErrCanceled
	}
	if cause := context.Cause(x.Context); ended != nil && cause != nil && !errors.Is(ended, cause) {
		ended = x.withCause(ended, cause)
	}
	return &otp.Error{Kind: kind, Outcome: outcome, Err: ended}
}

// withCause adds why the caller has ended the context; errors.Is finds also what cannot be shown.
func (x *exchange) withCause(ended, cause error) error {
	var text string
	if !safely.Do(func() { text = cause.Error() }) || x.mask().Finds(text) || redact.Quote(text) != text {
		return &hiddenCause{ended, func() error { return cause }}
	}
	return fmt.Errorf("%w: %w", ended, cause)
}

// hiddenCause is an error with a further cause that no printer reaches.
type hiddenCause struct {
	error
	cause func() error
}

func (h *hiddenCause) Unwrap() error { return h.error }

func (h *hiddenCause) Is(target error) (is bool) {
	safely.Do(func() { is = errors.Is(h.cause(), target) })
	return is
}

func (h *hiddenCause) As(target any) (is bool) {
	safely.Do(func() { is = errors.As(h.cause(), target) })
	return is
}

func (x *exchange) transportCause(a *attempt, err error) error {
	if cause := a.cause(); cause != nil {
		return cause
	}
	return x.redacted(err)
}

func (x *exchange) redacted(err error) error { return redact.Cause(err, x.mask()) }

// redirectError names only the host: the rest of a location may hold anything.
func redirectError(answer Answer) error {
	target, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || target.Host == "" {
		return errors.New("the vendor's answer is a redirect, which is never followed")
	}
	return fmt.Errorf("the vendor redirects to host %s, which is never followed", answer.Text(target.Host))
}

// isCertificate reports whether err is about the server's certificate, which does not pass.
func isCertificate(err error) bool {
	if _, ok := as[*tls.CertificateVerificationError](err); ok {
		return true
	}
	_, ok := as[x509.HostnameError](err)
	return ok
}

func (x *exchange) text(s string) string {
	s = x.mask().Head(s)
	switch {
	case x.call.Class == Verify, x.withhold && x.call.DigitsOnly:
		s = redact.Numerals(s)
	case x.withhold && s != "":
		return withheld
	}
	return redact.Quote(s)
}

const withheld = "[withheld: it may hold the code]"

func (x *exchange) label(s string) string {
	s = x.mask().Head(s)
	if x.withhold || x.call.Class == Verify {
		s = redact.Numerals(s)
	}
	return redact.Quote(s)
}

func (x *exchange) mask() redact.Masker {
	if x.masker == nil {
		secrets := append(x.made[:len(x.made):len(x.made)], x.call.Secrets...)
		m := x.core.masker(secrets, x.call.Code, x.call.Number)
		x.masker = &m
	}
	return *x.masker
}

func both(a, b error) error {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	default:
		return fmt.Errorf("%w; %w", a, b)
	}
}

func refused(kind otp.Kind, field, rule string) *otp.Error {
	return &otp.Error{Kind: kind, Outcome: otp.OutcomeNotSent, Field: field, Err: errors.New(rule)}
}

func asRefused(err error) *otp.Error {
	var known *otp.Error
	if errors.As(err, &known) && known != nil {
		own := *known
		return &own
	}
	return &otp.Error{Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Err: err}
}

// as is errors.As on an error from outside, whose methods may panic.
func as[T error](err error) (found T, ok bool) {
	safely.Do(func() { ok = errors.As(err, &found) })
	return found, ok
}
