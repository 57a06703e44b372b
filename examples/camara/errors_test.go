package camara_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// Every documented error, and what it has to be on either operation: "sendCode", "validateCode",
// and the list of all CAMARA APIs in "Design Guide".
func TestDocumentedErrors(t *testing.T) {
	const (
		own      = "ONE_TIME_PASSWORD_SMS."
		notSent  = otp.OutcomeNotSent
		unknown  = otp.OutcomeUnknown
		accepted = otp.OutcomeAccepted
	)
	for _, row := range []struct {
		status          int
		code            string
		send            otp.Kind
		sendOutcome     otp.Outcome
		validate        otp.Kind
		validateOutcome otp.Outcome
	}{
		{400, "INVALID_ARGUMENT", otp.ErrInvalidRequest, notSent, otp.ErrInvalidRequest, notSent},
		{400, "OUT_OF_RANGE", otp.ErrInvalidRequest, notSent, otp.ErrInvalidRequest, notSent},
		{400, own + "INVALID_OTP", otp.ErrInvalidRequest, notSent, otp.ErrWrongCode, accepted},
		{400, own + "VERIFICATION_EXPIRED", otp.ErrInvalidRequest, notSent, otp.ErrExpired, accepted},
		{400, own + "VERIFICATION_FAILED", otp.ErrInvalidRequest, notSent, otp.ErrTooManyAttempts, accepted},
		{422, own + "INVALID_OTP", otp.ErrInvalidRequest, notSent, otp.ErrWrongCode, accepted},
		{500, own + "INVALID_OTP", otp.ErrUnavailable, unknown, otp.ErrUnavailable, unknown},
		{401, "UNAUTHENTICATED", otp.ErrUnauthorized, notSent, otp.ErrUnauthorized, notSent},
		{401, "AUTHENTICATION_REQUIRED", otp.ErrUnauthorized, notSent, otp.ErrUnauthorized, notSent},
		{403, "PERMISSION_DENIED", otp.ErrUnauthorized, notSent, otp.ErrUnauthorized, notSent},
		{403, "INVALID_TOKEN_CONTEXT", otp.ErrUnauthorized, notSent, otp.ErrUnauthorized, notSent},
		{403, own + "MAX_OTP_CODES_EXCEEDED", otp.ErrRateLimited, notSent, otp.ErrUnauthorized, unknown},
		{429, own + "MAX_OTP_CODES_EXCEEDED", otp.ErrRateLimited, notSent, otp.ErrRateLimited, unknown},
		{403, own + "PHONE_NUMBER_NOT_ALLOWED", otp.ErrUnreachable, notSent, otp.ErrUnauthorized, unknown},
		{403, own + "PHONE_NUMBER_BLOCKED", otp.ErrUnreachable, notSent, otp.ErrUnauthorized, unknown},
		{404, "NOT_FOUND", otp.ErrUnreachable, notSent, otp.ErrNotFound, accepted},
		{404, "IDENTIFIER_NOT_FOUND", otp.ErrUnreachable, notSent, otp.ErrMisconfigured, unknown},
		{405, "METHOD_NOT_ALLOWED", otp.ErrMisconfigured, notSent, otp.ErrMisconfigured, notSent},
		{406, "NOT_ACCEPTABLE", otp.ErrMisconfigured, unknown, otp.ErrMisconfigured, unknown},
		{409, "ABORTED", otp.ErrUnavailable, unknown, otp.ErrUnavailable, unknown},
		{409, "ALREADY_EXISTS", otp.ErrInvalidRequest, unknown, otp.ErrProtocol, unknown},
		{409, "CONFLICT", otp.ErrInvalidRequest, unknown, otp.ErrProtocol, unknown},
		{409, "INCOMPATIBLE_STATE", otp.ErrInvalidRequest, unknown, otp.ErrProtocol, unknown},
		{410, "GONE", otp.ErrMisconfigured, notSent, otp.ErrMisconfigured, unknown},
		{412, "FAILED_PRECONDITION", otp.ErrInvalidRequest, unknown, otp.ErrProtocol, unknown},
		{415, "UNSUPPORTED_MEDIA_TYPE", otp.ErrMisconfigured, notSent, otp.ErrMisconfigured, notSent},
		{422, "SERVICE_NOT_APPLICABLE", otp.ErrUnreachable, notSent, otp.ErrInvalidRequest, unknown},
		{422, "UNSUPPORTED_IDENTIFIER", otp.ErrUnreachable, notSent, otp.ErrInvalidRequest, unknown},
		{422, "MISSING_IDENTIFIER", otp.ErrMisconfigured, notSent, otp.ErrMisconfigured, unknown},
		{422, "UNNECESSARY_IDENTIFIER", otp.ErrMisconfigured, notSent, otp.ErrMisconfigured, unknown},
		{429, "QUOTA_EXCEEDED", otp.ErrRateLimited, notSent, otp.ErrRateLimited, notSent},
		{429, "TOO_MANY_REQUESTS", otp.ErrRateLimited, notSent, otp.ErrRateLimited, notSent},
		{500, "INTERNAL", otp.ErrUnavailable, unknown, otp.ErrUnavailable, unknown},
		{500, "INTERNAL_ERROR", otp.ErrUnavailable, unknown, otp.ErrUnavailable, unknown},
		{501, "NOT_IMPLEMENTED", otp.ErrMisconfigured, notSent, otp.ErrMisconfigured, unknown},
		{502, "BAD_GATEWAY", otp.ErrUnavailable, unknown, otp.ErrUnavailable, unknown},
		{503, "UNAVAILABLE", otp.ErrUnavailable, unknown, otp.ErrUnavailable, unknown},
		{504, "TIMEOUT", otp.ErrUnavailable, unknown, otp.ErrUnavailable, unknown},
		{400, "NEW_AND_UNLISTED", otp.ErrInvalidRequest, notSent, otp.ErrInvalidRequest, unknown},
		{400, own + "NEW_AND_UNLISTED", otp.ErrInvalidRequest, notSent, otp.ErrInvalidRequest, unknown},
		{400, "NOT_FOUND", otp.ErrInvalidRequest, notSent, otp.ErrInvalidRequest, unknown},
		{400, "INVALID_OTP", otp.ErrInvalidRequest, notSent, otp.ErrInvalidRequest, unknown},
	} {
		name := strconv.Itoa(row.status) + " " + row.code
		r := reply{status: row.status, body: envelope(row.status, row.code, "Try later.")}
		_, err := newClient(t, config(), answering(sendPath, r)).Send(t.Context(), otp.SendRequest{To: phone})
		assertFailure(t, name, err, row.send, row.sendOutcome)
		assert.Equal(t, row.code, requireFailure(t, err).Code, name)

		err = newClient(t, config(), answering(validatePath, r)).Verify(t.Context(), verification(), "123456")
		assertFailure(t, name, err, row.validate, row.validateOutcome)
	}
}

