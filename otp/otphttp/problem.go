package otphttp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

const (
	statusCanceled = 499 // what servers commonly use for a caller who has gone
	problemTypes   = "https://github.com/otp-sdk/otp-go/blob/main/docs/errors.md#"
)

// answer is how one kind of error is answered.
type answer struct {
	status       int
	send, verify string // what its words are called, after "send." and "verify."
	canResend    bool   // asking for another code may help
}

// answers has every kind. What is not in it is answered as what this program did wrong.
var answers = map[otp.Kind]answer{ //nolint:gochecknoglobals // never changed
	otp.ErrInvalidRequest:    {http.StatusInternalServerError, "failed", "failed", false},
	otp.ErrInvalidRecipient:  {http.StatusBadRequest, "invalid_recipient", "failed", false},
	otp.ErrUnsupported:       {http.StatusInternalServerError, "failed", "failed", false},
	otp.ErrUnreachable:       {http.StatusUnprocessableEntity, "unreachable", "failed", true},
	otp.ErrUnauthorized:      {http.StatusServiceUnavailable, "failed", "failed", false},
	otp.ErrMisconfigured:     {http.StatusServiceUnavailable, "failed", "failed", false},
	otp.ErrInsufficientFunds: {http.StatusServiceUnavailable, "failed", "failed", false},
	otp.ErrRateLimited:       {http.StatusTooManyRequests, "rate_limited", "rate_limited", true},
	otp.ErrUnavailable:       {http.StatusServiceUnavailable, "failed", "failed", true},
	otp.ErrProtocol:          {http.StatusServiceUnavailable, "failed", "failed", true},
	otp.ErrCanceled:          {statusCanceled, "canceled", "failed", true},
	otp.ErrRefused:           {http.StatusForbidden, "refused", "refused", false},
	otp.ErrCodeRejected:      {http.StatusBadRequest, "failed", "wrong_code", true},
	otp.ErrWrongCode:         {http.StatusBadRequest, "failed", "wrong_code", true},
	otp.ErrExpired:           {http.StatusBadRequest, "failed", "expired", true},
	otp.ErrTooManyAttempts:   {http.StatusTooManyRequests, "rate_limited", "too_many_attempts", true},
	otp.ErrAlreadyVerified:   {http.StatusBadRequest, "failed", "used", true},
	otp.ErrNotFound:          {http.StatusBadRequest, "failed", "not_found", true},
}

// problem is an error as RFC 9457 has it. Nothing in it is from a vendor.
type problem struct {
	Type         string      `json:"type"`
	Title        string      `json:"title"`
	Status       int         `json:"status"`
	Detail       string      `json:"detail,omitempty"`
	Kind         otp.Kind    `json:"kind,omitempty"`
	Outcome      otp.Outcome `json:"outcome"`
	RetryAfter   int         `json:"retry_after,omitempty"`
	AttemptsLeft *int        `json:"attempts_left,omitempty"`
	CanResend    bool        `json:"can_resend"`
	Challenge    int         `json:"challenge,omitempty"`

	stage, words string // "send", "resend", "verify" or "input", and what its words are called
}

// badInput is the problem of a request that is none of ours.
func badInput(status int, words string) *problem {
	return &problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Outcome: otp.OutcomeNotSent, stage: "input", words: words,
	}
}

func (p *problem) Error() string { return p.Title }

// Status is the HTTP status for err: the table in docs/errors.md. Nil is 200. A rejected code and
// an invalid recipient are 400, a person who cannot be reached is 422. Too many attempts, a limit,
// and a refusal that says when to come back are 429; another refusal is 403. Whatever failed at the
// vendor, in the account or in the store of a guard is 503; what the program did wrong is 500. A
// caller who has gone is 499, a body that is too large 413.
//
// The first [*otp.Error] in err decides. Without one it is a kind, the error of a context, or 500.
func Status(err error) int {
	if err == nil {
		return http.StatusOK
	}
	return describe(err, "send").Status
}

// describe is err as a problem at a stage.
func describe(err error, stage string) *problem {
	var found *problem
	var failure *otp.Error
	p := badInput(http.StatusInternalServerError, "failed")
	p.stage, p.Outcome = stage, otp.OutcomeOf(err)
	switch {
	case errors.As(err, &found):
		return found
	case errors.As(err, new(*http.MaxBytesError)):
		return badInput(http.StatusRequestEntityTooLarge, "too_large")
	case errors.As(err, &failure) && failure != nil:
		p.Kind, p.AttemptsLeft, p.RetryAfter = failure.Kind, failure.AttemptsLeft, seconds(failure.RetryAfter)
	case errors.As(err, &p.Kind):
	case errors.Is(err, context.Canceled):
		p.Kind = otp.ErrCanceled
	case errors.Is(err, context.DeadlineExceeded):
		p.Kind = otp.ErrUnavailable
	}
	var refusal *guard.Refusal
	if errors.As(err, &refusal) {
		p.Challenge, p.RetryAfter = refusal.Challenge, max(p.RetryAfter, seconds(refusal.RetryAfter))
	}
	p.answer()
	return p
}

// answer takes over how the kind is answered.
func (p *problem) answer() {
	found, known := answers[p.Kind]
	if !known {
		return
	}
	p.Type, p.Title = problemTypes+string(p.Kind), p.Kind.Error()
	p.Status, p.CanResend, p.words = found.status, found.canResend, found.send
	if p.Kind == otp.ErrRefused && p.RetryAfter > 0 {
		p.Status, p.CanResend, p.words = http.StatusTooManyRequests, true, "rate_limited"
	}
	switch {
	case p.stage != "verify" && p.Challenge > 0:
		p.words = "challenge"
	case p.stage == "verify" && p.Kind == otp.ErrWrongCode && p.AttemptsLeft != nil && *p.AttemptsLeft <= 0:
		p.words = "too_many_attempts"
	case p.stage == "verify":
		p.words = found.verify
	}
}

// spent reports whether no further code may be typed for the verification.
func (p *problem) spent() bool {
	return slices.Contains([]string{"expired", "too_many_attempts", "used", "not_found"}, p.words)
}

// seconds are whole seconds, rounded up.
func seconds(d time.Duration) int { return max(0, int((d+time.Second-1)/time.Second)) }

// WriteProblem answers a request with err as application/problem+json, RFC 9457, with the status of
// [Status], and Retry-After where err says when to come back. The members are type, title, status,
// detail (for the person, in English), kind, outcome, retry_after (seconds, rounded up),
// attempts_left, can_resend (asking for another code may help) and challenge (see [guard.Refusal]);
// what is not known is left out. Nothing that a vendor wrote, no number and no code is in it. A nil
// err writes nothing.
func WriteProblem(w http.ResponseWriter, _ *http.Request, err error) {
	if err == nil {
		return
	}
	stage, failure := "send", new(otp.Error)
	if errors.As(err, &failure) && failure != nil && failure.Op == "verify" {
		stage = "verify"
	}
	describe(err, stage).write(w, language{texts: English()})
}

func (p *problem) write(w http.ResponseWriter, l language) {
	p.Detail = p.text(l)
	body, _ := json.Marshal(p) // strings, numbers and an outcome
	p.header(w, "application/problem+json")
	_, _ = w.Write(append(body, '\n'))
}

// header begins an answer.
func (p *problem) header(w http.ResponseWriter, contentType string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", contentType)
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	w.WriteHeader(p.Status)
}
