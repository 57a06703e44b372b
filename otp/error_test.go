package otp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/otp-sdk/otp-go/otp"
)

func TestAnErrorReadsLikeASentence(t *testing.T) {
	cases := []struct {
		name string
		err  *otp.Error
		want string
	}{
		{
			"a wrong code",
			&otp.Error{
				Provider: "insider", Op: "verify", Kind: otp.ErrWrongCode, Outcome: otp.OutcomeAccepted, HTTPStatus: 401,
			},
			"insider: verify: wrong code (401)",
		},
		{"nothing", nil, "<nil>"},
		{"nothing known", &otp.Error{}, "failed, outcome unknown"},
		{
			"only a provider",
			&otp.Error{Provider: "main", Kind: otp.ErrProtocol, Outcome: otp.OutcomeNotSent},
			"main: protocol error",
		},
		{
			"only an operation",
			&otp.Error{Op: "create_template", Kind: otp.ErrUnauthorized, Outcome: otp.OutcomeNotSent},
			"create_template: unauthorized",
		},
		{
			"the vendor's code",
			&otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, Code: "E912"},
			"unavailable (E912)",
		},
		{
			"the vendor's code and status",
			&otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, Code: "E912", HTTPStatus: 503},
			"unavailable (E912, 503)",
		},
		{
			"a field",
			&otp.Error{Op: "send", Kind: otp.ErrUnsupported, Outcome: otp.OutcomeNotSent, Field: "ttl"},
			"send: unsupported: ttl",
		},
		{
			"a field and the rule that it breaks",
			&otp.Error{
				Op: "send", Kind: otp.ErrUnsupported, Outcome: otp.OutcomeNotSent, Field: "ttl",
				Err: errors.New("must be 1m0s to 10m0s"),
			},
			"send: unsupported: ttl: must be 1m0s to 10m0s",
		},
		{
			"the vendor's text, which is escaped already",
			&otp.Error{Kind: otp.ErrProtocol, Outcome: otp.OutcomeNotSent, Message: `said \"no\"\n`},
			`protocol error: "said \"no\"\n"`,
		},
		{
			"the vendor's text in place of the cause",
			&otp.Error{Kind: otp.ErrProtocol, Outcome: otp.OutcomeNotSent, Message: "no", Err: io.EOF},
			`protocol error: "no"`,
		},
		{
			"a cause",
			&otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, Err: io.EOF},
			"unavailable: EOF",
		},
		{
			"when to come back",
			&otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: 90 * time.Second},
			"rate limited, retry after 1m30s",
		},
		{
			"when to come back, to the millisecond",
			&otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: 1234567 * time.Microsecond},
			"rate limited, retry after 1.235s",
		},
		{
			"when to come back, however long",
			&otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: 240 * time.Hour},
			"rate limited, retry after 240h0m0s",
		},
		{
			"no time to come back that has passed",
			&otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: -time.Second},
			"rate limited",
		},
		{
			"the attempts left",
			&otp.Error{Kind: otp.ErrWrongCode, Outcome: otp.OutcomeAccepted, AttemptsLeft: left(2)},
			"wrong code, 2 attempts left",
		},
		{
			"that no attempt is left",
			&otp.Error{Kind: otp.ErrTooManyAttempts, Outcome: otp.OutcomeAccepted, AttemptsLeft: left(0)},
			"too many attempts, 0 attempts left",
		},
		{
			"that the outcome is not known",
			&otp.Error{Provider: "main", Op: "send", Kind: otp.ErrUnavailable, HTTPStatus: 500},
			"main: send: unavailable (500), outcome unknown",
		},
		{
			"no outcome where it is accepted",
			&otp.Error{Kind: otp.ErrProtocol, Outcome: otp.OutcomeAccepted},
			"protocol error",
		},
		{
			"a rejected code says it all, whatever else there is",
			&otp.Error{Kind: otp.ErrExpired, Field: "code", Message: "expired", Err: io.EOF, HTTPStatus: 410},
			"code expired (410)",
		},
		{
			"everything, in this order",
			&otp.Error{
				Provider: "main", Op: "send", Kind: otp.ErrRateLimited, Code: "E1", HTTPStatus: 429, Field: "to",
				Message: "slow down", Err: io.EOF, RetryAfter: time.Second, AttemptsLeft: left(3),
			},
			`main: send: rate limited (E1, 429): to: "slow down", 3 attempts left, retry after 1s, outcome unknown`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, c.err.Error()) })
	}
}