func assertFailure(t *testing.T, name string, err error, kind otp.Kind, outcome otp.Outcome) {
	t.Helper()
	failure := requireFailure(t, err)
	assert.Equal(t, kind, failure.Kind, "%s: %s", name, failure.Op)
	assert.Equal(t, outcome, failure.Outcome, "%s: %s", name, failure.Op)
}

func envelope(status int, code, message string) string {
	return fmt.Sprintf(`{"status":%d,"code":%q,"message":%q}`, status, code, message)
}

// A verdict needs the whole envelope: any other answer with these words in it is no verdict.
func TestHalfAnEnvelopeIsNoVerdict(t *testing.T) {
	const code = `"code":"ONE_TIME_PASSWORD_SMS.INVALID_OTP"`
	for _, body := range []string{
		`{` + code + `}`, `{"status":400,` + code + `}`, `{` + code + `,"message":"x"}`,
		`{"status":401,` + code + `,"message":"x"}`, `{"status":"400",` + code + `,"message":"x"}`,
		`{"status":400,` + code + `,"message":null}`, `{"status":400,` + code + `,"message":1}`,
		`{"detail":{"status":400,` + code + `,"message":"x"}}`, `[{"status":400,` + code + `,"message":"x"}]`,
		strings.ToUpper(`{"status":400,` + code + `,"message":"x"}`), `{"status":400,"status":400,` + code + `,"message":"x"}`,
	} {
		err := newClient(t, config(), answering(validatePath, reply{status: 400, body: body})).Verify(t.Context(), verification(), "123456")
		require.Error(t, err, body)
		require.NotErrorIs(t, err, otp.ErrCodeRejected, body)
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), body)
	}
}

// What a gateway says without the envelope is not about a number or an id.
func TestGatewayWithoutTheEnvelope(t *testing.T) {
	const page = "<html>404</html>"
	for status, kind := range map[int]otp.Kind{401: otp.ErrUnauthorized, 403: otp.ErrUnauthorized, 404: otp.ErrMisconfigured, 429: otp.ErrRateLimited} {
		r := reply{status: status, body: page}
		_, err := newClient(t, config(), answering(sendPath, r)).Send(t.Context(), otp.SendRequest{To: phone})
		assertFailure(t, page, err, kind, otp.OutcomeNotSent)
		err = newClient(t, config(), answering(validatePath, r)).Verify(t.Context(), verification(), "123456")
		assertFailure(t, page, err, kind, otp.OutcomeUnknown)
	}
}

// The limit on codes for one number closes nothing for anybody else, and is not waited for.
func TestLimitOfOneNumber(t *testing.T) {
	later := http.Header{"Retry-After": {"30"}}
	for name, test := range map[string]struct {
		code  string
		kinds []error
	}{
		"one number":  {"ONE_TIME_PASSWORD_SMS.MAX_OTP_CODES_EXCEEDED", []error{otp.ErrRateLimited, nil}},
		"the account": {"QUOTA_EXCEEDED", []error{otp.ErrRateLimited, otp.ErrRateLimited}},
	} {
		o := answering(sendPath, reply{status: 429, body: envelope(429, test.code, ""), header: later}, reply{status: 200, body: `{"authenticationId":"1"}`})
		c := newClient(t, config(), o, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 5, MinWait: 1, MaxWait: 1}))
		for i, want := range test.kinds {
			_, err := c.Send(t.Context(), otp.SendRequest{To: fmt.Sprintf("+90532000000%d", i)})
			require.ErrorIs(t, err, want, name)
		}
	}
	for _, code := range []string{"ONE_TIME_PASSWORD_SMS.MAX_OTP_CODES_EXCEEDED", "QUOTA_EXCEEDED"} {
		o := answering(sendPath, reply{status: 429, body: envelope(429, code, "")})
		_, err := newClient(t, config(), o, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 5, MinWait: 1, MaxWait: 1})).
			Send(t.Context(), otp.SendRequest{To: phone})
		require.ErrorIs(t, err, otp.ErrRateLimited)
		assert.Equal(t, 1, o.count(sendPath), "%s is not repeated", code)
	}
}
