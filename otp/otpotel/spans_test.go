package otpotel_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestASpanForEverySendAndVerification(t *testing.T) {
	p := otptest.NewProvider(otptest.WithName("main"))
	watched, told := watch(t, p)

	v, err := watched.Send(t.Context(), otp.SendRequest{To: number, Channel: otp.Voice})
	require.NoError(t, err)
	span := told.span()
	assert.Equal(t, "send otp", span.Name)
	assert.Equal(t, trace.SpanKindClient, span.SpanKind)
	assert.Equal(t, codes.Unset, span.Status.Code)
	assert.Equal(t, "github.com/otp-sdk/otp-go/otp/otpotel", span.InstrumentationScope.Name)
	assert.Equal(t, "messaging.operation.name=send messaging.operation.type=send messaging.system=otptest "+
		"otp.calling_code=+90 otp.channel=voice otp.outcome=accepted otp.provider=main otp.vendor=otptest", line(span.Attributes))

	require.ErrorIs(t, watched.Verify(t.Context(), v, "nonsense"), otp.ErrWrongCode)
	span = told.span()
	assert.Equal(t, "verify otp", span.Name)
	assert.Equal(t, codes.Unset, span.Status.Code, "a rejected code is not a failure")
	assert.Equal(t, "otp.calling_code=+90 otp.outcome=accepted otp.provider=main otp.result=wrong_code otp.vendor=otptest",
		line(span.Attributes))

	code, _ := p.Code(number)
	require.NoError(t, watched.Verify(t.Context(), v, code))
	span = told.span()
	assert.Equal(t, "otp.calling_code=+90 otp.outcome=accepted otp.provider=main otp.result=verified otp.vendor=otptest",
		line(span.Attributes))
}

func TestTheSpanOfAFailure(t *testing.T) {
	refusal := &otp.Error{
		Provider: "main", Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, Err: otp.ErrRefused, // a guard's limit
	}
	for name, test := range map[string]struct {
		err         error
		sent        string
		verified    string
		status      codes.Code
		description string
	}{
		"outage": {
			err:    &otp.Error{Provider: "main", Kind: otp.ErrUnavailable, HTTPStatus: 503},
			sent:   "error.type=unavailable http.response.status_code=503 otp.calling_code=+90 otp.channel=sms otp.outcome=unknown",
			status: codes.Error, description: "unavailable",
			verified: "error.type=unavailable http.response.status_code=503 otp.calling_code=+90 otp.outcome=unknown " +
				"otp.result=unavailable",
		},
		"the account's fault": {
			err:    &otp.Error{Provider: "main", Kind: otp.ErrUnauthorized, HTTPStatus: 401, Outcome: otp.OutcomeNotSent},
			sent:   "error.type=unauthorized http.response.status_code=401 otp.channel=sms otp.outcome=not_sent",
			status: codes.Error, description: "unauthorized",
			verified: "error.type=unauthorized http.response.status_code=401 otp.calling_code=+90 otp.outcome=not_sent " +
				"otp.result=unauthorized",
		},
		"cancelled": {
			err:      &otp.Error{Provider: "main", Kind: otp.ErrCanceled, Outcome: otp.OutcomeNotSent},
			sent:     "error.type=canceled otp.channel=sms otp.outcome=not_sent",
			verified: "error.type=canceled otp.calling_code=+90 otp.outcome=not_sent otp.result=canceled",
		},
		"a guard's limit": {
			err:      refusal,
			sent:     "error.type=refused otp.channel=sms otp.outcome=not_sent",
			verified: "error.type=refused otp.calling_code=+90 otp.outcome=not_sent otp.result=refused",
		},
		"a kind of which nobody knows": {
			err:    &otp.Error{Provider: "main", Kind: "made_up_" + number, Outcome: otp.OutcomeNotSent},
			sent:   "error.type=_OTHER otp.channel=sms otp.outcome=not_sent",
			status: codes.Error, description: "_OTHER",
			verified: "error.type=_OTHER otp.calling_code=+90 otp.outcome=not_sent otp.result=_OTHER",
		},
		"no *otp.Error": {
			err:    errors.New("the code 123456 for " + number),
			sent:   "error.type=_OTHER otp.calling_code=+90 otp.channel=sms otp.outcome=unknown",
			status: codes.Error, description: "_OTHER",
			verified: "error.type=_OTHER otp.calling_code=+90 otp.outcome=unknown otp.result=_OTHER",
		},
		"a nil *otp.Error": {
			err:    (*otp.Error)(nil),
			sent:   "error.type=_OTHER otp.calling_code=+90 otp.channel=sms otp.outcome=unknown",
			status: codes.Error, description: "_OTHER",
			verified: "error.type=_OTHER otp.calling_code=+90 otp.outcome=unknown otp.result=_OTHER",
		},
	} {
		t.Run(name, func(t *testing.T) {
			watched, told := watch(t, failing("main", "kaleyra", test.err))
			_, err := watched.Send(t.Context(), otp.SendRequest{To: number})
			assert.Equal(t, test.err, err)
			span := told.span()
			assert.Equal(t, test.sent, withoutConstants(line(span.Attributes)))
			assert.Equal(t, test.status, span.Status.Code)
			assert.Equal(t, test.description, span.Status.Description)

			err = watched.Verify(t.Context(), otp.Verification{Provider: "main", To: number}, "123456")
			assert.Equal(t, test.err, err)
			span = told.span()
			assert.Equal(t, test.verified, withoutConstants(line(span.Attributes)))
			assert.Equal(t, test.status, span.Status.Code)
		})
	}
}

// withoutConstants leaves out what is the same in every one of the lines above.
func withoutConstants(line string) string {
	return constants.Replace(line)
}

func TestWhatHappensInsideIsBelowTheSpan(t *testing.T) {
	var inside trace.SpanContext
	p := fake{name: "main", vendor: "kaleyra", verify: func(ctx context.Context, _ otp.Verification) error {
		inside = trace.SpanContextFromContext(ctx)
		return nil
	}}
	watched, told := watch(t, p)
	require.NoError(t, watched.Verify(t.Context(), otp.Verification{Provider: "main"}, "123456"))
	assert.Equal(t, told.span().SpanContext.SpanID(), inside.SpanID())
}

func TestAPanicOfTheProvidersGoesOnAndItsTextIsNotTold(t *testing.T) {
	watched, told := watch(t, fake{
		name: "main", vendor: "kaleyra",
		send:   func(context.Context, otp.SendRequest) (otp.Verification, error) { panic("no route to " + number) },
		verify: func(context.Context, otp.Verification) error { panic("no route to " + number) },
	})
	assert.PanicsWithValue(t, "no route to "+number, func() {
		_, _ = watched.Send(t.Context(), otp.SendRequest{To: number})
	})
	span := told.span()
	assert.Equal(t, codes.Error, span.Status.Code)
	assert.Empty(t, span.Events)
	assert.Equal(t, "error.type=_OTHER otp.calling_code=+90 otp.channel=sms otp.outcome=unknown",
		withoutConstants(line(span.Attributes)))

	assert.Panics(t, func() { _ = watched.Verify(t.Context(), otp.Verification{}, "123456") })
	span = told.span()
	assert.Equal(t, "error.type=_OTHER otp.calling_code=unknown otp.outcome=unknown otp.result=_OTHER",
		withoutConstants(line(span.Attributes)))
}