// vendorError stands for a vendor's typed error, such as *insider.APIError.
type vendorError struct{ Code string }

func (e *vendorError) Error() string { return "vendor says " + e.Code }

func TestTheVendorsErrorIsFoundBesideTheKind(t *testing.T) {
	cause := &vendorError{Code: "E912"}
	err := fmt.Errorf("sign in: %w", &otp.Error{Kind: otp.ErrInsufficientFunds, Err: cause})

	require.ErrorIs(t, err, otp.ErrInsufficientFunds)
	var found *vendorError
	require.ErrorAs(t, err, &found)
	assert.Same(t, cause, found)
	var kind otp.Kind
	require.ErrorAs(t, err, &kind)
	assert.Equal(t, otp.ErrInsufficientFunds, kind)
}

func TestACauseBehindTheVendorsErrorIsFound(t *testing.T) {
	err := &otp.Error{Kind: otp.ErrUnavailable, Err: fmt.Errorf("dial: %w", context.DeadlineExceeded)}
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.NotErrorIs(t, err, context.Canceled)
}

func TestAnErrorWithoutACauseUnwrapsToItsKindAlone(t *testing.T) {
	assert.Equal(t, []error{otp.ErrProtocol}, (&otp.Error{Kind: otp.ErrProtocol}).Unwrap())
	assert.Equal(t, []error{otp.ErrProtocol, io.EOF}, (&otp.Error{Kind: otp.ErrProtocol, Err: io.EOF}).Unwrap())
}

func TestANilErrorCanBeAskedAnything(t *testing.T) {
	var none *otp.Error
	assert.Empty(t, none.Unwrap())
	assert.NotErrorIs(t, none, otp.ErrWrongCode)
	assert.NotErrorIs(t, none, otp.ErrCodeRejected)
	assert.Equal(t, "<nil>", fmt.Sprint(none))
}

func logged(err *otp.Error) string {
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "err", err)
	_, attrs, _ := strings.Cut(strings.TrimSpace(log.String()), "msg=x ")
	return attrs
}

func TestALogHasTheFieldsOfAnError(t *testing.T) {
	assert.Equal(t, "err.kind=rate_limited err.outcome=unknown err.provider=main err.op=send err.code=E1 err.field=to "+
		`err.message="slow down" err.http_status=429 err.retry_after=1s err.attempts_left=3`, logged(&otp.Error{
		Provider: "main", Op: "send", Kind: otp.ErrRateLimited, Code: "E1", HTTPStatus: 429, Field: "to",
		Message: "slow down", Err: io.EOF, RetryAfter: time.Second, AttemptsLeft: left(3),
	}))
	assert.Equal(t, "err.kind=unavailable err.outcome=\"not sent\" err.cause=EOF",
		logged(&otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, Err: io.EOF}))
	assert.Equal(t, "err=<nil>", logged(nil))
}

// What is left out of the text of an error is left out of logs, too.
func TestALogShowsNoMoreThanTheError(t *testing.T) {
	const canary = "CANARY"
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{"", canary})
		err := &otp.Error{
			Kind:    rapid.SampledFrom(kinds).Draw(t, "kind").kind,
			Field:   text.Draw(t, "field"),
			Message: text.Draw(t, "message"),
		}
		if rapid.Bool().Draw(t, "cause") {
			err.Err = errors.New(canary + " cause")
		}
		for _, part := range []string{canary, canary + " cause"} {
			if strings.Count(logged(err), part) > strings.Count(err.Error(), part) {
				t.Fatalf("%q shows more than %q", logged(err), err.Error())
			}
		}
	})
}

func left(n int) *int { return &n }
